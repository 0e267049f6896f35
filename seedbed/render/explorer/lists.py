"""Lists of a model's seeds as the explorer shows them: those of its card, and every habit's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from seedbed import store
from seedbed.render import wording
from seedbed.render.explorer.explored import habit_name


def lists_of(model: Mapping) -> list[dict]:
    """Every list of a model's card, then the seeds of each habit.

    Args:
        model: an entry of ``explored.sources``.

    Returns:
        For each list ``key``, ``label``, ``seeds``, ``evidence`` (a sentence: what decides the
        verdict, or why the run has no such list), ``verdict`` (``None`` where there is none);
        for habits ``about`` too: by seed, what was seen of it.

    Raises:
        StoreError: a file is not as it was written.
    """
    habits = list(_habits(model["habits"])) if model["habits"] else []
    return [*_of_card(model["card"]), *habits]


def _of_card(path: str) -> Iterator[dict]:
    for key, entry in store.read_json(path, ["lists"])["lists"].items():
        yield {
            "key": key,
            "label": key.replace("_", " "),
            "seeds": entry["seeds"],
            "sets": entry["sets"],
            "evidence": entry["says"],
            "verdict": entry["verdict"],
        }


def _habits(path: str) -> Iterator[dict]:
    """Seeds whose rate of a habit chance does not explain (p corrected for all seeds < 0.05)."""
    table = store.read_table(path, ["habit", "seed", "rate", "low", "high", "confirmed", "flagged"])
    for habit, part in table.groupby("habit", sort=False):
        flagged = part[part["flagged"]].sort_values(["rate", "seed"], ascending=[False, True])
        confirmed = int(flagged["confirmed"].sum())
        said = f"{len(flagged)} seeds beyond chance, {confirmed} of them confirmed on other prompts"
        yield {
            "key": f"habit:{habit}",
            "label": f"habit: {habit_name(habit)}",
            "seeds": flagged["seed"].tolist(),
            "sets": [],
            "evidence": said,
            "verdict": None,
            "about": {str(row.seed): _seen(row) for row in flagged.itertuples(index=False)},
        }


def _seen(row) -> str:
    ends = wording.interval(100 * row.low, 100 * row.high, 0)
    confirmed = ", confirmed on the other half of the prompts" if row.confirmed else ""
    return f"{row.rate:.0%} of its pictures {ends} %{confirmed}"
