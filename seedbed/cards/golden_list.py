"""The golden seeds of a ranking, with what the run measured of them on prompts that chose none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from seedbed import store
from seedbed.card_schema import REFUTED, SUPPORTED, UNDECIDED
from seedbed.cards.parts import BETTER, entry, evidence, gain, plain
from seedbed.good_seed.golden import LOW_IS_GOOD, PAPERS
from seedbed.good_seed.judge import AS_MANY, BASELINE
from seedbed.good_seed.rank import ranks
from seedbed.statistics.verdicts import HIGHER, LEVEL, LOWER

CHOSEN_ON, OTHER = "set1", "set2"
ABOUT = (
    "seeds in the best {share:.0%} of the pool by every score of the ranking {ranking} on Set 1 "
    "(Good Seed, 4.1), best first by the sum of their ranks"
)
PARTS = {"test": "on test prompts", "transfer": "on prompts of another kind"}
AGAINST = {BASELINE: "the whole pool", AS_MANY: "as many seeds drawn at random"}
BETTER_THAN, WORSE = "better", "worse"
_NUMBERS = ["difference", "low", "high", "p_value", "p_adjusted", "n", "effect"]


def golden_list(files: Mapping[str, str], ranking: str, share: float, level: float) -> dict:
    """The list of one ranking.

    Args:
        files: ``golden``, ``scores``, ``evidence``, ``judged``, ``crossfit`` of the ranking
            (``cards.card_sources``).
        ranking: its name.
        share: of the pool in each top list.
        level: of the intervals.
    """
    golden = store.read_json(files["golden"], ["seeds", "k", "k_expected", "p_at_least_k", "tops"])
    scores = store.read_table(files["scores"], ["seed", "split"])
    facts = store.read_json(files["evidence"], ["n_seeds", "n_prompts", "set1_against_set2"])
    judged, crossfit = (
        store.read_table(files[key], ["arm", "against", "metric", "verdict", "part", *_NUMBERS])
        for key in ("judged", "crossfit")
    )
    metrics = [name for name in LOW_IS_GOOD if name in scores]
    on = {split: scores[scores["split"] == split].set_index("seed") for split in (CHOSEN_ON, OTHER)}
    after = _next(on[CHOSEN_ON], golden["seeds"], len(next(iter(golden["tops"].values()))))
    verdict, says = _verdict(judged, golden["k"])
    return entry(
        ABOUT.format(share=share, ranking=ranking),
        verdict,
        says,
        golden["seeds"],
        next=after,
        rows=[_row(seed, on, metrics) for seed in [*golden["seeds"], *after]],
        gain=list(_gains(on[CHOSEN_ON], crossfit, golden["seeds"])),
        evidence=[
            *_against(judged, PARTS, level, facts["n_seeds"]),
            *_against(crossfit, {"crossfit": "chosen on one set, judged on the other"}, level),
            *_repeats(facts, level),
            *_overlap(golden, facts["n_seeds"]),
        ],
    )


def _next(on: pd.DataFrame, golden: list[int], count: int) -> list[int]:
    """Who follows the golden seeds by the sum of the ranks that choose them."""
    chosen_by = [name for name in PAPERS if name in on]
    summed = sum(ranks(on[name], LOW_IS_GOOD[name]) for name in chosen_by)
    order = summed.sort_index().sort_values(kind="stable").index
    return [int(seed) for seed in order if seed not in golden][:count]


def _row(seed: int, on: Mapping[str, pd.DataFrame], metrics: list[str]) -> dict:
    """A seed's scores on both sets, with intervals and as shrunk."""
    found = {"seed": int(seed)}
    for split, table in on.items():
        for metric in metrics:
            for end in ("", "_low", "_high", "_shrunk"):
                found[f"{split}_{metric}{end}"] = plain(table.loc[seed, f"{metric}{end}"])
    return found


