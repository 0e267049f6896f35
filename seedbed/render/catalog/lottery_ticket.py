"""Tables and figures of Lottery Ticket: per model, and per detector where boxes matter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from seedbed.lottery_ticket.comparison.arms import contrasts_of, labels_of
from seedbed.render.catalog.record import Rendering

if TYPE_CHECKING:
    from seedbed.plan import Plan

At = Mapping[str, str]
MODULES = "seedbed.render.lottery_ticket"
OF_MODEL = "lottery_ticket/{model}"
OF_DETECTOR = "lottery_ticket/{model}/{detector}"
FAILING = ("sd", "semi")
"""The arms whose failures are told; those of the last are shown."""
EXAMPLES = 4
"""Failures shown of each kind."""
POSITIONS = {
    "as_read": "as read",
    "equalised": "places equalised (our reading: quantiles over the noises in each cell)",
}
SCENES = {
    "4": ("on_the_fly", "three objects, other prompts"),
    "5": ("regions", "the same prompt, other regions"),
    "7": ("prompts", "one noise, several prompts"),
}


# Where each applies


def _each_model(plan: Plan) -> list[dict[str, str]]:
    return [{"model": model} for model in plan.ticket_models]


def _each_detector(plan: Plan) -> list[dict[str, str]]:
    return [{"model": m, "detector": d} for m in plan.ticket_models for d in plan.detectors]


def first_detector(plan: Plan) -> list[dict[str, str]]:
    """Layers are compared by the detector that chooses constants."""
    return [at for at in _each_detector(plan) if at["detector"] == plan.detectors[0]]


def _if_arms(plan: Plan, table: str) -> list[dict[str, str]]:
    return _each_detector(plan) if labels_of(plan.arms, table) else []


def _if_contrasts(plan: Plan) -> list[dict[str, str]]:
    return _each_detector(plan) if contrasts_of(plan.arms) else []


def _if_failing(plan: Plan) -> list[dict[str, str]]:
    return _each_detector(plan) if set(FAILING) <= set(plan.arms) else []


def _if_backgrounds(plan: Plan) -> list[dict[str, str]]:
    return [{"model": model} for model in plan.told_backgrounds]


def _if_tuned(plan: Plan) -> list[dict[str, str]]:
    return _each_detector(plan) if plan.controls else []


# What several share


def _layouts_of(plan: Plan) -> str:
    return plan.run.layouts(plan.lottery_ticket["layouts"])


def _scores(plan: Plan, at: At, name: str) -> str:
    return plan.run.layout_scores(at["detector"], at["model"], name)


def intervals(plan: Plan, at: At) -> dict:
    """Settings of whatever resamples."""
    study = plan.lottery_ticket
    return {
        "n_boot": study["bootstrap"],
        "seed": study["statistics_seed"],
        "level": study["interval"],
    }


def about(plan: Plan, at: At) -> dict:
    """Placeholders of captions: what a reader must know of the run."""
    study = plan.lottery_ticket
    rule = study["rule"]
    given = [f"{key} {rule[key]:g}" for key in ("t_obj", "t_bg") if rule[key] is not None]
    return {
        "note": plan.config["models"][at["model"]]["note"],
        "percent": f"{100 * study['interval']:.0f}",
        "confidence": f"{study['confidences'][0]:g}",
        "low_confidence": f"{study['confidences'][-1]:g}",
        "preset": f"“{rule['preset']}”" + (f" with {', '.join(given)}" if given else ""),
        "score_mode": study["score_mode"],
        "positions": POSITIONS[rule["positions"]],
        "noises": study["noises"]["count"],
        "layer": plan.config["models"][at["model"]]["ticket_layer"],
        "stride": study["sensitivity"]["stride"],
    }


def texts(plan: Plan, at: At, names: tuple[str, ...]) -> list[str]:
    """A caption's files, then what must be said of the model and the detector."""
    return [*names, "model", *(["detector"] if "detector" in at else [])]


