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
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pandas as pd

from seedbed import config, store, version
from seedbed.good_seed.swap_effects import PIXELS
from seedbed.plan import Plan
from seedbed.render.catalog.good_seed import studies
from seedbed.render.good_seed.swap_figures import read_effects
from seedbed.render.good_seed.swap_words import swap_sentence
from seedbed.render.quality_table import NAMES
from seedbed.render.readme_lottery import gallery_section, gathered, lottery_ticket_section
from seedbed.render.summary import plan_of
from seedbed.render.tables import MISSING, to_markdown
from seedbed.render.wording import interval, joined, number, p_value
from seedbed.run import ROOT

README = Path("README.md")
RESULTS = Path("docs/results.json")
ALPHA = 0.05
"""Below it a p-value decides."""
DIGITS = {"fd": 1, "preference": 3}
LOWER_IS_BETTER = {"fd": True, "preference": False}
PAPER_POOL = "1,024"
"""Seeds that Good Seed ranks."""

At = Callable[[str], Path]
"""Where a path of a run lies."""


# Verdicts


def sign(low: float | None, high: float | None) -> int:
    """1 or -1 where an interval lies above or below zero, 0 where it holds zero or is missing."""
    if low is None or high is None:
        return 0
    return int(low > 0) - int(high < 0)


def seeds_differ(p_values: Sequence[float]) -> str:
    """Whether seeds differ, from the p-values of the gaps between best and worst."""
    beyond = sum(p < ALPHA for p in p_values)
    if not beyond:
        return "No difference in quality between seeds goes beyond chance"
    little = " little" if 2 * beyond < len(p_values) else ""
    return f"Seeds differ{little} in quality"


def carries_over(low: float | None, high: float | None) -> str:
    """Whether a ranking of Set 1 holds on Set 2, from the interval of their correlation."""
    return {1: "carries over", 0: "undecided", -1: "turns round"}[sign(low, high)]


def golden_beat(outcomes: Sequence[int]) -> str:
    """Whether golden seeds beat random ones: 1, 0 or -1 for each comparison."""
    wins, losses, n = outcomes.count(1), outcomes.count(-1), len(outcomes)
    if wins == n:
        return "Golden seeds beat random ones"
    said = f"Golden seeds beat random ones in {wins} of {n} comparisons"
    if not wins:
        said = "Golden seeds do not beat random ones"
    return said + (f" and fall behind in {losses} of {n}" if losses else "")


def golden_outcome(metric: str, low: float | None, high: float | None) -> int:
    """1 where golden seeds are better by their interval, -1 where they are worse, else 0."""
    return -sign(low, high) if LOWER_IS_BETTER[metric] else sign(low, high)


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
            "good_seed": _good_seed(plan, at),
            "lottery_ticket": gathered(plan, at),
        }
    )


def _table(plan: Plan, at: At, place: str) -> list[dict]:
    return pd.read_csv(at(plan.run.table(place)[0])).to_dict("records")


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


def _good_seed(plan: Plan, at: At) -> dict:
    study = plan.good_seed
    table = _table(plan, at, "good_seed/golden_evidence")
    found = []
    for it in studies(plan):

        def of(name: str, it=it) -> Path:
            return at(plan.run.seeds(it["model"], it["ranking"], name))

        evidence, golden = store.read_json(of("evidence.json")), store.read_json(of("golden.json"))
        differences = store.read_table(of("judged_differences.parquet"))
        mine = (differences["arm"] == "golden") & (differences["against"] == "pool")
        differences = differences[mine].drop(columns=["arm", "against"])
        agreement = evidence["set1_against_set2"]
        found.append(
            {
                "model": it["model"],
                "ranking": it["ranking"],
                "metrics": {
                    metric: {
                        "name": about["name"],
                        "gaps": {key: evidence[key][metric] for key in ("set1", "set2")},
                        "agreement": agreement[metric]["correlation"],
                    }
                    for metric, about in it["metrics"].items()
                },
                "n_seeds": evidence["n_seeds"],
                "n_prompts": evidence["n_prompts"],
                "golden": {k: golden[k] for k in ("k", "k_expected", "k_sd", "p_at_least_k")}
                | {"paper": _paper_k(table, it)},
                "differences": differences.to_dict("records"),
            }
        )
    effects = read_effects(at(plan.run.path("images", plan.swap_model, "swap_effects.parquet")))
    effects = effects[effects["measure"] == PIXELS].drop(columns="p_value")
    return {
        "permutations": study["permutations"],
        "level": study["interval"],
        "studies": found,
        "swap": {"model": plan.swap_model, "effects": effects.to_dict("records")},
    }


