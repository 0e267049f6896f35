"""What a run costs and can see: counts of the papers, power against simulation, budgets kept."""

import json
import subprocess
import sys

import numpy as np
import pytest
from test_config import shipped

from seedbed import config, store
from seedbed.config import schema
from seedbed.plan import Plan
from seedbed.planning import budget, shrinking, throughput
from seedbed.planning import seed_power as power
from seedbed.planning.printed import OVERLAY, Asked, _ratio, page
from seedbed.planning.stages import stages
from seedbed.planning.throughput import Machine
from seedbed.statistics.components import two_way

ROOT = schema.FOLDER.parent
H200 = Machine("h200")


def keys(**more):
    return {
        "plan_gpu": "h200",
        "plan_share": None,
        "plan_rate": None,
        "plan_budget": None,
        "plan_results": None,
        "plan_effect": 1.0,
        "plan_power": 0.8,
    } | {f"plan_{k}": v for k, v in more.items()}


def numbers(table, where=""):
    """Every number of a config, by its dotted key."""
    found = {}
    for key, value in table.items():
        if isinstance(value, dict):
            found |= numbers(value, f"{where}{key}.")
        elif isinstance(value, int | float):
            found[f"{where}{key}"] = value
    return found


@pytest.fixture(scope="module")
def default():
    return config.complete(shipped("config.yaml"))


class TestCosts:
    def test_a_picture_costs_what_its_networks_were_counted_to(self):
        """66.9, 82.9 and 4.10 TFLOP of UNet and decoding, without the text encoder's .05."""
        base = {"world": None, "resolution": None, "guidance": 7.5}
        sd2 = base | {"family": "sd", "steps": 40}
        assert throughput.picture(sd2) == pytest.approx(66.9, abs=0.1)
        assert throughput.picture(sd2 | {"steps": 50}) == pytest.approx(82.9, abs=0.1)
        turbo = base | {"family": "sdxl", "steps": 1, "guidance": 0.0}
        assert throughput.picture(turbo) == pytest.approx(4.10, abs=0.01)
        assert H200.hours(3600 * 989.5 * 0.4, "steps") == pytest.approx(1)
        assert Machine("a100", 0.5).hours(3600 * 156, "steps") == pytest.approx(1)

    def test_stages_count_what_the_workflow_draws(self, default):
        found = {stage.name: stage for stage in stages(Plan(default))}
        assert found["storybook-sd: ranking"].images == 32 * 144
        assert found["storybook-sd: ranking"].jobs == 2
        assert found["storybook-sd: ranking"].picture_bytes == 32 * 144 * 64**2 * 1.6
        assert found["storybook-turbo: survey"].images == 512 * 8 * 4
        assert found["storybook-inpaint: masks filled"].images == 48 * 24 * 2
        plan = Plan(default)
        assert found["storybook-sd: layouts"].images == len(plan.arms) * 640
        # Storybook has hours of cores and no operations.
        assert not any(stage.tflop for stage in found.values())

    def test_real_pictures_are_counted(self):
        found = stages(Plan(config.complete(shipped("configs/paper.yaml"))))
        names = [stage.name for stage in found]
        at = names.index("real pictures")
        # 20,000 of 512 pixels a side, and as many features of 2,048 numbers.
        assert found[at].picture_bytes == 20_000 * 512**2 * 0.25
        assert found[at + 1].name == "measured by inception"
        assert found[at + 1].other_bytes == 20_000 * 2048 * 4

    def test_prices_and_storage_follow(self, default):
        text = page(default, Asked.of(keys(rate=10)))
        assert "price: " in text and "at 10 a GPU-hour" in text
        assert "goals from published times, not measured" in text
        assert "no run named in plan_results" in text
        assert "of the config" in page(default, Asked.of(keys(share=0.31)))