def layers_texts(plan: Plan, at: At) -> list[str]:
    """What the note says of a world model's training, it says of its layers at 8×8."""
    entry = plan.config["models"][at["model"]]
    trained = entry["world"] == "storybook" and entry["note"]
    return ["layers", "model", *(["layers_trained"] if trained else []), "detector"]


# Tables


def _table_sources(plan: Plan, at: At, table: str) -> dict:
    run, model = plan.run, at["model"]
    # Table 2 says what its latents are made of.
    built = labels_of(plan.arms, table) if table == "2" else ()
    return {
        "layouts": _layouts_of(plan),
        "levels": _scores(plan, at, "levels"),
        "differences": _scores(plan, at, "differences"),
        "tuned": [run.tuning(model, f"{control}.json") for control in plan.controls],
        "constructions": [path for arm in built for path in plan.constructions(model, arm)],
        "paper": f"resources/paper/lottery_table{table}.csv",
    }


def _table_settings(plan: Plan, at: At, table: str) -> dict:
    return {"labels": labels_of(plan.arms, table), "controls": list(plan.controls)}


def _comparison_sources(plan: Plan, at: At) -> dict:
    differences = _scores(plan, at, "differences")
    return {"differences": differences, "paper": "resources/paper/lottery_table1.csv"}


def _comparison_settings(plan: Plan, at: At) -> dict:
    return {"contrasts": contrasts_of(plan.arms), "labels": labels_of(plan.arms, "1")}


def _tuning_sources(plan: Plan, at: At) -> dict:
    return {"tried": [plan.run.tuning(at["model"], f"{c}.parquet") for c in plan.controls]}


def _tuning_settings(plan: Plan, at: At) -> dict:
    return {"controls": list(plan.controls)}


def _cost_sources(plan: Plan, at: At) -> dict:
    return {"costs": [plan.run.tickets(at["model"], f"{part}.json") for part in plan.noises]}


def _properties_sources(plan: Plan, at: At) -> dict:
    return {"rows": plan.run.tickets(at["model"], "properties.parquet")}


def _failures_sources(plan: Plan, at: At) -> dict:
    return {"judged": _scores(plan, at, "failures")}


def _failures_settings(plan: Plan, at: At) -> dict:
    labels = {arm: plan.arms[arm].label for arm in FAILING}
    return {"labels": labels, **intervals(plan, at)}


# Figures


def _scene_files(plan: Plan, at: At) -> dict:
    return {
        "images": plan.run.path("images", at["model"], "scenes.npz"),
        "objects": plan.run.path("images", at["model"], "scenes.parquet"),
    }


def _scene_settings(plan: Plan, at: At, figure: str) -> dict:
    return {"figure": figure}


def _background_sources(plan: Plan, at: At) -> dict:
    told = [at["model"]] if at["model"] in plan.told_backgrounds else []
    shares = [plan.run.path("storybook", f"backgrounds_{model}.parquet") for model in told]
    return _scene_files(plan, at) | {"shares": shares}


def _background_texts(plan: Plan, at: At) -> list[str]:
    told = at["model"] in plan.told_backgrounds
    return ["fig6_background", f"backgrounds_{'measured' if told else 'untold'}", "model"]


def _background_rows(plan: Plan, at: At) -> dict:
    return {"shares": plan.run.path("storybook", f"backgrounds_{at['model']}.parquet")}


def _rule_settings(plan: Plan, at: At) -> dict:
    return {"rule": plan.lottery_ticket["rule"]}


def _collection_sources(plan: Plan, at: At) -> dict:
    run, model = plan.run, at["model"]
    return {
        "images": run.path("images", model, "scenes.npz"),
        "tickets": plan.ticket_files(model, [plan.lottery_ticket["rule"]["positions"]]),
    }


def _collection_settings(plan: Plan, at: At) -> dict:
    return _rule_settings(plan, at) | {"seeds": plan.all_noises}


def _score_settings(plan: Plan, at: At) -> dict:
    varied = plan.lottery_ticket["sensitivity"]
    alternatives = {key: varied[key] for key in ("t_obj", "t_bg")}
    return _collection_settings(plan, at) | {"alternatives": alternatives}


