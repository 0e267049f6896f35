"""The whole chain, from scores to golden seeds to their trial, on worlds whose truth is known.

In each world seeds are scored on two sets of prompts, golden ones chosen and tried on a third set
and, cross-fitted, on the two: by the functions that judge a run. What a difference should be comes
from many more prompts of the same world, at equal n.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from seedbed.good_seed import worlds
from seedbed.good_seed.crossfit import DIRECTIONS, crossfit
from seedbed.good_seed.golden import LOW_IS_GOOD, select_on, spreads
from seedbed.good_seed.halves import judging_half
from seedbed.good_seed.judge import judge
from seedbed.good_seed.study import Measured
from seedbed.good_seed.trial_seeds import arm_pairs, arms_of
from seedbed.statistics import frechet
from seedbed.statistics.binomial import wilson
from seedbed.statistics.verdicts import HIGHER, LOWER

PARTS = {"set1": 0, "set2": 1, "test": 2}
DESIGNS = {"test": "other prompts", "crossfit": "cross-fitted"}


@dataclass(frozen=True)
class Sizes:
    """How large a world is.

    Attributes:
        seeds: the pool.
        prompts: of each set.
        d: features of a picture.
        trials: of the trial on other prompts.
        truth: further sets of as many prompts, for what a difference should be.
    """

    seeds: int = 24
    prompts: int = 48
    d: int = 4
    trials: int = 3
    truth: int = 40


STATISTICS = {"bootstrap": 200, "permutations": 99, "level": 0.95, "margin": 0.25}
QUANTILE = 0.25


def world(kind: str, number: int, seed: int, sizes: Sizes = Sizes()) -> list[dict]:
    """One world, from its scores to its verdicts.

    Args:
        kind: of ``worlds.KINDS``.
        number: of the world; it and ``seed`` decide all that is drawn.
        seed: of the simulation.
        sizes: of the world.

    Returns:
        A row per design and metric: ``kind``, ``world``, ``design``, ``metric``, ``k``,
        ``difference`` of golden seeds to the pool, ``low``, ``high``, ``p_value``, ``verdict``,
        ``truth``. Where no seed is golden, rows hold ``k`` = 0 alone.
    """
    rng = np.random.default_rng([seed, worlds.KINDS.index(kind), number])
    n = sizes.prompts
    drawn = worlds.draw(kind, sizes.seeds, (3 + sizes.truth) * n, sizes.d, rng)
    cube, scores, real = drawn
    statistics = STATISTICS | {"seed": int(rng.integers(2**31))}
    seeds = list(range(sizes.seeds))
    ranks_by = frechet.Reference.from_features(real[: len(real) // 2])
    frame = pd.concat(
        pd.DataFrame(
            {
                "seed": seeds,
                "split": part,
                "fd": frechet.per_seed(cube[:, i * n : (i + 1) * n], ranks_by),
                "preference": scores[:, i * n : (i + 1) * n].mean(axis=1),
            }
        )
        for part, i in PARTS.items()
        if part != "test"
    )
    reference = judging_half(real)
    ids = [f"p{i:04d}" for i in range(3 * n)]
    prompts = pd.DataFrame({"prompt_id": ids, "split": np.repeat(list(PARTS), n)})
    index = pd.MultiIndex.from_product([seeds, ids], names=["seed", "prompt_id"])
    index = index.to_frame(index=False)
    table = index.assign(score=scores[:, : 3 * n].ravel())
    features = cube[:, : 3 * n].reshape(-1, sizes.d)
    measured = Measured(index, features, reference, table)
    chosen = {part: asdict(select_on(frame, part, QUANTILE)) for part in ("set1", "set2")}
    found = []
    golden = chosen["set1"]
    if golden["k"]:
        arms = arms_of(golden, seeds, 1, sizes.trials, statistics["seed"])
        arms = {arm: arms[arm] for arm in ("golden", "random_k", "pool")}
        pairs = arm_pairs(arms, ids[2 * n :], statistics["seed"])
        found.append(judge(prompts, pairs, measured, spreads(frame), statistics)[1])
    on = prompts["split"].isin(["set1", "set2"])
    found.append(crossfit(prompts[on], measured, frame, QUANTILE, statistics)[1])
    told = pd.concat(found)
    told = told[(told["arm"] == "golden") & (told["against"] == "pool")]
    told = told.set_index(["part", "metric"])
    truths = {
        part: _truth(golden["seeds"], cube, scores, reference, n, rng)
        for part, golden in chosen.items()
        if golden["k"]
    }
    rows = []
    for part, design in DESIGNS.items():
        counted = ["set1"] if part == "test" else [chosen_on for chosen_on, _ in DIRECTIONS]
        mine = [truths[name] for name in counted if name in truths]
        for metric in ("fd", "preference"):
            row = {"kind": kind, "world": number, "design": design, "metric": metric}
            row["k"] = sum(chosen[name]["k"] for name in counted) / len(counted)
            if mine:
                columns = ["difference", "low", "high", "p_value", "verdict"]
                row |= told.loc[(part, metric), columns].to_dict()
                row["truth"] = float(np.mean([truth[metric] for truth in mine]))
            rows.append(row)
    return rows


def _truth(golden, cube, scores, reference, n: int, rng: np.random.Generator) -> dict[str, float]:
    """Golden seeds less the pool on the prompts that nothing else uses, in sets of n."""
    golden, rest = np.asarray(golden), np.arange(3 * n, cube.shape[1])
    mean = scores[golden][:, rest].mean() - scores[:, rest].mean()
    points = frechet.ProjectedFeatures.of(
        cube.reshape(-1, cube.shape[-1]), frechet.Reference.from_features(reference)
    )
    gaps = []
    for prompts in rest.reshape(-1, n):
        for arm, sign in ((golden, 1), (np.arange(len(cube)), -1)):
            rows = rng.choice(arm, size=(2, n)) * cube.shape[1] + prompts
            gaps += [sign * points.distances(rows).mean()]
    return {"preference": float(mean), "fd": 2 * float(np.mean(gaps))}


def simulate(kind: str, count: int, seed: int, sizes: Sizes = Sizes()) -> pd.DataFrame:
    """``count`` worlds of a kind: rows of ``world``."""
    return pd.DataFrame([row for i in range(count) for row in world(kind, i, seed, sizes)])


def summary(rows: pd.DataFrame) -> pd.DataFrame:
    """What the chain finds in the worlds.

    Args:
        rows: of ``simulate``.

    Returns:
        A row per kind, design and metric: ``worlds``, ``with_golden`` (worlds with a golden seed),
        ``mean_k``, ``truth`` (mean), ``difference`` (mean), shares of worlds with a golden seed
        whose verdict is ``better``, ``worse``, ``level``, and ``covered`` (the interval holds the
        truth), each with 95 % limits (Wilson).
    """
    return pd.DataFrame(_summarised(rows))


def _summarised(rows: pd.DataFrame) -> Iterator[Mapping]:
    for (kind, design, metric), part in rows.groupby(["kind", "design", "metric"], sort=False):
        told = part.dropna(subset=["difference"])
        good, bad = (LOWER, HIGHER) if LOW_IS_GOOD[metric] else (HIGHER, LOWER)
        shares = {
            "better": told["verdict"] == good,
            "worse": told["verdict"] == bad,
            "level": told["verdict"] == "level",
            "covered": (told["low"] <= told["truth"]) & (told["truth"] <= told["high"]),
        }
        row = {"kind": kind, "design": design, "metric": metric, "worlds": len(part)}
        row |= {"with_golden": len(told), "mean_k": part["k"].mean()}
        row |= {"truth": told["truth"].mean(), "difference": told["difference"].mean()}
        for name, yes in shares.items():
            low, high = map(float, wilson(int(yes.sum()), len(yes))) if len(yes) else (0.0, 1.0)
            row |= {name: yes.mean(), f"{name}_low": low, f"{name}_high": high}
        yield row