def _gains(on: pd.DataFrame, crossfit: pd.DataFrame, golden: list[int]) -> Iterator[dict]:
    if not golden:
        return
    for metric in (name for name in PAPERS if name in on):
        shrunk = on.loc[golden, f"{metric}_shrunk"].mean() - on[metric].mean()
        better = BETTER[LOW_IS_GOOD[metric]]
        yield gain(
            metric,
            shrunk,
            better,
            "shrunken",
            "mean over the golden seeds of their score on Set 1, each drawn to the pool's mean by "
            "the reliability of the scores, less the pool's mean",
        )
        for row in _rows(crossfit, metric, "crossfit", BASELINE):
            about = "against the whole pool, chosen on one set and judged on the other, both ways"
            yield gain(metric, row["difference"], better, "held out", about)


def _rows(table: pd.DataFrame, metric: str, part: str, against: str) -> list[dict]:
    wanted = (table["arm"] == "golden") & (table["metric"] == metric)
    wanted &= (table["part"] == part) & (table["against"] == against)
    return table[wanted].to_dict("records")


def _against(
    table: pd.DataFrame, parts: Mapping[str, str], level: float, n_seeds: int | None = None
) -> Iterator[dict]:
    for part, where in parts.items():
        for against, words in AGAINST.items():
            for metric in LOW_IS_GOOD:
                for row in _rows(table, metric, part, against):
                    n = {"prompts": row["n"]} | ({"pool": n_seeds} if n_seeds else {})
                    yield evidence(
                        f"golden seeds against {words}, {where}", metric, row, level=level, n=n
                    )


def _repeats(facts: Mapping, level: float) -> Iterator[dict]:
    n = {"seeds": facts["n_seeds"], **{k: v for k, v in facts["n_prompts"].items()}}
    for metric, found in facts["set1_against_set2"].items():
        if metric in PAPERS:
            rho = found["correlation"]
            yield evidence(
                "rankings repeat on a second prompt set (Spearman)",
                metric,
                {"value": rho["rho"], "low": rho["low"], "high": rho["high"]},
                chance_is="rankings that have nothing in common",
                p_value=found["covariance"]["p_value"],
                verdict=found["verdict"],
                level=level,
                n=n,
            )


def _overlap(golden: Mapping, n_seeds: int) -> Iterator[dict]:
    if golden["k_expected"] is not None:
        yield evidence(
            "seeds in both top lists",
            "k",
            {"value": golden["k"]},
            chance=golden["k_expected"],
            chance_is="expected of two independent rankings",
            p_value=golden["p_at_least_k"],
            n={"seeds": n_seeds},
        )


def _verdict(judged: pd.DataFrame, k: int) -> tuple[str, str]:
    """By a score better than the pool and than as many seeds at random on test prompts, and worse
    than the pool by none. A few seeds differ from a pool's mean by luck: then random ones do too.
    """
    if not k:
        return UNDECIDED, "no seed is in the top list of every score"
    said = {m: _told(judged, m) for m in PAPERS if _rows(judged, m, "test", BASELINE)}
    verdict = UNDECIDED
    if WORSE in said.values() or set(said.values()) == {LEVEL}:
        verdict = REFUTED
    elif BETTER_THAN in said.values():
        verdict = SUPPORTED
    words = ", ".join(f"{told} by {metric}" for metric, told in said.items())
    return verdict, (
        "against the whole pool and as many seeds drawn at random, on test prompts that chose none "
        f"of them: {words}"
    )


def _told(judged: pd.DataFrame, metric: str) -> str:
    (pool,) = _rows(judged, metric, "test", BASELINE)
    at_random = [row["verdict"] for row in _rows(judged, metric, "test", AS_MANY)]
    good = BETTER[LOW_IS_GOOD[metric]]
    if pool["verdict"] not in (HIGHER, LOWER):
        return pool["verdict"]
    if pool["verdict"] != good:
        return WORSE
    return BETTER_THAN if at_random == [good] else UNDECIDED
