"""G16 to G19: seeds set where objects are, and diverse seeds set them apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from seedbed.ledger.findings import (
    BELOW,
    FAILS,
    HOLDS,
    NOT_BELOW,
    OPEN,
    Estimate,
    File,
    Finding,
    told,
)
from seedbed.statistics.verdicts import HIGHER, LEVEL, LOWER, UNDECIDED

DEPTH = "depth"
FLAT = (
    "a world in which single objects differ in depth: in the toy world one alone is always "
    "nearest, and its depth is what a network makes of place, size and blur"
)
_EQUIVALENCE = ["narrow_low", "narrow_high", "margin"]
_COMPARED = ["difference", "low", "high", "p_value", "verdict", *_EQUIVALENCE]


def set_by_seed(files: Sequence[File], attributes: Sequence[str]) -> Iterator[Finding]:
    """A seed decides a share of an attribute's variance, among prompts of one object.

    That cannot be told of depth in the toy world, where an object alone is always as near as can
    be: what varies there is how a depth network reads place, size and blur.

    Args:
        files: the table of shares.
        attributes: those that the claim is about.
    """
    (file,) = files
    numbers = ["share", "low", "high", "bound", "p_holm", "n_seeds", "n_prompts"]
    table = file.table(["model", "attribute", "scope", "verdict", "n_found", "n_images", *numbers])
    table = table[(table["scope"] == "within") & table["attribute"].isin(attributes)]
    verdicts = {HIGHER: HOLDS, LEVEL: FAILS, LOWER: FAILS}
    toys = file.settings.get("toy_models", ())
    for row in table.itertuples():
        known = not np.isnan(row.share)
        flat = row.attribute == DEPTH and row.model in toys
        yield Finding(
            f"{row.model}, {row.attribute}",
            OPEN if flat else verdicts.get(row.verdict, OPEN),
            f"{row.share:.2f} [{row.low:.2f}, {row.high:.2f}] of the variance, "
            f"p = {row.p_holm:.3f} (Holm)"
            if known
            else "too few objects found",
            f"{row.n_seeds} seeds × {row.n_prompts} prompts, {row.n_found} of {row.n_images} found",
            f"below {row.bound:.2f} in 95 % of permutations" if known else "",
            _of_seeds(row) if known else None,
            FLAT if flat else "",
        )


def _of_seeds(row) -> Estimate:
    limits = (row.share, row.low, row.high)
    return Estimate(*limits, int(row.n_seeds), "seeds", p_value=row.p_holm)


def less_alike(
    files: Sequence[File], survey: Sequence[File] = (), *, aim: str, spared: Sequence[str] = ()
) -> Iterator[Finding]:
    """Pictures of a prompt by diverse seeds are less alike than by random ones (eq. 2).

    The trial resamples prompts, and tries few fixed sets of seeds: any fixed set lies a little off
    the pool's mean, so that the trial alone would call sets at random different too. Sets from
    every first seed of the pool, chosen on one half of the survey and judged on the other, must
    say the same; the claim holds or fails where both do.

    Args:
        files: Table 2, the trial.
        survey: the table of every first seed.
        aim: what the seeds differ in.
        spared: the paper's models for which it claims no such gain.
    """
    (file,) = files
    measures = [
        f"{measure}_{name}"
        for measure in ("similarity", "distance")
        for name in ("difference", "low", "high", "p_value", "verdict")
    ]
    measures += [f"similarity_{name}" for name in _EQUIVALENCE]
    table = file.table(["model", "aim", "arm", "paper_model", "n_prompts", "n_trials", *measures])
    every = _of_every_first_seed(survey, aim)
    for row in table[(table["aim"] == aim) & (table["arm"] == "diverse")].to_dict("records"):
        if pd.isna(row["similarity_difference"]):
            continue
        no_gain = row["paper_model"] in spared
        trial = {name: row[f"similarity_{name}"] for name in _COMPARED}
        trial["n_prompts"] = row["n_prompts"]
        both = [trial, every.get(row["model"])]
        verdict, verdicts = decided(*both, no_gain)
        # What is open decides; where both are decided otherwise, no number of prompts does.
        deciding = next((f for f, v in zip(both, verdicts, strict=True) if v == OPEN), trial)
        yield Finding(
            row["model"] + (", for which none is claimed" if no_gain else ""),
            verdict,
            f"similarity {_told(row, 'similarity', 4)}; distance {_told(row, 'distance', 3)}"
            + _every_told(both[1]),
            f"{row['n_prompts']:.0f} prompts × {row['n_trials']:.0f}" + _every_n(both[1]),
            "0",
            _of_prompts(deciding or trial, no_gain),
            _needed(verdicts, both[1]),
        )


def _of_every_first_seed(survey: Sequence[File], aim: str) -> dict[str, dict]:
    """Per model how alike diverse groups from every first seed are."""
    if not survey:
        return {}
    (file,) = survey
    table = file.table(["model", "aim", "measure", "n_seeds", "n_prompts", *_COMPARED])
    table = table[(table["aim"] == aim) & (table["measure"] == "similarity")]
    return {row["model"]: row for row in table.dropna(subset="difference").to_dict("records")}


def decided(trial: Mapping, every: Mapping | None, no_gain: bool) -> tuple[str, list[str]]:
    """What trial and survey say together, and what each of them says.

    Args:
        trial, every: with a ``verdict`` on similarity; the second is ``None`` in a run without.
        no_gain: the claim is that diverse seeds are no less alike.
    """
    verdicts = [_alike(found, no_gain) for found in (trial, every)]
    return verdicts[0] if verdicts[0] == verdicts[1] else OPEN, verdicts


def _alike(found: Mapping | None, no_gain: bool) -> str:
    """What one of the two says of the claim."""
    if found is None or found["verdict"] == UNDECIDED:
        return OPEN
    return HOLDS if (found["verdict"] == LOWER) != no_gain else FAILS


def _of_prompts(found: Mapping, no_gain: bool) -> Estimate:
    return Estimate(
        *(found[key] for key in ("difference", "low", "high")),
        *(int(found["n_prompts"]), "prompts"),
        claimed=NOT_BELOW if no_gain else BELOW,
        margin=found["margin"],
        narrow=(found["narrow_low"], found["narrow_high"]),
        p_value=found["p_value"],
    )


def _needed(verdicts: Sequence[str], every: Mapping | None) -> str:
    """What would decide it, where that is not more prompts."""
    if every is None:
        return "the table of every first seed, which this run lacks"
    if OPEN not in verdicts and verdicts[0] != verdicts[1]:
        return "more sets of seeds: those of the trial differ from those of every first seed"
    return ""


def _told(row: Mapping, measure: str, digits: int) -> str:
    names = (f"{measure}_{name}" for name in ("difference", "low", "high", "p_value"))
    return _said(*(row[name] for name in names), digits)


def _every_told(found: Mapping | None) -> str:
    if found is None:
        return ""
    numbers = (found[name] for name in ("difference", "low", "high", "p_value"))
    return f"; from every first seed, similarity {_said(*numbers, 4)}"


def _every_n(found: Mapping | None) -> str:
    if found is None:
        return ""
    return f"; {found['n_seeds']:.0f} first seeds × {found['n_prompts']:.0f} prompts"


def _said(value: float, low: float, high: float, p_value: float, digits: int) -> str:
    return f"{told(value, low, high, digits, '+')}, p = {p_value:.3f}"
