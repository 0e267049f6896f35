"""Functions and constants of Lottery Ticket's rules.

Inputs and outputs: none.
"""

from dataclasses import astuple

# Figures 1 and 4 to 7 show pictures without a detector too, but then no IoU.
DETECTOR = PLAN.evaluator("detectors", PLAN.detectors[0]) if PLAN.detectors else None
STUDIED_BOXES = {k: LOTTERY[k] for k in ("base_seed", "confidences")}
STUDIED_PROMPTS = ("rule", "noises", "base_seed", "confidences")
L_STATISTICS = {k: LOTTERY[k] for k in ("bootstrap", "interval", "statistics_seed", "margins")}
TUNING_LAYOUTS = [RUN.layouts(LOTTERY["tuning"]["layouts"])] if PLAN.controls else []
# Drawing waits for the first detector's, which waits for the others', and is not done anew when
# they are: one detector more looks at the pictures that are there.
KNOWN = [ancient(RUN.path("detections", d, "knows.json")) for d in PLAN.detectors[:1]]
FAILING = [arm for arm in ("sd", "semi") if arm in PLAN.arms]


def known_to_others(wildcards):
    """What the other detectors know, where the one at hand is the first."""
    first, *others = PLAN.detectors
    asked = others if wildcards.detector == first else []
    return [RUN.path("detections", detector, "knows.json") for detector in asked]


def noises_at_hand(wildcards):
    """The seeds of the noises of the range at hand."""
    return list(PLAN.noises[wildcards.noises])


def reading_of_model(wildcards):
    """How tickets are read off the model at hand, and for which pairs of categories."""
    return PLAN.reading(wildcards.model) | {"pairs": LOTTERY["pairs"]}


def scene_code(wildcards):
    """Code and weights behind the scenes: with a detector where the run has one."""
    script = "lottery_ticket/draw_scenes"
    return detected_by(script)(wildcards) if PLAN.detectors else drawn_by(script)(wildcards)


def tuning_at_hand(wildcards):
    """The control at hand, the values to choose among and how far they may be widened."""
    control, tuning = wildcards.control, LOTTERY["tuning"]
    found = {"control": control, "grid": tuning[control], "widen": tuning["widen"]}
    return found | {"fixed": PLAN.constants_of(control)}


def tuned_by(wildcards):
    """Code and weights behind the tuning of the control at hand."""
    code = PLAN.control_code(wildcards.control)
    return detected_by("lottery_ticket/tune_control", code)(wildcards)


def arms_from(arms):
    """How the arms of one group are drawn by the model at hand: all that decides their latents."""
    return partial(_arms_from, drawn=[arm.drawn() for arm in arms])


def _arms_from(wildcards, drawn):
    layer = config["models"][wildcards.model]["ticket_layer"]
    part = PLAN.layout_ranges[wildcards.part]
    study = {"layer": layer, "base_seed": LOTTERY["base_seed"]}
    study |= {"layouts": [part.start, part.stop], "fixed": PLAN.constants_of(drawn[0]["control"])}
    noises = PLAN.all_noises if any(arm["tickets"] for arm in drawn) else []
    return study | {"arms": drawn, "noises": noises, "encoding": config["image_encoding"]}


def tickets_for(arms):
    """The tickets that the arms of one group need, as read, equalised or both."""
    positions = {arm.rule["positions"] for arm in arms if arm.rule}
    return PLAN.ticket_files("{model}", positions)


def every_range(path, arms):
    """Paths of some arms, all ranges of the layouts, in the order of ``layout_files.by_arm``."""
    return [path(arm, part) for arm in arms for part in PLAN.layout_ranges]


def pictures_at(arm, part):
    """Pictures of the model at hand."""
    return RUN.images(RUN.layout_shard("{model}", arm, part))


def boxes_at(arm, part):
    """What the detector at hand found in them."""
    return RUN.detections("{detector}", RUN.layout_shard("{model}", arm, part))


def seen_at(arm, part):
    """The pictures that it saw."""
    return RUN.looked_at("{detector}", RUN.layout_shard("{model}", arm, part))
