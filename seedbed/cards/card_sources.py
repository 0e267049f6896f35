"""Which of a run's tables a model's card is made from, and why a list is not in this run.

Torch-free, since the workflow reads it at every parse.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from seedbed.good_seed.diversity_arms import AIMS, STYLE

if TYPE_CHECKING:
    from seedbed.plan import Plan

GOLDEN, DIVERSE, AVOID = "golden", "diverse_", "avoid_"
TEXT = f"{AVOID}text"
PIXELS = {
    f"{AVOID}greyscale": ["greyscale"],
    f"{AVOID}border": ["border_left", "border_right", "border_top", "border_bottom", "frame"],
}
"""Lists of seeds to avoid by habits that pixels tell."""
COMPARED = ("semi", "sd")
"""The arms of the layout comparison that say whether tickets place objects."""


def carded_models(plan: Plan) -> list[str]:
    """Every model that the run studied."""
    filler = [plan.inpainting_model] if plan.inpainting_model else []
    return list(dict.fromkeys([*plan.seeds_of_models, *plan.ticket_models, *filler]))


def sources_of(plan: Plan, model: str) -> dict:
    """What a model's card is made from.

    Args:
        plan: of the run.
        model: of ``carded_models``.

    Returns:
        By part its files by role (paths or lists of paths): ``golden``, by ranking; ``diverse``,
        by aim; ``habits``; ``text``; ``tickets``. A part that the run has not is lacking, and
        ``absent`` says by list why.
    """
    found = {"golden": dict(_golden(plan, model)), "diverse": dict(_diverse(plan, model))}
    if model in plan.surveyed_models:
        habits = {"seeds": "seeds.parquet", "summary": "summary.parquet"}
        found["habits"] = {k: plan.run.habits(model, name) for k, name in habits.items()}
    if model == plan.inpainting_model and plan.text_reader:
        text = {"seeds": "seeds.parquet", "evidence": "evidence.json"}
        reader = plan.text_reader
        found["text"] = {k: plan.run.text_of_seeds(model, reader, n) for k, n in text.items()}
    if model in plan.ticket_models:
        found["tickets"] = dict(_tickets(plan, model))
    return found | {"absent": dict(_absent(plan, model))}


def files_of(sources: dict) -> list[str]:
    """All paths in ``sources_of``."""
    found: list[str] = []
    for key, value in sources.items():
        if key == "absent":
            continue
        if isinstance(value, dict):
            found += files_of(value)
        else:
            found += [value] if isinstance(value, str) else value
    return list(dict.fromkeys(found))


def _golden(plan: Plan, model: str) -> Iterator[tuple[str, dict]]:
    if model not in plan.seeds_of_models:
        return
    files = {
        "golden": "golden.json",
        "scores": "scores.parquet",
        "evidence": "evidence.json",
        "judged": "judged_differences.parquet",
        "crossfit": "crossfit_differences.parquet",
    }
    for ranking in plan.rankings:
        yield ranking, {k: plan.run.seeds(model, ranking, name) for k, name in files.items()}


def _diverse(plan: Plan, model: str) -> Iterator[tuple[str, dict]]:
    if model not in plan.surveyed_models:
        return
    for aim in plan.diverse_aims:
        files = {
            "chosen": "diverse.json",
            "trial": f"diversity/{aim}.parquet",
            "survey": f"diversity/{aim}_survey.parquet",
        }
        yield aim, {k: plan.run.seed_study(model, name) for k, name in files.items()}


def _tickets(plan: Plan, model: str) -> Iterator[tuple[str, str | list[str]]]:
    yield "collection", plan.ticket_files(model, ["as_read"])
    if plan.detectors and set(COMPARED) <= set(plan.arms):
        yield "differences", plan.run.layout_scores(plan.detectors[0], model, "differences")


def _absent(plan: Plan, model: str) -> Iterator[tuple[str, str]]:
    """Lists that the card has not, and why."""
    study, ranked = plan.good_seed, model in plan.seeds_of_models
    unnamed = f"good_seed.models does not name {model}"
    if not ranked or not plan.rankings:
        yield GOLDEN, unnamed if not ranked else "no score ranks seeds in this run"
    surveyed = model in plan.surveyed_models
    unsurveyed = f"good_seed.survey of {model} names no prompts" if ranked else unnamed
    for aim in AIMS:
        key = "style.extractor" if aim == STYLE else "composition.segmenter"
        if not surveyed:
            yield f"{DIVERSE}{aim}", unsurveyed
        elif aim not in plan.diverse_aims:
            yield f"{DIVERSE}{aim}", f"good_seed.{key} is null"
    if not surveyed:
        yield from ((name, unsurveyed) for name in PIXELS)
    if model == plan.inpainting_model:
        if not plan.text_reader:
            yield TEXT, "good_seed.inpainting.reader is null"
    elif not surveyed:
        yield TEXT, unsurveyed
    elif study["habits"]["detector"] is None:
        yield TEXT, "good_seed.habits.detector is null"
    if model not in plan.ticket_models:
        yield "tickets", f"lottery_ticket.models does not name {model}"
