"""Failures found automatically: Lottery Ticket, section 4.5 and Figure 8.

The paper shows four by hand: two of the wrong colour, one of an extreme latent, one of boxes too
small. Here every object of every image is judged by fixed rules, for any arm.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from seedbed.layouts.table import BOX
from seedbed.lottery_ticket.comparison.colors import NAMES, has_color
from seedbed.lottery_ticket.comparison.objects import SUCCESS, iou_matrix
from seedbed.statistics.bootstrap import bootstrap_counts, percentile_interval

COLOR_SHARE = 0.2
"""A captioned colour is there if it names this share of the middle of the detected box. In the
world's own pictures 99.9 % of objects pass for their colour, 5 % for another drawn at random."""
TINY = 1 / 16
"""Boxes below this share of the frame are very small: one cell in sixteen."""
KINDS = ("not found", "misplaced", "wrong colour", "very small box missed")


def judge_objects(
    layouts: pd.DataFrame,
    objects: pd.DataFrame,
    detections: pd.DataFrame,
    images: Iterable[tuple[str, np.ndarray]],
    confidence: float,
) -> pd.DataFrame:
    """What went wrong with each guidance box of one arm.

    Args:
        layouts: layout table; ``color`` may be left out.
        objects: object table of the arm at ``confidence``.
        detections: ``layout_id``, ``class``, ``confidence``, boxes.
        images: layout id and (h, w, 3) uint8 of every picture, in any order, looked at one by one.
        confidence: detections below are not counted.

    Returns:
        ``layout_id``, ``position``, ``category``, ``size``, ``iou`` and, per kind of ``KINDS``,
        1.0, 0.0 or NaN where the question does not arise: *not found* (no detection of the class);
        *misplaced* (found, IoU at most ``SUCCESS``); *wrong colour* (of found objects with a
        captioned colour: it names less than ``COLOR_SHARE`` of the best placed detection);
        *very small box missed* (of boxes below ``TINY``).
    """
    keys = ["layout_id", "position"]
    table = layouts.merge(
        objects[[*keys, "iou", "success"]], on=keys, how="left", validate="one_to_one"
    )
    if table["iou"].isna().any():
        raise ValueError("some guidance boxes have no score: score the same layouts")
    if "color" not in table:
        table["color"] = ""
    found = detections[detections["confidence"] >= confidence]
    by_class = {
        key: part[list(BOX)].to_numpy() for key, part in found.groupby(["layout_id", "class"])
    }
    colored = _wrong_colors(table, by_class, images)
    rows = []
    for row in table.itertuples():
        mine = by_class.get((row.layout_id, row.category))
        box = np.array([getattr(row, k) for k in BOX])
        tiny = (box[2] - box[0]) * (box[3] - box[1]) < TINY
        values = (
            float(mine is None),
            np.nan if mine is None else float(row.iou <= SUCCESS),
            colored.get(row.Index, np.nan),
            float(not row.success) if tiny else np.nan,
        )
        rows.append(dict(zip(KINDS, values, strict=True)))
    kept = table[[*keys, "category", "size", "iou"]].reset_index(drop=True)
    return pd.concat([kept, pd.DataFrame(rows)], axis=1)


def _wrong_colors(
    table: pd.DataFrame,
    by_class: Mapping[tuple[str, str], np.ndarray],
    images: Iterable[tuple[str, np.ndarray]],
) -> dict[int, float]:
    """1.0 or 0.0 by row of the table, for found objects with a captioned colour.

    Raises:
        ValueError: the picture of such an object is not there.
    """
    asked: dict[str, list] = {}
    for row in table.itertuples():
        if (row.layout_id, row.category) in by_class and row.color in NAMES:
            asked.setdefault(row.layout_id, []).append(row)
    wrong = {}
    for layout_id, picture in images:
        for row in asked.pop(layout_id, []):
            boxes = by_class[row.layout_id, row.category]
            box = np.array([[getattr(row, k) for k in BOX]])
            best = boxes[iou_matrix(box, boxes)[0].argmax()]
            wrong[row.Index] = float(not has_color(picture, best, row.color, COLOR_SHARE))
    if asked:
        raise ValueError(f"no picture of layout {min(asked)!r} ({len(asked)} such layouts)")
    return wrong


def failure_rates(judged: pd.DataFrame, n_boot: int, seed: int, level: float) -> pd.DataFrame:
    """Share of failures per arm and kind, images resampled.

    Args:
        judged: what ``judge_objects`` returns, with ``arm``.
        n_boot: resamples.
        seed: of the resamples.
        level: of the intervals.

    Returns:
        ``arm``, ``kind``, ``rate``, ``low``, ``high``, ``n`` (objects that the question arises
        for); NaN and 0 where it arises for none.
    """
    rows = []
    for arm, part in judged.groupby("arm", sort=False):
        for kind in KINDS:
            asked = part.dropna(subset=[kind])
            row = {"arm": arm, "kind": kind, "rate": np.nan, "low": np.nan, "high": np.nan}
            if len(asked):
                grouped = asked.groupby("layout_id", sort=False)[kind]
                sums, counts = grouped.sum().to_numpy(), grouped.size().to_numpy()
                drawn = bootstrap_counts(len(counts), n_boot, np.random.default_rng(seed))
                rate = sums.sum() / counts.sum()
                low, high = percentile_interval((drawn @ sums) / (drawn @ counts), level)
                if rate in (0, 1):
                    # All alike: Clopper and Pearson's limit with the images as units.
                    reach = 1 - ((1 - level) / 2) ** (1 / len(counts))
                    low, high = (0.0, reach) if rate == 0 else (1 - reach, 1.0)
                row |= {"rate": rate, "low": low, "high": high}
            rows.append(row | {"n": len(asked)})
    return pd.DataFrame(rows)
