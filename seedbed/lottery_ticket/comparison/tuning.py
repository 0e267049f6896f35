"""Choose the constants that the papers leave open, on layouts that no table uses."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

import pandas as pd

from seedbed.lottery_ticket.comparison.draw import Steering
from seedbed.lottery_ticket.comparison.latents import initial_latents
from seedbed.lottery_ticket.comparison.line_search import search
from seedbed.lottery_ticket.comparison.trial import run_trial
from seedbed.sampling.drawing import Drawing

log = logging.getLogger(__name__)
OFFSET = 50_000
"""Between the noises that tables are drawn from and those that constants are chosen on."""


def tune(
    drawing: Drawing,
    layouts: pd.DataFrame,
    control: str,
    grid: Mapping[str, Sequence[float]],
    widen: int,
    base_seed: int,
    detector,
    confidence: float,
    fixed: Mapping | None = None,
) -> tuple[pd.DataFrame, dict]:
    """Draw the same layouts with each choice of ``line_search.search``; the highest mean IoU wins.

    Mean IoU is the first measure of the tables, and on few layouts R_suc moves in large steps;
    what R_suc would have chosen is marked.

    Args:
        drawing: draws the images.
        layouts: held-out layout table.
        control: a module of ``seedbed.guidance``.
        grid: values of each constant.
        widen: values that each constant may get beyond its list.
        base_seed: layout i is drawn from the noise of ``base_seed + OFFSET + i``.
        detector: see ``evaluators.base.Detector``.
        confidence: detections below are not counted.
        fixed: constants of the control that are not chosen among.

    Returns:
        A row per choice, in the order tried: its constants and ``line_search.KNOWN``: ``iou``,
        ``success`` in per cent, ``added`` (beyond the grid), ``chosen``, ``best_success`` (what
        R_suc would have chosen), ``at_edge`` (of the chosen row: constants whose best is at an
        edge even so, joined by commas). And the chosen constants.
    """
    seeds = [base_seed + OFFSET + i for i in range(layouts["layout_id"].nunique())]
    latents, _ = initial_latents(drawing, layouts, seeds)
    reached = []

    def mean_iou(choice: dict) -> float:
        steering = Steering(control, {**(fixed or {}), **choice})
        objects = run_trial(drawing, layouts, latents, seeds, detector, [confidence], steering)
        reached.append((objects["iou"].mean(), 100 * objects["success"].mean()))
        log.info("%s %s: mean IoU %.3f, R_suc %.1f %%", control, choice, *reached[-1])
        return reached[-1][0]

    tried, chosen, at_edge = search(grid, mean_iou, widen)
    for name in at_edge:
        log.warning("%s: the best %s, %g, is at an edge even so", control, name, chosen[name])
    frame = pd.DataFrame([one.choice for one in tried])
    frame[["iou", "success"]] = reached
    frame["n_objects"], frame["n_images"] = len(layouts), len(seeds)
    frame["added"] = [one.added for one in tried]
    frame["chosen"] = [one.choice == chosen for one in tried]
    frame["best_success"] = frame.index == frame["success"].idxmax()
    frame["at_edge"] = [", ".join(at_edge) if c else "" for c in frame["chosen"]]
    return frame, chosen
