"""Why tickets win or not: what scores are made of, what latents carry, which layers know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seedbed.lottery_ticket.comparison.arms import BASE
from seedbed.render.catalog.lottery_common import At, intervals, layouts_of, rendering, scores
from seedbed.render.catalog.lottery_comparison import FAILING, first_detector

if TYPE_CHECKING:
    from seedbed.plan import Plan


def _if_explained(plan: Plan) -> list[dict[str, str]]:
    return first_detector(plan) if set(FAILING) <= set(plan.arms) else []


def _why_sources(plan: Plan, at: At) -> dict:
    positions = {"as_read", plan.arms[BASE].rule["positions"]}
    return {
        "layouts": layouts_of(plan),
        "tickets": plan.ticket_files(at["model"], positions),
        "objects": scores(plan, at, "objects"),
        "properties": plan.run.tickets(at["model"], "properties.parquet"),
        "layers": scores(plan, at, "layers"),
        "agreement": scores(plan, at, "agreement"),
    }


def _why_settings(plan: Plan, at: At) -> dict:
    arm = plan.arms[BASE]
    study = {"noises": plan.all_noises, "count": arm.noises, "rule": dict(arm.rule)}
    study |= {"restandardise": arm.restandardise, "base_seed": plan.lottery_ticket["base_seed"]}
    return {"study": study, **intervals(plan, at)}


def _why_figure_settings(plan: Plan, at: At) -> dict:
    layer = plan.config["models"][at["model"]]["ticket_layer"]
    return _why_settings(plan, at) | {"layer": layer, "semi": plan.arms[BASE].label}


TABLES = (
    rendering(
        "why_numbers",
        "table",
        "why tickets win",
        "the numbers of the figure of why tickets win",
        "why_findings:numbers",
        _if_explained,
        sources=_why_sources,
        settings=_why_settings,
    ),
)

FIGURES = (
    rendering(
        "why",
        "figure",
        "why tickets win",
        "what scores are made of, what a latent carries, which layers know",
        "why_figure:why",
        _if_explained,
        sources=_why_sources,
        settings=_why_figure_settings,
    ),
)
