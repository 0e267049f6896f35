"""README's results, written from a finished run; ``docs/results.json`` holds their numbers.

``python -m seedbed.render.readme`` reads a run and writes both files, ``--check`` says whether
README is what the numbers give. No sentence here holds a number, and no verdict is fixed: words
follow from numbers by the rules under *Verdicts*, wherever the numbers go.
"""

from __future__ import annotations

import argparse
import math
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd

from seedbed import config, store, version
from seedbed.plan import Plan
from seedbed.render.quality_table import NAMES
from seedbed.render.readme_good_seed import gathered as good_seed_gathered
from seedbed.render.readme_good_seed import good_seed_section
from seedbed.render.readme_ledger import KEYS
from seedbed.render.readme_lottery import gallery_section, gathered, lottery_ticket_section
from seedbed.render.summary import plan_of
from seedbed.render.tables import MISSING, to_markdown
from seedbed.run import ROOT

README = Path("README.md")
RESULTS = Path("docs/results.json")
At = Callable[[str], Path]
"""Where a path of a run lies."""


# Verdicts


def goal_said(row: Mapping) -> str:
    """A missed goal, and whether the value's interval holds it."""
    holds = row["low"] <= row["goal"] <= row["high"]
    value, goal = (_amount(row[key], row["unit"]) for key in ("value", "goal"))
    return (
        f"`{row['model']}`, {NAMES[row['measure']]}: {value} for {goal}, "
        f"which the interval {'holds' if holds else 'excludes'}"
    )


# Numbers


def gather(plan: Plan, at: At) -> dict:
    """Every number that README's sections need.

    Args:
        plan: of the run.
        at: where its files lie.

    Raises:
        ValueError: the run has not finished, or lacks a part that README speaks of.
    """
    done = at(plan.run.path("artefacts_checked.txt"))
    if not done.is_file():
        raise ValueError(f"{done}: not there; README is written from a run that has finished")
    if not (plan.seeds_of_models and plan.rankings and plan.swap_model and plan.world_models):
        raise ValueError(f"run {plan.run.name!r} lacks a part of Good Seed that README speaks of")
    if not (plan.ticket_models and plan.detectors and {"sd", "semi"} <= set(plan.arms)):
        raise ValueError(f"run {plan.run.name!r} lacks a part of Lottery Ticket")
    return _plain(
        {
            "run": plan.run.name,
            "seedbed": version(),
            "quality": _table(plan, at, "storybook/quality"),
            "good_seed": good_seed_gathered(plan, at),
            "lottery_ticket": gathered(plan, at),
            "ledger": _ledger(plan, at),
        }
    )


def _table(plan: Plan, at: At, place: str) -> list[dict]:
    return pd.read_csv(at(plan.run.table(place)[0])).to_dict("records")


def _ledger(plan: Plan, at: At) -> list[dict]:
    rows = pd.read_csv(at(plan.run.table("ledger")[0]))[list(KEYS)]
    return rows.fillna("").to_dict("records")


def _plain(value):
    """As JSON has it: no NaN, six digits, so that the file changes where a number does."""
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, float):
        return None if math.isnan(value) else float(f"{value:.6g}")
    return value


# Words


def _amount(value: float | None, unit: str) -> str:
    if value is None:
        return MISSING
    return f"{value:.1f} dB" if unit == "dB" else f"{100 * value:.1f} %"


def quality_section(results: Mapping) -> str:
    """The embedded models against the world's truth, and what goals are missed."""
    rows = results["quality"]
    head = ("Model", "Measure", "Ours", "95 % interval", "n", "Goal", "Reached")
    printed = [
        (
            row["model"],
            NAMES[row["measure"]],
            _amount(row["value"], row["unit"]),
            f"[{_amount(row['low'], row['unit'])}, {_amount(row['high'], row['unit'])}]",
            str(row["n"]),
            MISSING if row["goal"] is None else f"≥ {_amount(row['goal'], row['unit'])}",
            MISSING if row["goal"] is None else ("yes" if row["reached"] else "no"),
        )
        for row in rows
    ]
    table = to_markdown(pd.DataFrame(printed, columns=list(head)))
    missed = [row for row in rows if row["goal"] is not None and not row["reached"]]
    goals = sum(row["goal"] is not None for row in rows)
    said = f"All {goals} goals are reached."
    if missed:
        said = f"Of {goals} goals {len(missed)} are missed: {'; '.join(map(goal_said, missed))}."
    return f"{table}\n\n{said}"


SECTIONS: dict[str, Callable[[Mapping], str]] = {
    "quality": quality_section,
    "good_seed": good_seed_section,
    "lottery_ticket": lottery_ticket_section,
    "gallery numbers": gallery_section,
}
"""By the name in their markers, ``<!-- results: quality -->`` to ``<!-- end -->``."""


def rewritten(text: str, results: Mapping) -> str:
    """README with its sections as the numbers give them.

    Raises:
        ValueError: a section is not there once.
    """
    for name, section in SECTIONS.items():
        begin = re.escape(f"<!-- results: {name} -->")
        pattern = re.compile(rf"({begin}\n).*?(<!-- end -->)", re.DOTALL)
        if len(pattern.findall(text)) != 1:
            raise ValueError(f"{README}: wants one section <!-- results: {name} --> … <!-- end -->")
        said = section(results)
        text = pattern.sub(lambda m, said=said: f"{m[1]}\n{said}\n\n{m[2]}", text)
    return text


def main() -> None:
    """``python -m seedbed.render.readme --configfile config.yaml``"""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--configfile", type=Path, nargs="+", default=[])
    parser.add_argument("--results", type=Path, default=Path(ROOT), help="where runs lie")
    parser.add_argument("--check", action="store_true", help="write nothing; 1 if README differs")
    given = parser.parse_args()
    try:
        if not given.check:
            plan = plan_of(given.configfile)
            found = gather(plan, lambda path: given.results / Path(path).relative_to(ROOT))
            store.write_json(found, RESULTS)
        before = README.read_text(encoding="utf-8")
        after = rewritten(before, store.read_json(RESULTS))
    except (config.ConfigError, ValueError, OSError) as fault:
        sys.exit(str(fault))
    if given.check and after != before:
        sys.exit(f"{README}: its results are not those of {RESULTS}; write them with `make readme`")
    if after != before:
        store.write_text(after, README)


if __name__ == "__main__":
    main()
