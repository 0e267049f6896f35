"""The arms of the golden-seed trial: which seeds each draws from, and one draw per prompt.

Good Seed, section 4.1: golden seeds against random ones, three trials; one seed per prompt is
our reading (the paper does not say). Kept apart from the statistics, so that an edit
there does not draw the pictures again.

Arms draw with common random numbers: for each trial and prompt every seed has a random key,
and an arm takes the seed with the least key among its own. Within an arm each seed is as likely
as any other; arms that share seeds share pictures as often as can be, which are drawn once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from seedbed import store

SEED_LIMIT = 2**32
RANDOM_K = 1
"""Sets the stream of ``random_k`` apart from that of fresh seeds."""


def fresh_seeds(pool: Collection[int], n: int, seed: int) -> tuple[int, ...]:
    """n different seeds below 2**32 that are not in the pool."""
    pool = {int(s) for s in pool}
    rng = np.random.default_rng(seed)
    fresh: dict[int, None] = {}
    while len(fresh) < n:
        drawn = rng.integers(SEED_LIMIT, size=n - len(fresh)).tolist()
        fresh.update(dict.fromkeys(s for s in drawn if s not in pool))
    return tuple(fresh)


def arms_of(
    golden: Mapping, pool: Sequence[int], n_fresh: int, trials: int, seed: int
) -> dict[str, list[list[int]]]:
    """The seeds that each arm draws from, trial by trial.

    ``golden``: those chosen; ``random_k``: as many of the pool at random, others in each trial,
    since fewer seeds alone cost some Fréchet distance; ``pool``: all ranked seeds, the paper's
    baseline (its reading: U{0..1023}); ``fresh``: seeds outside the pool; ``best_fd`` and so on:
    the best by one score alone, where golden seeds are chosen by more than that one.

    Args:
        golden: as ``read_golden`` reads it. No seed may be golden, as two rankings may share
            none: a result, and then there is neither ``golden`` nor ``random_k``.
        pool: ranked seeds.
        n_fresh: how many fresh seeds.
        trials: repetitions.
        seed: of ``fresh`` and ``random_k``.
    """
    rng = np.random.default_rng([seed, RANDOM_K])
    arms = {"golden": [list(golden["seeds"])] * trials}
    arms["random_k"] = [
        sorted(rng.choice(pool, size=golden["k"], replace=False).tolist()) for _ in range(trials)
    ]
    arms["pool"] = [list(pool)] * trials
    arms["fresh"] = [list(fresh_seeds(pool, n_fresh, seed))] * trials
    for score, best in golden["tops"].items():
        if set(best) != set(golden["seeds"]):
            arms[f"best_{score}"] = [list(best)] * trials
    return {arm: seeds for arm, seeds in arms.items() if seeds[0]}


def read_golden(path: str | Path, pool: Collection[int]) -> dict:
    """The stored choice of golden seeds: ``golden.Golden``, ``spread`` and ``selection_prompts``.

    Raises:
        StoreError: it lacks a key, or its seeds are not ``k`` different ones of the pool.
    """
    golden = store.read_json(path, ["seeds", "k", "tops", "selection_prompts"])
    if not isinstance(golden["tops"], dict):
        raise store.StoreError(f"{path}: tops: {golden['tops']!r} is no table; {store.AGAIN}")
    for seeds in (golden["seeds"], *golden["tops"].values()):
        if not isinstance(seeds, list):
            raise store.StoreError(f"{path}: seeds: {seeds!r} is no list; {store.AGAIN}")
        strange = [s for s in seeds if type(s) is not int or s not in pool]
        if strange:
            raise store.StoreError(
                f"{path}: golden seeds {seeds[:5]}…: {strange[0]!r} is no seed of the pool; "
                f"{store.AGAIN}"
            )
    if len(set(golden["seeds"])) != golden["k"]:
        raise store.StoreError(
            f"{path}: golden seeds {golden['seeds'][:5]}…: they are not k different; {store.AGAIN}"
        )
    return golden


def arm_pairs(
    arms: Mapping[str, Sequence[Sequence[int]]], prompt_ids: Sequence[str], seed: int
) -> pd.DataFrame:
    """``arm``, ``trial``, ``seed``, ``prompt_id``: one seed per arm, trial and prompt.

    Keys depend on (seed, trial, seed number) and on the order of prompt_ids only: another arm
    changes no draw of the others.

    Args:
        arms: of ``arms_of``: seeds by trial.
        prompt_ids: of the judging prompts.
        seed: of the keys.

    Raises:
        ValueError: a prompt is listed twice.
    """
    index = pd.Index(prompt_ids, name="prompt_id")
    if not index.is_unique:
        raise ValueError(f"prompt {index[index.duplicated()][0]!r} is listed twice")
    parts = []
    for trial in range(max(len(by_trial) for by_trial in arms.values())):
        holders: dict[int, list[str]] = {}
        for arm, by_trial in arms.items():
            for number in sorted(set(by_trial[trial])):
                holders.setdefault(number, []).append(arm)
        least = {arm: np.full(len(index), np.inf) for arm in arms}
        chosen = {arm: np.zeros(len(index), dtype=np.int64) for arm in arms}
        for number, holding in holders.items():
            keys = np.random.default_rng([seed, trial, number]).random(len(index))
            for arm in holding:
                lower = keys < least[arm]
                least[arm][lower], chosen[arm][lower] = keys[lower], number
        parts += [
            pd.DataFrame({"arm": arm, "trial": trial, "seed": chosen[arm], "prompt_id": index})
            for arm in arms
        ]
    return pd.concat(parts, ignore_index=True).sort_values(
        ["arm", "trial"], key=_in_order(arms), kind="stable", ignore_index=True
    )


def pictures_of(
    pairs: pd.DataFrame, prompt_ids: Sequence[str], places: Sequence[int] | None
) -> pd.DataFrame:
    """``seed``, ``prompt_id`` of what arms drew, each picture once.

    Args:
        pairs: of ``arm_pairs``.
        prompt_ids: of the judging prompts, test before transfer.
        places: first of those drawn here and the one after the last; ``None`` for all.

    Raises:
        ValueError: the range reaches beyond the prompts.
    """
    once = pairs[["seed", "prompt_id"]].drop_duplicates(ignore_index=True)
    if places is None:
        return once
    start, stop = places
    if stop > len(prompt_ids):
        raise ValueError(
            f"good_seed.transfer_count: places {start} to {stop} of {len(prompt_ids)} judging "
            "prompts; lower it to what the transfer set has"
        )
    return once[once["prompt_id"].isin(prompt_ids[start:stop])].reset_index(drop=True)


def _in_order(arms: Mapping[str, Sequence]):
    """Sorts a column of arms by their place, any other by its values."""
    places = {arm: place for place, arm in enumerate(arms)}
    return lambda column: column.map(places) if column.name == "arm" else column
