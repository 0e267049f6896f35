"""Seeds measured range by range say what all features at once say; no job reads all of them."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from seedbed import store
from seedbed.good_seed import pool, seed_rows
from seedbed.good_seed.crossfit import crossfit
from seedbed.good_seed.pool import ALL, SETS, Cells
from seedbed.good_seed.study import Measured, Ranked, score
from seedbed.statistics import mmd
from seedbed.statistics.frechet import GaussianStats, Reference
from seedbed.statistics.influence import influence

SEEDS, PROMPTS, D = 6, 12, 3
STATISTICS = {"bootstrap": 20, "permutations": 10, "level": 0.9, "seed": 0, "margin": 0.25}


@pytest.fixture(scope="module")
def world():
    """Features (seeds, prompts, d), real ones, the table of prompts with its sets mixed."""
    rng = np.random.default_rng(0)
    ids = [f"p{i:02d}" for i in range(2 * PROMPTS)]
    prompts = pd.DataFrame({"prompt_id": ids, "split": ["set2", "set1"] * PROMPTS})
    cube = rng.normal(size=(SEEDS, 2 * PROMPTS, D)).astype(np.float32)
    cube += 0.2 * np.arange(SEEDS)[:, None, None]
    return cube, rng.normal(size=(60, D)).astype(np.float32), prompts


def in_ranges(cube, cells, real, count=None):
    parts = [
        pool.gather(list(zip(cells.seeds, cube, strict=True))[part], cells, count, 0)
        for part in (slice(0, 2), slice(2, 5), slice(5, 6))
    ]
    return pool.join(parts[::-1], real)


def test_the_pool_is_what_all_features_at_once_give(world):
    cube, real, prompts = world
    cells = Cells.of(range(SEEDS), prompts)
    joined = in_ranges(cube, cells, real)
    for name in SETS:
        images = cube[:, cells.places(name)].reshape(-1, D)
        slow = GaussianStats.from_features(images)
        found = pool.stats_of(joined, name)
        assert found.n == slow.n
        np.testing.assert_allclose(found.mean, slow.mean, rtol=1e-9)
        np.testing.assert_allclose(found.scatter, slow.scatter, rtol=1e-9)
        np.testing.assert_array_equal(joined[f"{name}.sample"], images)
        judging = mmd.bandwidth(images, real[30:])
        assert joined[f"{name}.judging_sigma"][0] == pytest.approx(judging)
    assert joined["sigma"][0] == pytest.approx(mmd.bandwidth(cube.reshape(-1, D), real[:30]))


def test_numbers_of_pictures_are_those_of_the_whole_pool(world):
    cube, real, prompts = world
    cells = Cells.of(range(SEEDS), prompts)
    joined = in_ranges(cube, cells, real)
    rows = list(zip(cells.seeds, cube, strict=True))
    parts = [
        seed_rows.measure(rows[part], cells, joined, real, 0) for part in (slice(3, 6), slice(0, 3))
    ]
    found = seed_rows.joined(parts, cells.seeds)
    for name in SETS:
        images = cube[:, cells.places(name)].reshape(-1, D)
        slow = {
            "fdi": influence(images, Reference.from_features(real[:30])),
            "mmd": mmd.witness(images, real[:30], float(joined["sigma"][0])),
            "judging_mmd": mmd.witness(images, real[30:]),
        }
        for what, values in slow.items():
            np.testing.assert_allclose(
                found[f"{name}.{what}"].ravel(), values, atol=1e-6, err_msg=what
            )
    with pytest.raises(ValueError, match=r"3 seeds were measured, the pool has 6 \(seed 3\)"):
        seed_rows.joined(parts[1:], cells.seeds)


def test_a_sample_tells_a_witness_without_a_bias(world):
    """Against half of the pictures: over many draws the mean is that of all."""
    cube, real, prompts = world
    cells = Cells.of(range(SEEDS), prompts)
    images = cube[:, cells.places("set1")].reshape(-1, D)
    whole = mmd.witness(images, real, 2.0)
    found = []
    for seed in range(300):
        places = cells.sample("set1", len(images) // 2, seed)
        assert len(np.unique(places)) == len(images) // 2
        kernel = mmd.Kernel.of(images[places], real, 2.0)
        found.append(kernel(images, np.isin(np.arange(len(images)), places)))
    np.testing.assert_allclose(np.mean(found, axis=0), whole, atol=0.01)
    assert list(cells.sample("set1", 10**6, 0)) == list(range(len(images)))


def written(tmp_path, cube, prompts, seeds, per_prompts):
    """Feature shards by seeds and prompts, in no order that anything may rest on."""
    paths = []
    for start in range(0, cube.shape[1], per_prompts):
        ids = prompts["prompt_id"].tolist()[start : start + per_prompts]
        for s, number in enumerate(seeds):
            path = tmp_path / f"s{number}_p{start}.safetensors"
            index = pd.DataFrame({"seed": number, "prompt_id": ids})
            part = cube[s, start : start + per_prompts]
            store.write_features(path, index, {"features": part}, {"extractor": "x"})
            paths.append(path)
    return paths


def test_rows_are_read_as_they_are_asked_for(world, tmp_path):
    cube, _, prompts = world
    mapped = store.MappedFeatures(written(tmp_path, cube, prompts, range(SEEDS), 7))
    assert len(mapped) == SEEDS * 2 * PROMPTS and mapped.d == D
    ids = prompts["prompt_id"].tolist()
    wanted = [(3, 5), (0, 23), (3, 5), (5, 0)]
    found = mapped.take([s for s, _ in wanted], [ids[p] for _, p in wanted])
    np.testing.assert_array_equal(found, [cube[s, p] for s, p in wanted])
    with pytest.raises(store.StoreError, match="seed 9, prompt 'p00' is missing"):
        mapped.take([9], ["p00"])
    doubled = store.MappedFeatures([tmp_path / "s0_p0.safetensors"] * 2)
    with pytest.raises(store.StoreError, match="seed 0, prompt 'p00' stands twice"):
        doubled.take([0], ["p00"])


def test_seeds_scored_and_cross_fitted_from_ranges_are_as_from_all(world, tmp_path):
    cube, real, prompts = world
    cells = Cells.of(range(SEEDS), prompts)
    index = pd.MultiIndex.from_product([cells.seeds, cells.prompt_ids], names=["seed", "prompt_id"])
    index = index.to_frame(index=False)
    scores = index.assign(score=np.random.default_rng(1).normal(size=len(index)))
    whole = Measured(index, cube.reshape(-1, D), real, scores)
    ranked = Ranked.at_once(whole, cells, STATISTICS)
    first, _, told = score(prompts, whole, range(SEEDS), STATISTICS)
    cut = Measured(None, None, None, scores, ranked)
    second, images, again = score(prompts, cut, range(SEEDS), STATISTICS)
    pd.testing.assert_frame_equal(first, second)
    assert told == again and len(images) == SEEDS * 2 * PROMPTS
    paths = written(tmp_path, cube, prompts, range(SEEDS), 9)
    judged = Measured(index, cube.reshape(-1, D), real[30:], scores)
    lazy = Measured(None, store.MappedFeatures(paths), real[30:], scores, ranked)
    for one, two in zip(
        crossfit(prompts, judged, first, 0.5, STATISTICS),
        crossfit(prompts, lazy, first, 0.5, STATISTICS),
        strict=True,
    ):
        pd.testing.assert_frame_equal(one, two, rtol=1e-5)


def test_scorers_that_saw_some_prompts_are_judged_on_those(world):
    cube, real, prompts = world
    cells = Cells.of(range(SEEDS), prompts)
    seen = [p for name in SETS for p in cells.ids(name)[:5]]
    index = pd.MultiIndex.from_product([cells.seeds, seen], names=["seed", "prompt_id"])
    scores = index.to_frame(index=False).assign(score=1.0)
    scores["score"] += np.random.default_rng(1).normal(size=len(scores))
    grid = pd.MultiIndex.from_product([cells.seeds, cells.prompt_ids], names=["seed", "prompt_id"])
    measured = Measured(grid.to_frame(index=False), cube.reshape(-1, D), real, scores)
    frame, images, evidence = score(prompts, measured, range(SEEDS), STATISTICS, 5)
    assert evidence["set1"]["preference"]["n_prompts"] == 5
    assert evidence["set1"]["fdi"]["n_prompts"] == PROMPTS
    assert images["preference"].notna().sum() == len(scores)
    trials, differences = crossfit(prompts, measured, frame, 0.5, STATISTICS, 5)
    n = differences.groupby("metric")["n"].unique()
    assert list(n["preference"]) == [10] and list(n["fd"]) == [2 * PROMPTS]
    assert trials[["fd", "mmd", "preference"]].notna().all(axis=None)


def test_a_null_on_some_seeds_says_so(world):
    cube, real, prompts = world
    cells = Cells.of(range(SEEDS), prompts).first(3, 5)
    assert cells.seeds == (0, 1, 2) and len(cells.places("set1")) == 5
    assert len(cells.places(ALL)) == 10
    grid = Cells.of(range(SEEDS), prompts)
    index = pd.MultiIndex.from_product([grid.seeds, grid.prompt_ids], names=["seed", "prompt_id"])
    whole = Measured(index.to_frame(index=False), cube.reshape(-1, D), real, None)
    ranked = Ranked.at_once(whole, grid, STATISTICS)
    gaps = {name: replace(gap, of=(3, 5)) for name, gap in ranked.gaps.items()}
    cut = Measured(None, None, None, None, replace(ranked, gaps=gaps))
    _, _, told = score(prompts, cut, range(SEEDS), STATISTICS)
    assert told["set1"]["fd"]["gap_of"] == [3, 5]
    _, _, told = score(prompts, whole, range(SEEDS), STATISTICS)
    assert "gap_of" not in told["set1"]["fd"]
