"""Seeds to avoid: those that trigger a habit whatever the prompt, told by pixels or a detector."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from seedbed import store
from seedbed.card_schema import REFUTED, SUPPORTED, UNDECIDED
from seedbed.cards.parts import any_of, entry, evidence, gain, plain
from seedbed.good_seed.habits import ALPHA
from seedbed.statistics.nulls import shrunken
from seedbed.statistics.verdicts import HIGHER, LEVEL

ABOUT = (
    "seeds whose pictures show {habits} more often than the most of as many seeds permuted within "
    "prompts (Good Seed, 3.4); confirmed: chosen on every second prompt and above chance on the "
    "others too"
)
NOT_SEEN = "not seen"
_RATES = ["rate", "low", "high", "p_corrected", "first", "second", "p_second"]
_SUMMARY = ["share", "share_low", "share_high", "share_null_95", "p_value", "p_adjusted", "verdict"]
_SUMMARY += ["rate", "images", "n_seeds", "n_prompts", "flagged", "flagged_by_chance", "chosen"]
_SUMMARY += ["confirmed", "chosen_rate", "most_by_chance"]


def habit_list(files: Mapping[str, str], habits: Sequence[str], level: float) -> dict:
    """The list of one or several habits.

    Args:
        files: ``seeds``, ``summary`` of the model's habits (``cards.card_sources``).
        habits: of the table.
        level: of the intervals.
    """
    summary = store.read_table(files["summary"], ["habit", *_SUMMARY])
    summary = summary[summary["habit"].isin(habits)].to_dict("records")
    seeds = store.read_table(files["seeds"], ["seed", "habit", "flagged", "confirmed", *_RATES])
    parts = [_with_shrunk(seeds, at) for at in summary]
    told = pd.concat([part[part["flagged"] | part["confirmed"]] for part in parts])
    told = told.sort_values(["rate", "seed"], ascending=[False, True], kind="stable")
    verdicts = {at["habit"]: _verdict(at) for at in summary}
    return entry(
        ABOUT.format(habits=" or ".join(map(_words, habits))),
        any_of(list(verdicts.values())),
        "that some seeds trigger it, on prompts that did not choose them: "
        + ", ".join(f"{_words(habit)} {verdict}" for habit, verdict in verdicts.items()),
        list(dict.fromkeys(told["seed"].tolist())),
        rows=[_row(row) for row in told.to_dict("records")],
        evidence=[row for at in summary for row in _evidence(at, level)],
        gain=[row for at, part in zip(summary, parts, strict=True) for row in _gains(at, part)],
    )


def reliability(share: float, n_prompts: int) -> float:
    """Of a seed's rate over n prompts, from the share of variance that one prompt has in common
    with another (Spearman and Brown); a negative share counts as 0."""
    share = max(share, 0.0)
    return n_prompts * share / (1 + (n_prompts - 1) * share)


def _words(habit: str) -> str:
    side = habit.removeprefix("border_")
    return habit if side == habit else f"{side} border"


def _with_shrunk(seeds: pd.DataFrame, at: Mapping) -> pd.DataFrame:
    own = seeds[seeds["habit"] == at["habit"]]
    trust = reliability(at["share"], at["n_prompts"])
    return own.assign(rate_shrunk=shrunken(own["rate"].to_numpy(), trust))


def _verdict(at: Mapping) -> str:
    if at["verdict"] in (LEVEL, NOT_SEEN):
        return REFUTED
    return SUPPORTED if at["verdict"] == HIGHER and at["confirmed"] > 0 else UNDECIDED


def _row(row: Mapping) -> dict:
    numbers = {key: plain(row[key]) for key in (*_RATES, "rate_shrunk")}
    said = {key: bool(row[key]) for key in ("flagged", "confirmed")}
    return {"seed": int(row["seed"]), "habit": row["habit"], **numbers, **said}


def _evidence(at: Mapping, level: float) -> Iterator[dict]:
    name = _words(at["habit"])
    n = {"seeds": at["n_seeds"], "prompts": at["n_prompts"], "images": at["images"]}
    yield evidence(
        f"{name}: share of the variance between pictures that seeds have in common",
        "share",
        {
            "value": at["share"],
            "low": at["share_low"],
            "high": at["share_high"],
            "p_value": at["p_value"],
            "p_adjusted": at["p_adjusted"],
        },
        chance=at["share_null_95"],
        chance_is="95 % of permutations stay below",
        verdict=at["verdict"],
        level=level,
        n=n,
    )
    yield evidence(
        f"{name}: seeds above the most by chance",
        "flagged",
        {"value": at["flagged"]},
        chance=at["flagged_by_chance"],
        chance_is="expected, at most",
        n=n,
    )
    yield evidence(
        f"{name}: of the {at['chosen']} seeds chosen on every second prompt, confirmed on the rest",
        "confirmed",
        {"value": at["confirmed"]},
        chance=ALPHA,
        chance_is="chance that one of them is false, at most",
        n=n | {"chosen": at["chosen"]},
    )


def _gains(at: Mapping, part: pd.DataFrame) -> Iterator[dict]:
    flagged = part[part["flagged"]]
    name = f"rate of {_words(at['habit'])}"
    if len(flagged):
        yield gain(
            name,
            flagged["rate_shrunk"].mean() - at["rate"],
            "lower",
            "shrunken",
            "mean over the seeds to avoid of their rate, each drawn to that of all seeds by the "
            "reliability of rates, less that of all seeds",
        )
    if at["chosen"]:
        yield gain(
            name,
            at["chosen_rate"] - at["rate"],
            "lower",
            "held out",
            "rate of the seeds chosen on every second prompt, on the others, less that of all",
        )
