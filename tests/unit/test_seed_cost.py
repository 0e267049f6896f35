"""What seeds cost: batches take turns, ratios of known seconds, the claim's verdicts."""

import json

import numpy as np
import pytest
from tiny_models import CAPTIONS

from seedbed import store
from seedbed.good_seed import seed_cost
from seedbed.ledger.book import ledger
from seedbed.ledger.findings import FAILS, HOLDS, OPEN, File
from seedbed.sampling.drawing import Drawing
from seedbed.sampling.schedulers import Sampler

ARMS = {"random": range(8), "golden": [3, 5], "diverse": [100]}


class Machine:
    """Draws in a second an image, with every image of golden seeds ``dear`` times as long."""

    def __init__(self, dear=1.0):
        self.now, self.dear, self.drawn = 0.0, dear, []

    def draw(self, seeds):
        self.drawn.append(list(seeds))
        self.now += sum(self.dear if seed in (3, 5) else 1.0 for seed in seeds)

    def clock(self):
        return self.now


def test_arms_take_turns_with_seeds_of_their_own():
    machine = Machine()
    taken = seed_cost.time_arms(machine.draw, ARMS, 4, 3, 0, machine.clock)
    assert {arm: len(seconds) for arm, seconds in taken.items()} == dict.fromkeys(ARMS, 3)
    batches = machine.drawn[1:]
    assert len(batches) == 9 and all(len(batch) == 4 for batch in batches)
    assert [set(batch) <= {3, 5} for batch in batches].count(True) >= 3
    # Who draws last in a round: each once.
    assert [k % 3 for k, batch in enumerate(batches) if batch == [100] * 4] == [2, 1, 0]
    again = Machine()
    seed_cost.time_arms(again.draw, ARMS, 4, 3, 0, again.clock)
    assert again.drawn == machine.drawn


def test_ratios_of_known_seconds():
    rng = np.random.default_rng(0)
    # Whatever slows a round down slows all of its batches.
    slow = rng.lognormal(0, 1, 40)
    taken = {
        "random": 2 * slow,
        "golden": 2.2 * slow,
        "diverse": 2 * slow * rng.lognormal(0, 0.1, 40),
    }
    found = seed_cost.ratios(taken, 4, 1000, 0.95, 0)
    assert found["random"] == {"seconds": pytest.approx(slow.mean() / 2)}
    exact = [found["golden"][key] for key in ("ratio", "low", "high")]
    assert exact == pytest.approx([1.1] * 3)
    assert found["diverse"]["low"] < 1 < found["diverse"]["high"]


def test_intervals_cover():
    rng = np.random.default_rng(1)
    inside = 0
    for _ in range(300):
        taken = {arm: rng.lognormal(0, 0.1, 12) for arm in ("random", "golden")}
        found = seed_cost.ratios(taken, 1, 300, 0.95, int(rng.integers(2**32)))["golden"]
        inside += found["low"] <= 1 <= found["high"]
    assert inside / 300 > 0.92


def test_without_golden_seeds_the_best_ranked_are_timed():
    golden = {"seeds": [], "tops": {"fd": [4, 2], "preference": [1, 3]}}
    assert seed_cost.golden_or_best(golden) == ([4, 2], "best seeds by fd (none is golden)")
    assert seed_cost.golden_or_best(golden | {"seeds": [7]}) == ([7], "golden seeds")


def test_the_first_diverse_seeds(tmp_path):
    path = tmp_path / "diverse.json"
    surveyed = {"start": 0, "stop": 9, "count": 2}
    store.write_json({"selection_prompts": [], "composition": {"trials": [[8, 1], [2, 3]]}}, path)
    assert seed_cost.first_diverse(path, surveyed) == [8, 1]
    store.write_json({"selection_prompts": []}, path)
    with pytest.raises(store.StoreError, match=r"diverse\.json: no diverse seeds"):
        seed_cost.first_diverse(path, surveyed)


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [(0.96, 1.04, HOLDS), (0.94, 1.02, OPEN), (1.06, 1.2, FAILS), (0.8, 0.9, FAILS)],
)
def test_the_claim(tmp_path, low, high, verdict):
    arm = {"seconds": 0.21, "ratio": 1.0, "low": low, "high": high}
    arms = {"random": {"seconds": 0.2}, "golden": arm, "diverse": arm}
    path = tmp_path / "seconds.json"
    about = {"clock": "processor", "rounds": 12, "images": 2, "golden_are": "golden seeds"}
    path.write_text(json.dumps(about | {"arms": arms}))
    rows = ledger({"seconds.json": [File(str(path), "toy")]})
    rows = rows[rows["id"] == "G21"]
    assert rows["verdict"].tolist() == [verdict] * 2
    assert rows["about"].tolist() == ["toy, golden seeds", "toy, diverse seeds"]
    assert rows["chance"].iloc[0] == "1; holds within ±5 %"
    assert "0.21 to 0.2 s an image, processor time" in rows["ours"].iloc[0]


def test_a_model_draws_what_is_timed(tiny_sd):
    study = {"images": 3, "rounds": 2, "bootstrap": 20, "level": 0.95, "seed": 0}
    drawing = Drawing(tiny_sd, Sampler(2, 5.0, scheduler="ddim"))
    found = seed_cost.measure(drawing, CAPTIONS[:2], ARMS, study)
    assert (found["clock"], found["steps"]) == ("processor", 2)
    assert all(arm["seconds"] > 0 for arm in found["arms"].values())
    assert found["arms"]["golden"]["low"] <= found["arms"]["golden"]["high"]
