"""What records of Lottery Ticket share: where they lie and apply, what their captions say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from seedbed.lottery_ticket.comparison.methods import rule_name
from seedbed.render.catalog.record import Rendering

if TYPE_CHECKING:
    from seedbed.plan import Plan

At = Mapping[str, str]
MODULES = "seedbed.render.lottery_ticket"
OF_MODEL = "lottery_ticket/{model}"
OF_DETECTOR = "lottery_ticket/{model}/{detector}"
POSITIONS = {
    "as_read": "as read",
    "equalised": "places equalised (our reading: quantiles over the noises in each cell)",
}


def each_model(plan: Plan) -> list[dict[str, str]]:
    """One for each model."""
    return [{"model": model} for model in plan.ticket_models]


def each_detector(plan: Plan) -> list[dict[str, str]]:
    """One for each model and detector."""
    return [{"model": m, "detector": d} for m in plan.ticket_models for d in plan.detectors]


def layouts_of(plan: Plan) -> str:
    """The layouts that methods are compared on."""
    return plan.run.layouts(plan.lottery_ticket["layouts"])


def scores(plan: Plan, at: At, name: str) -> str:
    """What a detector found in the layouts, by name."""
    return plan.run.layout_scores(at["detector"], at["model"], name)


def semi_of(plan: Plan) -> str:
    """Which SemI the figures show: the config's rule."""
    return f"SemI ({rule_name(plan.lottery_ticket['rule'])})"


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
    margins = study["margins"]
    return {
        "note": plan.config["models"][at["model"]]["note"],
        "percent": f"{100 * study['interval']:.0f}",
        "narrow_percent": f"{100 * (2 * study['interval'] - 1):.0f}",
        "alpha": f"{1 - study['interval']:.2g}",
        "resamples": f"{study['bootstrap']:,}",
        "margins": f"{margins['iou']:g} IoU and {margins['success']:g} points of R_suc",
        "widen": study["tuning"]["widen"],
        "confidence": f"{study['confidences'][0]:g}",
        "low_confidence": f"{study['confidences'][-1]:g}",
        "semi": semi_of(plan),
        "score_mode": study["score_mode"],
        "positions": POSITIONS[study["rule"]["positions"]],
        "noises": study["noises"]["count"],
        "layer": plan.config["models"][at["model"]]["ticket_layer"],
    }


def texts(plan: Plan, at: At, names: tuple[str, ...]) -> list[str]:
    """A caption's files, then what must be said of the model and the detector."""
    return [*names, "model", *(["detector"] if "detector" in at else [])]


def rendering(
    name: str,
    kind: str,
    label: str,
    shows: str,
    draw: str,
    over: Callable,
    below: str | None = None,
    **other,
) -> Rendering:
    """A rendering below its model, or below its model and detector."""
    below = below or (OF_MODEL if over is each_model else OF_DETECTOR)
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
