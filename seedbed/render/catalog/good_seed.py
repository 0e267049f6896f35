"""Tables and figures of Good Seed (Xu, Zhang, Shi)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from seedbed.render.catalog.record import Rendering
from seedbed.run import shipped

if TYPE_CHECKING:
    from seedbed.plan import Plan, Ranking

At = Mapping[str, str]
MODULES = "seedbed.render.good_seed"
FIGURES = "good_seed/figures"
NOWHERE = {"column": None, "same": False}
"""What stands beside nothing in the paper."""


# Models under rankings


def metrics_of(plan: Plan, ranking: Ranking) -> dict[str, dict]:
    """Of ``fd`` and ``preference`` those that a ranking has: ``name``, ``column``, ``same``."""
    entries = {
        metric: plan.config[section][name]
        for metric, section, name in (
            ("fd", "extractors", ranking.extractor),
            ("preference", "scorers", ranking.scorer),
        )
        if name
    }
    return {m: {"name": e["metric"], **(e["paper"] or NOWHERE)} for m, e in entries.items()}


def names_of(plan: Plan, ranking: Ranking) -> dict[str, str]:
    """Readable names of a ranking's metrics."""
    return {metric: about["name"] for metric, about in metrics_of(plan, ranking).items()}


def studies(plan: Plan) -> list[dict]:
    """Every model under every ranking, as the tables want it."""
    return [
        {
            "model": model,
            "ranking": name,
            "paper": plan.config["models"][model]["paper"] or NOWHERE,
            "metrics": metrics_of(plan, ranking),
        }
        for model in plan.seeds_of_models
        for name, ranking in plan.rankings.items()
    ]


def of_studies(plan: Plan, name: str) -> list[str]:
    """One file per model and ranking, in the order of ``studies``."""
    return [plan.run.seeds(s["model"], s["ranking"], name) for s in studies(plan)]


def if_ranked(plan: Plan) -> list[dict[str, str]]:
    """Once, where a score ranks the seeds of a model."""
    return [{}] if plan.rankings and plan.seeds_of_models else []


def percent(plan: Plan, at: At) -> dict:
    """Placeholders of captions: the intervals' level."""
    return {"percent": f"{100 * plan.good_seed['interval']:.0f}"}


# Tables


def _table1_sources(plan: Plan, at: At) -> dict:
    return {
        "trials": of_studies(plan, "judged.parquet"),
        "differences": of_studies(plan, "judged_differences.parquet"),
        "crossfit": of_studies(plan, "crossfit.parquet"),
        "crossfit_differences": of_studies(plan, "crossfit_differences.parquet"),
        "paper": shipped("resources/paper/good_seed_table1.csv"),
    }


def _judged(study: dict, ranking: Ranking) -> dict:
    """A study with all metrics that judge: where there are features, their discrepancy too."""
    by_features = {"mmd": {"name": f"MMD ({ranking.extractor})", **NOWHERE}}
    first = {m: about for m, about in study["metrics"].items() if m == "fd"}
    return study | {"metrics": {**first, **(by_features if first else {}), **study["metrics"]}}


def _table1_settings(plan: Plan, at: At) -> dict:
    study = plan.good_seed
    parts = {"test": study["prompts"], "transfer": study["transfer_prompts"]}
    parts["crossfit"] = f"{study['prompts']}, cross-fitted"
    judged = [_judged(it, plan.rankings[it["ranking"]]) for it in studies(plan)]
    return {"studies": judged, "parts": parts}


def _table1_about(plan: Plan, at: At) -> dict:
    study = plan.good_seed
    trials = dict.fromkeys(str(design["trials"]) for design in plan.designs.values())
    return percent(plan, at) | {
        "trials": " or ".join(trials),
        "share": f"{100 * study['golden_share']:g}",
        "margin": f"{study['judge']['margin']:g}",
        "bootstrap": f"{study['bootstrap']:,}",
        "permutations": f"{study['permutations']:,}",
    }


def _evidence_sources(plan: Plan, at: At) -> dict:
    return {
        "evidence": of_studies(plan, "evidence.json"),
        "golden": of_studies(plan, "golden.json"),
        "scores": of_studies(plan, "scores.parquet"),
        "costs": of_studies(plan, "fixed_seed.parquet"),
        "paper": shipped("resources/paper/good_seed_evidence.csv"),
    }


