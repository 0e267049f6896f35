"""Tables and figures of Good Seed about inpainting (Figure 12)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from seedbed.render.catalog.record import Rendering

if TYPE_CHECKING:
    from seedbed.plan import Plan

At = Mapping[str, str]
MODULE = "seedbed.render.good_seed.inpainting_figures"
LETTERING = 0.025
"""Share of the Storybook world's training pictures with lettering (a test holds it equal)."""


def if_read(plan: Plan) -> list[dict[str, str]]:
    """Once, where a model fills pictures and a detector reads text."""
    return [{}] if plan.inpainting_model and plan.text_reader else []


def _names(plan: Plan) -> dict[str, str]:
    return {"model": plan.inpainting_model, "reader": plan.text_reader}


def _studied(plan: Plan, at: At) -> dict:
    files = {"seeds": "seeds.parquet", "evidence": "evidence.json"}
    return {
        name: plan.run.text_of_seeds(plan.inpainting_model, plan.text_reader, file)
        for name, file in files.items()
    }


def _rate_settings(plan: Plan, at: At) -> dict:
    return _names(plan)


def _table_settings(plan: Plan, at: At) -> dict:
    return _names(plan) | {"habit_rate": LETTERING if plan.measured_filler else None}


def _about(plan: Plan, at: At) -> dict:
    return _names(plan) | {"percent": f"{100 * plan.good_seed['interval']:.0f}"}


def _picture_sources(plan: Plan, at: At) -> dict:
    run, model = plan.run, plan.inpainting_model
    shards = [run.inpainting_shard(model, seeds) for seeds in plan.inpainting_ranges]
    return {
        "seeds": _studied(plan, at)["seeds"],
        "shares": [run.text_shares(plan.text_reader, shard) for shard in shards],
        "pairs": run.pairs(plan.good_seed["inpainting"]["pairs"]),
        "images": [run.images(shard) for shard in shards],
    }


def _picture_settings(plan: Plan, at: At) -> dict:
    shown = plan.good_seed["inpainting"]["figure"]
    return {"model": plan.inpainting_model, "n_seeds": shown["seeds"], "n_pairs": shown["pairs"]}


def _if_all(plan: Plan) -> list[dict[str, str]]:
    """Once, where the teaser's three parts are there."""
    there = plan.rankings and plan.diverse_aims and plan.surveyed_models
    return if_read(plan) if there else []


def _teaser_sources(plan: Plan, at: At) -> dict:
    run, model, filler = plan.run, plan.surveyed_models[0], plan.inpainting_model
    ranked = plan.ranking_shards(model)
    filled = [run.inpainting_shard(filler, seeds) for seeds in plan.inpainting_ranges]
    return {
        "scores": run.seeds(model, next(iter(plan.rankings)), "scores.parquet"),
        "ranked": [run.split(model, "ranking"), *map(run.images, ranked)],
        "survey": [run.split(model, "survey"), *map(run.images, plan.survey_shards(model))],
        "diverse": run.seed_study(model, "diverse.json"),
        "filled": [
            run.pairs(plan.good_seed["inpainting"]["pairs"]),
            *map(run.images, filled),
        ],
        "text": [
            _studied(plan, at)["seeds"],
            *(run.text_shares(plan.text_reader, shard) for shard in filled),
        ],
    }


def _teaser_settings(plan: Plan, at: At) -> dict:
    return {}


def _teaser_about(plan: Plan, at: At) -> dict:
    return {"model": plan.surveyed_models[0], "filler": plan.inpainting_model}


RENDERINGS = (
    Rendering(
        name="fig1_teaser",
        place="good_seed/figures/fig1_teaser",
        kind="figure",
        paper="Good Seed",
        label="1",
        shows="what seeds decide: quality, style and composition, inserted text",
        draw="seedbed.render.good_seed.teaser_figure:teaser",
        sources=_teaser_sources,
        settings=_teaser_settings,
        over=_if_all,
        about=_teaser_about,
    ),
    Rendering(
        name="fig12_inserted_text",
        place="good_seed/figures/fig12_inserted_text",
        kind="figure",
        paper="Good Seed",
        label="12",
        shows="seeds that insert text, pictures",
        draw=f"{MODULE}:pictures",
        sources=_picture_sources,
        settings=_picture_settings,
        over=if_read,
        about=_about,
    ),
    Rendering(
        name="fig12_text_shares",
        place="good_seed/figures/fig12_text_shares",
        kind="figure",
        paper="Good Seed",
        label="12",
        shows="text by seed, removal against completion",
        draw=f"{MODULE}:rates",
        sources=_studied,
        settings=_rate_settings,
        over=if_read,
        about=_about,
    ),
    Rendering(
        name="inpainting_text",
        place="good_seed/inpainting_text",
        kind="table",
        paper="Good Seed",
        label="inpainting",
        shows="text that seeds insert",
        draw=f"{MODULE}:table",
        sources=_studied,
        settings=_table_settings,
        over=if_read,
        about=_about,
    ),
)
