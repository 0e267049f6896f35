"""How seeds differ, and whether it carries over: Figures 6 and 7, by discrepancy too; a table."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from seedbed.render.catalog.good_seed import FIGURES, MODULES, if_ranked, of_studies, percent
from seedbed.render.catalog.record import Rendering

if TYPE_CHECKING:
    from seedbed.plan import Plan, Ranking

At = Mapping[str, str]
NUMBERS = {"fd": "6", "mmd_alone": "6b", "preference": "7"}
"""The figures of sorted seeds."""


def names_of_scores(plan: Plan, ranking: Ranking) -> dict[str, str]:
    """Readable names of all scores of ``good_seed.seed_scores`` that a ranking gives."""
    found = {}
    if ranking.extractor:
        found["fd"] = plan.config["extractors"][ranking.extractor]["metric"]
        found["mmd_alone"] = f"MMD² ({ranking.extractor})"
        found["fdi"] = f"share of the pool's {found['fd']}"
        found["mmd"] = f"share of the pool's {found['mmd_alone']}"
    if ranking.scorer:
        found["preference"] = plan.config["scorers"][ranking.scorer]["metric"]
    return found


def rankers(plan: Plan, metric: str) -> dict[str, str]:
    """Per scorer (``preference``) or extractor the first ranking that it is part of."""
    found: dict[str, str] = {}
    for name, ranking in plan.rankings.items():
        ranker = ranking.scorer if metric == "preference" else ranking.extractor
        if ranker:
            found.setdefault(ranker, name)
    return found


def _ranked_by(plan: Plan, at: At, metric: str) -> str:
    found = rankers(plan, metric)
    return found[next(iter(at.values()), next(iter(found)))]


def _figure_sources(plan: Plan, at: At, metric: str) -> dict:
    ranking = _ranked_by(plan, at, metric)
    return {
        name: [plan.run.seeds(model, ranking, file) for model in plan.seeds_of_models]
        for name, file in (("scores", "scores.parquet"), ("evidence", "evidence.json"))
    }


def _figure_settings(plan: Plan, at: At, metric: str) -> dict:
    names = names_of_scores(plan, plan.rankings[_ranked_by(plan, at, metric)])
    return {"models": plan.seeds_of_models, "metric": metric, "metric_name": names[metric]}


def _figure_about(plan: Plan, at: At, metric: str) -> dict:
    return percent(plan, at)


def _figure_text(plan: Plan, at: At, metric: str) -> list[str]:
    return [f"ranking_{metric}", "ranking"]


def _first_ranker(plan: Plan, metric: str) -> list[dict[str, str]]:
    return [{}] if plan.seeds_of_models and rankers(plan, metric) else []


def _further_rankers(plan: Plan, metric: str, wildcard: str) -> list[dict[str, str]]:
    names = list(rankers(plan, metric))[1:] if plan.seeds_of_models else []
    return [{wildcard: name} for name in names]


def _figure(metric: str, wildcard: str = "") -> Rendering:
    """Of the first extractor or scorer, or of each further one, named by a wildcard."""
    name = f"fig{NUMBERS[metric]}_ranking_{metric.partition('_')[0]}"
    over = partial(_first_ranker, metric=metric)
    if wildcard:
        over = partial(_further_rankers, metric=metric, wildcard=wildcard)
    return Rendering(
        name=f"{name}_further" if wildcard else name,
        place=f"{FIGURES}/{name}" + (f"_{{{wildcard}}}" if wildcard else ""),
        kind="figure",
        paper="Good Seed",
        label=NUMBERS[metric],
        shows="sorted seeds, Set 1 against Set 2",
        draw=f"{MODULES}.ranking_figures:sorted_seeds",
        sources=partial(_figure_sources, metric=metric),
        settings=partial(_figure_settings, metric=metric),
        over=over,
        texts=partial(_figure_text, metric=metric),
        about=partial(_figure_about, metric=metric),
    )


def _effects_sources(plan: Plan, at: At) -> dict:
    files = {"scores": "scores.parquet", "evidence": "evidence.json"}
    return {name: of_studies(plan, file) for name, file in files.items()}


def _effects_settings(plan: Plan, at: At) -> dict:
    return {
        "studies": [
            {"model": model, "ranking": name, "metrics": names_of_scores(plan, ranking)}
            for model in plan.seeds_of_models
            for name, ranking in plan.rankings.items()
        ]
    }


RENDERINGS = (
    _figure("fd"),
    _figure("fd", "extractor"),
    _figure("mmd_alone"),
    _figure("mmd_alone", "extractor"),
    _figure("preference"),
    _figure("preference", "scorer"),
    Rendering(
        name="seed_effects",
        place="good_seed/seed_effects",
        kind="table",
        paper="Good Seed",
        label="seed effects",
        shows="whether seeds differ, and whether some are better",
        draw=f"{MODULES}.effects_table:seed_effects",
        sources=_effects_sources,
        settings=_effects_settings,
        over=if_ranked,
        about=percent,
    ),
)
