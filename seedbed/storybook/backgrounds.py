"""Which setting of the world a pixel of the background belongs to, told by its colour.

For pictures whose caption names two settings, each with a region of its own (Lottery Ticket,
Figure 6): how much of a region is drawn as the setting it is meant for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from seedbed.layouts.table import BOX
from seedbed.lottery_ticket.comparison.colors import to_lab
from seedbed.storybook.vocabulary import SETTINGS
from seedbed.storybook.world import GROUNDS, SHALLOWS, SKIES

FARTHEST = 25.0
"""CIELAB distance to a setting's colours beyond which a pixel is of none: twice what tints do."""
NEITHER = -1


def palette(setting: str) -> np.ndarray:
    """(colours, 3) CIELAB of a setting's large areas, without tint."""
    found = [SKIES[setting]]
    found += [GROUNDS[setting]] if setting in GROUNDS else []
    found += [SHALLOWS] if setting == "beach" else []
    return to_lab(np.array(found))


def segment(image: np.ndarray, settings: Sequence[str]) -> np.ndarray:
    """The setting whose palette holds the colour nearest to a pixel's.

    Args:
        image: (h, w, 3) uint8.
        settings: to choose among.

    Returns:
        (h, w) int64 index into ``settings``, ``NEITHER`` where all are farther than ``FARTHEST``.
    """
    pixels = to_lab(image)
    distances = np.stack(
        [np.sqrt(((pixels[..., None, :] - palette(s)) ** 2).sum(-1)).min(-1) for s in settings]
    )
    nearest = distances.argmin(axis=0)
    return np.where(distances.min(axis=0) <= FARTHEST, nearest, NEITHER)


def regions(scene: pd.DataFrame, side: int) -> dict[str, np.ndarray]:
    """The part of each setting's box that no object's box covers.

    Args:
        scene: rows of a layout table: settings and objects, by ``category``.
        side: of the picture in pixels.

    Returns:
        (side, side) bool by setting, pixels by their centres.
    """
    centres = (np.arange(side) + 0.5) / side

    def inside(row) -> np.ndarray:
        x0, y0, x1, y1 = (getattr(row, key) for key in BOX)
        return np.outer((centres >= y0) & (centres < y1), (centres >= x0) & (centres < x1))

    masks = {row.category: inside(row) for row in scene.itertuples()}
    objects = [mask for name, mask in masks.items() if name not in SETTINGS]
    covered = np.any(objects, axis=0) if objects else np.zeros((side, side), bool)
    return {name: mask & ~covered for name, mask in masks.items() if name in SETTINGS}


def background_shares(
    scenes: pd.DataFrame, pictures: Mapping[str, np.ndarray], figure: str
) -> pd.DataFrame:
    """How much of every region is its setting, in every picture of a figure.

    What chance and the prompt give is measured in the same way: the same region of pictures from
    random noise, and of pictures of the same prompt and seed whose regions were laid out
    otherwise, so that another setting was wanted there.

    Args:
        scenes: table of ``lottery_ticket.comparison.scene_pictures.draw_scenes``.
        pictures: (scenes, h, w, 3) uint8 by arm.
        figure: whose scenes are measured: those with two settings or more.

    Returns:
        A row per arm, picture and region: ``arm``, ``seed``, ``row``, ``setting`` (wanted there),
        ``right``, ``other``, ``neither`` (shares of the region's pixels) and ``elsewhere``: the
        share that is ``setting`` in the same region of this arm's pictures with other layouts of
        that caption and seed, NaN where the scene file has none.
    """
    mine = scenes[scenes["figure"] == figure]
    drawn = mine.drop_duplicates("scene").set_index("scene")
    rows = []
    for scene, part in mine.groupby("scene"):
        first = drawn.loc[scene]
        wanted = [c for c in part["category"] if c in SETTINGS]
        if len(wanted) < 2:
            continue
        alike = drawn[(drawn["caption"] == first["caption"]) & (drawn["seed"] == first["seed"])]
        for arm, images in pictures.items():
            found = {k: segment(images[k], wanted) for k in alike.index}
            for setting, mask in regions(part, images.shape[1]).items():
                which = wanted.index(setting)
                shares = {k: float((labels[mask] == which).mean()) for k, labels in found.items()}
                here = found[scene][mask]
                others = [
                    share for k, share in shares.items() if alike.loc[k, "row"] != first["row"]
                ]
                rows.append(
                    {
                        "arm": arm,
                        "seed": int(first["seed"]),
                        "row": int(first["row"]),
                        "setting": setting,
                        "right": shares[scene],
                        "other": float(((here != which) & (here != NEITHER)).mean()),
                        "neither": float((here == NEITHER).mean()),
                        "elsewhere": float(np.mean(others)) if others else np.nan,
                    }
                )
    return pd.DataFrame(rows)
