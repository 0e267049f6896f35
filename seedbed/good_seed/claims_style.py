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
        )
