"""Naming the seed of a picture: splits share no prompt, planted signals are learned, noise not."""

import numpy as np
import pandas as pd
import pytest
import torch

from seedbed import choices, config, store
from seedbed.good_seed.classifier import labelled
from seedbed.good_seed.classifier import mapped_pictures as pictures
from seedbed.good_seed.classifier.accuracy import accuracy, epochs_to_reach
from seedbed.good_seed.classifier.fit import Recipe, batches, fit
from seedbed.good_seed.classifier.fits import fit_group, restore, split_of
from seedbed.good_seed.classifier.groups import GROUPS, counts_of, trainings_of
from seedbed.good_seed.classifier.network import build, named, tokens_to_maps
from seedbed.good_seed.classifier.variants import LUMINANCE, vary
from seedbed.plan import Plan

SIDE = 56
STATISTICS = {"bootstrap": 200, "permutations": 200, "level": 0.95, "seed": 1}
SETTINGS = {
    "network": "efficientformer_l1",
    "arguments": {
        "depths": [1, 1, 1, 1],
        "embed_dims": [8, 16, 16, 16],
        "downsamples": [False, True, False, False],
        "num_vit": 1,
        "mlp_ratios": 1,
        "layer_scale_init_value": 0.1,
    },
    "input_size": SIDE,
    "device": "cpu",
    "head": "places",
    "epochs": 3,
    "batch": 16,
    "lr": 0.003,
    "weight_decay": 0.025,
    "warmup_epochs": 1,
    "seed": 5,
    "val_share": 0.1,
    "test_share": 0.3,
}
RECIPE = Recipe.of(SETTINGS)


