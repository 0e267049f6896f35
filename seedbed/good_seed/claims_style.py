"""G12 to G15: habits that seeds trigger, and style that lies with the seed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from seedbed.ledger.findings import FAILS, HOLDS, OPEN, Estimate, File, Finding
from seedbed.statistics.verdicts import HIGHER

MOSTLY = 0.5
"""A seed that shows a habit whatever the prompt shows it in more than half of its pictures."""
LACKING = (
    "a habit that few pictures have: this is one of most pictures, and what differs are seeds "
    "without it"
)
_HABITS = [
    *("model", "habit", "rate", "share", "share_low", "share_high", "share_null_95", "verdict"),
    *("flagged", "chosen", "confirmed", "strongest", "strongest_rate", "strongest_low"),
    *("strongest_high", "most_by_chance", "n_seeds", "n_prompts"),
]


def some_seeds(files: Sequence[File], habits: Sequence[str]) -> Iterator[Finding]:
    """Per model: is a seed confirmed, on prompts that did not choose it, to have one of the habits?

    Of a habit of most pictures no seed can stand out by its rate. Where seeds differ there, that
    some of them lack it is what is shown, which is another claim: it stays open. The claim fails
    where even the strongest seed's interval ends below half.
    """
    (file,) = files
    table = file.table(_HABITS)
    for model, rows in table[table["habit"].isin(habits)].groupby("model", sort=False):
        best = rows.sort_values(["confirmed", "share"], ascending=False).iloc[0]
        yield Finding(
            f"{model}, {best['habit'].replace('_', ' ')}",
            _verdict(rows),
            f"{int(rows['confirmed'].sum())} of {int(rows['chosen'].sum())} seeds confirmed; "
            f"strongest seed {best['strongest']:.0f}: {100 * best['strongest_rate']:.0f} % "
            f"[{100 * best['strongest_low']:.0f}, {100 * best['strongest_high']:.0f}]; share of "
            f"variance {best['share']:.2f} [{best['share_low']:.2f}, {best['share_high']:.2f}]",
            f"{best['n_seeds']:.0f} seeds × {best['n_prompts']:.0f} prompts",
            f"largest rate {100 * best['most_by_chance']:.0f} %, share "
            f"{best['share_null_95']:.2f} in 95 % of permutations",
            _undecided(best),
            LACKING if best["verdict"] == HIGHER and best["rate"] > MOSTLY else "",
        )


def _verdict(rows: pd.DataFrame) -> str:
    if ((rows["verdict"] == HIGHER) & (rows["confirmed"] > 0)).any():
        return HOLDS
    return FAILS if (rows["strongest_high"] < MOSTLY).all() else OPEN


def _undecided(best: pd.Series) -> Estimate:
    """Whether seeds differ at all; where they do, whether one shows the habit mostly."""
    if best["verdict"] == HIGHER:
        limits = (best[f"strongest_{key}"] for key in ("rate", "low", "high"))
        return Estimate(*limits, int(best["n_prompts"]), "prompts", null=MOSTLY)
    limits = (best[key] for key in ("share", "share_low", "share_high"))
    return Estimate(*limits, int(best["n_seeds"]), "seeds", p_value=best.get("p_adjusted"))


def same_places(files: Sequence[File]) -> Iterator[Finding]:
    """Per model: do the t-SNE maps of different prompts agree, and those without t-SNE too?"""
    (file,) = files
    numbers = ["value", "low", "high", "null_bound", "n_seeds", "n_prompts"]
    table = file.table(["model", "space", "measure", "verdict", *numbers])
    for model, rows in table.groupby("model", sort=False):
        best = rows.set_index(["space", "measure"]).loc[("tsne", "procrustes")]
        missed = rows[rows["verdict"] != HOLDS]
        worst = best if missed.empty else missed.iloc[0]
        yield Finding(
            model,
            OPEN if len(missed) else HOLDS,
            f"Procrustes correlation of two prompts' maps {best['value']:.2f} "
            f"[{best['low']:.2f}, {best['high']:.2f}]",
            f"{best['n_seeds']:.0f} seeds × {best['n_prompts']:.0f} prompts",
            f"{best['null_bound']:.2f} in 95 % of permutations",
            Estimate(
                *(worst[key] for key in ("value", "low", "high")),
                *(int(worst["n_seeds"]), "seeds"),
                null=worst["null_bound"],
                p_value=worst.get("p_adjusted"),
            ),
        )
