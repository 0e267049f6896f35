"""Choose the constants that the papers leave open, on layouts that no table uses."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import pandas as pd

from seedbed.models.sd import LatentModel
from seedbed.sampling.denoise import Sampler
from seedbed.tickets.methods import Method, initial_latents
from seedbed.tickets.trial import run_trial

log = logging.getLogger(__name__)
OFFSET = 50_000
"""Between the noises that tables are drawn from and those that constants are chosen on."""


def tune(
    model: LatentModel,
    sampler: Sampler,
    layouts: pd.DataFrame,
    control: str,
    choices: Sequence[dict],
    base_seed: int,
    detector,
    confidence: float,
    *,
    stream: str,
    layer: str,
    batch: int,
) -> tuple[pd.DataFrame, dict]:
    """Draw the same layouts with each choice; the highest mean IoU wins, the earlier of equals.

    Mean IoU rather than R_suc, which on few layouts moves in large steps.

    Args:
        model, sampler: draw the images.
        layouts: held-out layout table.
        control: see ``methods.control_of``.
        choices: constants to compare.
        base_seed: layout i is drawn from the noise of ``base_seed + OFFSET + i``.
        detector: see ``features.detect``.
        confidence: detections below are not counted.
        stream: noise stream.
        layer: cross-attention that first-step maps are read from.
        batch: images per UNet batch.

    Returns:
        A row per choice (its constants, ``iou``, ``success`` in per cent, ``n_objects``,
        ``chosen``), and the chosen constants.
    """
    seeds = [base_seed + OFFSET + i for i in range(layouts["layout_id"].nunique())]
    latents, _ = initial_latents(
        model, sampler, layouts, Method(), seeds, stream=stream, layer=layer
    )
    rows = []
    for choice in choices:
        objects = run_trial(
            model,
            sampler,
            layouts,
            latents,
            seeds,
            detector,
            [confidence],
            batch=batch,
            control=control,
            constants=choice,
        )
        rows.append(
            {
                **choice,
                "iou": objects["iou"].mean(),
                "success": 100 * objects["success"].mean(),
                "n_objects": len(objects),
            }
        )
        log.info("%s %s: mean IoU %.3f", control, choice, rows[-1]["iou"])
    best = max(range(len(rows)), key=lambda i: rows[i]["iou"])
    frame = pd.DataFrame(rows)
    frame["chosen"] = frame.index == best
    return frame, dict(choices[best])
