"""What each stage of a run does: jobs, pictures, operations, bytes; at most, where arms share."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from seedbed.choices import STORYBOOK
from seedbed.evaluators.registry import width_of
from seedbed.plan import Plan
from seedbed.planning import throughput
from seedbed.planning.throughput import Machine

ARMS = 4
"""Of the golden trial, beside one for each score alone."""
PAIRS = {"occurring": 700}
"""Pairs of categories that occur in the papers' layouts."""
CATEGORIES = {"coco": 80}
OTHER_CATEGORIES = 16
BYTES_PER_PIXEL = {"png": 1.6, "jpeg75": 0.25}
"""Of stored pictures, as the Storybook's PNG and photographs of quality 75 take."""
BACKWARDS = 3
"""A pass with gradients in passes without."""


@dataclass(frozen=True)
class Stage:
    """One line of the plan.

    Attributes:
        name: in words.
        jobs: of the workflow.
        images: drawn.
        tflop: of models of the hub.
        work: whose share of the peak counts.
        core_hours: of two processor cores, for the Storybook models.
        picture_bytes, other_bytes: left on disk.
    """

    name: str
    jobs: int
    images: int = 0
    tflop: float = 0.0
    work: str = "measures"
    core_hours: float = 0.0
    picture_bytes: float = 0.0
    other_bytes: float = 0.0

    def hours(self, machine: Machine) -> float:
        """GPU-hours, or those of two cores for the Storybook models."""
        return machine.hours(self.tflop, self.work) + self.core_hours


def stages(plan: Plan) -> list[Stage]:
    """Every stage of a run that draws or measures pictures."""
    found = []
    for model in plan.seeds_of_models:
        found += _of_seeds(plan, model)
    if plan.seeds_of_models:
        found += [*_captions(plan), *_real(plan), *_filled(plan)]
    for model in plan.ticket_models:
        found += _of_tickets(plan, model)
    return [stage for stage in found if stage.jobs]


def drawn(plan: Plan, name: str, model: str, images: int, jobs: int, calls: float = 1.0) -> Stage:
    """A stage that draws with a model.

    Args:
        plan: of the run.
        name: of the stage.
        model: in the config.
        images: how many.
        jobs: that draw them.
        calls: in calls of a plain picture.
    """
    entry = plan.config["models"][model]
    kept = images * throughput.side_of(entry) ** 2 * BYTES_PER_PIXEL[plan.config["image_encoding"]]
    about = {"work": throughput.work_of(entry), "picture_bytes": kept}
    if entry["world"] == STORYBOOK:
        hours = images * calls * throughput.seconds_on_cores(entry) / 3600
        return Stage(f"{model}: {name}", jobs, images, core_hours=hours, **about)
    tflop = images * calls * throughput.picture(entry)
    return Stage(f"{model}: {name}", jobs, images, tflop, **about)


def measured(plan: Plan, role: str, name: str, images: int, jobs: int, kept: float = 60) -> Stage:
    """A stage that measures pictures.

    Args:
        plan: of the run.
        role, name: of the evaluator.
        images: how many.
        jobs: that measure them.
        kept: bytes of each.
    """
    entry = plan.config[role][name]
    heavy = not str(entry["source"]).startswith("resources/storybook")
    tflop = images * throughput.EVALUATORS.get(entry["kind"], 0.0) * heavy
    return Stage(f"measured by {name}", jobs, 0, tflop, other_bytes=images * kept)


def _of_seeds(plan: Plan, model: str) -> Iterator[Stage]:
    design, study = plan.design(model), plan.good_seed
    pool = len(plan.pool(model))
    spans = {name: span["stop"] - span["start"] for name, span in design["splits"].items()}
    ranked = pool * (spans["set1"] + spans["set2"])
    shards, scored = (len(plan.ranking_shards(model, scored=only)) for only in (False, True))
    if plan.rankings:
        yield drawn(plan, "ranking", model, ranked, shards)
    library = _library(plan) * pool
    yield drawn(plan, "library", model, library, len(plan.library_ranges(model)))
    survey = design["survey"]
    surveyed = _length(survey["seeds"]) * survey["objects"] * survey["modifiers"]
    surveys = len(plan.survey_ranges(model)) if survey["prompts"] else 0
    surveyed = surveyed if surveys else 0
    yield drawn(plan, "survey", model, surveyed, surveys)
    tested = spans["test"] + (design["transfer_count"] or rows_of(plan, study["transfer_prompts"]))
    judged = 0
    for ranking in plan.rankings.values():
        arms = ARMS + sum(1 for part in (ranking.extractor, ranking.scorer) if part)
        judged += arms * design["trials"] * tested
    jobs = len(plan.rankings) * len(plan.judging_ranges(model))
    yield drawn(plan, "golden seeds tried", model, judged, jobs)
    arms = len(plan.diverse_arms(model)) if plan.diverse_aims else 0
    trial = design["diversity"]
    grouped = arms * trial["count"] * trial["trials"] * sum(plan.diverse_counts(model).values())
    yield drawn(plan, "diverse seeds tried", model, grouped, arms * len(plan.diverse_aims))
    for name in study["extractors"] if study["reference"] else []:
        width = width_of(plan.config["extractors"][name]["kind"])
        yield measured(plan, "extractors", name, ranked + judged, shards, 4 * width)
    for name in study["scorers"]:
        seen = pool * sum(min(design["scored"] or spans[s], spans[s]) for s in ("set1", "set2"))
        yield measured(plan, "scorers", name, seen + judged, scored)
    composed = surveyed + grouped
    for role, name, images in (
        ("extractors", study["style"]["extractor"], composed),
        ("detectors", study["habits"]["detector"], surveyed),
        ("segmenters", study["composition"]["segmenter"], composed),
        ("depths", study["composition"]["depth"], composed),
    ):
        if name and surveys:
            kept = _style_bytes(plan, name) if role == "extractors" else 60
            yield measured(plan, role, name, images, surveys, kept)
    if plan.named_models:
        settings = study["classifier"]
        pictures = len(plan.classified_seeds(model)) * (settings["prompts"] or spans["set1"])
        fits = 1 + len(settings["controls"])
        tflop = pictures * fits * settings["epochs"] * throughput.CLASSIFIER
        if settings["input_size"] < 128:
            tflop = 0.0
        yield Stage(f"{model}: seed classifiers", len(plan.trainings(model)), 0, tflop)


