"""Lists of a model's seeds as the explorer shows them, each with what it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from seedbed import store
from seedbed.render import wording
from seedbed.render.explorer.sources import habit_name


def lists_of(model: Mapping) -> list[dict]:
    """Golden and diverse seeds, and seeds with habits, of a model.

    Args:
        model: an entry of ``sources``.

    Returns:
        For each list ``key``, ``label``, ``evidence`` (one sentence) and ``seeds``; for habits
        ``about`` too: by seed, what was seen of it.

    Raises:
        StoreError: a file is not as it was written.
    """
    found = [_MAKERS[entry["kind"]](entry) for entry in model["lists"]]
    return found + (list(_habits(model["habits"])) if model["habits"] else [])


def _golden(entry: Mapping) -> dict:
    golden = store.read_json(entry["path"], ["seeds", "k_expected", "k_sd", "n_pool"])
    said = f"{len(golden['seeds'])} of {golden['n_pool']} seeds are among the best by every score"
    if golden["k_expected"] is not None:
        by_chance = wording.number(golden["k_expected"], 1)
        said += f"; {by_chance} ± {wording.number(golden['k_sd'], 1)} would be by chance"
    return _entry(entry, golden["seeds"], said)


def _diverse(entry: Mapping) -> dict:
    trials = store.read_json(entry["path"], [entry["key"]])[entry["key"]]["trials"]
    seeds = list(dict.fromkeys(seed for trial in trials for seed in trial))
    groups = "; ".join(", ".join(map(str, trial)) for trial in trials)
    return _entry(entry, seeds, f"groups that differ most, one for each trial: {groups}")


def _entry(entry: Mapping, seeds: list[int], evidence: str) -> dict:
    return {"key": entry["key"], "label": entry["label"], "seeds": seeds, "evidence": evidence}


_MAKERS = {"golden": _golden, "diverse": _diverse}


def _habits(path: str) -> Iterator[dict]:
    """Seeds whose rate of a habit chance does not explain (p corrected for all seeds < 0.05)."""
    table = store.read_table(path, ["habit", "seed", "rate", "low", "high", "confirmed", "flagged"])
    for habit, part in table.groupby("habit", sort=False):
        flagged = part[part["flagged"]].sort_values(["rate", "seed"], ascending=[False, True])
        confirmed = int(flagged["confirmed"].sum())
        about = {
            str(row.seed): f"{row.rate:.0%} of its pictures "
            f"{wording.interval(100 * row.low, 100 * row.high, 0)} %"
            + (", confirmed on the other half of the prompts" if row.confirmed else "")
            for row in flagged.itertuples(index=False)
        }
        said = f"{len(flagged)} seeds beyond chance, {confirmed} confirmed on other prompts"
        yield {
            "key": f"habit:{habit}",
            "label": f"habit: {habit_name(habit)}",
            "seeds": flagged["seed"].tolist(),
            "evidence": said,
            "about": about,
        }
