"""Tables and figures about naming the seed of a picture (Good Seed, 3.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seedbed.render.catalog.good_seed import FIGURES, MODULES, NOWHERE, At, percent
from seedbed.render.catalog.record import Rendering
from seedbed.run import shipped

if TYPE_CHECKING:
    from seedbed.plan import Plan


def _if_named(plan: Plan) -> list[dict[str, str]]:
    return [{}] if plan.named_models else []


def _each_named(plan: Plan) -> list[dict[str, str]]:
    return [{"model": model} for model in plan.named_models]


def _statistics(plan: Plan) -> dict:
    study = plan.good_seed
    resamples = study["classifier"]["resamples"]
    return {
        "bootstrap": resamples,
        "permutations": resamples,
        "level": study["interval"],
        "seed": study["statistics_seed"],
    }


def _left(plan: Plan, name: str) -> list[str]:
    """A file of every group of every model, model by model."""
    return [
        plan.run.classifier(model, f"{group}.{name}.parquet")
        for model in plan.named_models
        for group in plan.trainings(model)
    ]


def _curves_sources(plan: Plan, at: At) -> dict:
    return {"hits": _left(plan, "hits"), "curves": _left(plan, "curves")}


def _table_sources(plan: Plan, at: At) -> dict:
    return _curves_sources(plan, at) | {
        "paper": shipped("resources/paper/good_seed_classifier.csv")
    }


def _settings(plan: Plan, at: At) -> dict:
    models = [
        {
            "model": model,
            "paper": plan.config["models"][model]["paper"] or NOWHERE,
            "groups": len(plan.trainings(model)),
        }
        for model in plan.named_models
    ]
    return {"models": models, "statistics": _statistics(plan)}


def _about(plan: Plan, at: At) -> dict:
    study = plan.good_seed["classifier"]
    head = {"mean": "their mean over the picture", "places": "each at its place"}[study["head"]]
    network = {k: study[k] for k in ("network", "input_size", "epochs")}
    return percent(plan, at) | network | {"head": head}


def _maps_sources(plan: Plan, at: At) -> dict:
    return {
        "shown": plan.run.classifier(at["model"], "explained.npz"),
        "areas": plan.run.classifier(at["model"], "areas.parquet"),
    }


def _maps_settings(plan: Plan, at: At) -> dict:
    return {"model": at["model"], "statistics": _statistics(plan)}


def _areas_sources(plan: Plan, at: At) -> dict:
    return {"areas": [plan.run.classifier(m, "areas.parquet") for m in plan.named_models]}


def _areas_settings(plan: Plan, at: At) -> dict:
    return {"models": plan.named_models, "statistics": _statistics(plan)}


RENDERINGS = (
    Rendering(
        name="classifier",
        place="good_seed/classifier",
        kind="table",
        paper="Good Seed",
        label="classifier",
        shows="how often the seed of a picture is named",
        draw=f"{MODULES}.classifier_table:classifier",
        sources=_table_sources,
        settings=_settings,
        over=_if_named,
        about=_about,
    ),
    Rendering(
        name="gradcam_areas",
        place="good_seed/gradcam_areas",
        kind="table",
        paper="Good Seed",
        label="4, areas",
        shows="how concentrated Grad-CAM's maps are",
        draw=f"{MODULES}.gradcam_table:gradcam_areas",
        sources=_areas_sources,
        settings=_areas_settings,
        over=_if_named,
        about=percent,
    ),
    Rendering(
        name="fig4_gradcam",
        place=f"{FIGURES}/fig4_gradcam_{{model}}",
        kind="figure",
        paper="Good Seed",
        label="4",
        shows="where a seed classifier looks",
        draw=f"{MODULES}.gradcam_figure:gradcam",
        sources=_maps_sources,
        settings=_maps_settings,
        over=_each_named,
        about=percent,
    ),
    Rendering(
        name="classifier_curves",
        place=f"{FIGURES}/classifier_curves",
        kind="figure",
        paper="Good Seed",
        label="classifier",
        shows="accuracy by epochs and by pictures per seed",
        draw=f"{MODULES}.classifier_figures:classifier_curves",
        sources=_curves_sources,
        settings=_settings,
        over=_if_named,
        about=_about,
    ),
)
