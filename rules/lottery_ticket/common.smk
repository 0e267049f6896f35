"""Functions and constants of Lottery Ticket's rules.

Inputs and outputs: none.
"""

# Figures 1 and 4 to 7 show pictures without a detector too, but then no IoU.
DETECTOR = PLAN.evaluator("detectors", PLAN.detectors[0]) if PLAN.detectors else None
STUDIED_BOXES = {k: LOTTERY[k] for k in ("base_seed", "confidences")}
L_STATISTICS = {k: LOTTERY[k] for k in ("bootstrap", "interval", "statistics_seed")}
TUNING_LAYOUTS = [RUN.layouts(LOTTERY["tuning"]["layouts"])] if PLAN.controls else []
# Drawing waits for it, and is not done anew when it is.
KNOWN = [ancient(RUN.path("detections", d, "knows.json")) for d in PLAN.detectors]
FAILING = [arm for arm in ("sd", "semi") if arm in PLAN.arms]


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
    """The control at hand and the constants to choose among."""
    return {"control": wildcards.control, "choices": LOTTERY["tuning"][wildcards.control]}


def tuned_by(wildcards):
    """Code and weights behind the tuning of the control at hand."""
    code = PLAN.control_code(wildcards.control)
    return detected_by("lottery_ticket/tune_control", code)(wildcards)


def arms_from(arms):
    """How the arms of one group are drawn by the model at hand: all that decides their latents."""
    return partial(_arms_from, drawn=[arm.drawn() for arm in arms])


def _arms_from(wildcards, drawn):
    layer = config["models"][wildcards.model]["ticket_layer"]
    study = {"layer": layer, "base_seed": LOTTERY["base_seed"]}
    noises = PLAN.all_noises if any(arm["tickets"] for arm in drawn) else []
    return study | {"arms": drawn, "noises": noises, "encoding": config["image_encoding"]}
