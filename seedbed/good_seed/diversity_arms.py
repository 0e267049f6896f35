"""What diverse seeds are chosen for, and the arms of their trial. Torch-free."""

from __future__ import annotations

from collections.abc import Mapping

STYLE, COMPOSITION = "style", "composition"
AIMS = (STYLE, COMPOSITION)
RANDOM, GUIDED, DIVERSE = "random", "particle_guidance", "diverse"
ARMS = (RANDOM, GUIDED, DIVERSE)


def aims_of(study: Mapping) -> tuple[str, ...]:
    """The aims that a complete ``good_seed`` section has an evaluator for."""
    evaluators = {
        STYLE: study["style"]["extractor"],
        COMPOSITION: study["composition"]["segmenter"],
    }
    return tuple(aim for aim in AIMS if evaluators[aim])


def arms_of(model: Mapping) -> tuple[str, ...]:
    """The arms that a model (its config entry) can draw: a one-step model has none to guide."""
    return tuple(arm for arm in ARMS if arm != GUIDED or model["steps"] > 1)
