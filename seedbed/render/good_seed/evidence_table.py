"""The evidence behind the golden seeds, each quantity beside what chance alone gives."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from seedbed import store
from seedbed.render.good_seed.golden_table import DIGITS
from seedbed.render.tables import MISSING, Cells, Table

SETS = {"set1": "Set 1", "set2": "Set 2"}


@dataclass
class _Rows:
    """Rows of one model under one ranking, with the paper's value looked up by its key."""

    model: str
    ranking: str
    paper: pd.Series
    rows: list[dict] = field(default_factory=list)

    def add(self, quantity, value, digits, n, *, chance="", interval=(np.nan, np.nan), key=None):
        self.rows.append(
            {
                "model": self.model,
                "ranking": self.ranking,
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


def _add_overlap(rows: _Rows, golden: dict, seeds: str, in_paper: bool) -> None:
    # One ranking alone has no other to overlap with.
    chance = (
        ""
        if golden["k_expected"] is None
        else (
            f"{golden['k_expected']:.1f} ± {golden['k_sd']:.1f} (independent rankings); "
            f"P(≥ k) = {golden['p_at_least_k']:.2f}"
        )
    )
    key = "golden_k" if in_paper else None
    rows.add("golden seeds k", golden["k"], 0, seeds, chance=chance, key=key)


def _add_extremes(rows: _Rows, metric, about, set_key, scores: pd.Series, gap: dict, n) -> None:
    name = about["name"]
    digits = DIGITS[metric].digits
    best, worst = scores.min(), scores.max()
    if metric != "fd":
        best, worst = worst, best
    for label, value in (("best", best), ("worst", worst)):
        # The paper reports its extremes on the first set alone.
        in_paper = set_key == "set1" and about["column"] is not None
        key = f"{metric}_{label}" if in_paper else None
        rows.add(f"{name}, {label} seed, {SETS[set_key]}", value, digits, n, key=key)
    chance = (
        f"< {gap['gap_null_95']:.{digits}f} in 95 % of exchanged labels; "
        f"p = {gap['gap_p_value']:.3f}"
    )
    if "gap_of" in gap:
        seeds, prompts = gap["gap_of"]
        chance += f"; of the first {seeds} seeds × {prompts} prompts"
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


def _add_cost(rows: _Rows, about: dict, cost: pd.Series) -> None:
    """One seed for all prompts against mixed seeds."""
    digits = DIGITS[cost["metric"]].digits
    chance = "0 by design: a mean of pictures"
    if cost["null_sd"] > 0:
        chance = f"0 ± {cost['null_sd']:.{digits}f}; p = {cost['p_value']:.3f}"
    rows.add(
        f"{about['name']}, one seed for all prompts against mixed seeds",
        cost["cost"],
        digits,
        f"{cost['n_seeds']} seeds × {cost['n_prompts']} prompts",
        chance=chance,
        interval=(cost["low"], cost["high"]),
    )


def golden_evidence(
    studies: list[dict],
    evidence: list[str],
    golden: list[str],
    scores: list[str],
    costs: list[str],
    paper: str,
) -> Table:
    """The table from files.

    Args:
        studies: see ``evidence_table``.
        evidence, golden, scores, costs: one file each per study.
        paper: what the paper says of these quantities.
    """
    facts = zip(
        map(store.read_json, evidence),
        map(store.read_json, golden),
        map(store.read_table, scores),
        map(store.read_table, costs),
        strict=True,
    )
    return evidence_table(studies, list(facts), pd.read_csv(paper))


def evidence_table(
    studies: list[dict],
    facts: list[tuple[dict, dict, pd.DataFrame, pd.DataFrame]],
    paper: pd.DataFrame,
) -> Table:
    """What stands behind the golden seeds, per model and ranking.

    Args:
        studies: see ``golden_table.table1``.
        facts: per study the evidence of ``good_seed.study``, the selection, per-seed scores on
            both sets, the cost of one fixed seed.
        paper: ``model``, ``quantity``, ``value``.

    Returns:
        *Ours*, interval, what chance gives, n and *paper*.
    """
    found = []
    for study, of_study in zip(studies, facts, strict=True):
        found += _study(study, *of_study, paper)
    full = pd.DataFrame(found)
    if full["ranking"].nunique() == 1:
        full = full.drop(columns="ranking")
    return Table(full.drop(columns="digits"), _printed(full))


def _study(study, facts, golden, scores, costs, paper) -> list[dict]:
    metrics, column = study["metrics"], study["paper"]["column"]
    theirs = paper[paper["model"] == column].set_index("quantity")["value"]
    rows = _Rows(study["model"], study["ranking"], theirs)
    seeds = f"{facts['n_seeds']} seeds"
    # The paper's golden seeds are in the top lists of both of its metrics.
    in_paper = len(metrics) == 2 and all(m["column"] is not None for m in metrics.values())
    _add_overlap(rows, golden, seeds, in_paper)
    for set_key in SETS:
        on = scores[scores["split"] == set_key]
        n = f"{seeds} × {facts['n_prompts'][set_key]} prompts"
        for metric, about in metrics.items():
            gap = facts[set_key][metric]
            _add_extremes(rows, metric, about, set_key, on[metric], gap, n)
    for metric, about in metrics.items():
        _add_agreement(rows, about["name"], facts["set1_against_set2"][metric], seeds)
    if len(metrics) == 2:
        rho = facts["fd_against_preference"]["set1"]
        rows.add(
            "Spearman of the two metrics on Set 1 (positive: they agree)",
            rho["rho"],
            2,
            seeds,
            chance="0",
            interval=(rho["low"], rho["high"]),
        )
    for _, cost in costs[costs["metric"].isin(metrics)].iterrows():
        _add_cost(rows, metrics[cost["metric"]], cost)
    return rows.rows


def _printed(full: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "Model": row.model,
                **({"Ranked by": row.ranking} if "ranking" in full else {}),
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
