"""README's words about Lottery Ticket: numbers of a finished run, and sentences from them.

Verdicts are those of the tables (``statistics.verdicts``): higher, lower, level, undecided.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pandas as pd

from seedbed import store
from seedbed.layouts.table import SIZES
from seedbed.lottery_ticket.comparison.arms import BASE
from seedbed.plan import Plan
from seedbed.render.catalog.lottery_common import OF_DETECTOR, OF_MODEL
from seedbed.render.readme_ledger import claims_said
from seedbed.render.wording import interval, joined, number, p_value
from seedbed.statistics.verdicts import HIGHER, LEVEL, LOWER, UNDECIDED

PRINTED = 0.01
"""The paper gives IoU to two decimals and no interval: what differs by one step counts as level."""
FIGURE4 = "4"
MEASURES = {"iou": ("IoU", 3, ""), "success": ("R_suc", 1, " points")}
"""Name, digits and unit of each measure."""
NOT_THERE = "No run of Lottery Ticket is told here yet."

At = Callable[[str], Path]
"""Where a path of a run lies."""


# Numbers


def gathered(plan: Plan, at: At) -> dict:
    """Every number that the section needs.

    Args:
        plan: of the run.
        at: where its files lie.
    """
    study = plan.lottery_ticket
    found = []
    for model in plan.ticket_models:
        scenes = store.read_table(at(plan.run.path("images", model, "scenes.parquet")))
        scenes = scenes[scenes["figure"] == FIGURE4].dropna(subset=["iou_sd", "iou_semi"])
        for detector in plan.detectors:
            below = {"model": model, "detector": detector}

            def table(name: str, place: str = OF_DETECTOR, below=below) -> pd.DataFrame:
                path = plan.run.table(f"{place.format(**below)}/{name}")[0]
                return pd.read_csv(at(path), keep_default_na=True)

            found.append(
                {
                    **below,
                    "methods": _arms(table("table1")),
                    "settings": _arms(table("table2")),
                    "rivals": _rivals(table("comparison")),
                    "tuning": _tuning(table("tuning")) if plan.controls else [],
                    "properties": table("properties", OF_MODEL).to_dict("records"),
                    "figure4": {
                        "sd": scenes["iou_sd"].mean(),
                        "semi": scenes["iou_semi"].mean(),
                        "n_objects": len(scenes),
                    },
                }
            )
    alone = [arm for arm in plan.arms.values() if arm.how.tickets and arm.how.partner == "sd"]
    return {
        "level": study["interval"],
        "margins": study["margins"],
        "semi": plan.arms[BASE].label,
        "readings": [arm.name for arm in alone if arm.name == arm.method],
        "studies": found,
    }


def _difference(row: Mapping) -> dict:
    named = "difference_low" in row
    low, high = ("difference_low", "difference_high") if named else ("low", "high")
    kept = {"difference": row["difference"], "low": row[low], "high": row[high]}
    verdict = row["verdict"] if isinstance(row["verdict"], str) else None
    return kept | {"p": row["p_value"], "p_adjusted": row["p_adjusted"], "verdict": verdict}


def _arms(table: pd.DataFrame) -> dict[str, dict]:
    """Every arm of an arm table at the confidence that is shown, over all sizes and by size."""
    table = table[table["confidence"] == table["confidence"].max()]

    def measures(rows: pd.DataFrame) -> dict[str, dict]:
        return {
            row["measure"]: _difference(row) | {"value": row["value"], "paper": row["paper"]}
            for row in rows.to_dict("records")
        }

    found = {}
    for arm, rows in table.groupby("arm", sort=False):
        every = rows[rows["size"] == "all"]
        partner = every["partner"].iloc[0]
        found[arm] = {
            "label": rows["method"].iloc[0],
            "partner": partner if isinstance(partner, str) else None,
            "n_objects": every["n_objects"].iloc[0],
            "n_images": every["n_images"].iloc[0],
            **measures(every),
            "sizes": {size: measures(rows[rows["size"] == size]) for size in SIZES},
        }
    return found


def _rivals(table: pd.DataFrame) -> dict[str, dict]:
    """By SemI, then by the method that it is set beside."""
    found: dict[str, dict] = {}
    for row in table.to_dict("records"):
        of_pair = found.setdefault(row["arm"], {}).setdefault(row["partner"], {})
        of_pair[row["measure"]] = _difference(row) | {"paper": row["paper_difference"]}
    return found


def _tuning(table: pd.DataFrame) -> list[dict]:
    rows = []
    for control, part in table.groupby("control", sort=False):
        chosen = part[part["chosen"]].iloc[0]
        rows.append(
            {
                "control": control,
                "choices": len(part),
                "chosen": chosen["constants"],
                "at_edge": chosen["at_edge"] if isinstance(chosen["at_edge"], str) else "",
                "by_success": part.loc[part["best_success"], "constants"].iloc[0],
                "n_objects": chosen["n_objects"],
            }
        )
    return rows


# Verdicts


def in_the_paper(difference: float | None) -> str:
    """How the paper has it, by its printed IoU alone."""
    if difference is None:
        return "not in the paper"
    steps = round(difference / PRINTED)
    return f"paper: {LEVEL if abs(steps) <= 1 else HIGHER if steps > 0 else LOWER}"


def travels(test: Mapping) -> str:
    """Whether blocks carry their scores: above blocks at random, intervals apart, and how much.

    Weakly below a rank correlation of 0.3, moderately below 0.5, strongly from there.
    """
    if test["low"] <= test["control_high"]:
        return "It cannot be told whether blocks carry their scores with them"
    strength = "weakly" if test["rho"] < 0.3 else "moderately" if test["rho"] < 0.5 else "strongly"
    return f"Blocks carry their scores with them, {strength}"


def belongs_to(test: Mapping) -> str:
    """To what most of a score belongs: a correlation of two readings is what they share."""
    most = "the place and the surroundings" if test["rho"] < 0.5 else "the block"
    return f"most of a score belongs to {most}"


def against(verdicts: Mapping[str, str]) -> str:
    """``lower than Paint and Soft, level with Swap``, from verdicts by label."""
    words = {HIGHER: "higher than", LOWER: "lower than", LEVEL: "level with"}
    words[UNDECIDED] = "undecided against"
    groups = {word: [k for k, v in verdicts.items() if v == word] for word in words}
    return ", ".join(f"{words[word]} {joined(group)}" for word, group in groups.items() if group)


def counted(verdicts: Sequence[str]) -> str:
    """``higher in 1 of 3 cases, level in 2``."""
    found = [(word, verdicts.count(word)) for word in (HIGHER, LOWER, LEVEL, UNDECIDED)]
    (first, count), *rest = [(word, n) for word, n in found if n]
    said = f"{first} in {count} of {len(verdicts)} cases"
    return ", ".join([said, *(f"{word} in {n}" for word, n in rest)])


# Words


def _tested(found: Mapping, measure: str, named: bool = True) -> str:
    name, digits, unit = MEASURES[measure]
    around = interval(found["low"], found["high"], digits, signed=True)
    amount = number(found["difference"], digits, signed=True)
    return f"{name + ' ' if named else ''}{amount}{unit} {around}, {p_value(found['p'])}"


def _both(found: Mapping) -> str:
    """``IoU higher, R_suc level``."""
    return ", ".join(f"{name} {found[key]['verdict']}" for key, (name, *_) in MEASURES.items())


def _numbers(found: Mapping) -> str:
    return "; ".join(_tested(found[measure], measure) for measure in MEASURES)


def lottery_ticket_section(results: Mapping) -> str:
    """What the run found in Lottery Ticket, per model and detector."""
    found = results["lottery_ticket"]
    parts = []
    for study in found["studies"]:
        sd = study["methods"]["sd"]
        alpha, margins = 1 - found["level"], found["margins"]
        of = f"`{study['model']}`, boxes by `{study['detector']}`. "
        lines = [
            f"{of}{sd['n_images']} layouts ({sd['n_objects']} objects), every method and every "
            f"setting on the same layouts and seeds, {100 * found['level']:.0f} % intervals over "
            f"layouts. A difference is *higher* or *lower* where its interval excludes 0 and p < "
            f"{alpha:.2g}, *level* where its {100 * (1 - 2 * alpha):.0f} % interval lies within "
            f"±{margins['iou']:g} IoU or ±{margins['success']:g} points of R_suc, else "
            "*undecided*; p is of each test alone, adjusted for all of a table in the tables:",
            "",
            f"- {_semi_said(study, found['readings'])}",
            f"- {_sizes_said(study, found['readings'])}",
            f"- {_rivals_said(study, found['readings'])}",
        ]
        for said in (_added_said(study), _settings_said(study), _tuning_said(study, found)):
            lines += [f"- {said}"] if said else []
        parts.append("\n".join([*lines, f"- {_properties_said(study)}"]))
    if not parts:
        return NOT_THERE
    said = claims_said(results["ledger"], "Lottery Ticket")
    return "\n\n".join([*parts, f"Every claim of the paper, as above. {said}"])


def _semi_said(study: Mapping, readings: Sequence[str]) -> str:
    methods, four = study["methods"], study["figure4"]
    parts = []
    for arm in readings:
        semi, sd = methods[arm], methods["sd"]
        iou, success = semi["iou"], semi["success"]
        theirs = ""
        if success["paper"] is not None and sd["success"]["paper"] is not None:
            gain = success["paper"] - sd["success"]["paper"]
            theirs = f" (paper, SD 1.4 on COCO: {number(gain, 1, signed=True)})"
        parts.append(
            f"**{semi['label']} against random noise: {_both(semi)}**: IoU "
            f"{number(iou['value'], 3)} against {number(sd['iou']['value'], 3)}, "
            f"{_tested(iou, 'iou', False)}; R_suc {number(success['value'], 1)} against "
            f"{number(sd['success']['value'], 1)} %, {_tested(success, 'success', False)}{theirs}."
        )
    return (
        " ".join(parts) + f" With three objects and tickets collected on the fly (Figure 4) "
        f"{methods[BASE]['label']} has IoU {number(four['semi'], 2)} against "
        f"{number(four['sd'], 2)} ({four['n_objects']} objects)."
    )


def _sizes_said(study: Mapping, readings: Sequence[str]) -> str:
    parts = []
    for arm in readings:
        semi = study["methods"][arm]
        # Numbers of the others stand in Table 1.
        of_size = [
            f"{size} {_both(of)}" + (f" ({_numbers(of)})" if arm == BASE else "")
            for size, of in semi["sizes"].items()
        ]
        parts.append(f"{semi['label']}: {'; '.join(of_size)}")
    return f"**The gain by size of object**. {'. '.join(parts)}."


def _rivals_said(study: Mapping, readings: Sequence[str]) -> str:
    labels = {arm: about["label"] for arm, about in study["methods"].items()}
    said = {}
    for arm in readings:
        of = study["rivals"].get(arm, {})
        said[arm] = {
            measure: against({labels[p]: found[measure]["verdict"] for p, found in of.items()})
            for measure in MEASURES
        }
    first = study["rivals"].get(BASE)
    if not first:
        return "SemI is set beside no other method in this run."
    lines = [
        f"  - {labels[partner]}: {_both(of)} ({in_the_paper(of['iou']['paper'])}): {_numbers(of)}"
        for partner, of in first.items()
    ]
    lines += [
        f"  - {labels[arm]}: IoU {said[arm]['iou']}; R_suc {said[arm]['success']}"
        for arm in readings
        if arm != BASE
    ]
    head = f"**{labels[BASE]} is in IoU {said[BASE]['iou']}; in R_suc {said[BASE]['success']}**:"
    return "\n".join([head, *lines])


def _added_said(study: Mapping) -> str:
    methods = study["methods"]
    combined = {a: m for a, m in methods.items() if m["partner"] not in (None, "sd")}
    groups: dict[str, list[str]] = {}
    for arm, about in combined.items():
        groups.setdefault(about["label"].partition("+")[0], []).append(arm)
    parts = []
    for semi, arms in groups.items():
        verdicts = {k: [combined[a][k]["verdict"] for a in arms] for k in MEASURES}
        details = [
            f"{combined[a]['label']} {_both(combined[a])} ({_numbers(combined[a])})" for a in arms
        ]
        iou, success = (counted(verdicts[measure]) for measure in MEASURES)
        head = f"{semi} is in IoU {iou}, in R_suc {success}"
        # Numbers of the others stand in Table 1.
        parts.append(head if parts else f"{head}: {'; '.join(details)}")
    if not parts:
        return ""
    return f"**On top of another method, against that method alone**: {'. '.join(parts)}."


def _properties_said(study: Mapping) -> str:
    tests = {row["test"]: row for row in study["properties"]}
    moved = tests["another place and noise"]
    parts = [
        f"to {name} {number(row['rho'], 2)} {interval(row['low'], row['high'], 2)}, at random "
        f"{number(row['control_rho'], 2)} {interval(row['control_low'], row['control_high'], 2)}"
        for name, row in tests.items()
    ]
    return (
        f"**{travels(moved)}** (moved to another place in another noise; scores as read): Spearman "
        f"of the score before and after the move {'; '.join(parts)}. On this model "
        f"{belongs_to(moved)}."
    )


def _settings_said(study: Mapping) -> str:
    tested = {a: s for a, s in study["settings"].items() if s["partner"]}
    if not tested:
        return ""
    semi = study["methods"][BASE]["label"]
    groups = {
        word: [s for s in tested.values() if s["iou"]["verdict"] == word]
        for word in (HIGHER, LOWER, LEVEL, UNDECIDED)
    }
    differ = [s for word in (HIGHER, LOWER) for s in groups[word]]
    marked = [
        f"{s['label']}: {_both(s)} ({_numbers(s)}; adjusted p = {s['iou']['p_adjusted']:.3f})"
        for s in differ
    ]
    said = f" {'; '.join(marked)}." if marked else ""
    for word, name in ((LEVEL, "Level"), (UNDECIDED, "Undecided")):
        if groups[word]:
            said += f" {name} in IoU: {', '.join(s['label'] for s in groups[word])}."
    return (
        f"**Of {len(tested)} settings {len(differ)} {'differs' if len(differ) == 1 else 'differ'} "
        f"from {semi} in IoU, {len(groups[LEVEL])} "
        f"{'is' if len(groups[LEVEL]) == 1 else 'are'} level with it** (of as many tests of equal "
        f"settings one in twenty would differ by chance).{said}"
    )


def _tuning_said(study: Mapping, found: Mapping) -> str:
    if not study["tuning"]:
        return ""
    parts = []
    for row in study["tuning"]:
        said = f"{row['control']} {row['choices']} ({row['chosen']}"
        said += f", at an edge even so: {row['at_edge']}" if row["at_edge"] else ""
        same = row["by_success"] == row["chosen"]
        parts.append(said + ("" if same else f"; R_suc would choose {row['by_success']}") + ")")
    rules = len(found["readings"])
    said = (
        f"**Budgets**: constants were chosen by mean IoU on {study['tuning'][0]['n_objects']} "
        f"held-out objects; choices tried and the chosen ones: {', '.join(parts)}. SemI has no "
        f"constant to choose and {rules} {'rule' if rules == 1 else 'rules'} of selection, all of "
        "them shown"
    )
    if any("ours" in study["methods"][arm]["label"] for arm in found["readings"]):
        said += "; ours was found on other held-out layouts, a search that no other method had"
    return f"{said}."


def gallery_section(results: Mapping) -> str:
    """The sentence under Figure 4."""
    found = results["lottery_ticket"]
    if not found["studies"]:
        return f"*{NOT_THERE}*"
    four = found["studies"][0]["figure4"]
    return (
        f"*{found['semi']}: mean IoU with the wanted boxes {number(four['sd'], 2)} → "
        f"{number(four['semi'], 2)} ({four['n_objects']} objects).*"
    )
