"""Tables and figures of Good Seed about style and habits (Figures 8 and 9)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from seedbed.render.catalog.record import Rendering

if TYPE_CHECKING:
    from seedbed.plan import Plan

At = Mapping[str, str]
MODULES = "seedbed.render.good_seed"
FIGURES = "good_seed/figures"
SHOWN_MAPS = 3
TRAINING_RATES = {
    "greyscale": 0.025,
    **{f"border_{side}": 0.00625 for side in ("left", "right", "top", "bottom")},
    "frame": 0.025,
    "lettering": 0.025,
}
"""Shares of the Storybook world's training pictures with each habit (a test holds them equal)."""


def _each_surveyed(plan: Plan) -> list[dict[str, str]]:
    return [{"model": model} for model in plan.surveyed_models]


def _each_styled(plan: Plan) -> list[dict[str, str]]:
    return [{"model": model} for model in plan.styled_models]


def _if_surveyed(plan: Plan) -> list[dict[str, str]]:
    return [{}] if plan.surveyed_models else []


def _if_styled(plan: Plan) -> list[dict[str, str]]:
    return [{}] if plan.styled_models else []


def _if_of_the_world(plan: Plan) -> list[dict[str, str]]:
    return [{}] if set(plan.surveyed_models) & set(plan.world_models) else []


def _survey(plan: Plan, model: str) -> dict:
    shards = [plan.run.survey_shard(model, seeds) for seeds in plan.survey_ranges(model)]
    return {
        "prompts": plan.run.split(model, "survey"),
        "images": [plan.run.images(shard) for shard in shards],
    }


def _map_sources(plan: Plan, at: At) -> dict:
    found = {name: plan.run.style(at["model"], f"{name}.parquet") for name in ("maps", "agreement")}
    return found | _survey(plan, at["model"])


def _map_settings(plan: Plan, at: At) -> dict:
    return {"model": at["model"], "n_prompts": SHOWN_MAPS}


def _about(plan: Plan, at: At) -> dict:
    study = plan.good_seed
    return {
        "percent": f"{100 * study['interval']:.0f}",
        "bootstrap": study["bootstrap"],
        "permutations": max(study["bootstrap"], study["permutations"]),
        "neighbours": study["style"]["neighbours"],
    }


def _agreement_sources(plan: Plan, at: At) -> dict:
    return {"agreement": [plan.run.style(m, "agreement.parquet") for m in plan.styled_models]}


def _agreement_settings(plan: Plan, at: At) -> dict:
    return {"models": plan.styled_models}


def _habit_sources(plan: Plan, at: At) -> dict:
    found = {name: plan.run.habits(at["model"], f"{name}.parquet") for name in ("seeds", "summary")}
    return found | _survey(plan, at["model"])


def _habit_settings(plan: Plan, at: At) -> dict:
    return {"model": at["model"]}


def _table_sources(plan: Plan, at: At) -> dict:
    return {"summary": [plan.run.habits(m, "summary.parquet") for m in plan.surveyed_models]}


def _table_settings(plan: Plan, at: At) -> dict:
    known = {model: TRAINING_RATES for model in plan.surveyed_models if model in plan.world_models}
    return {"models": plan.surveyed_models, "base": known}


def _detector_sources(plan: Plan, at: At) -> dict:
    return {"rows": plan.run.path("storybook", "habit_detectors.parquet")}


RENDERINGS = (
    Rendering(
        name="fig8_style",
        place=f"{FIGURES}/fig8_style_{{model}}",
        kind="figure",
        paper="Good Seed",
        label="8",
        shows="seeds by style",
        draw=f"{MODULES}.style_figures:seeds_by_style",
        sources=_map_sources,
        settings=_map_settings,
        over=_each_styled,
        about=_about,
    ),
    Rendering(
        name="style_agreement",
        place="good_seed/style_agreement",
        kind="table",
        paper="Good Seed",
        label="style",
        shows="agreement of the prompts' maps of seeds",
        draw=f"{MODULES}.style_table:style_agreement",
        sources=_agreement_sources,
        settings=_agreement_settings,
        over=_if_styled,
        about=_about,
    ),
    Rendering(
        name="fig9_habits",
        place=f"{FIGURES}/fig9_habits_{{model}}",
        kind="figure",
        paper="Good Seed",
        label="9",
        shows="seeds with habits",
        draw=f"{MODULES}.habit_figure:strongest_habits",
        sources=_habit_sources,
        settings=_habit_settings,
        over=_each_surveyed,
        about=_about,
    ),
    Rendering(
        name="habits",
        place="good_seed/habits",
        kind="table",
        paper="Good Seed",
        label="habits",
        shows="habits that seeds trigger",
        draw=f"{MODULES}.habit_tables:habits",
        sources=_table_sources,
        settings=_table_settings,
        over=_if_surveyed,
        about=_about,
    ),
    Rendering(
        name="habit_detectors",
        place="good_seed/habit_detectors",
        kind="table",
        paper="Good Seed",
        label="habit detectors",
        shows="detectors of habits against the world's truth",
        draw=f"{MODULES}.habit_tables:detectors",
        sources=_detector_sources,
        over=_if_of_the_world,
    ),
)
