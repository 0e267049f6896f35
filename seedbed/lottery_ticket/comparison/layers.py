"""Tickets scored by each cross-attention layer in turn: which layer knows where an object grows?

Lottery Ticket reads one layer and does not say why; the authors' code names it. The same
noises, layouts and rule are used for all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from seedbed.attention.modules import cross_attention
from seedbed.lottery_ticket.comparison.latents import Tickets, initial_latents
from seedbed.lottery_ticket.comparison.trial import run_trial
from seedbed.lottery_ticket.tickets.collect import collect, pairs_of
from seedbed.lottery_ticket.tickets.reading import Reading
from seedbed.sampling.drawing import Drawing

RANDOM = "sd (random noise)"


def compare_layers(
    drawing: Drawing,
    reading: Reading,
    layouts: pd.DataFrame,
    noises: Sequence[int],
    base_seed: int,
    rule: Mapping,
    detector,
    confidences: Sequence[float],
) -> pd.DataFrame:
    """SemI with the scores of each layer, and SD, on the same layouts.

    Args:
        drawing: draws the images.
        reading: how maps become scores; its layer is not used.
        layouts: layout table.
        noises: seeds of the collections.
        base_seed: layout i is drawn from the noise of ``base_seed + i``.
        rule: see ``tickets.select.rule_of``.
        detector: see ``evaluators.base.Detector``.
        confidences: lowest confidence of the detections counted.

    Returns:
        Object tables with ``layer`` (its name, or ``RANDOM``) and ``grid`` (0 for ``RANDOM``).
    """
    seeds = [base_seed + i for i in range(layouts["layout_id"].nunique())]
    collections, _ = collect(
        drawing,
        reading,
        pairs_of(sorted(layouts["category"].unique())),
        noises,
        layers=list(cross_attention(drawing.model.unet)),
    )
    parts = []
    for layer, collection in ((RANDOM, None), *((c.origin["layer"], c) for c in collections)):
        tickets = Tickets(collection, rule) if collection else None
        latents, _ = initial_latents(drawing, layouts, seeds, tickets=tickets)
        objects = run_trial(drawing, layouts, latents, seeds, detector, confidences)
        parts.append(objects.assign(layer=layer, grid=collection.grid if collection else 0))
    return pd.concat(parts, ignore_index=True)