def _paper_k(table: Sequence[Mapping], study: Mapping) -> float | None:
    """How many golden seeds the paper has for the model that a study stands beside."""
    of_study = [
        row["paper"]
        for row in table
        if row["model"] == study["model"]
        and row["quantity"] == "golden seeds k"
        # Where there is one ranking alone, the table does not name it.
        and row.get("ranking", study["ranking"]) == study["ranking"]
    ]
    return of_study[0]


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


def good_seed_section(results: Mapping) -> str:
    """What the run found in Good Seed."""
    found = results["good_seed"]
    mine = found["studies"]
    prompts = mine[0]["n_prompts"]
    sizes = joined(list(dict.fromkeys(str(n) for n in prompts.values())))
    lines = [
        f"{mine[0]['n_seeds']} seeds × {sizes} prompts a set, "
        f"{100 * found['level']:.0f} % intervals, chance from "
        f"{found['permutations']} permutations of the seeds within prompts:",
        "",
        f"- {_gaps_said(mine)}",
        f"- {_agreement_said(mine)}",
        f"- {_golden_said(mine)}",
        f"- {swap_sentence(pd.DataFrame(found['swap']['effects']), found['swap']['model'])}",
    ]
    return "\n".join(lines)


def _of(study: Mapping, mine: Sequence[Mapping]) -> str:
    several = len({s["ranking"] for s in mine}) > 1
    return f"`{study['model']}`" + (f" ({study['ranking']})" if several else "")


def _names(mine: Sequence[Mapping]) -> dict[tuple[str, str], list[Mapping]]:
    """Studies by metric and its name: each model once."""
    found: dict[tuple[str, str], dict[str, Mapping]] = {}
    for study in mine:
        for metric, about in study["metrics"].items():
            found.setdefault((metric, about["name"]), {}).setdefault(study["model"], study)
    return {key: list(of_model.values()) for key, of_model in found.items()}


def _gaps_said(mine: Sequence[Mapping]) -> str:
    p_values, parts = [], []
    for (metric, name), group in _names(mine).items():
        said = []
        for study in group:
            gaps = study["metrics"][metric]["gaps"]
            p_values += [gap["gap_p_value"] for gap in gaps.values()]
            of_sets = [
                f"{number(gap['gap'], DIGITS[metric])} on Set {i} "
                f"({number(gap['gap_null_95'], DIGITS[metric])}, {p_value(gap['gap_p_value'])})"
                for i, gap in enumerate(gaps.values(), 1)
            ]
            said.append(f"`{study['model']}` {joined(of_sets)}")
        parts.append(f"{name}: {', '.join(said)}")
    beyond = sum(p < ALPHA for p in p_values)
    return (
        f"**{seeds_differ(p_values)}**: the gap between best and worst seed goes beyond chance "
        f"(p < {ALPHA}) in {beyond} of {len(p_values)} cases. In brackets what "
        f"chance stays below in 95 %. {'; '.join(parts)}."
    )


def _agreement_said(mine: Sequence[Mapping]) -> str:
    verdicts, parts = [], []
    for (metric, name), group in _names(mine).items():
        said = []
        for study in group:
            rho = study["metrics"][metric]["agreement"]
            verdicts.append(carries_over(rho["low"], rho["high"]))
            around = interval(rho["low"], rho["high"], 2)
            said.append(f"`{study['model']}` {number(rho['rho'], 2)} {around}: {verdicts[-1]}")
        parts.append(f"by {name} {', '.join(said)}")
    held = verdicts.count("carries over")
    return (
        f"**A ranking of seeds carries over to other prompts in {held} of {len(verdicts)} cases**: "
        f"Spearman of Set 1 against Set 2 {'; '.join(parts)}."
    )


def _golden_said(mine: Sequence[Mapping]) -> str:
    outcomes = [
        golden_outcome(row["metric"], row["low"], row["high"])
        for study in mine
        for row in study["differences"]
    ]
    parts = []
    for study in mine:
        golden = study["golden"]
        said = f"{_of(study, mine)} {golden['k']} of {study['n_seeds']}"
        if golden["k_expected"] is not None:
            said += (
                f" (independent rankings give {golden['k_expected']:.1f} ± {golden['k_sd']:.1f}, "
                f"P(≥ {golden['k']}) = {golden['p_at_least_k']:.2f}"
            )
            theirs = golden["paper"]
            said += ")" if theirs is None else f"; paper: {theirs:.0f} of {PAPER_POOL})"
        parts.append(said)
    return (
        f"**{golden_beat(outcomes)}** on prompts that chose none of them (Table 1; "
        f"{outcomes.count(0)} of {len(outcomes)} comparisons undecided). "
        f"Golden seeds: {', '.join(parts)}."
    )


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
