"""Tickets: what is stored, who wins, how a latent is put together, and what a swap moves.

Oracles are the paper's equations and the described steps of the public code, one ticket and one
cell at a time in plain Python.
"""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
import torch
from scipy.stats import rankdata

from seedbed import noise
from seedbed.lottery_ticket.comparison.block_swap import (
    class_of_blocks,
    swap,
    swap_exchange,
    swap_make,
)
from seedbed.lottery_ticket.tickets.blocks import from_blocks, to_blocks
from seedbed.lottery_ticket.tickets.collection import Collection, ranks
from seedbed.lottery_ticket.tickets.collection_files import by_positions, load_collection
from seedbed.lottery_ticket.tickets.construct import BACKGROUND, KEPT, construct, draw, moved
from seedbed.lottery_ticket.tickets.select import (
    PRESETS,
    Rule,
    Selection,
    positioned,
    preset,
    winners,
)
from seedbed.store import StoreError, write_tensors

NAMES = ("dog", "car", "sky", "traffic light")
GRID, SHAPE = 4, (3, 8, 8)
CELLS, SIDE = GRID * GRID, SHAPE[1] // GRID
ORIGIN = {"score_mode": "minmax", "layer": "down.0", "timestep": "951", "tokens": "mean"} | {
    "article": "literal",
    "positions": "as_read",
    "model": "tiny",
    "weights": "ab12",
}


def collection_of(noises=6, pairs=None, seed=0, first_seed=40, dtype=np.float32) -> Collection:
    """Random scores; the scores of a noise depend on its seed alone."""
    pairs = tuple(combinations(NAMES, 2)) if pairs is None else pairs
    seeds = tuple(range(first_seed, first_seed + noises))
    scores = [np.random.default_rng([seed, s]).random((len(pairs), 2, CELLS)) for s in seeds]
    array = np.asarray(scores).astype(dtype)
    return Collection(array, seeds, pairs, GRID, SHAPE, "cpu", ORIGIN)


@pytest.fixture(scope="module")
def tickets():
    return collection_of()


def s(collection, i, j, b):
    """S_i,(j)(b), looked up one by one."""
    n, cell = divmod(b, CELLS)
    for p, (first, second) in enumerate(collection.pairs):
        if (first, second) == (i, j):
            return collection.scores[n, p, 0, cell]
        if (second, first) == (i, j):
            return collection.scores[n, p, 1, cell]
    return None


def average(collection, i, b):
    """Eq. 2 over the pairs that were collected."""
    found = [s(collection, i, j, b) for j in NAMES if j != i]
    found = [float(value) for value in found if value is not None]
    return sum(found) / len(found)


def masks_of(*boxes):
    """Boolean masks of (row, column, height, width) boxes."""
    masks = np.zeros((len(boxes), GRID, GRID), dtype=bool)
    for mask, (row, column, height, width) in zip(masks, boxes, strict=True):
        mask[row : row + height, column : column + width] = True
    return masks


