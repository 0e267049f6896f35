"""Choose the constants that the papers leave open, on layouts that no table uses."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

import pandas as pd

from seedbed.lottery_ticket.comparison.draw import Steering
from seedbed.lottery_ticket.comparison.latents import initial_latents
from seedbed.lottery_ticket.comparison.trial import run_trial
from seedbed.sampling.drawing import Drawing

log = logging.getLogger(__name__)
OFFSET = 50_000
"""Between the noises that tables are drawn from and those that constants are chosen on."""


def tune(
    drawing: Drawing,
    layouts: pd.DataFrame,
    control: str,
    choices: Sequence[dict],
    base_seed: int,
    detector,
    confidence: float,
    fixed: Mapping | None = None,
) -> tuple[pd.DataFrame, dict]:
    """Draw the same layouts with each choice; the highest mean IoU wins, the earlier of equals.

    Mean IoU rather than R_suc, which on few layouts moves in large steps.

    Args:
        drawing: draws the images.
        layouts: held-out layout table.
        control: a module of ``seedbed.guidance``.
        choices: constants to compare.
        base_seed: layout i is drawn from the noise of ``base_seed + OFFSET + i``.
        detector: see ``evaluators.base.Detector``.
        confidence: detections below are not counted.
        fixed: constants of the control that are not chosen among.

    Returns:
        A row per choice (its constants, ``iou``, ``success`` in per cent, ``n_objects``,
        ``chosen``), and the chosen constants.
    """
    seeds = [base_seed + OFFSET + i for i in range(layouts["layout_id"].nunique())]
    latents, _ = initial_latents(drawing, layouts, seeds)
    rows = []
    for choice in choices:
        objects = run_trial(
            drawing,
            layouts,
            latents,
            seeds,
            detector,
            [confidence],
            Steering(control, {**(fixed or {}), **choice}),
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
