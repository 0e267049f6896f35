"""Whether seeds differ by each score, and whether some are better."""

from __future__ import annotations

import math

import pandas as pd

from seedbed import store
from seedbed.good_seed.study import SETS
from seedbed.render.tables import MISSING, Cells, Table

SMALL = 0.001


def seed_effects(studies: list[dict], scores: list[str], evidence: list[str]) -> Table:
    """The table from files.

    Args:
        studies: a model under a ranking each: ``model``, ``ranking``, ``metrics`` (names by score).
        scores, evidence: of ``good_seed.study``, one file each per study.
    """
    rows = []
    for study, of_seeds, found in zip(studies, scores, evidence, strict=True):
        rows += _rows(study, store.read_table(of_seeds), store.read_json(found))
    return effects_table(pd.DataFrame(rows))


def effects_table(full: pd.DataFrame) -> Table:
    """Rows of ``_rows`` as a table, without the ranking where there is one only."""
    if full["ranking"].nunique() == 1:
        full = full.drop(columns="ranking")
    printed = pd.DataFrame([_printed(row) for row in full.to_dict("records")])
    return Table(full, printed)


def _rows(study: dict, scores: pd.DataFrame, evidence: dict) -> list[dict]:
    """One row per score of a model under a ranking."""
    found = []
    for metric, name in study["metrics"].items():
        both = evidence["both_sets"][metric]
        across = evidence["set1_against_set2"][metric]
        rho, shared = across["correlation"], across["covariance"]
        means = scores.groupby("seed")[metric].mean()
        best, worst = means.min(), means.max()
        if metric == "preference":
            best, worst = worst, best
        row = {"model": study["model"], "ranking": study["ranking"], "metric": metric}
        row |= {"score": name, "n_seeds": evidence["n_seeds"], "n_prompts": both["n_prompts"]}
        row |= {"best": best, "worst": worst, "f": both["f"], "f_p_value": both["p_value"]}
        for key in ("reliability", "share"):
            row |= {key + end: both[key + end] for end in ("", "_low", "_high")}
        row |= {"rho": rho["rho"], "rho_low": rho["low"], "rho_high": rho["high"]}
        row |= {
            f"covariance{end}": shared[end[1:] or "covariance"] for end in ("", "_low", "_high")
        }
        row |= {"covariance_p_value": shared["p_value"], "prompts_for_80": both["prompts_for_80"]}
        for name_of_set in SETS:
            row[f"labels_p_value_{name_of_set}"] = evidence[name_of_set][metric].get("gap_p_value")
        found.append(row | {"verdict": across["verdict"]})
    return found


def _printed(row: dict) -> dict:
    two = Cells(2)
    spread = abs(row["worst"] - row["best"])
    digits = Cells(max(2, 2 - math.floor(math.log10(spread))) if spread > 0 else 2)
    labels = [row[f"labels_p_value_{name}"] for name in SETS]
    needed = row["prompts_for_80"]
    return {
        "Model": row["model"],
        **({"Ranked by": row["ranking"]} if "ranking" in row else {}),
        "Score": row["score"],
        "n": f"{row['n_seeds']} seeds × {row['n_prompts']} prompts",
        "Best to worst": f"{digits.number(row['best'])} to {digits.number(row['worst'])}",
        "Labels exchangeable, p (sets 1, 2)": ", ".join(map(_p, labels)),
        "F (p)": f"{row['f']:.2f} ({_p(row['f_p_value'])})",
        "Reliability": _with_limits(row, "reliability", two),
        "Share of an image's variance": _with_limits(row, "share", Cells(3)),
        "Spearman of sets": _with_limits(row, "rho", two),
        "Covariance of sets": _scientific(row),
        "p": _p(row["covariance_p_value"]),
        "Prompts for .8": MISSING if _missing(needed) else f"{needed:.0f}",
        "Verdict": row["verdict"],
    }


def _missing(value) -> bool:
    return value is None or math.isnan(value)


def _p(value) -> str:
    if _missing(value):
        return MISSING
    return f"< {SMALL}" if value < SMALL else f"{value:.3f}"


def _with_limits(row: dict, key: str, cells: Cells) -> str:
    value = row[key]
    if _missing(value):
        return MISSING
    return f"{cells.number(value)} {cells.limits(row[f'{key}_low'], row[f'{key}_high'])}"


def _scientific(row: dict) -> str:
    value, low, high = (f"{row[f'covariance{end}']:.2g}" for end in ("", "_low", "_high"))
    return f"{value} [{low}, {high}]"
