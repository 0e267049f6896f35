"""The Storybook models against the truth of their world."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from seedbed.render.catalog.record import Rendering
from seedbed.run import shipped

if TYPE_CHECKING:
    from seedbed.plan import Plan


def _quality_sources(plan: Plan, at: Mapping[str, str]) -> dict:
    run = plan.run
    measured = [run.path("storybook", f"quality_{model}.parquet") for model in plan.world_models]
    if plan.measured_filler:
        measured.append(run.path("storybook", f"filling_{plan.measured_filler}.parquet"))
    return {
        "measured": [*measured, run.path("storybook", "quality_evaluators.parquet")],
        "goals": shipped("resources/storybook/goals.csv"),
    }


def _if_of_the_world(plan: Plan) -> list[dict[str, str]]:
    return [{}] if plan.world_models else []


RENDERINGS = (
    Rendering(
        name="quality",
        place="storybook/quality",
        kind="table",
        paper="Storybook",
        label="quality",
        shows="the studied models against the world's truth",
        draw="seedbed.render.quality_table:quality",
        sources=_quality_sources,
        over=_if_of_the_world,
    ),
)
