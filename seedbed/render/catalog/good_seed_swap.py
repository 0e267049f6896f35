"""Figure 2 of Good Seed in pictures and numbers, and the strength of Particle Guidance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from seedbed.render.catalog.record import Rendering

if TYPE_CHECKING:
    from seedbed.plan import Plan

At = Mapping[str, str]
MODULES = "seedbed.render.good_seed"
FIGURES = "good_seed/figures"
SHOWN = 2
"""Pairs of seeds whose pictures are shown."""


def _effects(plan: Plan, at: At) -> dict:
    return {"effects": plan.run.path("images", plan.swap_model, "swap_effects.parquet")}


def _pictures(plan: Plan, at: At) -> dict:
    drawn = {"rows": "swap_rows.parquet", "images": "swap_images.npz"}
    paths = {name: plan.run.path("images", plan.swap_model, file) for name, file in drawn.items()}
    return paths | _effects(plan, at)


def _shown(plan: Plan, at: At) -> dict:
    return {"shown": SHOWN}


def _extractor(plan: Plan, at: At) -> dict:
    return {"extractor": plan.first_extractor}


def _swap_about(plan: Plan, at: At) -> dict:
    study = plan.good_seed
    return {
        "model": plan.swap_model,
        "steps": study["swap"]["steps"],
        "percent": f"{100 * study['interval']:.0f}",
    }


def _if_swapped(plan: Plan) -> list[dict[str, str]]:
    return [{}] if plan.swap_model else []


def _strengths(plan: Plan, at: At) -> dict:
    return {"tried": [plan.run.tuning(m, "particle_guidance.parquet") for m in plan.guided_models]}


def _strength_settings(plan: Plan, at: At) -> dict:
    extractor = plan.good_seed["particle_guidance"]["extractor"] or plan.first_extractor
    return {
        "models": plan.guided_models,
        "refused": [m for m in plan.seeds_of_models if m not in plan.guided_models],
        "names": {
            "scorer": plan.config["scorers"][plan.first_scorer]["metric"],
            "extractor": extractor,
        },
    }


def _strength_about(plan: Plan, at: At) -> dict:
    section = plan.good_seed["particle_guidance"]
    repels = section["features"]
    return {
        "particles": section["particles"],
        "max_cost": f"{section['max_cost']:g}",
        "repels": f"features of {repels}" if repels else "latents",
        "percent": f"{100 * plan.good_seed['interval']:.0f}",
    }


def _if_guided(plan: Plan) -> list[dict[str, str]]:
    return [{}] if plan.guided_models else []


RENDERINGS = (
    Rendering(
        name="fig2_seed_swap",
        place=f"{FIGURES}/fig2_seed_swap",
        kind="figure",
        paper="Good Seed",
        label="2",
        shows="latent and step noise exchanged, pictures",
        draw=f"{MODULES}.swap_figures:pictures",
        sources=_pictures,
        settings=_shown,
        over=_if_swapped,
        about=_swap_about,
    ),
    Rendering(
        name="fig2_seed_swap_difference",
        place=f"{FIGURES}/fig2_seed_swap_difference",
        kind="figure",
        paper="Good Seed",
        label="2",
        shows="latent and step noise exchanged, differences",
        draw=f"{MODULES}.swap_figures:differences",
        sources=_effects,
        settings=_extractor,
        over=_if_swapped,
        about=_swap_about,
    ),
    Rendering(
        name="seed_swap",
        place="good_seed/seed_swap",
        kind="table",
        paper="Good Seed",
        label="seed swap",
        shows="what the initial latent decides, and what the step noise",
        draw=f"{MODULES}.swap_table:seed_swap",
        sources=_effects,
        settings=_extractor,
        over=_if_swapped,
        about=_swap_about,
    ),
    Rendering(
        name="particle_guidance_tuning",
        place="good_seed/particle_guidance_tuning",
        kind="table",
        paper="Good Seed",
        label="Particle Guidance",
        shows="strengths that were tried",
        draw=f"{MODULES}.guidance_table:strengths",
        sources=_strengths,
        settings=_strength_settings,
        over=_if_guided,
        about=_strength_about,
    ),
)