def world(seeds, prompts, planted, rng):
    """Pictures whose prompts have colours of their own; a planted seed lights up a field."""
    colours = rng.integers(60, 200, (1, prompts, 1, 1, 3))
    x = np.tile(colours, (seeds, 1, SIDE, SIDE, 1)) + rng.normal(
        0, 12, (seeds, prompts, SIDE, SIDE, 3)
    )
    if planted:
        for s in range(seeds):
            y, z = 14 * (s // 4), 14 * (s % 4)
            x[s, :, y : y + 14, z : z + 14] += 55
    pixels = x.clip(0, 255).astype(np.uint8).reshape(-1, SIDE, SIDE, 3)
    return labelled.Labelled(pixels, list(range(seeds)), [f"p{i}" for i in range(prompts)])


@pytest.fixture(scope="module")
def planted():
    return world(4, 40, True, np.random.default_rng(0))


class TestSplits:
    @pytest.mark.parametrize("by", ["prompt", "image"])
    def test_every_picture_is_used_once_and_seeds_alike(self, planted, by):
        parts = labelled.split(planted, by, 0.1, 0.3, np.random.default_rng(1))
        every = np.concatenate([parts.train, parts.val, parts.test])
        assert sorted(every) == list(range(160))
        for part, n in zip((parts.train, parts.val, parts.test), (24, 4, 12), strict=True):
            assert planted.rows(part)["seed"].value_counts().to_dict() == dict.fromkeys(range(4), n)

    def test_by_prompt_no_prompt_is_in_two_parts(self, planted):
        parts = labelled.split(planted, "prompt", 0.1, 0.3, np.random.default_rng(1))
        sets = [set(planted.rows(p)["prompt_id"]) for p in (parts.train, parts.val, parts.test)]
        assert not (sets[0] & sets[1] or sets[0] & sets[2] or sets[1] & sets[2])

    def test_by_image_prompts_are_shared(self, planted):
        parts = labelled.split(planted, "image", 0.1, 0.3, np.random.default_rng(1))
        trained, tested = (set(planted.rows(p)["prompt_id"]) for p in (parts.train, parts.test))
        assert len(tested & trained) > 20

    def test_fewer_are_part_of_more(self, planted):
        whole = labelled.split(planted, "prompt", 0.1, 0.3, np.random.default_rng(1))
        few, more = (labelled.fewer(whole, 4, n) for n in (5, 9))
        assert set(few.train) < set(more.train) < set(whole.train)
        assert planted.rows(few.train)["prompt_id"].nunique() == 5
        np.testing.assert_array_equal(few.test, whole.test)
        with pytest.raises(ValueError, match="24 are there to train on; lower it"):
            labelled.fewer(whole, 4, 25)

    def test_counts(self):
        assert counts_of(128, 0.1, 0.2) == (89, 13, 26)
        with pytest.raises(ValueError, match="leave none to train on"):
            counts_of(2, 0.1, 0.2)

    def test_an_unknown_split_is_refused(self, planted):
        with pytest.raises(ValueError, match="prompt or image"):
            labelled.split(planted, "seed", 0.1, 0.3, np.random.default_rng(1))


class TestPictures:
    def shard(self, path, seeds, prompts, side=8):
        rng = np.random.default_rng(seeds[0])
        images = rng.integers(0, 256, (len(seeds) * len(prompts), side, side, 3), dtype=np.uint8)
        with store.atomic(path) as partial, store.ImageShardWriter(partial, "png") as writer:
            pairs = [(s, p) for s in seeds for p in prompts]
            writer.add([s for s, _ in pairs], [p for _, p in pairs], images, ["x"] * len(pairs))
        return images

    def test_they_are_found_by_seed_and_prompt(self, tmp_path):
        a = self.shard(tmp_path / "a.parquet", [0, 1], ["p", "q", "r"])
        b = self.shard(tmp_path / "b.parquet", [2, 3], ["p", "q", "r"])
        shards = [tmp_path / "a.parquet", tmp_path / "b.parquet"]
        data = labelled.read(shards, [1, 2], ["r", "p"], 8)
        np.testing.assert_array_equal(data.pixels, np.stack([a[5], a[3], b[2], b[0]]))
        assert data.labels.tolist() == [0, 0, 1, 1]
        assert data.rows(np.array([1, 2])).to_numpy().tolist() == [[1, "p"], [2, "r"]]

    def test_a_lacking_one_is_named(self, tmp_path):
        self.shard(tmp_path / "a.parquet", [0, 1], ["p"])
        with pytest.raises(ValueError, match=r"seed 2, prompt p is lacking \(2 such images"):
            labelled.read([tmp_path / "a.parquet"], [1, 2, 3], ["p"], 8)

    def test_the_short_side_is_resized_and_the_middle_kept(self):
        image = np.zeros((16, 32, 3), np.uint8)
        image[:, 8:24] = 200
        assert (labelled.resized(image, 8)[:, 1:-1] > 190).all()
        assert labelled.resized(image, 16).shape == (16, 16, 3)


class TestVariants:
    def vary(self, pixels, variant):
        return vary(pixels, variant, np.random.default_rng(0))

    def test_what_is_left(self, planted):
        x = planted.pixels[:6]
        floats = x.astype(float)
        for name in choices.PICTURE_VARIANTS:
            varied = self.vary(x, name)
            assert varied.shape == x.shape and varied.dtype == np.uint8
        assert self.vary(x, "whole") is x
        grey = self.vary(x, "grey")
        np.testing.assert_allclose(grey[..., 0], floats @ LUMINANCE, atol=0.51)
        field = self.vary(x, "thumbnail")[1, 7:14, 49:56]
        mean = floats[1, 7:14, 49:56].mean((0, 1))
        np.testing.assert_allclose(field, np.broadcast_to(mean, field.shape), atol=0.51)

    def test_shuffling_moves_fields_and_changes_none(self, planted):
        x = planted.pixels[:3]
        varied = self.vary(x, "shuffled")

        def fields(image):
            starts = range(0, SIDE, 14)
            return sorted(image[y : y + 14, z : z + 14].tobytes() for y in starts for z in starts)

        assert all(fields(a) == fields(b) for a, b in zip(x, varied, strict=True))
        assert not np.array_equal(x, varied)

    def test_low_frequencies_pass_and_high_ones_do_not(self):
        at = np.arange(SIDE) / SIDE
        soft, sharp = (np.cos(2 * np.pi * n * at) for n in (2, 3))
        image = np.round(128 + 50 * soft[:, None] + 50 * sharp[None, :])
        x = np.repeat(image[None, :, :, None], 3, axis=3).astype(np.uint8)
        expected = 128 + np.repeat(50 * soft[:, None], SIDE, axis=1)
        np.testing.assert_allclose(self.vary(x, "low")[0, :, :, 0], expected, atol=1.5)

    def test_a_flat_picture_has_no_edges_and_a_ramp_has_its_slope(self):
        x = np.full((2, 16, 16, 3), 90, np.uint8)
        x[1] = (np.arange(16) * 5)[None, :, None]
        varied = self.vary(x, "edges")
        assert not varied[0].any() and (varied[1] == 5).all()

    def test_a_side_that_does_not_fit_is_refused(self):
        with pytest.raises(ValueError, match="no multiple of 8"):
            self.vary(np.zeros((1, 12, 12, 3), np.uint8), "thumbnail")


class TestTraining:
    def group(self, data, tmp_path, splits=("prompt",)):
        trainings = [{"variant": "whole", "split": by, "per_seed": None} for by in splits]
        return fit_group(data, trainings, SETTINGS, tmp_path)

    def test_a_planted_signal_is_learned(self, planted, tmp_path):
        fitted = self.group(planted, tmp_path)
        found = accuracy(fitted.hits, STATISTICS)
        assert found.value > 0.8 and found.verdict == "higher"
        assert (found.n_pictures, found.n_prompts, found.chance) == (48, 12, 0.25)
        assert list(fitted.curves["epoch"]) == [1, 2, 3]
        # The weights that are left name the same seeds.
        net = restore(fitted.weights, SETTINGS, 4)
        at = split_of(planted, "prompt", SETTINGS).test
        np.testing.assert_array_equal(named(net, planted.pixels[at]), fitted.hits["said"])

    def test_prompts_alone_name_no_seed(self, tmp_path):
        """No seed signal, prompts that differ a lot: chance, by either split."""
        data = world(4, 40, False, np.random.default_rng(3))
        hits = self.group(data, tmp_path, ("prompt", "image")).hits
        for _, part in hits.groupby("split"):
            found = accuracy(part, STATISTICS)
            assert found.low <= 0.25 <= found.high and found.verdict != "higher"

    def test_a_killed_training_goes_on_to_the_same_bits(self, planted, tmp_path, monkeypatch):
        parts = split_of(planted, "prompt", SETTINGS)

        def trained(path):
            net = build(SETTINGS, 4, 5)
            return fit(net, planted.pixels, planted.labels, parts, RECIPE, path), net.state_dict()

        curve, weights = trained(tmp_path / "whole.pt")
        saved, real = [], torch.save

        def killed(state, path):
            real(state, path)
            saved.append(path)
            if len(saved) == 2:
                raise KeyboardInterrupt

        monkeypatch.setattr(torch, "save", killed)
        with pytest.raises(KeyboardInterrupt):
            trained(tmp_path / "cut.pt")
        monkeypatch.setattr(torch, "save", real)
        epochs = []
        monkeypatch.setattr(
            "seedbed.good_seed.classifier.fit.batches",
            lambda *a: epochs.append(a[-1]) or batches(*a),
        )
        again, resumed = trained(tmp_path / "cut.pt")
        # The second checkpoint was not whole when the job was killed.
        assert epochs == [1, 2] and again == curve
        assert all(torch.equal(weights[name], resumed[name]) for name in weights)

    def test_a_checkpoint_of_another_training_is_not_used(self, planted, tmp_path):
        parts, path = split_of(planted, "prompt", SETTINGS), tmp_path / "c.pt"
        one = Recipe.of(SETTINGS | {"epochs": 1})
        other = Recipe.of(SETTINGS | {"epochs": 1, "lr": 0.001})
        fit(build(SETTINGS, 4, 5), planted.pixels, planted.labels, parts, one, path)
        fresh = fit(
            build(SETTINGS, 4, 5), planted.pixels, planted.labels, parts, other, tmp_path / "d.pt"
        )
        found = fit(build(SETTINGS, 4, 5), planted.pixels, planted.labels, parts, other, path)
        assert found == fresh
        path.write_bytes(b"damaged")
        assert (
            fit(build(SETTINGS, 4, 5), planted.pixels, planted.labels, parts, other, path) == fresh
        )

    def test_the_rate_rises_and_falls_as_a_cosine(self):
        rates = [RECIPE.rate(step, 10) for step in range(30)]
        assert rates[4] == pytest.approx(0.0015) and max(rates) == rates[9] == rates[10] == 0.003
        assert rates[20] == pytest.approx(0.0015) and rates[29] < 2e-5

    def test_batches_pass_over_few_pictures_several_times(self):
        drawn = np.concatenate(batches(np.arange(5), 4, 5, seed=1, epoch=0))
        assert np.bincount(drawn).tolist() == [4] * 5

    def test_colours_are_standardised(self, planted):
        net = build(SETTINGS, 4, 5)
        net.standardise(planted.pixels)
        flat = planted.pixels.reshape(-1, 3).astype(float)
        np.testing.assert_allclose(net.mean.cpu(), flat.mean(0), rtol=1e-5)
        np.testing.assert_allclose(net.sd.cpu(), flat.std(0), rtol=1e-5)

    def test_both_heads_and_generations_can_be_built(self):
        v2 = {"depths": [1, 1, 1, 1], "embed_dims": [8, 8, 8, 8], "img_size": 32, "num_vit": 1}
        other = {"network": "efficientformerv2_s0", "arguments": v2, "input_size": 32}
        for change in ({"head": "mean"}, {"head": "mean", **other}, other):
            net = build(SETTINGS | change, 3, 0).eval()
            side = (SETTINGS | change)["input_size"]
            assert net(torch.zeros(2, 3, side, side, dtype=torch.uint8)).shape == (2, 3)

    def test_a_network_that_does_not_fit_is_refused(self):
        with pytest.raises(
            ValueError, match=r"good_seed\.classifier\.network: timm cannot build nil"
        ):
            build(SETTINGS | {"network": "nil"}, 3, 0)
        with pytest.raises(ValueError, match="for pictures of 64 pixels"):
            build(SETTINGS | {"input_size": 64}, 3, 0)

    def test_tokens_of_a_square(self):
        tokens = torch.arange(12).reshape(1, 4, 3)
        assert tokens_to_maps(tokens)[0, 1].tolist() == [[1, 4], [7, 10]]
        with pytest.raises(ValueError, match="no square"):
            tokens_to_maps(torch.zeros(1, 5, 3))


def simulated(rng, share, spread, seeds=16, prompts=26):
    """Hits of pictures whose prompts are easier or harder, by a beta distribution."""
    of_prompt = rng.beta(share * spread, (1 - share) * spread, prompts)
    seed, prompt = np.divmod(np.arange(seeds * prompts), prompts)
    right = rng.random(len(seed)) < of_prompt[prompt]
    said = np.where(right, seed, (seed + 1) % seeds)
    return pd.DataFrame({"seed": seed, "prompt_id": prompt.astype(str), "said": said})


class TestAccuracy:
    def test_chance_is_rarely_told_as_knowledge(self):
        rng = np.random.default_rng(4)
        found = [accuracy(simulated(rng, 1 / 16, 60), STATISTICS) for _ in range(200)]
        assert np.mean([f.verdict == "higher" for f in found]) <= 0.05

    def test_intervals_cover(self):
        rng = np.random.default_rng(5)
        found = [accuracy(simulated(rng, 0.8, 8), STATISTICS) for _ in range(200)]
        assert np.mean([f.low <= 0.8 <= f.high for f in found]) >= 0.9
        assert all(f.verdict == "higher" for f in found)

    def test_all_right_is_not_certain(self):
        hits = simulated(np.random.default_rng(0), 0.5, 1).assign(said=lambda f: f["seed"])
        found = accuracy(hits, STATISTICS)
        assert found.value == found.high == 1.0
        assert found.low == pytest.approx(0.025 ** (1 / len(hits)))

    def test_epochs_to_reach(self):
        assert epochs_to_reach(np.array([0.2, 0.9, 0.96, 0.97])) == 3


class TestConfig:
    def faults(self, **changes):
        entries = config.load("config.yaml")
        entries["good_seed"]["classifier"] |= changes
        try:
            return Plan(config.complete(entries))
        except ValueError as error:
            return str(error)

    def test_it_may_be_left_out(self):
        entries = config.load("config.yaml")
        del entries["good_seed"]["classifier"]
        plan = Plan(config.complete(entries))
        assert plan.named_models == []
        assert any("seed classifier" in line for line in plan.left_out)

    def test_the_default_run_has_both_splits_controls_and_a_learning_curve(self):
        plan = self.faults()
        groups = plan.trainings("storybook-sd")
        assert list(groups) == list(GROUPS)
        assert [t["per_seed"] for t in groups["sizes"]] == [12, 36]
        assert [t["variant"] for t in groups["controls"]] == list(choices.PICTURE_VARIANTS[1:])
        # The pool of one model is larger: only the shard with the first seeds is read.
        assert len(plan.classified_images("storybook-turbo")) == 1
        assert trainings_of({"seeds": 0}, 9) == {}

    def test_a_small_run_trains_on_what_there_is(self):
        entries = config.load("config.yaml")
        study = entries["good_seed"]
        study |= {"models": ["storybook-sd"], "pool": {"start": 0, "stop": 12}}
        study["splits"]["set2"] = {"start": 72, "stop": 80}
        study["classifier"]["images_per_seed"] = [36, 60]
        plan = Plan(config.complete(entries))
        assert plan.classified_seeds("storybook-sd") == list(range(12))
        # 80 prompts: 56 to train on, and a curve's point of 60 is none of them.
        assert [t["per_seed"] for t in plan.trainings("storybook-sd")["sizes"]] == [36]

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"seeds": 1}, "one seed is not told from another"),
            ({"val_share": 0.6, "test_share": 0.4}, "leave none to train on"),
            (
                {"gradcam": {"prompts": 27}},
                "gradcam.prompts: 27 test prompts, but with",
            ),
            (
                {"seeds": 3},
                "gradcam.shown_seeds: 4 seeds to tell apart, but with",
            ),
            ({"input_size": 60}, "input_size"),
            ({"controls": ["upside_down"]}, "controls"),
        ],
    )
    def test_what_cannot_be_is_refused(self, changes, said):
        assert said in self.faults(**changes)


