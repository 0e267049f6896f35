"""Composition and diverse seeds of Good Seed: Table 2, Figures 10 and 11, what stands behind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from seedbed.good_seed.diversity_arms import COMPOSITION
from seedbed.render.catalog.good_seed import FIGURES, MODULES, NOWHERE, percent
from seedbed.render.catalog.record import Rendering
from seedbed.run import shipped

if TYPE_CHECKING:
    from seedbed.plan import Plan

At = Mapping[str, str]


def _if_surveyed(plan: Plan) -> list[dict[str, str]]:
    return [{}] if plan.surveyed_models else []


def _if_diverse(plan: Plan) -> list[dict[str, str]]:
    return [{}] if plan.diverse_aims else []


def _each_placed(plan: Plan) -> list[dict[str, str]]:
    models = plan.surveyed_models if COMPOSITION in plan.diverse_aims else []
    return [{"model": model} for model in models]


def _each_diverse(plan: Plan) -> list[dict[str, str]]:
    return [{"model": model} for model in plan.surveyed_models] if plan.diverse_aims else []


# Composition


def _shares_sources(plan: Plan, at: At) -> dict:
    models = plan.surveyed_models
    return {"shares": [plan.run.seed_study(m, "composition_shares.parquet") for m in models]}


def _shares_settings(plan: Plan, at: At) -> dict:
    return {"models": plan.surveyed_models}


def _shares_figure_settings(plan: Plan, at: At) -> dict:
    return _shares_settings(plan, at) | percent(plan, at)


def _shares_about(plan: Plan, at: At) -> dict:
    composition = plan.good_seed["composition"]
    return percent(plan, at) | {
        "least": f"{composition['least_share']:g}",
        "permutations": plan.good_seed["permutations"],
        "segmenter": composition["segmenter"] or "none",
        "depth_model": composition["depth"] or "none",
    }


def _places_sources(plan: Plan, at: At) -> dict:
    model = at["model"]
    shards = plan.survey_shards(model)
    return {
        "composition": [plan.diverse_measured(COMPOSITION, shard) for shard in shards],
        "prompts": plan.run.split(model, "survey"),
    }


def _places_settings(plan: Plan, at: At) -> dict:
    shown = plan.good_seed["composition"]["figure"]
    return {"model": at["model"], "n_categories": shown["categories"], "n_seeds": shown["seeds"]}


# Diverse seeds


def studies(plan: Plan) -> list[dict]:
    """Every surveyed model with every aim, as the tables want it."""
    return [
        {
            "model": model,
            "aim": aim,
            "column": (plan.config["models"][model]["paper"] or NOWHERE)["column"],
            "arms": list(plan.diverse_arms(model)),
        }
        for model in plan.surveyed_models
        for aim in plan.diverse_aims
    ]


def _of_studies(plan: Plan, ending: str) -> list[str]:
    return [plan.run.seed_study(s["model"], f"diversity/{s['aim']}{ending}") for s in studies(plan)]


def _table2_sources(plan: Plan, at: At) -> dict:
    judged = _of_studies(plan, ".parquet")
    return {"judged": judged, "paper": shipped("resources/paper/good_seed_table2.csv")}


def _table2_settings(plan: Plan, at: At) -> dict:
    scorers = plan.good_seed["scorers"]
    name = plan.config["scorers"][scorers[0]]["metric"] if scorers else "agreement"
    return {"studies": studies(plan), "agreement": name}


def _table2_about(plan: Plan, at: At) -> dict:
    diversity = plan.good_seed["diversity"]
    return percent(plan, at) | {
        "count": diversity["count"],
        "trials": diversity["trials"],
        "spread": f"{100 * diversity['spread_margin']:g}",
        "extractor": plan.good_seed["style"]["extractor"] or "none",
        "segmenter": plan.good_seed["composition"]["segmenter"] or "none",
    }


def _survey_sources(plan: Plan, at: At) -> dict:
    return {"crossfitted": _of_studies(plan, "_survey.parquet")}


def _survey_settings(plan: Plan, at: At) -> dict:
    return {"studies": studies(plan)}


def _pictures_arms(plan: Plan, at: At) -> list[dict]:
    arms = plan.diverse_arms(at["model"])
    return [{"aim": aim, "arm": arm} for aim in plan.diverse_aims for arm in arms]


def _pictures_sources(plan: Plan, at: At) -> dict:
    run, model = plan.run, at["model"]
    arms = [(model, each["aim"], each["arm"]) for each in _pictures_arms(plan, at)]
    return {
        "images": [run.images(run.diversity_shard(*each)) for each in arms],
        "groups": [run.diversity_groups(*each) for each in arms],
        "prompts": run.split(model, "diversity"),
    }


def _pictures_settings(plan: Plan, at: At) -> dict:
    return {
        "arms": _pictures_arms(plan, at),
        "model": at["model"],
        "n_prompts": plan.design(at["model"])["diversity"]["figure_prompts"],
    }


def _pictures_about(plan: Plan, at: At) -> dict:
    return {"count": plan.design(at["model"])["diversity"]["count"]}


RENDERINGS = (
    Rendering(
        name="composition_shares",
        place="good_seed/composition_shares",
        kind="table",
        paper="Good Seed",
        label="composition",
        shows="what of an image the seed decides",
        draw=f"{MODULES}.composition_table:composition_shares",
        sources=_shares_sources,
        settings=_shares_settings,
        over=_if_surveyed,
        about=_shares_about,
    ),
    Rendering(
        name="fig10_shares",
        place=f"{FIGURES}/fig10_shares",
        kind="figure",
        paper="Good Seed",
        label="10",
        shows="share of variance between seeds",
        draw=f"{MODULES}.shares_figure:shares_by_attribute",
        sources=_shares_sources,
        settings=_shares_figure_settings,
        over=_if_surveyed,
        about=_shares_about,
    ),
    Rendering(
        name="fig10_composition",
        place=f"{FIGURES}/fig10_composition_{{model}}",
        kind="figure",
        paper="Good Seed",
        label="10",
        shows="place, size and depth of objects",
        draw=f"{MODULES}.composition_figure:places",
        sources=_places_sources,
        settings=_places_settings,
        over=_each_placed,
        about=_shares_about,
    ),
    Rendering(
        name="table2_diversity",
        place="good_seed/table2_diversity",
        kind="table",
        paper="Good Seed",
        label="2",
        shows="diverse against random seeds",
        draw=f"{MODULES}.diversity_table:diversity",
        sources=_table2_sources,
        settings=_table2_settings,
        over=_if_diverse,
        about=_table2_about,
    ),
    Rendering(
        name="diversity_survey",
        place="good_seed/diversity_survey",
        kind="table",
        paper="Good Seed",
        label="diverse seeds",
        shows="diverse seeds from every first seed",
        draw=f"{MODULES}.diversity_table:every_first_seed",
        sources=_survey_sources,
        settings=_survey_settings,
        over=_if_diverse,
        about=_table2_about,
    ),
    Rendering(
        name="fig11_diverse",
        place=f"{FIGURES}/fig11_diverse_{{model}}",
        kind="figure",
        paper="Good Seed",
        label="11",
        shows="images of diverse seeds",
        draw=f"{MODULES}.diverse_figure:diverse",
        sources=_pictures_sources,
        settings=_pictures_settings,
        over=_each_diverse,
        about=_pictures_about,
    ),
)
