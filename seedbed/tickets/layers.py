"""Tickets scored by each cross-attention layer in turn: which layer knows where an object grows?

Lottery Ticket reads one layer and does not say why; the authors' code names it. The same
noises, layouts and rule are used for all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from seedbed.attention.control import cross_attention
from seedbed.models.sd import LatentModel
from seedbed.sampling.denoise import Sampler
from seedbed.tickets.collect import collect, pairs_of
from seedbed.tickets.methods import METHODS, initial_latents
from seedbed.tickets.trial import run_trial

RANDOM = "sd (random noise)"


def compare_layers(
    model: LatentModel,
    sampler: Sampler,
    layouts: pd.DataFrame,
    noises: Sequence[int],
    base_seed: int,
    rule: Mapping,
    detector,
    confidences: Sequence[float],
    *,
    mode: str,
    fixed_positions: bool,
    stream: str,
    batch: int,
) -> pd.DataFrame:
    """SemI with the scores of each layer, and SD, on the same layouts.

    Returns:
        Object tables with ``layer`` (its name, or ``RANDOM``) and ``grid`` (0 for ``RANDOM``).
    """
    seeds = [base_seed + i for i in range(layouts["layout_id"].nunique())]
    layers = list(cross_attention(model.unet))
    collections, _ = collect(
        model,
        sampler,
        pairs_of(sorted(layouts["category"].unique())),
        noises,
        layers,
        mode=mode,
        fixed_positions=fixed_positions,
        stream=stream,
        origin={"model": "", "weights": ""},
        batch=1,
    )
    arms = [(RANDOM, "sd", None), *((c.origin["layer"], "semi", c) for c in collections)]
    parts = []
    for layer, method, collection in arms:
        latents, _ = initial_latents(
            model,
            sampler,
            layouts,
            METHODS[method],
            seeds,
            stream=stream,
            layer=layers[0],
            collection=collection,
            rule=rule,
        )
        objects = run_trial(
            model, sampler, layouts, latents, seeds, detector, confidences, batch=batch
        )
        parts.append(objects.assign(layer=layer, grid=collection.grid if collection else 0))
    return pd.concat(parts, ignore_index=True)
