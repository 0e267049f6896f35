"""Which models Particle Guidance steers, and why it steers no others. Torch-free."""

from __future__ import annotations

from collections.abc import Mapping


def guided_models(config: Mapping) -> list[str]:
    """Studied models of a complete config: Particle Guidance works between two steps at least."""
    study = config["good_seed"]
    if _not_at_all(study):
        return []
    return [model for model in study["models"] if config["models"][model]["steps"] > 1]


def why_unguided(config: Mapping) -> list[str]:
    """One line where it steers no model, else one for each that it cannot steer."""
    study = config["good_seed"]
    guided = guided_models(config)
    return _not_at_all(study) or [
        f"{model} draws in one step, for which it is not defined"
        for model in study["models"]
        if model not in guided
    ]


def _not_at_all(study: Mapping) -> list[str]:
    section = study["particle_guidance"]
    if section["prompts"] is None:
        return ["good_seed.particle_guidance.prompts names none to choose its strength on"]
    if not study["scorers"]:
        return ["good_seed.scorers is empty, so what it costs cannot be measured"]
    if not (section["extractor"] or study["extractors"]):
        return ["good_seed.extractors is empty, so what it gains cannot be measured"]
    return []