def _evidence_settings(plan: Plan, at: At) -> dict:
    return {"studies": studies(plan)}


# Figures 3 and 5, contact sheets


def _kinds_sources(plan: Plan, at: At) -> dict:
    models = plan.seeds_of_models
    return {
        "images": [plan.run.images(f"{model}/examples") for model in models],
        "prompts": [plan.run.path("images", m, "examples_prompts.parquet") for m in models],
    }


def _kinds_settings(plan: Plan, at: At) -> dict:
    return {"models": plan.seeds_of_models}


def _if_studied(plan: Plan) -> list[dict[str, str]]:
    return [{}] if plan.seeds_of_models else []


def _each_model(plan: Plan) -> list[dict[str, str]]:
    return [{"model": model} for model in plan.seeds_of_models]


def _each_ranked_model(plan: Plan) -> list[dict[str, str]]:
    return _each_model(plan) if plan.rankings else []


def _extremes_sources(plan: Plan, at: At) -> dict:
    run, model, ranking = plan.run, at["model"], next(iter(plan.rankings))
    shards = plan.ranking_shards(model)
    return {
        "scores": run.seeds(model, ranking, "scores.parquet"),
        "prompts": run.split(model, "ranking"),
        "images": [run.images(shard) for shard in shards],
    }


def _extremes_settings(plan: Plan, at: At) -> dict:
    shown = plan.good_seed["extremes_figure"]
    return {
        "model": at["model"],
        "metrics": names_of(plan, next(iter(plan.rankings.values()))),
        "n_seeds": shown["seeds"],
        "n_prompts": shown["prompts"],
    }


def _sheet_sources(plan: Plan, at: At) -> dict:
    return {
        "images": plan.run.images(f"{at['model']}/contact_sheet"),
        "prompts": plan.run.prompts(plan.good_seed["transfer_prompts"]),
    }


def _sheet_settings(plan: Plan, at: At) -> dict:
    sheet = plan.good_seed["contact_sheet"]
    return {"model": at["model"], "n_seeds": sheet["seeds"], "n_prompts": sheet["prompts"]}


RENDERINGS = (
    Rendering(
        name="table1_golden_vs_random",
        place="good_seed/table1_golden_vs_random",
        kind="table",
        paper="Good Seed",
        label="1",
        shows="golden against random seeds",
        draw=f"{MODULES}.golden_table:golden_against_random",
        sources=_table1_sources,
        settings=_table1_settings,
        over=if_ranked,
        about=_table1_about,
    ),
    Rendering(
        name="golden_evidence",
        place="good_seed/golden_evidence",
        kind="table",
        paper="Good Seed",
        label="evidence",
        shows="golden seeds beside what chance gives",
        draw=f"{MODULES}.evidence_table:golden_evidence",
        sources=_evidence_sources,
        settings=_evidence_settings,
        over=if_ranked,
        about=percent,
    ),
    Rendering(
        name="fig3_prompt_kinds",
        place=f"{FIGURES}/fig3_prompt_kinds",
        kind="figure",
        paper="Good Seed",
        label="3",
        shows="kinds of prompts",
        draw=f"{MODULES}.kinds_figure:kinds",
        sources=_kinds_sources,
        settings=_kinds_settings,
        over=_if_studied,
    ),
    Rendering(
        name="fig5_best_and_worst",
        place=f"{FIGURES}/fig5_best_and_worst_{{model}}",
        kind="figure",
        paper="Good Seed",
        label="5",
        shows="best and worst seeds",
        draw=f"{MODULES}.extremes_figure:extremes",
        sources=_extremes_sources,
        settings=_extremes_settings,
        over=_each_ranked_model,
    ),
    Rendering(
        name="contact_sheet",
        place=f"{FIGURES}/contact_sheet_{{model}}",
        kind="figure",
        paper="Good Seed",
        label="contact sheet",
        shows="seeds down, prompts across",
        draw=f"{MODULES}.contact_sheet:contact_sheet",
        sources=_sheet_sources,
        settings=_sheet_settings,
        over=_each_model,
    ),
)