class TestBlocks:
    def test_block_k_is_row_major(self):
        latent = noise.latents(1, SHAPE, "cpu")
        blocks = to_blocks(latent, GRID)
        for k in range(CELLS):
            y, x = SIDE * (k // GRID), SIDE * (k % GRID)
            assert torch.equal(blocks[k], latent[:, y : y + SIDE, x : x + SIDE])
        assert torch.equal(from_blocks(blocks), latent)

    def test_sizes_of_stable_diffusion(self):
        latent = noise.latents(1, (4, 64, 64), "cpu")
        blocks = to_blocks(latent, 16)
        assert blocks.shape == (256, 4, 4, 4)
        assert torch.equal(blocks[16 * 3 + 5], latent[:, 12:16, 20:24])

    @pytest.mark.parametrize("shape, grid", [((3, 8, 8), 3), ((3, 8, 4), 4), ((3, 8, 8), 0)])
    def test_refuses_what_does_not_divide(self, shape, grid):
        with pytest.raises(ValueError, match="does not divide"):
            to_blocks(torch.zeros(shape), grid)

    @pytest.mark.parametrize("stream", ["cpu", "cuda"])
    def test_tickets_are_blocks_of_their_noises(self, tickets, stream):
        wanted = [5, CELLS * 3 + 2, 5, CELLS * 6 - 1, 0]
        found = replace(tickets, stream=stream).blocks(wanted)
        assert found.dtype == torch.float32
        assert found.shape == (5, 3, SIDE, SIDE)
        for block, ticket in zip(found, wanted, strict=True):
            latent = noise.latents(40 + ticket // CELLS, SHAPE, stream)
            y, x = divmod(ticket % CELLS, GRID)
            y, x = SIDE * y, SIDE * x
            assert torch.equal(block, latent[:, y : y + SIDE, x : x + SIDE])

    def test_changing_blocks_leaves_later_ones_alone(self, tickets):
        before = tickets.blocks([3]).clone()
        tickets.blocks([3]).zero_()
        assert torch.equal(tickets.blocks([3]), before)

    @pytest.mark.parametrize("ticket", [-1, 6 * CELLS])
    def test_refuses_tickets_outside(self, tickets, ticket):
        with pytest.raises(ValueError, match=r"0\.\.95"):
            tickets.blocks([0, ticket])

    def test_no_tickets_no_blocks(self, tickets):
        assert tickets.blocks([]).shape == (0, 3, SIDE, SIDE)


@pytest.mark.parametrize("n", [1, 2, 40])
def test_ranks_are_scipys(n):
    values = np.random.default_rng(n).integers(0, 9, (n, 5)).astype(np.float32)
    np.testing.assert_array_equal(ranks(values), rankdata(values, axis=0))


class TestCollection:
    def test_scores_in_either_order(self, tickets):
        for i in NAMES:
            for j in NAMES:
                if i != j:
                    expected = [s(tickets, i, j, b) for b in range(tickets.tickets)]
                    np.testing.assert_array_equal(tickets.score(i, j), expected)

    def test_average_is_eq_2(self, tickets):
        for i in NAMES:
            expected = [average(tickets, i, b) for b in range(tickets.tickets)]
            np.testing.assert_allclose(tickets.average(i), expected, rtol=1e-6)

    def test_average_is_over_the_pairs_collected(self):
        part = collection_of(pairs=(("dog", "car"), ("sky", "dog"), ("car", "sky")))
        by_hand = (part.scores[:, 0, 0] + part.scores[:, 1, 1]) / 2
        np.testing.assert_allclose(part.average("dog"), by_hand.reshape(-1), rtol=1e-6)

    def test_float32_in_use(self):
        half = collection_of(dtype=np.float16)
        assert half.score("dog", "car").dtype == half.average("dog").dtype == np.float32

    def test_names_in_order_of_first_appearance(self):
        assert collection_of(pairs=(("sky", "dog"), ("car", "sky"))).names == ["sky", "dog", "car"]

    def test_unknown_pairs_are_named(self):
        part = collection_of(pairs=(("dog", "car"), ("car", "sky")))
        with pytest.raises(ValueError, match="'sky', 'dog'"):
            part.score("sky", "dog")
        with pytest.raises(ValueError, match=r"'zebra'.*dog, car, sky"):
            part.average("zebra")
        with pytest.raises(ValueError, match="'dog', 'dog'"):
            part.score("dog", "dog")

    def test_first_keeps_indices(self, tickets):
        few = tickets.first(2)
        assert few.seeds == (40, 41)
        assert few.origin == tickets.origin
        np.testing.assert_array_equal(
            few.score("dog", "car"), tickets.score("dog", "car")[: 2 * CELLS]
        )
        assert torch.equal(few.blocks([20]), tickets.blocks([20]))

    @pytest.mark.parametrize("n", [0, 7])
    def test_first_refuses_what_is_not_there(self, tickets, n):
        with pytest.raises(ValueError, match="collection of 6"):
            tickets.first(n)

    @pytest.mark.parametrize(
        "changed, message",
        [
            ({"seeds": (1, 2)}, "shape"),
            ({"grid": 2}, "shape"),
            ({"seeds": (1, 2, 3, 4, 5, 1)}, "twice"),
            ({"pairs": (("dog", "car"),) * 6}, "once"),
            ({"pairs": (("dog", "car"), ("car", "dog"), *combinations("abcd", 2))[:6]}, "once"),
            ({"pairs": (("dog", "dog"), *combinations("abcd", 2))[:6]}, "two categories"),
            ({"shape": (3, 10, 10)}, "divide"),
            ({"shape": (3, 8, 16)}, "divide"),
            ({"scores": np.zeros((6, 6, 2, CELLS))}, "float64"),
            ({"scores": np.full((6, 6, 2, CELLS), np.nan, np.float32)}, "NaN"),
        ],
    )
    def test_refuses_parts_that_do_not_fit(self, tickets, changed, message):
        with pytest.raises(ValueError, match=message):
            replace(tickets, **changed)


class TestShards:
    def write(self, folder, *counts, first_seed=40, **changed):
        """Shards of the given sizes, one behind another."""
        paths = []
        for count in counts:
            paths.append(folder / f"{first_seed}.safetensors")
            shard = collection_of(count, first_seed=first_seed, **changed)
            shard.save(paths[-1])
            first_seed += count
        return paths

    def test_round_trip(self, tickets, tmp_path):
        tickets.save(tmp_path / "a.safetensors")
        back = load_collection([tmp_path / "a.safetensors"])
        assert back.scores.dtype == np.float16
        # Half the spacing of float16 below 1.
        np.testing.assert_allclose(back.scores, tickets.scores, rtol=0, atol=2**-12)
        for name in ("seeds", "pairs", "grid", "shape", "stream", "origin"):
            assert getattr(back, name) == getattr(tickets, name), name

    def test_saving_again_loses_nothing(self, tickets, tmp_path):
        tickets.save(tmp_path / "a.safetensors")
        once = load_collection([tmp_path / "a.safetensors"])
        once.save(tmp_path / "b.safetensors")
        twice = load_collection([tmp_path / "b.safetensors"])
        np.testing.assert_array_equal(twice.scores, once.scores)
        assert twice.origin == once.origin

    def test_shards_in_the_order_of_their_noises(self, tmp_path):
        paths = self.write(tmp_path, 2, 3, 1)
        whole = load_collection([paths[2], paths[0], paths[1]])
        assert whole.seeds == tuple(range(40, 46))
        np.testing.assert_array_equal(whole.scores, collection_of(6).scores.astype(np.float16))

    def test_more_shards_keep_the_first_tickets(self, tmp_path):
        paths = self.write(tmp_path, 10, 45, 45)
        ten, hundred = load_collection(paths[:1]), load_collection(paths)
        assert len(hundred.seeds) == 100
        again = hundred.first(10)
        assert again.seeds == ten.seeds
        np.testing.assert_array_equal(again.scores, ten.scores)
        rule = Rule(0.5, 0.2)
        of_ten = winners(ten, ["dog", "car"], rule)
        of_hundred = winners(hundred, ["dog", "car"], rule)
        for name in ("dog", "car"):
            late = of_hundred.objects[name] >= ten.tickets
            assert late.any()
            np.testing.assert_array_equal(of_hundred.objects[name][~late], of_ten.objects[name])
        assert torch.equal(hundred.blocks([7, 150]), ten.blocks([7, 150]))

    def test_seeds_asked_for(self, tmp_path):
        paths = self.write(tmp_path, 2, 2)
        wanted = [43, 40, 42, 41]
        found = load_collection(paths, seeds=wanted)
        assert found.seeds == tuple(wanted)
        for row, seed in enumerate(wanted):
            one = collection_of(1, first_seed=seed).scores.astype(np.float16)
            np.testing.assert_array_equal(found.scores[row], one[0])

    def test_noises_repeated(self, tmp_path):
        paths = self.write(tmp_path, 3) + self.write(tmp_path, 2, first_seed=42)
        with pytest.raises(StoreError, match=r"42\.safetensors.*seed 42.*40\.safetensors"):
            load_collection(paths)
        with pytest.raises(StoreError, match="seed 40"):
            load_collection([paths[0], paths[0]])

    def test_noises_missing(self, tmp_path):
        paths = self.write(tmp_path, 2, 2, 2)
        with pytest.raises(StoreError, match=r"44\.safetensors.*seed 44.*42 must follow"):
            load_collection([paths[0], paths[2]])
        with pytest.raises(StoreError, match="lack the noises of 2 seeds, the first 44"):
            load_collection(paths[:2], seeds=range(40, 46))
        with pytest.raises(StoreError, match="unasked the noises of 3 seeds, the first 43"):
            load_collection(paths, seeds=range(40, 43))
        with pytest.raises(StoreError, match="no files"):
            load_collection([])

    @pytest.mark.parametrize(
        "changed",
        [
            {"pairs": tuple(combinations(NAMES[::-1], 2))},
            {"shape": (4, 8, 8)},
            {"stream": "cuda"},
            {"origin": ORIGIN | {"score_mode": "softmax"}},
            {"origin": ORIGIN | {"layer": "up.0"}},
            {"origin": ORIGIN | {"model": "other"}},
            {"origin": ORIGIN | {"weights": "cd34"}},
            {"origin": ORIGIN | {"article": "grammatical"}},
            {"origin": ORIGIN | {"positions": "equalised"}},
        ],
    )
    def test_shards_of_different_metadata(self, tmp_path, changed):
        (path,) = self.write(tmp_path, 2)
        other = tmp_path / "other.safetensors"
        replace(collection_of(2, first_seed=42), **changed).save(other)
        name = next(iter(changed.get("origin", changed).items() - ORIGIN.items()), [*changed])[0]
        with pytest.raises(StoreError, match=rf"other\.safetensors: tickets of another {name}"):
            load_collection([path, other])

    def test_an_origin_must_be_said(self, tickets, tmp_path):
        partial = {key: value for key, value in ORIGIN.items() if key != "weights"}
        with pytest.raises(StoreError, match="lacks weights"):
            replace(tickets, origin=partial).save(tmp_path / "a.safetensors")
        assert not list(tmp_path.iterdir())

    def test_other_files(self, tickets, tmp_path):
        foreign, broken, none = (tmp_path / f"{k}.safetensors" for k in "abc")
        write_tensors(foreign, {"features": np.zeros(3, np.float32)}, {"grid": "4"})
        tickets.save(broken)
        broken.write_bytes(broken.read_bytes()[:-100])
        with pytest.raises(StoreError, match=r"lacks pairs, .*weights, scores"):
            load_collection([foreign])
        with pytest.raises(StoreError, match=r"b\.safetensors: not a safetensors file"):
            load_collection([broken])
        with pytest.raises(StoreError, match=r"c\.safetensors: is not there"):
            load_collection([none])


def wins_by_loop(collection, categories, rule):
    """Eqs. 3 to 5 and the public code's additions, ticket by ticket."""
    objects = {name: [] for name in categories}
    background = []
    for b in range(collection.tickets):
        for i in categories:
            others = [j for j in categories if j != i]
            if others:
                wins = all(s(collection, i, j, b) > rule.t_obj for j in others)
                if rule.t_neg is not None:
                    wins = wins and all(s(collection, j, i, b) < rule.t_neg for j in others)
            else:
                wins = average(collection, i, b) > rule.t_obj
            if wins:
                objects[i].append(b)
        if rule.background == "pair":
            low = all(
                s(collection, i, j, b) < rule.t_bg for i in categories for j in categories if i != j
            )
        else:
            low = all(average(collection, i, b) < rule.t_bg for i in categories)
        if low:
            background.append(b)
    return objects, background


class TestSelect:
    RULES = (
        Rule(0.5, 0.4),
        Rule(0.3, 0.45, t_neg=0.6),
        Rule(0.4, 0.5, background="pair"),
        Rule(0.2, 0.5, t_neg=0.5, background="pair"),
    )

    @pytest.mark.parametrize("categories", [["car"], ["sky", "dog"], ["dog", "car", "sky"], NAMES])
    @pytest.mark.parametrize("rule", RULES)
    def test_against_loops(self, tickets, categories, rule):
        if len(categories) == 1 and rule.background == "pair":
            with pytest.raises(ValueError, match="'car' alone"):
                winners(tickets, categories, rule)
            return
        found = winners(tickets, categories, rule)
        objects, background = wins_by_loop(tickets, categories, rule)
        assert list(found.objects) == list(categories)
        for name in categories:
            assert found.objects[name].dtype == np.int64
            assert found.objects[name].tolist() == objects[name]
        assert found.background.tolist() == background
        assert sum(map(len, objects.values())) > 0

    def test_thresholds_are_strict(self):
        scores = np.full((1, 1, 2, CELLS), 0.5, np.float32)
        scores[0, 0, 0, 3] = np.nextafter(np.float32(0.5), np.float32(1))
        scores[0, 0, 1, 3] = 0.25
        one = Collection(scores, (0,), (("dog", "car"),), GRID, SHAPE, "cpu")
        found = winners(one, ["dog", "car"], Rule(0.5, 0.5))
        assert found.objects["dog"].tolist() == [3]
        assert found.objects["car"].tolist() == found.background.tolist() == []
        assert winners(one, ["dog", "car"], Rule(0.5, 0.5, t_neg=0.25)).objects["dog"].size == 0

    def test_thresholds_are_strict_for_one_category(self):
        scores = np.full((1, 1, 2, CELLS), 0.5, np.float32)
        scores[0, 0, 0, :2] = 0.75, 0.25
        one = Collection(scores, (0,), (("dog", "car"),), GRID, SHAPE, "cpu")
        found = winners(one, ["dog"], Rule(0.5, 0.5))
        assert found.objects["dog"].tolist() == [0]
        assert found.background.tolist() == [1]

    def test_presets(self):
        for n in range(1, 5):
            assert preset("paper", NAMES[:n]) == Rule(0.5, 0.1, None, "average")
        assert preset("code", ["dog"]) == Rule(0.5, 0.3, None, "average")
        assert preset("code", NAMES[:2]) == Rule(0.3, 0.1, 0.3, "pair")
        assert preset("code", NAMES[:3]) == preset("code", NAMES) == Rule(0.3, 0.1, None, "average")
        assert preset("code", ["dog", "dog"]) == PRESETS["code"][0]
        with pytest.raises(ValueError, match="paper, code"):
            preset("demo", ["dog"])
        with pytest.raises(ValueError, match="at least one"):
            preset("paper", [])

    def test_background_reading_is_known(self):
        with pytest.raises(ValueError, match="'both'"):
            Rule(0.5, 0.1, background="both")

    def test_repeats_count_once(self, tickets):
        rule = Rule(0.5, 0.4)
        for repeated, once in ((["dog", "dog"], ["dog"]), (["dog", "car", "dog"], ["dog", "car"])):
            a, b = winners(tickets, repeated, rule), winners(tickets, once, rule)
            assert list(a.objects) == once
            for name in once:
                np.testing.assert_array_equal(a.objects[name], b.objects[name])
            np.testing.assert_array_equal(a.background, b.background)

    def test_refuses_what_was_not_collected(self):
        part = collection_of(pairs=(("dog", "car"), ("car", "sky")))
        with pytest.raises(ValueError, match="'dog', 'sky'"):
            winners(part, ["dog", "sky"], Rule(0.5, 0.1))
        with pytest.raises(ValueError, match="without categories"):
            winners(part, [], Rule(0.5, 0.1))


TWO = masks_of((0, 0, 2, 2), (2, 1, 2, 3))
"""Regions of 4 and 6 of the 16 cells; 6 are background."""


class TestConstruct:
    BASE = noise.latents(99, SHAPE, "cpu")

    def build(self, tickets, pools, categories=("dog", "car"), masks=TWO, seed=5, **options):
        *objects, background = (np.asarray(pool, dtype=np.int64) for pool in pools)
        names = list(dict.fromkeys(categories))
        selection = Selection(dict(zip(names, objects, strict=True)), background)
        rng = np.random.default_rng(seed)
        return construct(selection, categories, masks, tickets, self.BASE, rng, **options)

    def check_latent(self, tickets, made):
        """Every cell of the latent holds the block that ``sources`` names."""
        latent = made.latent
        assert latent.dtype == torch.float32 and latent.shape == SHAPE
        for (row, column), ticket in np.ndenumerate(made.sources):
            y, x = SIDE * row, SIDE * column
            if ticket == KEPT:
                expected = self.BASE[:, y : y + SIDE, x : x + SIDE]
            else:
                expected = tickets.blocks([ticket])[0]
            assert torch.equal(latent[:, y : y + SIDE, x : x + SIDE], expected)

    def test_enough_tickets_are_used_once(self, tickets):
        pools = range(0, 10), range(20, 26), range(50, 90)
        made = self.build(tickets, pools)
        self.check_latent(tickets, made)
        np.testing.assert_array_equal(
            made.owner, [[0, 0, -1, -1], [0, 0, -1, -1], [-1, 1, 1, 1], [-1, 1, 1, 1]]
        )
        for owner, pool in zip((0, 1, BACKGROUND), pools, strict=True):
            drawn = made.sources[made.owner == owner]
            assert len(set(drawn.tolist())) == len(drawn)
            assert set(drawn.tolist()) <= set(pool)
        report = made.report
        assert [r["pool"] for r in report["regions"]] == [10, 6]
        assert [r["category"] for r in report["regions"]] == ["dog", "car"]
        assert [r["cells"] for r in report["regions"]] == [4, 6]
        assert report["background"]["cells"] == 6 and report["background"]["pool"] == 40
        assert report["reuse"] == 0 and report["kept"] == 0 and report["empty_regions"] == 0

    def test_a_short_pool_is_used_evenly(self, tickets):
        made = self.build(tickets, ([1, 2, 3], [20, 21, 22, 23], [70]))
        self.check_latent(tickets, made)
        counts = [
            sorted(np.unique(made.sources[made.owner == k], return_counts=True)[1].tolist())
            for k in (0, 1, BACKGROUND)
        ]
        assert counts == [[1, 1, 2], [1, 1, 2, 2], [6]]
        reuse = [r["reuse"] for r in (*made.report["regions"], made.report["background"])]
        np.testing.assert_allclose(reuse, [1 / 4, 2 / 6, 5 / 6])
        assert made.report["reuse"] == pytest.approx((1 + 2 + 5) / 16)

    def test_an_empty_pool_keeps_the_base_noise(self, tickets):
        made = self.build(tickets, ([], [20], [60, 61]))
        self.check_latent(tickets, made)
        assert (made.sources[TWO[0]] == KEPT).all()
        assert (made.sources[~TWO[0]] != KEPT).all()
        assert made.report["kept"] == made.report["regions"][0]["kept"] == 4
        assert made.report["regions"][0]["reuse"] is None
        assert made.report["regions"][1]["reuse"] == pytest.approx(5 / 6)
        assert made.report["reuse"] == pytest.approx((5 + 4) / 12)

    def test_nothing_to_fill_with(self, tickets):
        made = self.build(tickets, ([], [], []))
        assert torch.equal(made.latent, self.BASE)
        assert made.report["kept"] == CELLS and made.report["reuse"] is None

    def test_a_region_without_cells(self, tickets):
        masks = TWO.copy()
        masks[0] = False
        made = self.build(tickets, (range(10), range(20, 40), range(40, 96)), masks=masks)
        self.check_latent(tickets, made)
        assert made.report["empty_regions"] == 1
        assert made.report["regions"][0] == {
            "category": "dog",
            "pool": 10,
            "cells": 0,
            "kept": 0,
            "reuse": None,
        }
        assert not (made.owner == 0).any()

    def test_no_background_left(self, tickets):
        masks = masks_of((0, 0, 4, 2), (0, 2, 4, 2))
        made = self.build(tickets, (range(30), range(30, 60), []), masks=masks)
        assert made.report["background"]["cells"] == made.report["kept"] == 0

    def test_boxes_of_one_category_share_a_pool(self, tickets):
        made = self.build(tickets, (range(8), range(40, 96)), categories=("dog", "dog"))
        self.check_latent(tickets, made)
        for k in (0, 1):
            drawn = made.sources[made.owner == k]
            assert len(set(drawn.tolist())) == len(drawn)
            assert drawn.max() < 8

    def test_the_generator_decides(self, tickets):
        pools = range(30), range(30, 60), range(60, 96)
        one, same, other = (self.build(tickets, pools, seed=k) for k in (5, 5, 6))
        np.testing.assert_array_equal(one.sources, same.sources)
        assert torch.equal(one.latent, same.latent)
        assert one.report == same.report
        assert (one.sources != other.sources).any()

    def test_the_base_is_left_alone(self, tickets):
        before = self.BASE.clone()
        self.build(tickets, (range(30), [], range(60, 96)))
        assert torch.equal(self.BASE, before)

    def test_blocks_of_one_pixel(self):
        """The grid of a small model can be its latent's: cutting must still not alias the base."""
        scores = np.zeros((2, 1, 2, 64), np.float32)
        pixels = Collection(scores, (40, 41), (("dog", "car"),), 8, SHAPE, "cpu")
        selection = Selection({"dog": np.array([70])}, np.array([], dtype=np.int64))
        mask = np.zeros((1, 8, 8), dtype=bool)
        mask[0, 2, 5] = True
        before = self.BASE.clone()
        rng = np.random.default_rng(0)
        made = construct(selection, ["dog"], mask, pixels, self.BASE, rng)
        there = moved(noise.latents(41, SHAPE, "cpu")[:, 0, 6][:, None, None], self.BASE, 21)
        assert torch.equal(self.BASE, before)
        assert torch.equal(made.latent, there)
        assert not torch.equal(made.latent, before)

    def test_moments(self, tickets):
        made = self.build(tickets, ([1], [20], [70]))
        values = made.latent.double().numpy().reshape(-1)
        mean = sum(values) / len(values)
        variance = sum((v - mean) ** 2 for v in values) / len(values)
        fourth = sum((v - mean) ** 4 for v in values) / len(values)
        assert made.report["mean"] == pytest.approx(mean)
        assert made.report["sd"] == pytest.approx(variance**0.5)
        assert made.report["excess_kurtosis"] == pytest.approx(fourth / variance**2 - 3)

    def test_restandardised(self, tickets):
        pools = [1, 2], [20], [70, 71]
        plain, made = (self.build(tickets, pools, restandardise=flag) for flag in (False, True))
        np.testing.assert_array_equal(plain.sources, made.sources)
        moments = ("mean", "sd")
        assert {k: v for k, v in made.report.items() if k not in (*moments, "excess_kurtosis")} == {
            k: v for k, v in plain.report.items() if k not in (*moments, "excess_kurtosis")
        }
        assert made.report["sd"] == pytest.approx(1, abs=1e-6)
        assert made.report["excess_kurtosis"] == pytest.approx(
            plain.report["excess_kurtosis"], abs=1e-5
        )
        assert made.latent.dtype == torch.float32
        assert abs(made.latent.double().mean()) < 1e-7
        assert made.latent.double().std(unbiased=False).item() == pytest.approx(1, abs=1e-6)
        line = (plain.latent.double() - plain.report["mean"]) / plain.report["sd"]
        torch.testing.assert_close(made.latent.double(), line, rtol=0, atol=1e-6)

    def test_refuses_what_does_not_fit(self, tickets):
        pools = [1], [2], [3]
        with pytest.raises(ValueError, match="overlap"):
            self.build(tickets, pools, masks=masks_of((0, 0, 2, 2), (1, 1, 2, 2)))
        with pytest.raises(ValueError, match="masks have shape"):
            self.build(tickets, pools, masks=TWO[:1])
        with pytest.raises(ValueError, match="base noise has shape"):
            self.build(replace(tickets, shape=(4, 8, 8)), pools)
        selection = Selection({"dog": np.array([1])}, np.array([2]))
        with pytest.raises(ValueError, match="'car'"):
            construct(selection, ["dog", "car"], TWO, tickets, self.BASE, np.random.default_rng(0))

    def test_every_ticket_goes_everywhere(self):
        """Each of 3 tickets comes first, and is the one left out, in a third of the draws."""
        rng = np.random.default_rng(0)
        draws = np.stack([draw(np.array([7, 8, 9]), 5, rng) for _ in range(3000)])
        for place in range(5):
            share = np.bincount(draws[:, place], minlength=10)[7:] / 3000
            np.testing.assert_allclose(share, 1 / 3, atol=0.04)
        once = np.array([[(row == ticket).sum() == 1 for ticket in (7, 8, 9)] for row in draws])
        assert (once.sum(axis=1) == 1).all()
        np.testing.assert_allclose(once.mean(axis=0), 1 / 3, atol=0.04)

    def test_a_short_pool_is_passed_through_as_often_as_it_goes(self):
        pool, rng = np.arange(10, 16), np.random.default_rng(3)
        drawn = [draw(pool, 15, rng) for _ in range(20)]
        for row in drawn:
            assert sorted(row[:6]) == sorted(row[6:12]) == pool.tolist()
            assert len(set(row[12:])) == 3
        assert len({tuple(row[:6]) for row in drawn}) > 15, "passes are in random order"

    def test_moved(self, tickets):
        block = tickets.blocks([30])[0]
        for cell in range(CELLS):
            found = moved(block, self.BASE, cell)
            y, x = SIDE * (cell // GRID), SIDE * (cell % GRID)
            assert torch.equal(found[:, y : y + SIDE, x : x + SIDE], block)
            found[:, y : y + SIDE, x : x + SIDE] = self.BASE[:, y : y + SIDE, x : x + SIDE]
            assert torch.equal(found, self.BASE)
        for cell in (-1, CELLS):
            with pytest.raises(ValueError, match=f"no cell {cell}"):
                moved(block, self.BASE, cell)
        with pytest.raises(ValueError, match="no cell 0"):
            moved(block[:2], self.BASE, 0)
        with pytest.raises(ValueError):
            moved(torch.zeros(3, 9, 9), self.BASE, 0)


# One number per block, so that a latent shows which block lies where.
NUMBERED = torch.arange(CELLS, dtype=torch.float32).reshape(1, GRID, GRID)
SWAPS = (swap_make, swap_exchange)


def order_of(latent) -> list[int]:
    return latent.reshape(-1).int().tolist()


def regions_of(masks) -> list[list[int]]:
    return [np.flatnonzero(mask).tolist() for mask in masks]


def wishes(maps, regions):
    """The public code's lists for one or two objects, without care for repeats."""
    maps = [[value / (sum(row) / len(row)) for value in row] for row in maps.tolist()]
    classes = [max(range(len(maps)), key=lambda i: maps[i][b]) for b in range(CELLS)]
    ranked = [
        sorted((b for b in range(CELLS) if classes[b] == i), key=lambda b: -maps[i][b])
        for i in range(len(maps))
    ]
    lists = [ranked[0]] if len(maps) == 1 else [a + b[::-1] for a, b in (ranked, ranked[::-1])]
    return [wish[: len(region)] for wish, region in zip(lists, regions, strict=True)]


def made_by_steps(maps, regions):
    new = [None] * CELLS
    lists = wishes(maps, regions)
    for region, blocks in zip(regions, lists, strict=True):
        for cell, block in zip(region, blocks, strict=True):
            new[cell] = block
    left = [b for b in range(CELLS) if not any(b in blocks for blocks in lists)]
    for cell in range(CELLS):
        if new[cell] is None:
            new[cell] = left.pop(0)
    return new


def exchanged_by_steps(maps, regions):
    new = list(range(CELLS))
    lists = wishes(maps, regions)
    everywhere = [cell for region in regions for cell in region]
    wished = [block for blocks in lists for block in blocks]
    free, homeless = [], []
    for region, blocks in zip(regions, lists, strict=True):
        coming = sorted(block for block in blocks if block not in region)
        places = sorted(cell for cell in region if cell not in blocks)
        for cell, block in zip(places, coming, strict=True):
            new[cell] = block
        free += [block for block in coming if block not in everywhere]
        homeless += [cell for cell in places if cell not in wished]
    for cell, block in zip(free, homeless, strict=True):
        new[cell] = block
    return new


def random_case(rng, objects):
    """Maps of any skew, and disjoint regions of any shape, some empty, some covering all."""
    maps = rng.random((objects, CELLS)) ** rng.uniform(0.2, 5, (objects, 1))
    share = rng.dirichlet(np.full(objects + 1, 0.5))
    owner = rng.choice(objects + 1, size=(GRID, GRID), p=share)
    return maps, np.stack([owner == k for k in range(objects)])


class TestSwap:
    def test_class_is_the_largest_relative_map(self):
        maps = np.array([[10.0, 20, 30, 40], [0.4, 0.3, 0.2, 0.1]])
        assert class_of_blocks(maps).tolist() == [1, 1, 0, 0]
        assert class_of_blocks(maps[:1]).tolist() == [0] * 4
        assert class_of_blocks(torch.tensor(maps)).tolist() == [1, 1, 0, 0]
        for bad in (0.0, np.nan):
            with pytest.raises(ValueError, match="positive mean"):
                class_of_blocks(np.stack([maps[0], np.full(4, bad)]))

    def test_the_paper_s_is_the_exchange(self):
        maps, masks = random_case(np.random.default_rng(3), 2)
        assert order_of(swap(NUMBERED, maps, masks)) == order_of(
            swap_exchange(NUMBERED, maps, masks)
        )
        assert order_of(swap(NUMBERED, maps, masks)) != order_of(swap_make(NUMBERED, maps, masks))

    def test_one_object_by_hand(self):
        """Best blocks 12, 1, 9, 4 into cells 0, 1, 4, 5: 1 and 4 are there, 9 and 12 come."""
        scores = np.full(CELLS, 0.1)
        scores[[12, 1, 9, 4]] = [0.9, 0.8, 0.7, 0.6]
        mask = masks_of((0, 0, 2, 2))
        order = order_of(swap_exchange(NUMBERED, scores[None], mask))
        assert order == [9, 1, 2, 3, 4, 12, 6, 7, 8, 0, 10, 11, 5, 13, 14, 15]
        order = order_of(swap_make(NUMBERED, scores[None], mask))
        assert order == [12, 1, 0, 2, 9, 4, 3, 5, 6, 7, 8, 10, 11, 13, 14, 15]

    @pytest.mark.parametrize("objects", [1, 2])
    def test_against_the_steps(self, objects):
        rng = np.random.default_rng(objects)
        short = 0
        for _ in range(200):
            maps, masks = random_case(rng, objects)
            regions = regions_of(masks)
            supply = np.bincount(class_of_blocks(maps), minlength=objects)
            short += any(len(r) > n for r, n in zip(regions, supply, strict=True))
            assert order_of(swap_make(NUMBERED, maps, masks)) == made_by_steps(maps, regions)
            assert order_of(swap_exchange(NUMBERED, maps, masks)) == exchanged_by_steps(
                maps, regions
            )
        assert short > 20 or objects == 1

    @pytest.mark.parametrize("objects", [1, 2, 3, 4])
    @pytest.mark.parametrize("move", SWAPS)
    def test_always_a_permutation(self, move, objects):
        rng = np.random.default_rng(10 + objects)
        for _ in range(150):
            maps, masks = random_case(rng, objects)
            assert sorted(order_of(move(NUMBERED, maps, masks))) == list(range(CELLS))

    def test_blocks_move_whole(self):
        latent = noise.latents(8, SHAPE, "cpu")
        before = latent.clone()
        maps, masks = random_case(np.random.default_rng(0), 2)
        for move in SWAPS:
            blocks = to_blocks(latent, GRID)[order_of(move(NUMBERED, maps, masks))]
            assert torch.equal(to_blocks(move(latent, maps, masks), GRID), blocks)
            assert torch.equal(latent, before)

    def test_both_put_the_same_blocks_into_a_region(self):
        rng = np.random.default_rng(4)
        for _ in range(100):
            maps, masks = random_case(rng, 3)
            made, exchanged = (move(NUMBERED, maps, masks)[0].numpy() for move in SWAPS)
            for mask in masks:
                assert set(made[mask]) == set(exchanged[mask])
            # A block moves only to or from a region.
            still = ~masks.any(axis=0)
            chosen = np.isin(NUMBERED[0].numpy(), made[~still])
            assert (exchanged == NUMBERED[0].numpy())[still & ~chosen].all()

    def test_the_best_of_its_own_class(self):
        """Where the supply lasts, a region holds the top blocks of its object's class."""
        rng = np.random.default_rng(5)
        masks = masks_of((0, 0, 1, 2), (1, 1, 2, 1), (3, 0, 1, 2))
        enough = 0
        for _ in range(50):
            maps = rng.random((3, CELLS))
            relative = maps / maps.mean(axis=1, keepdims=True)
            classes = relative.argmax(axis=0)
            if np.bincount(classes, minlength=3).min() < 2:
                continue
            enough += 1
            found = swap(NUMBERED, maps, masks)[0].numpy()
            for k in range(3):
                own = [b for b in range(CELLS) if classes[b] == k]
                best = sorted(own, key=lambda b: -relative[k, b])[:2]
                assert set(found[masks[k]]) == set(best)
        assert enough > 20

    def test_three_objects_never_share_a_block(self):
        """Objects 0 and 1 are both short of 2 blocks: naive lists would take the same ones."""
        maps = np.full((3, CELLS), 0.1)
        maps[0, [3, 7]] = 5.0
        maps[1, [11, 15]] = 5.0
        maps[2] = np.linspace(1, 2, CELLS)
        maps[2, [3, 7, 11, 15]] = 0.1
        masks = masks_of((0, 0, 2, 2), (2, 0, 2, 2), (0, 2, 1, 1))
        assert np.bincount(class_of_blocks(maps)).tolist() == [2, 2, 12]
        found = swap_make(NUMBERED, maps, masks)[0].int().numpy()
        assert found[masks[0]].tolist() == [3, 7, 0, 1]
        assert found[masks[1]].tolist() == [11, 15, 2, 4]
        assert found[masks[2]].tolist() == [14]

    def test_two_boxes_of_one_word(self):
        scores = np.random.default_rng(6).random((2, CELLS))
        masks = masks_of((0, 0, 2, 1), (0, 3, 2, 1), (3, 0, 1, 3))
        union = np.stack([masks[0] | masks[1], masks[2]])
        for move in SWAPS:
            twice = move(NUMBERED, scores[[0, 0, 1]], masks)
            assert order_of(twice) == order_of(move(NUMBERED, scores, union))

    @pytest.mark.parametrize("move", SWAPS)
    def test_refuses_what_does_not_fit(self, move):
        maps = np.random.default_rng(7).random((2, CELLS))
        with pytest.raises(ValueError, match="overlap"):
            move(NUMBERED, maps, masks_of((0, 0, 2, 2), (1, 1, 2, 2)))
        for wrong, masks in ((maps[:1], TWO), (maps[:, :9], TWO), (maps[:0], TWO[:0])):
            with pytest.raises(ValueError, match="must be"):
                move(NUMBERED, wrong, masks)
        with pytest.raises(ValueError, match="does not divide"):
            move(torch.zeros(1, 6, 6), maps, TWO)


class TestEqualised:
    def tickets(self, scores):
        return replace(collection_of(len(scores), (("dog", "car"),)), scores=scores)

    def test_what_only_the_place_decides_is_gone(self):
        rng = np.random.default_rng(0)
        own = rng.random((40, 1, 2, GRID * GRID)).astype(np.float32)
        place = np.linspace(0, 5, GRID * GRID, dtype=np.float32)
        plain, shifted = self.tickets(own), self.tickets(own + place)
        means = shifted.equalised.scores.mean(axis=0)
        assert np.ptp(means, axis=-1).max() < 1e-4 * np.ptp(shifted.scores)
        order = [np.argsort(t.equalised.scores, axis=0) for t in (plain, shifted)]
        np.testing.assert_array_equal(*order)

    def test_as_many_pass_a_threshold_as_before(self):
        rng = np.random.default_rng(1)
        made = self.tickets(rng.beta(0.3, 1, (50, 1, 2, GRID * GRID)).astype(np.float32))
        for threshold in (0.1, 0.5, 0.9):
            shares = [(t.scores > threshold).mean() for t in (made, made.equalised)]
            assert shares[0] == pytest.approx(shares[1], abs=0.02)

    def test_noises_keep_their_order_in_a_cell(self):
        rng = np.random.default_rng(2)
        made = self.tickets(rng.random((9, 1, 2, GRID * GRID)).astype(np.float32))
        np.testing.assert_array_equal(
            np.argsort(made.scores, axis=0), np.argsort(made.equalised.scores, axis=0)
        )

    def test_what_is_equalised_stays_so(self, tmp_path):
        rng = np.random.default_rng(4)
        made = self.tickets(rng.random((9, 1, 2, GRID * GRID)).astype(np.float32))
        equal = positioned(made, {"positions": "equalised"})
        assert (made.positions, equal.positions) == ("as_read", "equalised")
        assert positioned(equal, {"positions": "equalised"}) is equal
        assert positioned(made, {"positions": "as_read"}) is made
        with pytest.raises(ValueError, match="as read are not in them"):
            positioned(equal, {"positions": "as_read"})
        made.save(tmp_path / "read.safetensors")
        equal.save(tmp_path / "equal.safetensors")
        found = by_positions([tmp_path / "equal.safetensors", tmp_path / "read.safetensors"])
        assert set(found) == {"as_read", "equalised"}
        np.testing.assert_allclose(found["equalised"].scores, equal.scores, atol=2**-11)
        with pytest.raises(StoreError, match="tickets of another positions"):
            load_collection([tmp_path / "equal.safetensors", tmp_path / "read.safetensors"])

    def test_an_unknown_reading_is_refused(self):
        with pytest.raises(ValueError, match="'flat' are unknown"):
            positioned(
                self.tickets(np.zeros((2, 1, 2, GRID * GRID), np.float32)), {"positions": "flat"}
            )
