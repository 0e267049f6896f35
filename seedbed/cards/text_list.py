"""Seeds that paint text where a part of a picture is filled in (Good Seed, 4.3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from seedbed import store
from seedbed.card_schema import SUPPORTED, UNDECIDED
from seedbed.cards.parts import entry, evidence, gain, plain
from seedbed.statistics.nulls import shrunken

ABOUT = (
    "seeds that paint more text than all seeds do on average, by their interval, in every mode of "
    "inpainting (Good Seed, 4.3)"
)
ALPHA = 0.05


def text_list(files: Mapping[str, str], level: float) -> dict:
    """The list of an inpainting model.

    Args:
        files: ``seeds``, ``evidence`` of the text that its seeds fill in (``cards.card_sources``).
        level: of the intervals.
    """
    table = store.read_table(files["seeds"], ["mode", "seed", "mean", "low", "high", "n"])
    facts = store.read_json(files["evidence"], ["modes", "n_seeds", "between"])
    mean = table["mode"].map({mode: about["mean"] for mode, about in facts["modes"].items()})
    above = table.assign(above=table["low"] > mean).groupby("seed")["above"].all()
    order = table.groupby("seed")["mean"].mean().sort_values(ascending=False, kind="stable")
    seeds = [int(seed) for seed in order.index if above[seed]]
    verdict = SUPPORTED if _differ(facts) and seeds else UNDECIDED
    rows = table[table["seed"].isin(seeds)].sort_values(["seed", "mode"])
    return entry(
        ABOUT,
        verdict,
        f"seeds differ in the text they paint, in every mode alike: {verdict}",
        seeds,
        rows=[{key: plain(value) for key, value in row.items()} for row in rows.to_dict("records")],
        evidence=[*_gaps(facts), *_agreement(facts, level)],
        gain=list(_gains(facts, table, seeds)),
    )


def _differ(facts: Mapping) -> bool:
    between = facts["between"]
    agree = len(facts["modes"]) == 1 or (between is not None and between["low"] > 0)
    return agree and all(about["p_value"] < ALPHA for about in facts["modes"].values())


def _gaps(facts: Mapping) -> Iterator[dict]:
    for mode, about in facts["modes"].items():
        yield evidence(
            f"{mode}: text share of the seed with most less that of the seed with least",
            "gap",
            {"value": about["gap"], "p_value": about["p_value"]},
            chance=about["gap_null_95"],
            chance_is="95 % of seed labels exchanged within pictures stay below",
            n={"seeds": facts["n_seeds"], "pairs": about["n_pairs"], "images": about["n_images"]},
        )


def _agreement(facts: Mapping, level: float) -> Iterator[dict]:
    if facts["between"] is not None:
        found = facts["between"]
        yield evidence(
            "modes agree on the seeds (Spearman)",
            "rho",
            {key: found[key] for key in ("low", "high", "p_value")} | {"value": found["rho"]},
            chance_is="seeds permuted",
            level=level,
            n={"seeds": facts["n_seeds"]},
        )


def _gains(facts: Mapping, table: pd.DataFrame, seeds: list[int]) -> Iterator[dict]:
    if not seeds:
        return
    trust = facts["between"]["rho"] if facts["between"] else 0.0
    for mode, part in table.groupby("mode"):
        shrunk = part.assign(shrunk=shrunken(part["mean"].to_numpy(), trust))
        yield gain(
            f"text share, {mode}",
            shrunk.loc[shrunk["seed"].isin(seeds), "shrunk"].mean() - part["mean"].mean(),
            "lower",
            "shrunken",
            "mean over the seeds to avoid of their text share, each drawn to that of all seeds by "
            "how far the modes agree, less that of all seeds",
        )
