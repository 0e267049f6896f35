"""What lets a run grow: shards by seeds and prompts, states of prompts on disk."""

import copy

import numpy as np
import pandas as pd
import psutil
import pytest
import torch

from seedbed import config, store
from seedbed.config import limits, schema
from seedbed.good_seed.trial_seeds import arm_pairs, pictures_of
from seedbed.lottery_ticket.tickets.collection import ORIGIN, Collection
from seedbed.lottery_ticket.tickets.collection_files import by_positions
from seedbed.plan import Plan
from seedbed.prompts.splits import part
from seedbed.prompts.table import PromptError
from seedbed.sampling.text_states import map_states, write_states

ROOT = schema.FOLDER.parent


def planned(**keys):
    base = copy.deepcopy(config.load(ROOT / "config.yaml"))
    base["good_seed"].update(keys)
    return Plan(config.complete(base))


class TestShards:
    def test_one_range_of_prompts_unless_asked(self):
        plan = planned()
        assert list(plan.prompt_ranges("storybook-sd").values()) == [range(144)]
        first, *_ = plan.ranking_shards("storybook-sd")
        assert first == "storybook-sd/ranking/seeds_0000-0015_prompts_0000-0143"

    def test_seeds_and_prompts_are_cut_and_nothing_is_lost(self):
        plan = planned(prompts_per_job=50)
        spans = plan.prompt_ranges("storybook-sd")
        assert [i for span in spans.values() for i in span] == list(range(144))
        assert len(plan.ranking_shards("storybook-sd")) == 2 * 3
        # A model's own design counts where it says otherwise.
        assert len(plan.ranking_shards("storybook-turbo")) == 2 * 6

    def test_scorers_see_the_first_prompts_of_each_set_alone(self):
        plan = planned(prompts_per_job=24, scored=24)
        seen = plan.ranking_shards("storybook-sd", scored=True)
        assert {name.split("_prompts_")[1] for name in seen} == {"0000-0023", "0072-0095"}
        assert plan.ranking_shards("storybook-sd") != seen

    @pytest.mark.parametrize("scored", [1, 24, 25, 70, 72, 500])
    @pytest.mark.parametrize("size", [7, 24, 72, 100, None])
    def test_limits_count_them_as_the_plan_lists_them(self, scored, size):
        plan = planned(prompts_per_job=size, scored=scored)
        design = plan.design("storybook-sd")
        seen = plan.ranking_shards("storybook-sd", scored=True)
        assert limits._scored_shards(design) == len(seen)
        assert limits._ranking_shards(design) == len(plan.ranking_shards("storybook-sd"))

    def test_places_count_set_1_before_set_2_and_keep_the_order_of_the_table(self):
        table = pd.DataFrame({"prompt_id": list("abcdef"), "split": ["set2", "set1"] * 3})
        assert part(table, None) is table
        assert list(part(table, [0, 3])["prompt_id"]) == ["b", "d", "f"]
        assert list(part(table, [2, 5])["prompt_id"]) == ["a", "c", "f"]
        assert list(part(table, [0, 6])["prompt_id"]) == list("abcdef")
        with pytest.raises(PromptError, match="places 0 to 7 of 6"):
            part(table, [0, 7])


class TestTensorsOnDisk:
    def test_filled_on_disk_is_as_written_at_once(self, tmp_path):
        rng = np.random.default_rng(0)
        arrays = {"b": rng.normal(size=(3, 5)), "a": rng.normal(size=(7,))}
        arrays = {name: array.astype(np.float32) for name, array in arrays.items()}
        store.write_tensors(tmp_path / "one.safetensors", arrays, {"of": "x"})
        shapes = {name: array.shape for name, array in arrays.items()}
        with store.writing_tensors(tmp_path / "two.safetensors", shapes, {"of": "x"}) as empty:
            for name, array in arrays.items():
                empty[name][:] = array
        one, two = ((tmp_path / f"{n}.safetensors").read_bytes() for n in ("one", "two"))
        assert one == two
        mapped, metadata = store.map_tensors(tmp_path / "two.safetensors")
        assert metadata == {"of": "x"} and isinstance(mapped["a"], np.memmap)
        for name, array in arrays.items():
            np.testing.assert_array_equal(mapped[name], array)

    def test_a_file_that_was_cut_is_refused(self, tmp_path):
        path = tmp_path / "x.safetensors"
        store.write_tensors(path, {"a": np.zeros(100, np.float32)}, {})
        path.write_bytes(path.read_bytes()[:-8])
        with pytest.raises(store.StoreError, match=r"x\.safetensors"):
            store.map_tensors(path)


