"""G12 to G15: habits that seeds trigger, and style that lies with the seed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from seedbed.good_seed.findings import FAILS, HOLDS, OPEN, File, Finding
from seedbed.statistics.verdicts import HIGHER, LEVEL


def triggered(files: Sequence[File], habits: Sequence[str]) -> Iterator[Finding]:
    """Seeds differ in a habit, and seeds chosen for it on some prompts show it on others.

    Args:
        files: the table of habits.
        habits: those that the claim is about.
    """
    (file,) = files
    numbers = ["rate", "strongest", "strongest_rate", "strongest_low", "strongest_high"]
    counts = ["chosen", "confirmed", "flagged", "flagged_by_chance", "n_seeds", "n_prompts"]
    table = file.table(["model", "habit", "verdict", *numbers, *counts])
    for row in table[table["habit"].isin(habits)].itertuples():
        differ = row.verdict == HIGHER and row.confirmed > 0
        limits = ", ".join(f"{100 * v:.0f}" for v in (row.strongest_low, row.strongest_high))
        strongest = f"seed {row.strongest}: {100 * row.strongest_rate:.0f} % [{limits}] of pictures"
        yield Finding(
            f"{row.model}, {row.habit.replace('_', ' ')}",
            HOLDS if differ else FAILS if row.verdict == LEVEL else OPEN,
            f"{strongest}, all {100 * row.rate:.1f} %; {row.confirmed} of {row.chosen} seeds "
            "confirmed on other prompts"
            if row.rate > 0
            else "never seen",
            f"{row.n_seeds} seeds × {row.n_prompts} prompts",
            f"{row.flagged} seeds above chance, {row.flagged_by_chance:g} expected",
        )


def style_by_seed(files: Sequence[File]) -> Iterator[Finding]:
    """Maps of two prompts agree on seeds more than permuted seeds do, by every measure."""
    (file,) = files
    columns = ["space", "measure", "value", "null_mean", "verdict", "n_seeds", "n_prompts"]
    table = file.table(["model", *columns])
    for model, part in table.groupby("model", sort=False):
        above = part["verdict"] == HOLDS
        told = [f"{row.measure} ({row.space}) {row.value:.2f}" for row in part.itertuples()]
        by_chance = ", ".join(f"{value:.2f}" for value in part["null_mean"])
        yield Finding(
            model,
            HOLDS if above.all() else OPEN,
            f"{above.sum()} of {len(part)} measures above permuted seeds: {', '.join(told)}",
            f"{part['n_seeds'].iloc[0]} seeds × {part['n_prompts'].iloc[0]} prompts",
            f"permuted seeds: {by_chance}",
import pandas as pd

from seedbed.good_seed.findings import FAILS, HOLDS, OPEN, File, Finding
from seedbed.statistics.verdicts import HIGHER

MOSTLY = 0.5
"""A seed that shows a habit whatever the prompt shows it in more than half of its pictures."""
_HABITS = [
    *("model", "habit", "rate", "share", "share_low", "share_high", "share_null_95", "verdict"),
    *("flagged", "chosen", "confirmed", "strongest", "strongest_rate", "strongest_low"),
    *("strongest_high", "most_by_chance", "n_seeds", "n_prompts"),
]


def some_seeds(files: Sequence[File], habits: Sequence[str]) -> Iterator[Finding]:
    """Per model: is a seed confirmed, on prompts that did not choose it, to have one of the habits?

    A habit of most pictures has no seed that stands out by its rate: there the share of variance
    between seeds decides. The claim fails where even the strongest seed's interval ends below half.
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
        )


def _verdict(rows: pd.DataFrame) -> str:
    differ = rows["verdict"] == HIGHER
    if (differ & ((rows["confirmed"] > 0) | (rows["rate"] > MOSTLY))).any():
        return HOLDS
    return FAILS if (rows["strongest_high"] < MOSTLY).all() else OPEN


def same_places(files: Sequence[File]) -> Iterator[Finding]:
    """Per model: do the t-SNE maps of different prompts agree, and those without t-SNE too?"""
    (file,) = files
    numbers = ["value", "low", "high", "null_bound", "n_seeds", "n_prompts"]
    table = file.table(["model", "space", "measure", "verdict", *numbers])
    for model, rows in table.groupby("model", sort=False):
        best = rows.set_index(["space", "measure"]).loc[("tsne", "procrustes")]
        yield Finding(
            model,
            HOLDS if (rows["verdict"] == HOLDS).all() else OPEN,
            f"Procrustes correlation of two prompts' maps {best['value']:.2f} "
            f"[{best['low']:.2f}, {best['high']:.2f}]",
            f"{best['n_seeds']:.0f} seeds × {best['n_prompts']:.0f} prompts",
            f"{best['null_bound']:.2f} in 95 % of permutations",
        )
