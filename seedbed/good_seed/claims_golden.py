"""G1 to G7: seeds differ, rankings carry over, golden seeds beat random ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd
from scipy.stats import norm

from seedbed.good_seed.golden import LOW_IS_GOOD
from seedbed.good_seed.study import BETTER, UNDECIDED
from seedbed.ledger.findings import (
    ABOVE,
    BELOW,
    FAILS,
    HOLDS,
    OPEN,
    Estimate,
    File,
    Finding,
    by_interval,
    told,
)

ALPHA = 0.05
DIGITS = {"fd": 2, "preference": 4}


def range_of_seeds(files: Sequence[File], metric: str) -> Iterator[Finding]:
    """Some seeds are better: two disjoint prompt sets tell the same ones, by two scores.

    The gap alone is no evidence of it: labels of equally good seeds with layouts of their own are
    not exchangeable. The claim rests on the covariance of the sets, by the distance and by
    preference, for a distance alone says so of equally good seeds too often (``study``).
    """
    for file in files:
        found = file.values(["n_seeds", "n_prompts", "set1", "set1_against_set2"])
        if metric not in found["set1"]:
            continue
        gap, across = found["set1"][metric], found["set1_against_set2"]
        shared, digits = across[metric]["covariance"], DIGITS[metric]
        other = across.get("preference")
        prompts = " and ".join(str(n) for n in found["n_prompts"].values())
        verdict = across[metric]["verdict"]
        decides = shared if verdict == UNDECIDED or not other else other["covariance"]
        yield Finding(
            file.about,
            HOLDS if verdict == BETTER else OPEN,
            f"covariance of the sets {_shared(shared)}"
            + (f"; by preference {_shared(other['covariance'])}" if other else "")
            + f"; gap {gap['gap']:.{digits}f}",
            f"{found['n_seeds']} seeds × {prompts} prompts",
            f"0; gap < {gap['gap_null_95']:.{digits}f} in 95 % of exchanged labels "
            f"(p = {gap['gap_p_value']:.3f})" + _part(gap),
            _of_seeds(decides, "covariance", found["n_seeds"]),
            "" if other else "a scorer of preference, which must agree",
        )


def _shared(found: dict) -> str:
    limits = ", ".join(f"{found[end]:.2g}" for end in ("low", "high"))
    return f"{found['covariance']:.2g} [{limits}], p = {found['p_value']:.3f}"


def _part(gap: Mapping) -> str:
    """What a gap rests on, where that is not the whole pool."""
    return " of {} seeds × {} prompts".format(*gap["gap_of"]) if "gap_of" in gap else ""


def rankings_agree(files: Sequence[File], metric: str) -> Iterator[Finding]:
    """Spearman's rho of Set 1 and Set 2 is above 0.

    By a distance, that says nothing of quality yet: seeds that are equally good and lay pictures
    out differently carry their ranks over too, in three of ten such worlds (docs/simulated_claims).
    Preference must agree, as in ``range_of_seeds``; whether it does is said beside the number.
    """
    for file in files:
        found = file.values(["n_seeds", "n_prompts", "set1_against_set2"])
        if metric not in found["set1_against_set2"]:
            continue
        rho = _rho(found, metric)
        prompts = " and ".join(str(n) for n in found["n_prompts"].values())
        yield Finding(
            file.about,
            by_interval(rho["low"], rho["high"]),
            told(rho["rho"], rho["low"], rho["high"], 2)
            + (_of_quality(found, metric) if rho["low"] > 0 else ""),
            f"{found['n_seeds']} seeds × {prompts} prompts",
            "0; seeds that differ in layout alone agree too" if LOW_IS_GOOD[metric] else "0",
            _of_seeds(rho, "rho", found["n_seeds"]),
        )


def _of_quality(found: Mapping, metric: str) -> str:
    """Whether agreement by a distance shows that seeds are better; empty for preference."""
    if not LOW_IS_GOOD[metric]:
        return ""
    better = found["set1_against_set2"][metric]["verdict"] == BETTER
    return "; preference agrees" if better else "; not shown to be quality, see G1"


def overlap(files: Sequence[File]) -> Iterator[Finding]:
    """More seeds are in both top lists than two independent rankings put there."""
    for file in files:
        found = file.values(["k", "k_expected", "k_sd", "p_at_least_k", "n_pool"])
        if found["k_expected"] is None:
            continue
        yield Finding(
            file.about,
            HOLDS if found["p_at_least_k"] < ALPHA else OPEN,
            f"k = {found['k']}; P(≥ k) = {found['p_at_least_k']:.2f}",
            f"{found['n_pool']} seeds",
            f"{found['k_expected']:.1f} ± {found['k_sd']:.1f}; paper: 64.0 ± 6.0 for its 65 and 67",
            _of_shares(found),
        )


def beats_random(files: Sequence[File], metric: str, parts: Sequence[str]) -> Iterator[Finding]:
    """Golden seeds are better than the pool on each of these kinds of prompts."""

    columns = ["model", "measure", "part", "prompts", "arm", "against", "verdict", "margin"]
    numbers = ["difference", "low", "high", "narrow_low", "narrow_high", "p_value", "effect"]
    (file,) = files
    table = file.table([*columns, *numbers])
    table = table[(table["measure"] == metric) & table["part"].isin(parts)]
    keys = ["model", "part", *(["ranking"] if "ranking" in table else [])]
    for (model, *_), part in table.groupby(keys, sort=False):
        about = f"{model}, {part['prompts'].iloc[0]}"
        about += f" ({part['ranking'].iloc[0]})" if "ranking" in part else ""
        golden = part[(part["arm"] == "golden") & (part["against"] == "pool")]
        if golden.empty:
            yield Finding(about, OPEN, "no golden seed (k = 0)", chance="0")
        else:
            yield _against_pool(about, golden.iloc[0], metric)


def _against_pool(about: str, row: pd.Series, metric: str) -> Finding:
    good = "lower" if LOW_IS_GOOD[metric] else "higher"
    # Level is a finding: what there is does not matter.
    verdict = HOLDS if row["verdict"] == good else OPEN if row["verdict"] == "undecided" else FAILS
    digits = DIGITS[metric]
    return Finding(
        about,
        verdict,
        f"{told(row['difference'], row['low'], row['high'], digits, '+')}, "
        f"p = {row['p_value']:.3f}, {row['effect']:+.2f} sd over seeds",
        f"{row['n_prompts']} prompts × {row['n_trials']}, {row['n_seeds']} golden seeds",
        "0",
        Estimate(
            *(row[key] for key in ("difference", "low", "high")),
            *(int(row["n_prompts"]), "prompts"),
            claimed=BELOW if LOW_IS_GOOD[metric] else ABOVE,
            margin=row["margin"],
            narrow=(row["narrow_low"], row["narrow_high"]),
            p_value=row["p_value"],
        ),
    )


def _rho(found: dict, metric: str) -> dict:
    return found["set1_against_set2"][metric]["correlation"]


def _of_seeds(found: dict, key: str, n: int) -> Estimate:
    limits = (found[name] for name in (key, "low", "high"))
    # The test is one-sided.
    p = 2 * found["p_value"] if "p_value" in found else None
    return Estimate(*limits, n, "seeds", p_value=p and min(p, 1.0))


def _of_shares(found: dict) -> Estimate:
    """k with the normal limits of independent rankings, which test it from one side."""
    reach = norm.ppf(1 - ALPHA) * found["k_sd"]
    k = found["k"]
    return Estimate(k, k - reach, k + reach, found["n_pool"], "seeds", null=found["k_expected"])