def test_states_on_disk_are_what_the_model_encodes(tiny_sd, tmp_path, monkeypatch):
    texts = ["a red apple", "a boat", "", "two dogs"]
    path = tmp_path / "ranking.safetensors"
    write_states(tiny_sd, texts, path)
    found = map_states(path, 4)
    assert torch.equal(found.embeddings, tiny_sd.encode(texts).embeddings)
    taken = found.take([3, 1, 1])
    assert torch.equal(taken.embeddings, found.embeddings[[3, 1, 1]])
    with pytest.raises(store.StoreError, match="the states of 4 prompts, not of 5"):
        map_states(path, 5)
    monkeypatch.setattr("seedbed.sampling.text_states.BATCH", 3)
    write_states(tiny_sd, texts, tmp_path / "cut.safetensors")
    cut = map_states(tmp_path / "cut.safetensors", 4).embeddings
    torch.testing.assert_close(cut, found.embeddings)


def test_tickets_are_read_by_the_pairs_that_layouts_need(tmp_path):
    rng = np.random.default_rng(0)
    names = ["dog", "car", "sky", "cat"]
    pairs = tuple((a, b) for i, a in enumerate(names) for b in names[i + 1 :])
    scores = rng.random(size=(3, len(pairs), 2, 16)).astype(np.float16)
    about = dict.fromkeys(ORIGIN, "x") | {"positions": "as_read"}
    whole = Collection(scores, (5, 6, 7), pairs, 4, (4, 8, 8), "cpu", about)
    whole.save(tmp_path / "a.safetensors")
    found = by_positions([tmp_path / "a.safetensors"], [5, 6, 7], {"dog"})["as_read"]
    assert set(found.pairs) == {("dog", "car"), ("dog", "sky"), ("dog", "cat")}
    for other in names[1:]:
        np.testing.assert_array_equal(found.score("dog", other), whole.score("dog", other))
        np.testing.assert_array_equal(found.score(other, "dog"), whole.score(other, "dog"))
    np.testing.assert_array_equal(found.average("dog"), whole.average("dog"))


def test_a_trial_is_cut_by_prompts_and_every_picture_is_drawn_once():
    ids = [f"p{i}" for i in range(10)]
    arms = {"golden": [[1, 2], [1, 2]], "pool": [[1, 2, 3], [1, 2, 3]]}
    pairs = arm_pairs(arms, ids, 0)
    whole = pictures_of(pairs, ids, None)
    parts = [pictures_of(pairs, ids, span) for span in ([0, 4], [4, 8], [8, 10])]
    assert set(parts[0]["prompt_id"]) == set(ids[:4])
    joined = pd.concat(parts).sort_values(["prompt_id", "seed"], ignore_index=True)
    other = whole.sort_values(["prompt_id", "seed"], ignore_index=True)
    pd.testing.assert_frame_equal(joined, other)
    with pytest.raises(ValueError, match="transfer_count: places 8 to 11 of 10"):
        pictures_of(pairs, ids, [8, 11])
    plan = planned(prompts_per_job=50)
    assert [len(s) for s in plan.judging_ranges("storybook-sd").values()] == [50, 50, 44]
    assert list(planned().judging_ranges("storybook-sd")) == ["all"]


def test_rows_that_were_taken_count_as_no_memory_any_more(tmp_path):
    seeds, prompts, d = 8, 64, 16384
    rows = pd.MultiIndex.from_product(
        [range(seeds), [f"p{i}" for i in range(prompts)]], names=["seed", "prompt_id"]
    ).to_frame(index=False)
    path = tmp_path / "f.safetensors"
    numbers = np.random.default_rng(0).standard_normal((len(rows), d), dtype=np.float32)
    store.write_features(path, rows, {"features": numbers}, {"extractor": "x"})
    mapped, process = store.MappedFeatures([path]), psutil.Process()
    of_file = numbers.nbytes
    before = process.memory_info().rss
    for seed in range(seeds):
        of_seed = numbers[rows["seed"] == seed]
        assert np.array_equal(mapped.take([seed] * prompts, rows["prompt_id"][:prompts]), of_seed)
    assert process.memory_info().rss - before < of_file / 2