def test_pictures_that_are_too_many_are_mapped_and_told_alike(tmp_path, monkeypatch):
    rng = np.random.default_rng(0)
    pixels = rng.integers(256, size=(30, 8, 8, 3), dtype=np.uint8)
    monkeypatch.setattr(pictures, "HELD", 100)
    monkeypatch.setattr(pictures, "PART", 7)
    mapped = pictures.room(pixels.shape, tmp_path / "scratch")
    assert isinstance(mapped, np.memmap) and not mapped.any()
    mapped[:] = pixels
    at = rng.permutation(30)[:20]
    some = pictures.Some(mapped, at)
    assert len(some) == 20
    np.testing.assert_array_equal(np.concatenate(list(pictures.in_parts(some))), pixels[at])
    monkeypatch.setattr(pictures, "HELD", 10**6)
    assert not isinstance(pictures.room(pixels.shape, tmp_path), np.memmap)


def test_the_papers_network_at_full_size():
    """EfficientFormer-L3 with a class per seed of the paper; on the device meta, without weights.

    methods: 31.4 million parameters with ImageNet's 1,000 classes, a last width of 512.
    """
    import timm

    with torch.device("meta"):
        net = timm.create_model("efficientformer_l3", num_classes=0)
    count = sum(parameter.numel() for parameter in net.parameters())
    assert net.num_features == 512 and count + 2 * (512 + 1) * 1000 == pytest.approx(
        31.4e6, rel=1e-2
    )
