"""Diverse seeds: farthest points, the trial's prompts and groups, equation 2, simulated truth."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t as student

from seedbed import store
from seedbed.good_seed import diversity_trial as trials
from seedbed.good_seed.diverse import Points, distances, farthest, select
from seedbed.good_seed.diversity_judge import compared, crossfitted, judge, per_group
from seedbed.prompts.synthetic import combine
from seedbed.prompts.table import PromptError, make
from seedbed.render.good_seed.diverse_figure import groups_of_pictures
from seedbed.render.good_seed.diversity_table import diversity, every_first_seed
from seedbed.statistics.similarity import pairwise

STATISTICS = {"bootstrap": 200, "permutations": 199, "level": 0.95, "seed": 3}
MARGINS = {"spread": 0.1, "cost": 0.02}
IDS = [f"p{i}" for i in range(8)]


def world(rng, seeds, planted, ids=IDS):
    """Points around (1, 1, 1, 1): noise, and what a seed has in all prompts where it is planted."""
    of_seed = planted * rng.normal(size=(1, seeds, 4))
    vectors = 1 + 0.1 * (of_seed + rng.normal(size=(len(ids), seeds, 4)))
    return Points(np.arange(seeds), tuple(ids), vectors)


class TestFarthest:
    def test_by_hand_on_a_line(self):
        line = np.array([0.0, 1.0, 2.0, 9.0, 10.0])
        apart = np.abs(line[:, None] - line)
        # From 1 the farthest is 10; of the rest 2 is one from 1, 9 one from 10, 0 one from 1.
        assert farthest(apart, 1, 2) == [1, 4]
        assert farthest(apart, 1, 3) == [1, 4, 0]
        assert sorted(farthest(apart, 2, 5)) == [0, 1, 2, 3, 4]

    def test_as_the_slow_definition(self):
        rng = np.random.default_rng(0)
        points = rng.normal(size=(30, 3))
        apart = np.linalg.norm(points[:, None] - points, axis=-1)
        for first in range(5):
            slow = [first]
            for _ in range(3):
                others = [s for s in range(30) if s not in slow]
                slow.append(max(others, key=lambda s: min(apart[s, t] for t in slow)))
            assert farthest(apart, first, 4) == slow

    def test_equal_seeds_are_not_chosen_twice(self):
        assert sorted(farthest(np.zeros((4, 4)), 2, 4)) == [0, 1, 2, 3]
        with pytest.raises(ValueError, match="the pool has 4"):
            farthest(np.zeros((4, 4)), 0, 5)


class TestDistances:
    def test_over_prompts_and_components(self):
        points = world(np.random.default_rng(1), 6, 1.0)
        flat = points.vectors.transpose(1, 0, 2).reshape(6, -1)
        slow = np.linalg.norm(flat[:, None] - flat, axis=-1)
        np.testing.assert_allclose(distances(points, False), slow, atol=1e-7)

    def test_units_do_not_matter_where_standardised(self):
        points = world(np.random.default_rng(1), 6, 1.0)
        other = Points(points.seeds, points.prompt_ids, points.vectors * [1, 10, 100, 0.1] + 5)
        np.testing.assert_allclose(distances(other, True), distances(points, True), atol=1e-6)

    def test_a_missing_cell_is_its_prompts_mean(self):
        points = world(np.random.default_rng(2), 6, 1.0)
        points.vectors[3, 2] = np.nan
        filled = points.vectors.copy()
        filled[3, 2] = np.nanmean(points.vectors[3], axis=0)
        same = Points(points.seeds, points.prompt_ids, filled)
        np.testing.assert_allclose(distances(points, False), distances(same, False), atol=1e-7)
        chosen = select(points, "composition", 3, 2, np.random.default_rng(0))
        assert chosen["n_missing"] == 1 and chosen["n_images"] == 48
        assert all(len(set(seeds)) == 3 for seeds in chosen["trials"])
        assert len({seeds[0] for seeds in chosen["trials"]}) == 2

    def test_a_lost_image_is_named(self):
        index = pd.MultiIndex.from_product([range(3), IDS]).to_frame(index=False)
        index.columns = ["seed", "prompt_id"]
        with pytest.raises(ValueError, match="seed 2 has 0 images of prompt p7"):
            Points.of(index.iloc[:-1], np.ones((23, 2)), IDS)


class TestSimilarity:
    def test_by_hand(self):
        similarity, distance = pairwise(np.array([[1.0, 0], [0, 1], [2, 0], [np.nan, 1]]))
        assert similarity == pytest.approx((0 + 1 + 0) / 3)
        assert distance == pytest.approx((2**0.5 + 1 + 5**0.5) / 3)

    def test_one_image_is_in_no_pair(self):
        assert np.isnan(pairwise(np.array([[1.0, 2], [np.nan, np.nan]]))).all()

    def test_no_direction_is_refused(self):
        with pytest.raises(ValueError, match="no direction"):
            pairwise(np.zeros((2, 3)))


class TestTrial:
    @pytest.fixture
    def asked(self):
        source = combine(["apple", "boat"], ["red", "big", "small"])
        judging = make(["a house", "a tree", "a fish"], "dense", "test").assign(split="test")
        return judging, source, source.iloc[[0, 1, 4, 5]].reset_index(drop=True)

    def test_no_prompt_chose_a_seed(self, asked):
        judging, source, survey = asked
        found = trials.trial_prompts(
            judging, source, survey, {"style": 2, "composition": 3}, seed=1
        )
        assert found["split"].tolist() == ["style"] * 2 + ["composition"] * 3
        assert not set(found["text"]) & set(survey["text"])

    def test_too_few_and_shared_prompts_are_refused(self, asked):
        judging, source, survey = asked
        with pytest.raises(PromptError, match=r"good_seed\.diversity\.prompts"):
            trials.trial_prompts(judging, source, survey, {"style": 0, "composition": 5}, 1)
        with pytest.raises(PromptError, match="table 2"):
            shared = survey.assign(split="test")
            trials.trial_prompts(shared, source, survey, {"style": 2, "composition": 0}, 1)

    def test_random_groups_are_different_seeds_of_the_pool(self):
        groups = trials.random_groups(range(10, 30), IDS, 4, 3, seed=5)
        assert len(groups) == 8 * 12 and set(groups["seed"]) <= set(range(10, 30))
        assert not groups.duplicated(["prompt_id", "seed"]).any()
        assert (groups.groupby(["trial", "prompt_id"]).size() == 4).all()
        pd.testing.assert_frame_equal(groups, trials.random_groups(range(10, 30), IDS, 4, 3, 5))
        with pytest.raises(ValueError, match="pool of more than 11"):
            trials.random_groups(range(11), IDS, 4, 3, 5)

    def test_diverse_groups_and_their_file(self, tmp_path):
        path = tmp_path / "diverse.json"
        store.write_json({"selection_prompts": ["q"], "style": {"trials": [[3, 1], [2, 0]]}}, path)
        chosen = trials.read_diverse(path, range(4), 2)
        groups = trials.diverse_groups(chosen["style"]["trials"], IDS)
        assert groups[(groups["trial"] == 1) & (groups["place"] == 0)]["seed"].eq(2).all()
        for bad in ([3, 3], [3, 9], [3], "ab"):
            store.write_json({"selection_prompts": ["q"], "style": {"trials": [bad]}}, path)
            with pytest.raises(store.StoreError, match="2 different seeds"):
                trials.read_diverse(path, range(4), 2)

    def test_guided_groups_become_a_shard(self, tiny_sd, tmp_path):
        from seedbed.sampling.drawing import Drawing
        from seedbed.sampling.schedulers import Sampler

        drawing = Drawing(tiny_sd, Sampler(2, 2.0, scheduler="ddim"), batch=4)
        prompts = make(["a red apple", "a boat"], "short", "test")
        ids = prompts["prompt_id"].tolist()
        groups = trials.random_groups(range(8), ids, 2, 2, 1)
        path = tmp_path / "guided.parquet"
        trials.draw_guided(drawing, groups, prompts, 1.0, str(path), "png")
        found = pd.concat([pd.DataFrame(c) for c, _ in store.read_images(path)])
        keys = ["prompt_id", "seed"]
        drawn = set(map(tuple, found[keys].to_numpy()))
        assert drawn == set(map(tuple, groups[keys].to_numpy())) and len(found) == 8

        def pictures(repels):
            trials.draw_guided(drawing, groups, prompts, 50.0, str(path), "png", repels)
            return np.concatenate([images for _, images in store.read_images(path)])

        by_colours = pictures(lambda images: images.mean(dim=(2, 3)))
        assert (by_colours != pictures(None)).any(), "features repel, not latents"


def judged_world(rng, planted):
    """Two arms on 24 new prompts, diverse seeds chosen on others."""
    ids = [f"q{i}" for i in range(24)]
    points = world(rng, 30, planted, [*IDS, *ids])
    chosen = select(points.among(range(8)), "style", 4, 3, rng)
    held_out = points.among(range(8, 32))
    index = pd.MultiIndex.from_product([ids, range(30)], names=["prompt_id", "seed"])
    index = index.to_frame(index=False)[["seed", "prompt_id"]]
    vectors = held_out.vectors.reshape(-1, 4)
    groups = {
        "random": trials.random_groups(range(30), ids, 4, 3, int(rng.integers(1000))),
        "diverse": trials.diverse_groups(chosen["trials"], ids),
    }
    scores = index.assign(score=rng.normal(1, 0.1, len(index)))
    return {arm: per_group(g, index, vectors, scores) for arm, g in groups.items()}


class TestJudge:
    def test_planted_differences_show_on_new_prompts(self):
        found = judge(judged_world(np.random.default_rng(7), 2.0), STATISTICS, MARGINS)
        row = found[found["arm"] == "diverse"].set_index("measure")
        assert row.loc["similarity", "verdict"] == "lower"
        assert row.loc["distance", "verdict"] == "higher"
        assert row.loc["agreement", "verdict"] != "higher"
        assert (found["n_prompts"] == 24).all() and (found["n_images"] == 24 * 12).all()

    def test_noise_does_not(self):
        """Of 40 worlds in which a seed decides nothing: about one in twenty is called different."""
        wrong = 0
        for number in range(40):
            found = judge(judged_world(np.random.default_rng(number), 0.0), STATISTICS, MARGINS)
            row = found[(found["arm"] == "diverse") & (found["measure"] == "distance")]
            wrong += row["verdict"].iloc[0] in ("higher", "lower")
        assert wrong <= 6  # binomial(40, 0.05): 1.4 % beyond 6

    def test_differences_are_of_the_means(self):
        judged = judged_world(np.random.default_rng(1), 1.0)
        found = judge(judged, STATISTICS, MARGINS).set_index(["arm", "measure"])
        expected = judged["diverse"]["distance"].mean() - judged["random"]["distance"].mean()
        row = found.loc["diverse", "distance"]
        assert row["difference"] == pytest.approx(expected)
        assert row["low"] <= row["difference"] <= row["high"]

    def test_images_without_the_object_are_dropped_and_counted(self):
        index = pd.DataFrame({"seed": [0, 1, 2, 3] * 2, "prompt_id": ["a"] * 4 + ["b"] * 4})
        vectors = np.array([[1.0, 0], [0, 1], [np.nan] * 2, [np.nan] * 2, *[[np.nan] * 2] * 4])
        groups = trials.diverse_groups([[0, 1, 2, 3]], ["a", "b"])
        found = per_group(groups, index, vectors, None)
        assert found["n_found"].tolist() == [2, 0] and found["n_images"].tolist() == [4, 4]
        assert found["similarity"].iloc[0] == 0 and np.isnan(found["similarity"].iloc[1])
        summary = judge({"random": found, "diverse": found}, STATISTICS, MARGINS)
        assert (summary["n_lost"] == 1).all() and set(summary["measure"]) == {
            "similarity",
            "distance",
        }

    def test_an_image_that_was_not_measured_is_named(self):
        groups = trials.diverse_groups([[0, 1]], ["a"])
        index = pd.DataFrame({"seed": [0], "prompt_id": ["a"]})
        with pytest.raises(ValueError, match="seed 1, prompt a was drawn and is not measured"):
            per_group(groups, index, np.ones((1, 2)), None)


class TestCompared:
    def test_few_prompts_have_students_interval(self):
        each = np.random.default_rng(2).normal(0.2, 1, 24)
        found = compared(each, 0.5, STATISTICS | {"bootstrap": 20_000})
        half = student.ppf(0.975, 23) * each.std(ddof=1) / np.sqrt(24)
        assert found["high"] - found["low"] == pytest.approx(2 * half, rel=0.03)
        narrow = student.ppf(0.95, 23) * each.std(ddof=1) / np.sqrt(24)
        assert found["narrow_high"] - found["narrow_low"] == pytest.approx(2 * narrow, rel=0.03)
        assert found["margin"] == 0.5 and found["difference"] == each.mean()

    def test_one_prompt_says_nothing(self):
        assert compared([1.0], 0.5, STATISTICS) == {}


class TestCrossfit:
    @pytest.mark.parametrize("planted", [2.0, 0.0])
    def test_simulated_truth(self, planted):
        points = world(np.random.default_rng(9), 40, planted, [f"p{i}" for i in range(20)])
        found = crossfitted(points, "composition", 4, STATISTICS, MARGINS).set_index("measure")
        assert (found.loc["distance", "verdict"] == "higher") == (planted > 0)
        below = found.loc["similarity", "below"]
        assert below > 0.8 if planted else 0.3 < below < 0.7
        assert found.loc["distance", "n_prompts"] == 20

    def test_missing_cells_are_in_no_pair(self):
        points = world(np.random.default_rng(9), 20, 2.0)
        points.vectors[0, :15] = np.nan
        found = crossfitted(points, "composition", 4, STATISTICS, MARGINS)
        assert np.isfinite(found[["mean", "random_mean", "difference"]].to_numpy()).all()


class TestRendered:
    def test_table_2_and_what_is_not_defined(self, tmp_path):
        path, paper = str(tmp_path / "judged.parquet"), "resources/paper/good_seed_table2.csv"
        judged = judged_world(np.random.default_rng(7), 2.0)
        store.write_table(judge(judged, STATISTICS, MARGINS), path)
        study = {"model": "m", "aim": "style", "column": "SD 2.0", "arms": ["random", "diverse"]}
        table = diversity([study], [path], paper, "agreement")
        assert table.full["arm"].tolist() == ["random", "particle_guidance", "diverse"]
        guided = table.printed.iloc[1]
        assert guided["Similarity (eq. 2)"] == "not defined for one step"
        assert guided["n"] == "–" and "0.980" in guided["Paper"]
        assert table.printed.iloc[2]["Similarity is"] == "lower"
        assert table.printed.iloc[2]["Paper"] == "0.970 (SD 2.0)"

    def test_the_table_of_every_first_seed(self, tmp_path):
        path = str(tmp_path / "crossfitted.parquet")
        points = world(np.random.default_rng(9), 20, 2.0)
        store.write_table(crossfitted(points, "style", 3, STATISTICS, MARGINS), path)
        table = every_first_seed([{"model": "m", "aim": "style"}], [path])
        assert table.printed["n first seeds × prompts"].tolist() == ["20 × 8"] * 2

    def test_figure_11_has_a_block_per_prompt(self):
        pictures = np.zeros((4, 16, 16, 3), dtype=np.uint8)
        rows = [("Random seeds", pictures), ("Diverse seeds", pictures)]
        blocks = {("style", "a"): rows, ("style", "b"): rows, ("composition", "c"): rows}
        assert len(groups_of_pictures(blocks, "m").axes) == 3
