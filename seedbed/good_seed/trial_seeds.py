"""The arms of the golden-seed trial: which seeds each draws from, and one draw per prompt.

Good Seed, section 4.1: golden seeds against random ones, three trials; one seed per prompt is
our reading (the paper does not say). Kept apart from the statistics, so that an edit
there does not draw the pictures again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from seedbed import store

SEED_LIMIT = 2**32


def assignments(
    arm_seeds: Collection[int], prompt_ids: Sequence, trial: int, seed: int
) -> pd.Series:
    """One seed of the arm per prompt, drawn with replacement; a Series by prompt_id.

    Depends on (seed, trial), on the set of arm_seeds and on the order of prompt_ids only.
    """
    pool = np.array(sorted(set(arm_seeds)), dtype=np.int64)
    if not len(pool):
        raise ValueError("the arm holds no seeds: widen the quantile of the selection")
    index = pd.Index(prompt_ids, name="prompt_id")
    if not index.is_unique:
        raise ValueError(f"prompt {index[index.duplicated()][0]!r} is listed twice")
    rng = np.random.default_rng([seed, trial])
    return pd.Series(rng.choice(pool, size=len(index)), index=index, name="seed")


def fresh_seeds(pool: Collection[int], n: int, seed: int) -> tuple[int, ...]:
    """n different seeds below 2**32 that are not in the pool."""
    pool = {int(s) for s in pool}
    rng = np.random.default_rng(seed)
    fresh: dict[int, None] = {}
    while len(fresh) < n:
        drawn = rng.integers(SEED_LIMIT, size=n - len(fresh)).tolist()
        fresh.update(dict.fromkeys(s for s in drawn if s not in pool))
    return tuple(fresh)


def arm_seeds(arm: str, golden: dict, pool: Sequence[int], n_fresh: int, seed: int) -> list[int]:
    """The seeds an arm of the comparison draws from.

    ``golden``: those chosen; ``random``: the whole ranked pool, as in the paper's baseline
    (its reading: U{0..1023}); ``fresh``: seeds outside the pool. Empty where no seed is golden:
    two rankings may share none, which is a result.
    """
    if arm == "golden":
        return list(golden["seeds"])
    if arm == "random":
        return list(pool)
    if arm == "fresh":
        return list(fresh_seeds(pool, n_fresh, seed))
    raise ValueError(f"arm {arm!r} is unknown: use golden, random or fresh")


def read_golden(path: str | Path, pool: Collection[int]) -> dict:
    """The stored choice of golden seeds (``golden.Golden`` and ``selection_prompts``).

    Raises:
        StoreError: it lacks a key, or its seeds are not ``k`` different ones of the pool.
    """
    golden = store.read_json(path, ["seeds", "k", "selection_prompts"])
    seeds = golden["seeds"]
    if not isinstance(seeds, list):
        raise store.StoreError(f"{path}: seeds: {seeds!r} is no list; {store.AGAIN}")
    strange = [s for s in seeds if type(s) is not int or s not in pool]
    if strange or len(set(seeds)) != golden["k"]:
        fault = f"{strange[0]!r} is no seed of the pool" if strange else "they are not k different"
        raise store.StoreError(f"{path}: golden seeds {seeds[:5]}…: {fault}; {store.AGAIN}")
    return golden


def arm_pairs(
    arms: Mapping[str, Sequence[int]], prompts: pd.DataFrame, trials: int, seed: int
) -> pd.DataFrame:
    """``arm``, ``trial``, ``seed``, ``prompt_id``: one seed per arm, trial and prompt.

    Every arm has its own draws: the generator takes the arm's place in ``arms`` too. An arm
    without seeds draws nothing.
    """
    ids = prompts["prompt_id"].tolist()
    parts = [
        assignments(seeds, ids, trial, seed + place).reset_index().assign(arm=arm, trial=trial)
        for place, (arm, seeds) in enumerate(arms.items())
        if seeds
        for trial in range(trials)
    ]
    return pd.concat(parts, ignore_index=True)[["arm", "trial", "seed", "prompt_id"]]
