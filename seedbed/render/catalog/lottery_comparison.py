"""Layouts drawn by every arm: Tables 1 and 2, what was tuned, failures, layers, moments."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from seedbed.lottery_ticket.comparison.arms import BASE, papers_rows, rows_of
from seedbed.render.catalog.lottery_common import (
    At,
    each_detector,
    intervals,
    layouts_of,
    rendering,
    scores,
    semi_of,
    texts,
)
from seedbed.render.catalog.record import Rendering
from seedbed.run import shipped

if TYPE_CHECKING:
    from seedbed.plan import Plan

FAILING = ("sd", BASE)
"""The arms whose failures are told; those of the last are shown."""
EXAMPLES = 4
"""Failures shown of each kind."""
PAPER = "resources/paper/lottery_table{table}.csv"


# Where each applies


def first_detector(plan: Plan) -> list[dict[str, str]]:
    """Sources of scores are compared by the detector that chooses constants."""
    return [at for at in each_detector(plan) if at["detector"] == plan.detectors[0]]


def _if_rows(plan: Plan, table: str) -> list[dict[str, str]]:
    return each_detector(plan) if rows_of(plan.lottery_ticket, table) else []


def _if_compared(plan: Plan) -> list[dict[str, str]]:
    compared = any(each.table == "comparison" for each in plan.arm_contrasts)
    return each_detector(plan) if compared else []


def _if_failing(plan: Plan) -> list[dict[str, str]]:
    return each_detector(plan) if set(FAILING) <= set(plan.arms) else []


def _if_tuned(plan: Plan) -> list[dict[str, str]]:
    return each_detector(plan) if plan.controls else []


# Tables


def _table_sources(plan: Plan, at: At, table: str) -> dict:
    run, model = plan.run, at["model"]
    # Table 2 says what its latents are made of.
    built = rows_of(plan.lottery_ticket, table) if table == "2" else ()
    return {
        "layouts": layouts_of(plan),
        "levels": scores(plan, at, "levels"),
        "differences": scores(plan, at, "differences"),
        "tuned": [run.tuning(model, f"{control}.json") for control in plan.controls],
        "constructions": [path for arm in built for path in plan.constructions(model, arm)],
        "paper": shipped(PAPER.format(table=table)),
    }


def _table_settings(plan: Plan, at: At, table: str) -> dict:
    study = plan.lottery_ticket
    return {
        "table": table,
        "labels": rows_of(study, table),
        "papers": papers_rows(study, table),
        "controls": list(plan.controls),
    }


def _comparison_sources(plan: Plan, at: At) -> dict:
    return {
        "differences": scores(plan, at, "differences"),
        "paper": shipped(PAPER.format(table="1")),
    }


def _comparison_settings(plan: Plan, at: At) -> dict:
    study = plan.lottery_ticket
    return {"labels": rows_of(study, "1"), "papers": papers_rows(study, "1")}


def _tuning_sources(plan: Plan, at: At) -> dict:
    return {"tried": [plan.run.tuning(at["model"], f"{c}.parquet") for c in plan.controls]}


def _tuning_settings(plan: Plan, at: At) -> dict:
    alone = [arm for arm in plan.arms.values() if arm.how.tickets and arm.how.partner == "sd"]
    readings = dict.fromkeys(arm.label for arm in alone if arm.name == arm.method)
    return {"controls": list(plan.controls), "readings": list(readings)}


def _failures_sources(plan: Plan, at: At) -> dict:
    return {"judged": scores(plan, at, "failures")}


def _failures_settings(plan: Plan, at: At) -> dict:
    labels = {arm: plan.arms[arm].label for arm in FAILING}
    return {"labels": labels, **intervals(plan, at)}


# Figures


def _failure_figure_sources(plan: Plan, at: At) -> dict:
    return {
        "judged": scores(plan, at, "failures"),
        "layouts": layouts_of(plan),
        "constructions": plan.constructions(at["model"], FAILING[-1]),
        "images": plan.layout_images(at["model"], FAILING[-1]),
    }


def _failure_figure_settings(plan: Plan, at: At) -> dict:
    return {"shown": FAILING[-1], "label": plan.arms[FAILING[-1]].label, "examples": EXAMPLES}


def _methods_sources(plan: Plan, at: At) -> dict:
    return {"levels": scores(plan, at, "levels"), "paper": shipped(PAPER.format(table="1"))}


def _methods_settings(plan: Plan, at: At) -> dict:
    study = plan.lottery_ticket
    labels = rows_of(study, "1")
    return {
        "labels": labels,
        "colors": {arm: plan.arms[arm].how.color for arm in labels},
        "papers": papers_rows(study, "1"),
        "level": study["interval"],
    }


def _layers_sources(plan: Plan, at: At) -> dict:
    return {"objects": scores(plan, at, "layers")}


def _layers_settings(plan: Plan, at: At) -> dict:
    layer = plan.config["models"][at["model"]]["ticket_layer"]
    return {"layer": layer, "semi": semi_of(plan), **intervals(plan, at)}


def layers_texts(plan: Plan, at: At) -> list[str]:
    """What the note says of a world model's training, it says of its layers at 8×8."""
    entry = plan.config["models"][at["model"]]
    trained = entry["world"] == "storybook" and entry["note"]
    return ["layers", "model", *(["layers_trained"] if trained else []), "detector"]


