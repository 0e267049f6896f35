"""Why tickets win: scores of known making, latents of known lean, maps of known agreement."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from seedbed import noise
from seedbed.lottery_ticket.comparison.agreement import (
    area_under_curve,
    centres_inside,
    layer_agreement,
)
from seedbed.lottery_ticket.comparison.carried import carried
from seedbed.lottery_ticket.comparison.explained import (
    ARMS,
    COLUMNS,
    TRAVEL,
    explained,
    layer_levels,
    rank_correlation,
)
from seedbed.lottery_ticket.comparison.latents import Tickets, initial_latents
from seedbed.lottery_ticket.tickets.blocks import to_blocks
from seedbed.lottery_ticket.tickets.collection import Collection
from seedbed.lottery_ticket.tickets.score_sources import (
    LOW,
    MEANS,
    PLACE,
    SOURCES,
    WHOLE,
    Lean,
    blocks_of,
    frequencies,
    variance_shares,
)
from seedbed.render.lottery_ticket.why_figure import why_figure
from seedbed.render.lottery_ticket.why_findings import Findings
from seedbed.sampling.drawing import Drawing
from seedbed.sampling.schedulers import Sampler

GRID, SHAPE = 4, (3, 8, 8)
CELLS = GRID * GRID
RULE = {"preset": "paper", "positions": "as_read", "t_obj": 0.6, "t_bg": 0.4}


def collection_of(make, noises=40):
    """One pair; scores of its first word are ``make`` of blocks (n, cells, c, b, b) and place."""
    seeds = tuple(range(100, 100 + noises))
    blocks = np.stack([to_blocks(noise.latents(s, SHAPE, "cpu"), GRID).numpy() for s in seeds])
    place = np.linspace(-1, 1, CELLS)
    first = make(blocks, place)
    both = np.stack([first, -first], axis=1)[:, None]
    low, high = both.min(), both.max()
    scores = ((both - low) / (high - low)).astype(np.float32)
    return Collection(scores, seeds, (("dog", "car"),), GRID, SHAPE, "cpu")


def of_mean(blocks, place):
    return blocks[:, :, 1].mean(axis=(-2, -1)) + 0 * place


def of_gradient(blocks, place):
    return blocks[:, :, 0, :, 1].mean(-1) - blocks[:, :, 0, :, 0].mean(-1) + 0 * place


def of_detail(blocks, place):
    return (
        blocks[:, :, 2, 0, 0]
        - blocks[:, :, 2, 0, 1]
        - blocks[:, :, 2, 1, 0]
        + blocks[:, :, 2, 1, 1]
    )


def of_place(blocks, place):
    return place + 0 * blocks[:, :, 0, 0, 0]


def of_both(blocks, place):
    return of_mean(blocks, place) + place


def of_neither(blocks, place):
    return np.random.default_rng(0).normal(size=blocks.shape[:2])


class TestContent:
    def test_numbers_hold_all_of_a_block(self):
        blocks = np.random.default_rng(0).normal(size=(5, 3, 4, 4))
        numbers = frequencies(blocks)
        assert [numbers[k].shape[1] for k in (MEANS, LOW, WHOLE)] == [3, 9, 48]
        np.testing.assert_allclose(numbers[MEANS], 4 * blocks.mean(axis=(2, 3)))
        power = (blocks**2).sum(axis=(1, 2, 3))
        np.testing.assert_allclose((numbers[WHOLE] ** 2).sum(1), power)
        assert frequencies(blocks[..., :1, :1])[LOW].shape == (5, 3)

    @pytest.mark.parametrize(
        ("make", "expected"),
        [
            (of_mean, (0, 1, 1, 1, 1)),
            (of_gradient, (0, 0, 1, 1, 1)),
            (of_detail, (0, 0, 0, 1, 1)),
            (of_place, (1, 0, 0, 0, 1)),
            (of_neither, (0, 0, 0, 0, 0)),
        ],
    )
    def test_variance_is_found_where_it_is(self, make, expected):
        shares = variance_shares(collection_of(make))
        assert shares[["category", "versus"]].to_numpy().tolist() == [
            ["dog", "car"],
            ["car", "dog"],
        ]
        for row in shares[list(SOURCES)].to_numpy():
            np.testing.assert_allclose(row, expected, atol=0.12)

    def test_place_and_values_add_up(self):
        shares = variance_shares(collection_of(of_both)).iloc[0]
        assert 0.3 < shares[WHOLE] < 0.7 and 0.3 < shares[PLACE] < 0.7
        assert shares[f"{PLACE} and {WHOLE}"] == pytest.approx(1, abs=0.05)

    def test_what_does_not_vary_has_no_share(self):
        flat = collection_of(of_place)
        shares = variance_shares(replace(flat, scores=np.zeros_like(flat.scores)))
        assert shares[list(SOURCES)].isna().all(axis=None)

    def test_lean_is_what_the_values_say(self):
        found = collection_of(of_both)
        blocks = blocks_of(found)
        lean = Lean.of(found, blocks, "dog")
        means = blocks[:, 1].mean(axis=(1, 2))
        assert np.corrcoef(lean(blocks), means)[0, 1] > 0.999
        assert lean(blocks).std() == pytest.approx(1)
        assert np.corrcoef(lean.home, np.linspace(-1, 1, CELLS))[0, 1] > 0.99
        other = Lean.of(found, blocks, "car")
        assert np.corrcoef(other(blocks), lean(blocks))[0, 1] < -0.999


def layouts(n=6):
    rows = []
    for i in range(n):
        for k, (name, box) in enumerate(
            (("dog", (0.0, 0.0, 0.5, 1.0)), ("car", (0.5, 0.25, 1.0, 1.0)))
        ):
            row = {"layout_id": f"l{i}", "position": k, "category": name, "size": "large"}
            row |= {"caption": "a dog and a car", "mention": name, "start": (2, 12)[k]}
            rows.append(row | dict(zip(("x0", "y0", "x1", "y1"), box, strict=True)))
    return pd.DataFrame(rows)


class TestCarried:
    def test_random_noise_leans_by_its_values_and_built_noise_more(self):
        read = collection_of(of_both)
        found = carried(layouts(30), read, Tickets(read, RULE), base_seed=0)
        assert len(found) == 2 * 60
        sd, semi = (found[found["arm"] == arm] for arm in ("sd", "semi"))
        assert abs(sd["lean"].mean()) < 0.15 and semi["lean"].mean() > 0.4
        np.testing.assert_allclose(sd["home"], semi["home"])
        weights = Lean.of(read, blocks_of(read), "dog")
        cut = to_blocks(noise.latents(4, SHAPE, "cpu"), GRID).numpy()
        left = np.zeros((GRID, GRID), bool)
        left[:, :2] = True
        leaning = weights(cut)
        expected = leaning[left.ravel()].mean() - leaning[~left.ravel()].mean()
        row = sd[(sd["layout_id"] == "l4") & (sd["category"] == "dog")]
        assert row["lean"].item() == pytest.approx(expected)

    def test_the_latents_are_those_that_were_drawn(self, tiny_sd, monkeypatch):
        """Built again from seeds and rule, without the model."""
        from seedbed.lottery_ticket.comparison import carried as module

        seeds = tuple(range(100, 110))
        scores = np.random.default_rng(0).random((10, 1, 2, 16)).astype(np.float32)
        shape = tuple(tiny_sd.latent_shape)
        read = Collection(scores, seeds, (("dog", "car"),), GRID, shape, "cpu")
        drawing = Drawing(tiny_sd, Sampler(2, 4.0, scheduler="ddim"))
        tickets = Tickets(read, RULE | {"positions": "equalised"})
        drawn, _ = initial_latents(drawing, layouts(3), [7, 8, 9], tickets=tickets)
        kept = []
        original = module.constructed

        def keep(*given):
            kept.append(original(*given))
            return kept[-1]

        monkeypatch.setattr(module, "constructed", keep)
        carried(layouts(3), read, tickets, base_seed=7)
        assert [noise.digest(k.latent) for k in kept] == [noise.digest(x) for x in drawn]

    def test_a_box_of_the_whole_frame_has_no_outside(self):
        read = collection_of(of_mean)
        table = layouts(1).iloc[:1].assign(x1=1.0)
        found = carried(table, read, Tickets(read, RULE), base_seed=0)
        assert found["lean"].isna().all() and found["home"].isna().all()


class TestAgreement:
    def test_area_by_counting_pairs(self):
        rng = np.random.default_rng(0)
        values, inside = rng.integers(0, 5, 30).astype(float), rng.random(30) < 0.4
        a, b = values[inside], values[~inside]
        counted = np.mean([(x > y) + 0.5 * (x == y) for x in a for y in b])
        assert area_under_curve(values, inside) == pytest.approx(counted)
        assert np.isnan(area_under_curve(values, np.ones(30, bool)))

    def test_cells_by_their_centres(self):
        inside = centres_inside((0.3, 0.0, 0.8, 0.5), 4).reshape(4, 4)
        expected = np.zeros((4, 4), bool)
        expected[:2, 1:3] = True
        assert np.array_equal(inside, expected)

    def test_a_row_for_every_layer_and_object_found(self, tiny_sd):
        def detector(images):
            """An apple on the left of the first picture; a boat too faint to count."""
            box = {"image": 0, "x0": 0.0, "y0": 0.0, "x1": 0.5, "y1": 1.0}
            seen = (("apple", 0.9), ("boat", 0.1))
            return pd.DataFrame([box | {"class": k, "confidence": c} for k, c in seen])

        table = layouts(2).replace({"dog": "apple", "car": "boat"})
        table["caption"], table["start"] = "a apple and a boat", [2, 14] * 2
        drawing = Drawing(tiny_sd, Sampler(2, 4.0, scheduler="ddim"), batch=2)
        found = layer_agreement(drawing, table, 5, detector, 0.25)
        assert set(found["layout_id"]) == {"l0"} and set(found["category"]) == {"apple"}
        assert found["layer"].nunique() == len(found)
        assert found["auc"].between(0, 1).all()


def test_ranks_are_taken_within_sizes():
    rng = np.random.default_rng(0)
    size = np.repeat(["small", "large"], 200)
    shift = np.where(size == "large", 10.0, 0.0)
    table = pd.DataFrame({"layout_id": np.arange(400) // 2, "size": size})
    table["x"], table["y"] = rng.random(400) + shift, rng.random(400) + shift
    rho, low, high, n = rank_correlation(table, "x", "y", 200, 0, 0.95)
    assert low < 0 < high and abs(rho) < 0.15 and n == 400
    table["y"] = table["x"] + 0.1 * rng.random(400)
    assert rank_correlation(table, "x", "y", 50, 0, 0.95)[0] > 0.9
    assert np.isnan(rank_correlation(table.assign(y=1.0), "x", "y", 50, 0, 0.95)[0])


@pytest.fixture
def found():
    rng = np.random.default_rng(0)
    read = collection_of(of_both)
    outcomes = carried(layouts(30), read, Tickets(read, RULE), base_seed=0)
    outcomes["size"] = "large"
    outcomes["iou"] = (0.3 + 0.2 * outcomes["lean"]).clip(0, 1)
    before = rng.random(60)
    properties = pd.DataFrame({"test": TRAVEL, "first": "dog", "second": "car", "before": before})
    properties["after"] = before + 0.1 * rng.random(60)
    properties["control"] = rng.random(60)
    keys = {"position": 0, "confidence": 0.25}
    objects = pd.concat(
        [
            pd.DataFrame({"layout_id": [f"l{i}" for i in range(9)], "iou": 0.2 + gain, **keys})
            .assign(layer=layer, grid=grid)
            for layer, grid, gain in (("random", 0, 0.0), ("up.0", 8, 0.1), ("up.1", 4, -0.05))
        ]
    )  # fmt: skip
    agreement = pd.DataFrame({"layout_id": [f"l{i}" for i in range(9)], "auc": 0.7})
    layers = layer_levels(objects, agreement.assign(layer="up.0", grid=8), 100, 0, 0.95)
    numbers = explained(variance_shares(read), outcomes, properties, layers, 100, 0, 0.95)
    return Findings(numbers, outcomes, layers)


def test_every_number_has_interval_chance_and_n(found):
    numbers = found.numbers
    assert list(numbers.columns) == COLUMNS and numbers.notna().all(axis=None)
    assert (numbers["low"] <= numbers["value"] + 1e-12).all()
    assert (numbers["value"] <= numbers["high"] + 1e-12).all()
    known = numbers.set_index(["part", "name"])
    for arm in ARMS.values():
        assert known.loc[("IoU with what the blocks carry", arm), "value"] > 0.95
    assert known.loc[("gain of SemI from a layer", "up.0"), "value"] == pytest.approx(0.1)
    assert known.loc[("agreement of a layer", "up.0"), ["value", "chance"]].tolist() == [0.7, 0.5]
    assert "up.1" not in set(numbers["name"]), "nothing is known of its maps"


def test_the_figure_has_a_panel_for_each_question(found):
    figure = why_figure(found, "up.0", "SemI (paper)", 50, 0, 0.95)
    assert len(figure.axes) == 4
    assert f"{TRAVEL}" not in figure.get_suptitle() and "ρ = " in figure.get_suptitle()
    assert "n = 2 categories" in figure.axes[0].get_title()
    assert figure.axes[1].get_legend() is not None
    assert "n = 9 objects" in figure.axes[3].get_title()
