"""How strong Particle Guidance is, chosen on prompts that nothing else uses.

Neither its paper nor Good Seed gives a coefficient that fits another model. Strong guidance makes
images differ more and, in the end, agree less with their prompt. So every coefficient of a grid
draws the same prompts from the same seeds as plain sampling does; of those that cost no more
agreement than was allowed beforehand, the one with the largest distance between the images of a
prompt is chosen. Plain sampling, coefficient 0, is among them and costs nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from seedbed.sampling.drawing import Drawing
from seedbed.sampling.particle_guidance import Features, draw_groups
from seedbed.statistics.bootstrap import paired_difference
from seedbed.statistics.similarity import pairwise

log = logging.getLogger(__name__)


def features_of(extractor, name: str) -> Features:
    """An extractor's features with gradients.

    Raises:
        ValueError: it gives none.
    """
    found = getattr(extractor, "with_gradients", None)
    if found is None:
        raise ValueError(
            f"good_seed.particle_guidance.features: {name} gives no gradients (its class lacks "
            "with_gradients); name another extractor, or null for latents"
        )
    return found


def repelling(evaluator: Mapping | None) -> Features | None:
    """Load what repels: of ``role``, ``entry``, ``name``; ``None`` for latents."""
    if evaluator is None:
        return None
    from seedbed.evaluators import registry

    name = evaluator["name"]
    return features_of(registry.load(evaluator["role"], evaluator["entry"], name), name)


def tune(
    drawing: Drawing,
    texts: Sequence[str],
    study: Mapping,
    scorer,
    extractor,
    features: Features | None = None,
) -> tuple[pd.DataFrame, dict]:
    """Draw the same groups with every coefficient and choose one.

    Args:
        drawing: of a model with more than one step.
        texts: held-out prompts, one group each.
        study: ``particles``, ``coefficients`` (above 0), ``max_cost``, ``base_seed``,
            ``bootstrap``, ``level``, ``seed``.
        scorer: agreement with the prompt, see ``evaluators.base.Scorer``.
        extractor: what distance is measured by, see ``evaluators.base.Extractor``.
        features: what repels, see ``sampling.particle_guidance``; ``None`` for latents.

    Returns:
        (rows, chosen). A row per coefficient, 0 first: ``score`` (mean), ``cost`` (by how much it
        is below coefficient 0's) with ``cost_low``, ``cost_high``; ``distance`` (mean Euclidean
        distance of the images of a prompt), ``gain`` over coefficient 0's with ``gain_low``,
        ``gain_high``; ``similarity`` (mean pairwise cosine, equation 2); ``n_prompts``,
        ``n_images``, ``allowed``, ``chosen``, ``at_edge`` (chosen, the largest of the grid).
        Intervals resample prompts. And ``coefficient`` and ``max_cost`` as a dict.
    """
    size, start = study["particles"], study["base_seed"]
    seeds = [range(start + size * k, start + size * (k + 1)) for k in range(len(texts))]
    scorer.prepare(list(texts))
    of_image = np.repeat(np.arange(len(texts)), size).tolist()
    measured = {}
    for coefficient in (0.0, *sorted(study["coefficients"])):
        images = draw_groups(drawing, texts, seeds, coefficient, features)
        flat = images.reshape(-1, *images.shape[2:])
        scores = np.asarray(scorer.score(flat, of_image), dtype=np.float64).reshape(-1, size)
        vectors = np.asarray(extractor(flat), dtype=np.float64).reshape(len(texts), size, -1)
        if not (np.isfinite(scores).all() and np.isfinite(vectors).all()):
            raise ValueError(f"coefficient {coefficient:g}: a score or a feature is not finite")
        cosine, distance = np.transpose([pairwise(group) for group in vectors])
        measured[coefficient] = (scores.mean(axis=1), distance, cosine)
        means = [part.mean() for part in measured[coefficient]]
        log.info("coefficient %g: score %.4f, distance %.3f, cosine %.4f", coefficient, *means)
    rows = pd.DataFrame([_row(c, measured, study) for c in measured])
    rows["n_prompts"], rows["n_images"] = len(texts), len(of_image)
    rows["allowed"] = rows["cost"] <= study["max_cost"]
    best = rows.loc[rows["allowed"], "distance"].idxmax()
    rows["chosen"] = rows.index == best
    rows["at_edge"] = rows["chosen"] & (rows.index == len(rows) - 1)
    coefficient = float(rows.loc[best, "coefficient"])
    return rows, {"coefficient": coefficient, "max_cost": study["max_cost"]}


def _row(coefficient: float, measured: Mapping, study: Mapping) -> dict:
    score, distance, similarity = measured[coefficient]
    plain_score, plain_distance, _ = measured[0.0]
    options = [study[key] for key in ("bootstrap", "seed", "level")]
    cost = paired_difference(plain_score, score, *options)
    gain = paired_difference(distance, plain_distance, *options)
    return {
        "coefficient": coefficient,
        "score": score.mean(),
        "cost": cost.value,
        "cost_low": cost.low,
        "cost_high": cost.high,
        "distance": distance.mean(),
        "gain": gain.value,
        "gain_low": gain.low,
        "gain_high": gain.high,
        "similarity": similarity.mean(),
    }
