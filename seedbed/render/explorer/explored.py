"""Which files of a run the explorer reads, and what their numbers are called.

Plain data, so that a rule can pass it on; torch-free, since the workflow reads it at every parse.

A model has *studies*, each every seed of a range with every prompt of a table: ``ranking``,
``survey``, ``inpainting``. A study has numbers of its pictures (``tables``); a model has numbers
of its seeds (``seeds``, ``habits``) and a ``card`` with lists of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from seedbed.good_seed.looks import FLAGS, LETTERING, MEASURES
from seedbed.render.catalog.good_seed_ranking import names_of_scores

if TYPE_CHECKING:
    from seedbed.plan import Plan

SCORE, HABIT, PLACE, SIZE, LOOK = "score", "habit", "place", "size", "look"
"""What a number tells: how good, whether a habit shows, where, how large, what it looks like."""
OF_IMAGES = ("fdi", "mmd", "preference")
"""Scores that each picture has, ``per_image.parquet``."""
LOW_IS_GOOD = {"fd": True, "mmd_alone": True, "fdi": True, "mmd": True, "preference": False}
COMPOSITION = {
    "x": ("place, from left (0) to right (1)", PLACE),
    "y": ("place, from top (0) to bottom (1)", PLACE),
    "size": ("size, share of the picture", SIZE),
    "depth": ("nearness (0 far, 1 near)", LOOK),
}
LOOKS = {
    "brightness": "brightness (0 to 1)",
    "tint_a": "tint, green to red (a*)",
    "tint_b": "tint, blue to yellow (b*)",
    "chroma": "chroma (CIELab)",
    "colourfulness": "colourfulness",
}
assert set(LOOKS) == set(MEASURES)
TEXT_SHARE = "text"
"""The share of what was filled in that is text."""


def habit_name(flag: str) -> str:
    """A habit as the page writes it: ``border left``."""
    return flag.replace("_", " ")


def sources(plan: Plan) -> list[dict]:
    """What the page reads of each model; models of which no study exists are not there."""
    names = [*plan.seeds_of_models]
    if plan.inpainting_model and plan.inpainting_model not in names:
        names.append(plan.inpainting_model)
    found = [
        {
            "model": name,
            "studies": list(_studies(plan, name)),
            "seeds": list(_scored(plan, name)),
            "habits": plan.run.habits(name, "seeds.parquet") if _surveyed(plan, name) else None,
            "card": plan.run.card(name, "card.json"),
        }
        for name in names
    ]
    return [model for model in found if model["studies"]]


def files(of: list[dict]) -> list[str]:
    """Every file that ``explored.sources`` names, once, in their order."""
    found: dict[str, None] = {}
    for model in of:
        for study in model["studies"]:
            paths = [study["prompts"], *study["images"]]
            paths += [path for table in study["tables"] for path in table["paths"]]
            paths += [path for table in study["tables"] for path in table.get("looked_at", ())]
            found |= dict.fromkeys(paths)
        paths = [table["path"] for table in model["seeds"]]
        paths += [model["habits"]] if model["habits"] else []
        paths += [model["card"]]
        found |= dict.fromkeys(paths)
    return list(found)


def _surveyed(plan: Plan, model: str) -> bool:
    return model in plan.surveyed_models


def _column(key: str, label: str, role: str, low_is_good: bool | None = None) -> dict:
    return {"key": key, "label": label, "role": role, "low_is_good": low_is_good}


def _studies(plan: Plan, model: str) -> Iterator[dict]:
    run = plan.run
    if model in plan.seeds_of_models and plan.rankings:
        yield {
            "name": "ranking",
            "label": "ranking: the pictures that scored the seeds",
            "images": [run.images(shard) for shard in plan.ranking_shards(model)],
            "prompts": run.split(model, "ranking"),
            "tables": list(ranking_tables(plan, model)),
        }
    if _surveyed(plan, model):
        yield {
            "name": "survey",
            "label": "survey: many seeds, one object",
            "images": [run.images(shard) for shard in plan.survey_shards(model)],
            "prompts": run.split(model, "survey"),
            "tables": [
                *scorer_tables(plan, plan.survey_shards(model)),
                *look_tables(plan, plan.survey_shards(model)),
            ],
        }
    if model == plan.inpainting_model:
        shards = [run.inpainting_shard(model, s) for s in plan.inpainting_ranges]
        yield {
            "name": "inpainting",
            "label": "inpainting: what seeds fill in",
            "images": [run.images(shard) for shard in shards],
            "prompts": run.split(model, "inpainting"),
            "tables": list(text_tables(plan, shards)),
        }


def scorer_tables(plan: Plan, shards: list[str]) -> Iterator[dict]:
    """How far pictures of these shards agree with their prompts, by every scorer of the run."""
    for scorer in plan.good_seed["scorers"]:
        label = plan.config["scorers"][scorer]["metric"]
        column = _column(f"preference:{scorer}", label, SCORE, False)
        paths = [plan.run.scores(scorer, shard) for shard in shards]
        yield {"kind": "table", "paths": paths, "columns": {"score": column}}


def text_tables(plan: Plan, shards: list[str]) -> Iterator[dict]:
    """How much of what was filled in is text, where a detector reads it."""
    if plan.text_reader:
        column = _column(TEXT_SHARE, "text in what was filled in (share)", SCORE, True)
        paths = [plan.run.text_shares(plan.text_reader, shard) for shard in shards]
        yield {"kind": "text", "paths": paths, "columns": {"share": column}}


def ranking_tables(plan: Plan, model: str) -> Iterator[dict]:
    """What every ranking says of the pictures of a model that scored its seeds."""
    seen: set[str] = set()
    for name, ranking in plan.rankings.items():
        columns = {}
        for metric, label in names_of_scores(plan, ranking).items():
            key = score_key(metric, ranking)
            if metric in OF_IMAGES and key not in seen:
                columns[metric] = _column(key, label, SCORE, LOW_IS_GOOD[metric])
                seen.add(key)
        if columns:
            path = plan.run.seeds(model, name, "per_image.parquet")
            yield {"kind": "table", "paths": [path], "columns": columns}


def score_key(metric: str, ranking) -> str:
    """A score and who gave it: ``fd:storybook-net``."""
    return f"{metric}:{ranking.scorer if metric == 'preference' else ranking.extractor}"


def look_tables(plan: Plan, shards: list[str]) -> Iterator[dict]:
    """What pictures of these shards of a survey look like: pixels, objects, lettering."""
    run, study = plan.run, plan.good_seed
    columns = {key: _column(key, label, LOOK) for key, label in LOOKS.items()}
    columns |= {flag: _column(flag, habit_name(flag), HABIT) for flag in FLAGS}
    paths = [run.attributes(shard) for shard in shards]
    yield {"kind": "table", "paths": paths, "columns": columns}
    segmenter = study["composition"]["segmenter"]
    if segmenter:
        columns = {key: _column(key, *told) for key, told in COMPOSITION.items()}
        paths = [run.composition(segmenter, shard) for shard in shards]
        yield {"kind": "found", "paths": paths, "columns": columns}
    detector = study["habits"]["detector"]
    if detector:
        yield {
            "kind": "lettering",
            "paths": [run.detections(detector, shard) for shard in shards],
            "looked_at": [run.looked_at(detector, shard) for shard in shards],
            "confidence": study["habits"]["confidence"],
            "columns": {LETTERING: _column(LETTERING, LETTERING, HABIT)},
        }


def _scored(plan: Plan, model: str) -> Iterator[dict]:
    """Scores of seeds: a table for each ranking, with the columns that no earlier one gave."""
    if model not in plan.seeds_of_models:
        return
    seen: set[str] = set()
    for name, ranking in plan.rankings.items():
        columns = {}
        for metric, label in names_of_scores(plan, ranking).items():
            key = score_key(metric, ranking)
            if key not in seen:
                columns[metric] = _column(key, label, SCORE, LOW_IS_GOOD[metric])
                seen.add(key)
        if columns:
            yield {"path": plan.run.seeds(model, name, "scores.parquet"), "columns": columns}
