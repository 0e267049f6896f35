"""The evidence behind the golden seeds, each quantity beside what chance alone gives."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from seedbed.report.golden_tables import DIGITS
from seedbed.report.tables import MISSING, Cells

SETS = {"set1": "Set 1", "set2": "Set 2"}


@dataclass
class _Rows:
    """Rows of one model, with the paper's value looked up by its key."""

    model: str
    paper: pd.Series
    rows: list[dict] = field(default_factory=list)

    def add(self, quantity, value, digits, n, *, chance="", interval=(np.nan, np.nan), key=None):
        self.rows.append(
            {
                "model": self.model,
                "quantity": quantity,
                "ours": value,
                "low": interval[0],
                "high": interval[1],
                "chance": chance,
                "n": n,
                "paper": self.paper.get(key, np.nan),
                "digits": digits,
            }
        )


def _add_overlap(rows: _Rows, golden: dict, seeds: str) -> None:
    chance = (
        f"{golden['k_expected']:.1f} ± {golden['k_sd']:.1f} (independent rankings); "
        f"P(≥ k) = {golden['p_at_least_k']:.2f}"
    )
    rows.add("golden seeds k", golden["k"], 0, seeds, chance=chance, key="golden_k")


def _add_extremes(rows: _Rows, metric, name, set_key, scores: pd.Series, gap: dict, n) -> None:
    digits = DIGITS[metric].digits
    best, worst = scores.min(), scores.max()
    if metric != "fd":
        best, worst = worst, best
    for label, value in (("best", best), ("worst", worst)):
        # The paper reports its extremes on the first set alone.
        key = f"{metric}_{label}" if set_key == "set1" else None
        rows.add(f"{name}, {label} seed, {SETS[set_key]}", value, digits, n, key=key)
    chance = (
        f"< {gap['gap_null_95']:.{digits}f} in 95 % of permutations; p = {gap['gap_p_value']:.3f}"
    )
    rows.add(f"{name}, gap best to worst, {SETS[set_key]}", gap["gap"], digits, n, chance=chance)


def _add_agreement(rows: _Rows, name: str, agreement: dict, seeds: str) -> None:
    rho = agreement["correlation"]
    rows.add(
        f"{name}, Spearman Set 1 against Set 2 (split-half)",
        rho["rho"],
        2,
        seeds,
        chance="0",
        interval=(rho["low"], rho["high"]),
    )
    if agreement["both_sets"] is not None:
        quantity = f"{name}, reliability of both sets together (Spearman-Brown)"
        rows.add(quantity, agreement["both_sets"], 2, seeds, chance="0")


def evidence_table(
    models: dict[str, dict],
    metrics: dict[str, dict],
    evidence: dict[str, dict],
    golden: dict[str, dict],
    scores: dict[str, pd.DataFrame],
    paper: pd.DataFrame,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What stands behind the golden seeds, per model.

    Args:
        models: per model {``column``, ``same``}: where it stands in the paper.
        metrics: ``fd`` and ``preference``, each {``name``, ``column``, ``same``}.
        evidence: per model, from ``seeds.study``.
        golden: per model, the selection.
        scores: per model, per-seed scores on both sets.
        paper: ``model``, ``quantity``, ``value``.

    Returns:
        (full, printed) with *ours*, interval, what chance gives, n and *paper*.
    """
    found = []
    for model, entry in models.items():
        theirs = paper[paper["model"] == entry["column"]].set_index("quantity")["value"]
        rows, facts = _Rows(model, theirs), evidence[model]
        seeds = f"{facts['n_seeds']} seeds"
        _add_overlap(rows, golden[model], seeds)
        for set_key in SETS:
            on = scores[model][scores[model]["split"] == set_key]
            n = f"{seeds} × {facts['n_prompts'][set_key]} prompts"
            for metric, about in metrics.items():
                gap = facts[set_key][metric]
                _add_extremes(rows, metric, about["name"], set_key, on[metric], gap, n)
        for metric, about in metrics.items():
            _add_agreement(rows, about["name"], facts["set1_against_set2"][metric], seeds)
        rho = facts["fd_against_preference"]["set1"]
        rows.add(
            "Spearman of the two metrics on Set 1 (positive: they agree)",
            rho["rho"],
            2,
            seeds,
            chance="0",
            interval=(rho["low"], rho["high"]),
        )
        found += rows.rows
    full = pd.DataFrame(found)
    return full.drop(columns="digits"), _printed(full)


def _printed(full: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "Model": row.model,
                "Quantity": row.quantity,
                "Ours": Cells(row.digits).number(row.ours),
                "Interval": MISSING
                if np.isnan(row.low)
                else f"[{row.low:.{row.digits}f}, {row.high:.{row.digits}f}]",
                "Chance alone": row.chance or MISSING,
                "n": row.n,
                "Paper": Cells(2 if row.paper % 1 else 0).number(row.paper),
            }
            for row in full.itertuples(index=False)
        ]
    )


EVIDENCE_CAPTION = (
    "What stands behind the golden seeds, beside what chance alone gives: the overlap of two "
    "independent rankings is hypergeometric; the gap between best and worst seed is compared "
    "with seed labels permuted within prompts; intervals of rank correlations resample seeds. "
    "A distance of one seed is not comparable with one of mixed seeds (Table 1)."
)
