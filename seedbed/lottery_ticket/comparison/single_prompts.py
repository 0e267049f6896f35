"""Tickets scored by pairs of objects against tickets scored by prompts of one object each.

Lottery Ticket (3.2) says that a prompt of one object finds where foreground is and not which, so
that pairs are needed, and shows no number for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from seedbed.lottery_ticket.comparison.latents import Tickets, initial_latents
from seedbed.lottery_ticket.comparison.trial import run_trial
from seedbed.lottery_ticket.tickets.collect import collect, pairs_of
from seedbed.lottery_ticket.tickets.collect_alone import collect_alone
from seedbed.lottery_ticket.tickets.reading import Reading
from seedbed.sampling.drawing import Drawing

PAIRS, ALONE, RANDOM = "pairs", "alone", "sd"
"""SemI by scores of pairs, SemI by scores of objects alone, random noise."""


def compare_prompts(
    drawing: Drawing,
    reading: Reading,
    layouts: pd.DataFrame,
    noises: Sequence[int],
    base_seed: int,
    rule: Mapping,
    detector,
    confidences: Sequence[float],
) -> pd.DataFrame:
    """SemI with scores from both kinds of prompts, and SD, on the same layouts and base noises.

    Args:
        drawing: draws the images.
        reading: how maps become scores.
        layouts: layout table.
        noises: seeds of both collections.
        base_seed: layout i is drawn from the noise of ``base_seed + i``.
        rule: see ``tickets.select.rule_of``.
        detector: see ``evaluators.base.Detector``.
        confidences: lowest confidence of the detections counted.

    Returns:
        Object tables (``comparison.objects``) with ``arm``: ``PAIRS``, ``ALONE``, ``RANDOM``.
    """
    seeds = [base_seed + i for i in range(layouts["layout_id"].nunique())]
    pairs = pairs_of(sorted(layouts["category"].unique()))
    (of_pairs,), _ = collect(drawing, reading, pairs, noises)
    collections = {
        PAIRS: of_pairs,
        ALONE: collect_alone(drawing, reading, pairs, noises),
        RANDOM: None,
    }
    parts = []
    for arm, collection in collections.items():
        tickets = Tickets(collection, rule) if collection else None
        latents, _ = initial_latents(drawing, layouts, seeds, tickets=tickets)
        objects = run_trial(drawing, layouts, latents, seeds, detector, confidences)
        parts.append(objects.assign(arm=arm))
    return pd.concat(parts, ignore_index=True)