def _prompts_sources(plan: Plan, at: At) -> dict:
    return {"objects": scores(plan, at, "single_prompts")}


def _prompts_settings(plan: Plan, at: At) -> dict:
    return {**intervals(plan, at), "margins": plan.lottery_ticket["margins"]}


def _moments_sources(plan: Plan, at: At) -> dict:
    constructions = plan.constructions(at["model"], BASE)
    return {"objects": scores(plan, at, "objects"), "constructions": constructions}


def _moments_settings(plan: Plan, at: At) -> dict:
    return {"shown": plan.arms[BASE].label, **intervals(plan, at)}


# The records


def _arm_table(table: str, shows: str) -> Rendering:
    return rendering(
        f"table{table}",
        "table",
        table,
        shows,
        "arm_tables:arms",
        partial(_if_rows, table=table),
        sources=partial(_table_sources, table=table),
        settings=partial(_table_settings, table=table),
        texts=partial(texts, names=(f"table{table}", "readings", "arm_tables", "verdicts")),
    )


TABLES = (
    _arm_table("1", "control strength of every method, IoU and R_suc"),
    _arm_table("2", "control strength of SemI with other settings, IoU and R_suc"),
    rendering(
        "comparison",
        "table",
        "comparison",
        "every SemI against the methods that the paper sets it beside",
        "comparison_table:comparison",
        _if_compared,
        sources=_comparison_sources,
        settings=_comparison_settings,
        texts=partial(texts, names=("comparison", "readings", "verdicts")),
    ),
    rendering(
        "tuning",
        "table",
        "tuning",
        "constants tried on held-out layouts, and choices of SemI",
        "tuning_table:tuning",
        _if_tuned,
        sources=_tuning_sources,
        settings=_tuning_settings,
    ),
    rendering(
        "failures",
        "table",
        "failures",
        "failure rates of SD and SemI",
        "failures_table:failures",
        _if_failing,
        sources=_failures_sources,
        settings=_failures_settings,
    ),
    rendering(
        "moments",
        "table",
        "non-Gaussian noise",
        "SemI's gain where its latents are far from Gaussian",
        "moments_table:moments",
        _if_failing,
        sources=_moments_sources,
        settings=intervals,
    ),
    rendering(
        "single_prompts",
        "table",
        "single prompts",
        "scores from pairs of objects against scores from objects alone",
        "single_prompts_table:single_prompts",
        first_detector,
        sources=_prompts_sources,
        settings=_prompts_settings,
    ),
)

FIGURES = (
    rendering(
        "fig8_failures",
        "figure",
        "8",
        "failures found by rule",
        "failure_figure:failures",
        _if_failing,
        sources=_failure_figure_sources,
        settings=_failure_figure_settings,
    ),
    rendering(
        "methods",
        "figure",
        "methods",
        "R_suc of every method by size",
        "methods_figure:methods",
        partial(_if_rows, table="1"),
        sources=_methods_sources,
        settings=_methods_settings,
    ),
    rendering(
        "layers",
        "figure",
        "layers",
        "every cross-attention layer as the source of scores",
        "layers_figure:layers",
        first_detector,
        sources=_layers_sources,
        settings=_layers_settings,
        texts=layers_texts,
    ),
    rendering(
        "non_gaussian",
        "figure",
        "non-Gaussian noise",
        "IoU against the latents' moments",
        "moments_figure:moments",
        _if_failing,
        sources=_moments_sources,
        settings=_moments_settings,
    ),
)