class TestPower:
    def test_the_f_test_sees_what_a_simulation_sees(self):
        rng = np.random.default_rng(0)
        seeds, prompts, ratio, n = 12, 20, 0.05, 400
        seen = 0
        for _ in range(n):
            table = rng.normal(size=(seeds, prompts)) + rng.normal(size=prompts)
            table += np.sqrt(ratio) * rng.normal(size=(seeds, 1))
            seen += two_way(table).p_value < power.ALPHA
        found = power.power_of_test(seeds, prompts, ratio)
        assert seen / n == pytest.approx(found, abs=0.07)
        assert power.power_of_test(seeds, prompts, 0) == pytest.approx(power.ALPHA)

    def test_as_few_prompts_as_are_needed(self):
        needed = power.prompts_to_tell(24, 0.01, 0.8)
        assert power.power_of_test(24, needed, 0.01) >= 0.8
        assert power.power_of_test(24, needed - 1, 0.01) < 0.8
        assert power.prompts_to_tell(24, 0.0, 0.8) is None
        assert power.prompts_to_rank(4 / 770) == 770
        # 2 (1.96 + 0.84)^2 = 15.7 residual variances for one standard deviation of the seeds.
        assert power.prompts_for_two(1.0, 1.0, 0.8) == 16
        assert power.seen_difference(16, 1.0, 0.8) == pytest.approx(1, abs=0.02)

    def test_variances_are_those_of_the_finished_run_or_say_whose(self, tmp_path):
        place = tmp_path / "seeds" / "m" / "r"
        parts = {"fd": {"seed": 1.0, "residual": None}, "mmd": {"seed": 0.2, "residual": 4.0}}
        store.write_json({"both_sets": parts}, place / "evidence.json")
        found = power.ratios(str(tmp_path), 40)
        assert found.by_score == {"mmd": 0.05} and str(tmp_path) in found.source
        assert power.ratios(None, 1).source.startswith("storybook-turbo")
        with pytest.raises(ValueError, match=r"plan_results: .*nowhere: no seeds"):
            power.ratios(str(tmp_path / "nowhere"), 40)


class TestBudget:
    @pytest.mark.parametrize("hours", [0.2, 0.4])
    def test_it_is_kept_and_used(self, default, hours):
        ratio = {"storybook-sd": 0.01, "storybook-turbo": 0.01}
        edited, chosen, found = budget.proposed(default, hours, H200, ratio)
        assert found <= hours * 1.05
        assert found == pytest.approx(budget.total(edited, H200))
        assert found > 0.5 * hours
        for each in chosen:
            design = Plan(edited).design(each.model)
            assert design["pool"]["stop"] - design["pool"]["start"] == each.seeds
            assert each.power == power.power_of_test(each.seeds, each.prompts, 0.01)

    def test_the_config_itself_is_left_alone(self, default):
        before = json.dumps(default)
        budget.proposed(default, 0.1, H200, dict.fromkeys(default["good_seed"]["models"], 0.01))
        assert json.dumps(default) == before

    @pytest.mark.parametrize(
        ("name", "hours"),
        [
            ("config.yaml", 0.3),
            ("config.yaml", 0.01),
            ("configs/smoke.yaml", 0.001),
            ("configs/pilot.yaml", 1),
            ("configs/paper.yaml", 3),
            ("configs/paper.yaml", 24),
            ("configs/paper.yaml", 300),
        ],
    )
    def test_what_is_printed_is_a_config_that_keeps_it(self, name, hours, tmp_path):
        given = shipped(name)
        full, asked = config.complete(given), Asked.of(keys(budget=hours))
        text = page(full, asked)
        (tmp_path / "small.yaml").write_text(text[text.index(OVERLAY) :])
        over = config.load(tmp_path / "small.yaml")
        small = config.complete(config.merged(given, over))
        ratio = {model: _ratio(Plan(full), model, asked) for model in Plan(full).seeds_of_models}
        edited, _, found = budget.proposed(full, hours, H200, ratio)
        assert small == edited
        assert page(small, Asked.of(keys())) == page(edited, Asked.of(keys()))
        assert budget.total(small, H200) == pytest.approx(found)
        smallest = "the smallest counts" in text
        assert found <= hours or (smallest and name in ("config.yaml", "configs/smoke.yaml"))

    @pytest.mark.parametrize("name", ["config.yaml", "configs/smoke.yaml", "configs/paper.yaml"])
    def test_no_count_grows(self, name):
        full = config.complete(shipped(name))
        assert shrinking.shrunk(full, 1.0) == full
        before = numbers(full)
        for where, value in numbers(shrinking.shrunk(full, 1e-4)).items():
            # Splits move down as those before them shrink; the default of nothing is all there is.
            if before.get(where) is not None:
                assert value <= before[where], where

    def test_a_config_that_fits_stays_as_it_is(self, default):
        text = page(default, Asked.of(keys(budget=100)))
        assert "the config fits as it is" in text and OVERLAY not in text

    def test_the_page_proposes_it(self, default):
        assert "proposed for 0.3 hours" in page(default, Asked.of(keys(budget=0.3)))
        small = page(default, Asked.of(keys(budget=0.01)))
        assert "the smallest counts that make sense take more" in small


def test_planning_needs_no_torch():
    code = "import sys, seedbed.planning.printed; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
