"""What README says of Good Seed: golden seeds, seeds that are better, and every claim.

As in ``readme``, no sentence holds a number and no verdict is fixed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from seedbed import store
from seedbed.good_seed.swap_effects import PIXELS
from seedbed.render.catalog.good_seed import studies
from seedbed.render.good_seed.golden_table import AHEAD, BEHIND
from seedbed.render.good_seed.golden_table import said as outcome
from seedbed.render.good_seed.swap_figures import read_effects
from seedbed.render.good_seed.swap_words import swap_sentence
from seedbed.render.readme_ledger import claims_said
from seedbed.render.wording import interval, number
from seedbed.statistics.verdicts import LEVEL, UNDECIDED

if TYPE_CHECKING:
    from seedbed.plan import Plan

JUDGED_BY = ("fd", "preference")
"""Metrics of Table 1 that README counts: the paper's two."""
PAPER_POOL = "1,024"
"""Seeds that Good Seed ranks."""
EFFECT_KEYS = (
    *("model", "score", "verdict", "prompts_for_80"),
    *("reliability", "reliability_low", "reliability_high"),
)
BETTER = "some are better"
"""The verdict of ``good_seed.study`` that a score of a seed by itself can earn."""

At = Callable[[str], Path]
"""Where a path of a run lies."""


def golden_beat(verdicts: Sequence[str]) -> str:
    """Whether golden seeds beat random ones, by the verdict of each comparison in Table 1."""
    n, wins, losses = len(verdicts), verdicts.count(AHEAD), verdicts.count(BEHIND)
    if wins == n:
        return "Golden seeds beat random ones"
    said = f"Golden seeds beat random ones in {wins} of {n} comparisons"
    if not wins:
        said = "Golden seeds do not beat random ones"
    return said + (f" and fall behind in {losses} of {n}" if losses else "")


def gathered(plan: Plan, at: At) -> dict:
    """Every number that README's section on Good Seed needs.

    Args:
        plan: of the run.
        at: where its files lie.
    """
    found = []
    for it in studies(plan):
        evidence, golden = (
            store.read_json(at(plan.run.seeds(it["model"], it["ranking"], name)))
            for name in ("evidence.json", "golden.json")
        )
        path = plan.run.seeds(it["model"], it["ranking"], "judged_differences.parquet")
        differences = store.read_table(at(path))
        mine = (differences["arm"] == "golden") & (differences["against"] == "pool")
        mine &= differences["metric"].isin(JUDGED_BY)
        found.append(
            {
                "model": it["model"],
                "ranking": it["ranking"],
                "n_seeds": evidence["n_seeds"],
                "n_prompts": evidence["n_prompts"],
                "golden": {k: golden[k] for k in ("k", "k_expected", "k_sd", "p_at_least_k")},
                "differences": differences[mine][["metric", "verdict"]].to_dict("records"),
            }
        )
    effects = read_effects(at(plan.run.path("images", plan.swap_model, "swap_effects.parquet")))
    effects = effects[effects["measure"] == PIXELS].drop(columns="p_value")
    return {
        "level": plan.good_seed["interval"],
        "studies": found,
        "effects": _table(plan, at, "good_seed/seed_effects", EFFECT_KEYS),
        "swap": {"model": plan.swap_model, "effects": effects.to_dict("records")},
    }


def _table(plan: Plan, at: At, place: str, keys: Sequence[str]) -> list[dict]:
    return pd.read_csv(at(plan.run.table(place)[0]))[list(keys)].to_dict("records")


def good_seed_section(results: Mapping) -> str:
    """What the run found in Good Seed."""
    found = results["good_seed"]
    mine = found["studies"]
    sizes = {
        s["model"]: f"`{s['model']}` {s['n_seeds']} seeds × {s['n_prompts']['set1']} and "
        f"{s['n_prompts']['set2']} prompts"
        for s in mine
    }
    lines = [
        f"Ranked on two disjoint sets of prompts: {', '.join(sizes.values())}; "
        f"{100 * found['level']:.0f} % intervals.",
        "",
        f"- {_effects_said(found['effects'])}",
        f"- {_golden_said(mine)}",
        f"- {swap_sentence(pd.DataFrame(found['swap']['effects']), found['swap']['model'])}",
        "",
        "Every claim of the paper and what this run says of it, a row for each verdict, with the "
        "numbers of its first case (`ledger.md` has all of them):",
        "",
        claims_said(results["ledger"], "Good Seed"),
    ]
    return "\n".join(lines)


def _effects_said(effects: Sequence[Mapping]) -> str:
    by_score: dict[str, list[str]] = {}
    for row in effects:
        around = interval(row["reliability_low"], row["reliability_high"], 2)
        said = f"`{row['model']}` {row['verdict']} (reliability {number(row['reliability'], 2)} "
        said += around
        if row["prompts_for_80"] is not None:
            said += f", .8 would take {row['prompts_for_80']:.0f} prompts"
        by_score.setdefault(row["score"], []).append(f"{said})")
    better = sum(row["verdict"] == BETTER for row in effects)
    parts = "; ".join(f"{score}: {', '.join(said)}" for score, said in by_score.items())
    return (
        f"**Some seeds are better by {better} of {len(effects)} scores**, by what two disjoint "
        "sets of prompts have in common. Where it carries over, seeds that are equally good but "
        f"lay pictures out differently could do as much. {parts}."
    )


def _golden_said(mine: Sequence[Mapping]) -> str:
    verdicts = [
        outcome(row["verdict"], row["metric"]) for study in mine for row in study["differences"]
    ]
    several = len({s["ranking"] for s in mine}) > 1
    parts = []
    for study in mine:
        golden = study["golden"]
        part = f"`{study['model']}`" + (f" ({study['ranking']})" if several else "")
        part += f" {golden['k']} of {study['n_seeds']}"
        if golden["k_expected"] is not None:
            part += (
                f" (independent rankings give {golden['k_expected']:.1f} ± {golden['k_sd']:.1f}, "
                f"P(≥ {golden['k']}) = {golden['p_at_least_k']:.2f})"
            )
        parts.append(part)
    level, undecided = verdicts.count(LEVEL), verdicts.count(UNDECIDED)
    return (
        f"**{golden_beat(verdicts)}** on prompts that chose none of them (Table 1; of "
        f"{len(verdicts)} comparisons {level} level and {undecided} undecided). "
        f"Golden seeds: {', '.join(parts)}; the paper has 65 and 67 of {PAPER_POOL}, where "
        "independent rankings give 64.0 ± 6.0."
    )