def _style_bytes(plan: Plan, name: str) -> float:
    from seedbed.choices import GRAM_NETWORKS

    return 2.0 * GRAM_NETWORKS[plan.config["extractors"][name]["network"]]


def _captions(plan: Plan) -> Iterator[Stage]:
    for name in {plan.good_seed["prompts"], plan.good_seed["particle_guidance"]["prompts"]} - {
        None
    }:
        entry = plan.config["prompts"][name]
        if entry["kind"] == "llava":
            jobs = -(-entry["count"] // entry.get("captions_per_job", 500))
            yield Stage(f"captions of {name}", jobs, 0, entry["count"] * throughput.CAPTION)


def _real(plan: Plan) -> Iterator[Stage]:
    """Real pictures and their features; of a folder the number is not known."""
    study = plan.good_seed
    entry = plan.config["references"].get(study["reference"]) or {}
    if "count" not in entry:
        return
    side = entry.get("side", throughput.WORLD_SIDE)
    kept = entry["count"] * side**2 * BYTES_PER_PIXEL[plan.config["image_encoding"]]
    yield Stage("real pictures", 1, picture_bytes=kept)
    for name in study["extractors"]:
        width = width_of(plan.config["extractors"][name]["kind"])
        yield measured(plan, "extractors", name, entry["count"], 1, 4 * width)


def _filled(plan: Plan) -> Iterator[Stage]:
    model, study = plan.inpainting_model, plan.good_seed["inpainting"]
    if model is None:
        return
    pairs = plan.config["pairs"][study["pairs"]].get("count", 500)
    images = _length(study["seeds"]) * pairs * len(study["prompts"])
    yield drawn(plan, "masks filled", model, images, len(plan.inpainting_ranges))


def _of_tickets(plan: Plan, model: str) -> Iterator[Stage]:
    lottery = plan.lottery_ticket
    entry = plan.config["layouts"][lottery["layouts"]]
    categories = CATEGORIES.get(entry["kind"], OTHER_CATEGORIES)
    every = categories * (categories - 1) // 2
    pairs = min(PAIRS.get(lottery["pairs"], every), every)
    noises = len(plan.all_noises)
    world = plan.config["models"][model]["world"] == STORYBOOK
    tflop = 0.0 if world else 2 * pairs * noises * throughput.FIRST_MAP / 2
    kept = 2.0 * pairs * noises * 256 * 4
    yield Stage(f"{model}: tickets", len(plan.noises), 0, tflop, "steps", 0.0, 0.0, kept)
    layouts = entry["one"] + entry["two"]
    images = len(plan.arms) * layouts
    jobs = len(plan.arm_groups) * len(plan.layout_ranges)
    backwards = sum(1 for arm in plan.arms.values() if arm.how.control == "boxdiff")
    calls = (len(plan.arms) + (BACKWARDS - 1) * backwards) / max(len(plan.arms), 1)
    yield drawn(plan, "layouts", model, images, jobs, calls)
    if plan.controls and lottery["tuning"]["layouts"]:
        held = plan.config["layouts"][lottery["tuning"]["layouts"]]
        each = held["one"] + held["two"]
        grids = sum(_choices(lottery["tuning"].get(control, {})) for control in plan.controls)
        yield drawn(plan, "constants chosen", model, each * grids, len(plan.controls))
    for name in lottery["detectors"]:
        yield measured(plan, "detectors", name, images, len(plan.layout_ranges))


def _choices(grid: dict) -> int:
    found = 1
    for values in grid.values():
        found *= len(values)
    return found


def _length(span: dict) -> int:
    return span["stop"] - span["start"]


def _library(plan: Plan) -> int:
    """Prompts of the library, less those of the survey."""
    names = plan.good_seed["library"]["prompts"]
    survey = plan.good_seed["survey"]
    drawn_of = survey["objects"] * survey["modifiers"] if survey["prompts"] in names else 0
    return max(sum(rows_of(plan, name) for name in names) - drawn_of, 0)


def rows_of(plan: Plan, name: str) -> int:
    """Prompts of a set; of PartiPrompts the published number, of words their product.

    Args:
        plan: of the run.
        name: of the set.
    """
    entry = plan.config["prompts"][name]
    if entry["kind"] == "parti":
        return 1632
    if entry["kind"] == "synthetic":
        objects, modifiers = (_words(entry[key]) for key in ("objects", "modifiers"))
        return objects * (modifiers + 1)
    if entry["kind"] == "lines":
        return _words(entry["path"])
    return entry.get("count", 0)


def _words(path: str) -> int:
    with open(path, encoding="utf-8") as lines:
        return sum(1 for line in lines if line.strip() and not line.startswith("#"))