def _properties_figure_sources(plan: Plan, at: At) -> dict:
    table = plan.run.table(OF_MODEL + "/properties")[0].format(**at)
    return _properties_sources(plan, at) | {"table": table}


def _failure_figure_sources(plan: Plan, at: At) -> dict:
    return {
        "judged": _scores(plan, at, "failures"),
        "layouts": _layouts_of(plan),
        "constructions": plan.constructions(at["model"], FAILING[-1]),
        "images": plan.layout_images(at["model"], FAILING[-1]),
    }


def _failure_figure_settings(plan: Plan, at: At) -> dict:
    return {"shown": FAILING[-1], "examples": EXAMPLES}


def _methods_sources(plan: Plan, at: At) -> dict:
    return {"levels": _scores(plan, at, "levels"), "paper": "resources/paper/lottery_table1.csv"}


def _methods_settings(plan: Plan, at: At) -> dict:
    labels = labels_of(plan.arms, "1")
    return {
        "labels": labels,
        "colors": {arm: plan.arms[arm].how.color for arm in labels},
        "level": plan.lottery_ticket["interval"],
    }


def _layers_sources(plan: Plan, at: At) -> dict:
    return {"objects": _scores(plan, at, "layers")}


def _layers_settings(plan: Plan, at: At) -> dict:
    layer = plan.config["models"][at["model"]]["ticket_layer"]
    return {"layer": layer, **intervals(plan, at)}


def _if_explained(plan: Plan) -> list[dict[str, str]]:
    return first_detector(plan) if set(FAILING) <= set(plan.arms) else []


def _why_sources(plan: Plan, at: At) -> dict:
    positions = {"as_read", plan.arms["semi"].rule["positions"]}
    return {
        "layouts": _layouts_of(plan),
        "tickets": plan.ticket_files(at["model"], positions),
        "objects": _scores(plan, at, "objects"),
        "properties": plan.run.tickets(at["model"], "properties.parquet"),
        "layers": _scores(plan, at, "layers"),
        "agreement": _scores(plan, at, "agreement"),
    }


def _why_settings(plan: Plan, at: At) -> dict:
    arm = plan.arms["semi"]
    study = {"noises": plan.all_noises, "count": arm.noises, "rule": dict(arm.rule)}
    study |= {"restandardise": arm.restandardise, "base_seed": plan.lottery_ticket["base_seed"]}
    return {"study": study, **intervals(plan, at)}


def _why_figure_settings(plan: Plan, at: At) -> dict:
    return _why_settings(plan, at) | {"layer": plan.config["models"][at["model"]]["ticket_layer"]}


def _moments_sources(plan: Plan, at: At) -> dict:
    constructions = plan.constructions(at["model"], "semi")
    return {"objects": _scores(plan, at, "objects"), "constructions": constructions}


# The records


def _rendering(
    name: str, kind: str, label: str, shows: str, draw: str, over: Callable, **other
) -> Rendering:
    """A rendering below its model, or below its model and detector."""
    below = OF_MODEL if over in (_each_model, _if_backgrounds) else OF_DETECTOR
    # Tables and figures may bear one name.
    stem = name.removesuffix("_figure")
    place = f"{below}/{stem}" if kind == "table" else f"{below}/figures/{stem}"
    other.setdefault("texts", partial(texts, names=(name,)))
    return Rendering(
        name=f"lottery_{name}",
        place=place,
        kind=kind,
        paper="Lottery Ticket",
        label=label,
        shows=shows,
        draw=f"{MODULES}.{draw}",
        over=over,
        about=about,
        **other,
    )


def _arm_table(table: str, shows: str) -> Rendering:
    return _rendering(
        f"table{table}",
        "table",
        table,
        shows,
        "arm_tables:arms",
        partial(_if_arms, table=table),
        sources=partial(_table_sources, table=table),
        settings=partial(_table_settings, table=table),
        texts=partial(texts, names=(f"table{table}", "arm_tables")),
    )


def _scene(figure: str) -> Rendering:
    name, shows = SCENES[figure]
    return _rendering(
        f"fig{figure}_{name}",
        "figure",
        figure,
        shows,
        "scene_figures:scenes",
        _each_model,
        sources=_scene_files,
        settings=partial(_scene_settings, figure=figure),
        texts=partial(texts, names=("scenes",)),
    )


