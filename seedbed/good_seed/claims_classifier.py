"""G8 to G10: a classifier names the seed of a picture, and its Grad-CAM does not tell from what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from seedbed.ledger.findings import FAILS, HOLDS, OPEN, Estimate, File, Finding
from seedbed.statistics.verdicts import HIGHER

NEAR = 0.99
"""Share of pictures named right from which on seeds count as named nearly always."""
POINTED = 0.5
"""A map points at something where it covers less than this part of what maps of another seed and of
an untrained network cover."""
SPLITS = {"prompt": "split by prompt", "image": "split by picture"}


def names_seeds(files: Sequence[File], column: str) -> Iterator[Finding]:
    """Whole pictures, all there are to train on: nearly always, no better than chance, or between.

    Args:
        files: the table of classifiers.
        column: the model of the paper that the claim is about.
    """
    (file,) = files
    numbers = ["value", "low", "high", "chance", "per_seed", "seeds", "n_pictures", "n_prompts"]
    table = file.table(["model", "source", "variant", "split", "verdict", *numbers])
    stand_for = table.loc[table["source"] == f"paper, {column}", "model"]
    ours = table[(table["source"] == "ours") & (table["variant"] == "whole")]
    for model in stand_for:
        mine = ours[ours["model"] == model]
        for split, label in SPLITS.items():
            row = mine[mine["split"] == split].sort_values("per_seed").iloc[-1]
            yield Finding(
                f"{model}, {label}",
                _named(row),
                f"{100 * row['value']:.1f} % [{100 * row['low']:.1f}, {100 * row['high']:.1f}] "
                f"from {row['per_seed']:.0f} pictures of each of {row['seeds']:.0f} seeds",
                f"{row['n_pictures']:.0f} pictures, {row['n_prompts']:.0f} prompts",
                f"{100 * row['chance']:.3g} %",
                Estimate(
                    *(row[key] for key in ("value", "low", "high")),
                    *(int(row["n_pictures"]), "pictures"),
                    null=NEAR,
                ),
                # Below nearly always more test pictures settle nothing.
                "" if row["value"] > NEAR else "more pictures of each seed to train on",
            )


def _named(row: pd.Series) -> str:
    if row["verdict"] != HIGHER:
        return FAILS
    # Above chance and below nearly always: more pictures might do it.
    return HOLDS if row["low"] >= NEAR else OPEN


def points_at_nothing(files: Sequence[File]) -> Iterator[Finding]:
    """Per model: at no layer are the own seed's maps much smaller than those that know no seed."""
    (file,) = files
    table = file.table(["model", "layer", "kind", "area", "low", "high", "n_pictures"])
    for model, part in table.groupby("model", sort=False):
        wide = part.set_index(["layer", "kind"])
        verdicts, told, nearest = [], [], []
        for layer in part["layer"].unique():
            own, others = wide.loc[(layer, "own seed")], wide.loc[layer].drop("own seed")
            bound = POINTED * others["area"].min()
            pointed = own["high"] < bound
            verdicts.append(FAILS if pointed else HOLDS if own["low"] > bound else OPEN)
            nearest.append(
                Estimate(
                    *(own[key] for key in ("area", "low", "high")),
                    *(int(own["n_pictures"]), "pictures"),
                    null=bound,
                )
            )
            told.append(f"{layer} {own['area']:.2f} [{own['low']:.2f}, {own['high']:.2f}]")
        known = others["area"]
        yield Finding(
            model,
            FAILS if FAILS in verdicts else OPEN if OPEN in verdicts else HOLDS,
            "share of the picture that maps cover: " + ", ".join(told),
            f"{part['n_pictures'].max()} pictures",
            f"other seed {known['other seed']:.2f}, untrained {known['untrained']:.2f} (last "
            "layer); uniform map 1",
            min(nearest, key=lambda it: it.value - it.null),
        )
