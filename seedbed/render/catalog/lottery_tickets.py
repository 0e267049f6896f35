"""Tickets themselves: their collection and cost, what they keep, the scenes drawn from them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from seedbed.render.catalog.lottery_common import (
    OF_MODEL,
    At,
    each_model,
    intervals,
    rendering,
    semi_of,
    texts,
)
from seedbed.render.catalog.record import Rendering

if TYPE_CHECKING:
    from seedbed.plan import Plan

SCENES = {
    "4": ("on_the_fly", "three objects, other prompts"),
    "5": ("regions", "the same prompt, other regions"),
    "7": ("prompts", "one noise, several prompts"),
}


def _cost_sources(plan: Plan, at: At) -> dict:
    return {"costs": [plan.run.tickets(at["model"], f"{part}.json") for part in plan.noises]}


def _properties_sources(plan: Plan, at: At) -> dict:
    return {"rows": plan.run.tickets(at["model"], "properties.parquet")}


def _properties_figure_sources(plan: Plan, at: At) -> dict:
    table = plan.run.table(OF_MODEL + "/properties")[0].format(**at)
    return _properties_sources(plan, at) | {"table": table}


def _scene_files(plan: Plan, at: At) -> dict:
    return {
        "images": plan.run.path("images", at["model"], "scenes.npz"),
        "objects": plan.run.path("images", at["model"], "scenes.parquet"),
    }


def _scene_settings(plan: Plan, at: At, figure: str) -> dict:
    return {"figure": figure, "semi": semi_of(plan)}


def _if_backgrounds(plan: Plan) -> list[dict[str, str]]:
    return [{"model": model} for model in plan.told_backgrounds]


def _background_sources(plan: Plan, at: At) -> dict:
    told = [at["model"]] if at["model"] in plan.told_backgrounds else []
    shares = [plan.run.path("storybook", f"backgrounds_{model}.parquet") for model in told]
    return _scene_files(plan, at) | {"shares": shares}


def _background_settings(plan: Plan, at: At) -> dict:
    return {"semi": semi_of(plan), **intervals(plan, at)}


def _background_texts(plan: Plan, at: At) -> list[str]:
    told = at["model"] in plan.told_backgrounds
    return ["fig6_background", f"backgrounds_{'measured' if told else 'untold'}", "model"]


def _background_rows(plan: Plan, at: At) -> dict:
    return {"shares": plan.run.path("storybook", f"backgrounds_{at['model']}.parquet")}


def _rule_settings(plan: Plan, at: At) -> dict:
    return {"rule": plan.lottery_ticket["rule"]}


def _collection_sources(plan: Plan, at: At) -> dict:
    model, positions = at["model"], plan.lottery_ticket["rule"]["positions"]
    return {
        "images": plan.run.path("images", model, "scenes.npz"),
        "tickets": plan.ticket_files(model, [positions]),
    }


def _collection_settings(plan: Plan, at: At) -> dict:
    return _rule_settings(plan, at) | {"seeds": plan.all_noises}


def _score_settings(plan: Plan, at: At) -> dict:
    varied = plan.lottery_ticket["sensitivity"]
    alternatives = {key: varied[key] for key in ("t_obj", "t_bg")}
    return _collection_settings(plan, at) | {"alternatives": alternatives}


def _scene(figure: str) -> Rendering:
    name, shows = SCENES[figure]
    return rendering(
        f"fig{figure}_{name}",
        "figure",
        figure,
        shows,
        "scene_figures:scenes",
        each_model,
        sources=_scene_files,
        settings=partial(_scene_settings, figure=figure),
        texts=partial(texts, names=("scenes",)),
    )


TABLES = (
    rendering(
        "properties",
        "table",
        "property tests",
        "tickets moved to other places, noises, prompts",
        "properties_table:properties",
        each_model,
        sources=_properties_sources,
        settings=intervals,
    ),
    rendering(
        "cost",
        "table",
        "cost",
        "what the ticket collection took",
        "cost_table:cost",
        each_model,
        sources=_cost_sources,
    ),
    rendering(
        "backgrounds",
        "table",
        "backgrounds",
        "how much of a region is the background that it was built for",
        "background_table:backgrounds",
        _if_backgrounds,
        below=OF_MODEL,
        sources=_background_rows,
        settings=intervals,
        texts=partial(texts, names=("backgrounds_measured",)),
    ),
)

FIGURES = (
    rendering(
        "fig1_concept",
        "figure",
        "1",
        "a noise, its tickets, what they become",
        "ticket_figures:figure1",
        each_model,
        sources=_scene_files,
        settings=_rule_settings,
    ),
    rendering(
        "fig2_collection",
        "figure",
        "2",
        "the ticket collection",
        "ticket_figures:figure2",
        each_model,
        sources=_collection_sources,
        settings=_collection_settings,
    ),
    rendering(
        "fig3_scores",
        "figure",
        "3",
        "score distributions and thresholds",
        "ticket_figures:figure3",
        each_model,
        sources=_collection_sources,
        settings=_score_settings,
    ),
    *map(_scene, SCENES),
    rendering(
        "fig6_background",
        "figure",
        "6",
        "background regions, and how much of them is the right background",
        "background_figure:backgrounds",
        each_model,
        sources=_background_sources,
        settings=_background_settings,
        texts=_background_texts,
    ),
    rendering(
        "properties_figure",
        "figure",
        "properties",
        "scores before and after a move",
        "properties_figure:properties",
        each_model,
        sources=_properties_figure_sources,
    ),
)