RENDERINGS = (
    _arm_table("1", "control strength of every method, IoU and R_suc"),
    _arm_table("2", "control strength of SemI with other settings, IoU and R_suc"),
    _rendering(
        "comparison",
        "table",
        "comparison",
        "SemI against the methods that the paper sets it beside",
        "comparison_table:comparison",
        _if_contrasts,
        sources=_comparison_sources,
        settings=_comparison_settings,
    ),
    _rendering(
        "properties",
        "table",
        "property tests",
        "tickets moved to other places, noises, prompts",
        "properties_table:properties",
        _each_model,
        sources=_properties_sources,
        settings=intervals,
    ),
    _rendering(
        "cost",
        "table",
        "cost",
        "what the ticket collection took",
        "cost_table:cost",
        _each_model,
        sources=_cost_sources,
    ),
    _rendering(
        "tuning",
        "table",
        "tuning",
        "constants tried on held-out layouts",
        "tuning_table:tuning",
        _if_tuned,
        sources=_tuning_sources,
        settings=_tuning_settings,
    ),
    _rendering(
        "failures",
        "table",
        "failures",
        "failure rates of SD and SemI",
        "failures_table:failures",
        _if_failing,
        sources=_failures_sources,
        settings=_failures_settings,
    ),
    _rendering(
        "fig1_concept",
        "figure",
        "1",
        "a noise, its tickets, what they become",
        "ticket_figures:figure1",
        _each_model,
        sources=_scene_files,
        settings=_rule_settings,
    ),
    _rendering(
        "fig2_collection",
        "figure",
        "2",
        "the ticket collection",
        "ticket_figures:figure2",
        _each_model,
        sources=_collection_sources,
        settings=_collection_settings,
    ),
    _rendering(
        "fig3_scores",
        "figure",
        "3",
        "score distributions and thresholds",
        "ticket_figures:figure3",
        _each_model,
        sources=_collection_sources,
        settings=_score_settings,
    ),
    *map(_scene, SCENES),
    _rendering(
        "fig6_background",
        "figure",
        "6",
        "background regions, and how much of them is the right background",
        "background_figure:backgrounds",
        _each_model,
        sources=_background_sources,
        settings=intervals,
        texts=_background_texts,
    ),
    _rendering(
        "backgrounds",
        "table",
        "backgrounds",
        "how much of a region is the background that it was built for",
        "background_table:backgrounds",
        _if_backgrounds,
        sources=_background_rows,
        settings=intervals,
        texts=partial(texts, names=("backgrounds_measured",)),
    ),
    _rendering(
        "fig8_failures",
        "figure",
        "8",
        "failures found by rule",
        "failure_figure:failures",
        _if_failing,
        sources=_failure_figure_sources,
        settings=_failure_figure_settings,
    ),
    _rendering(
        "methods",
        "figure",
        "methods",
        "R_suc of every method by size",
        "methods_figure:methods",
        partial(_if_arms, table="1"),
        sources=_methods_sources,
        settings=_methods_settings,
    ),
    _rendering(
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
    _rendering(
        "properties_figure",
        "figure",
        "properties",
        "scores before and after a move",
        "properties_figure:properties",
        _each_model,
        sources=_properties_figure_sources,
    ),
    _rendering(
        "why",
        "figure",
        "why tickets win",
        "what scores are made of, what a latent carries, which layers know",
        "why_figure:why",
        _if_explained,
        sources=_why_sources,
        settings=_why_figure_settings,
    ),
    _rendering(
        "why_numbers",
        "table",
        "why tickets win",
        "the numbers of the figure of why tickets win",
        "why_findings:numbers",
        _if_explained,
        sources=_why_sources,
        settings=_why_settings,
    ),
    _rendering(
        "non_gaussian",
        "figure",
        "non-Gaussian noise",
        "IoU against the latents' moments",
        "moments_figure:moments",
        _if_failing,
        sources=_moments_sources,
        settings=intervals,
    ),
)
