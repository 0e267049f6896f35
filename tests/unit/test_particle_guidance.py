"""Particle Guidance: by hand, of any order, without effect at strength 0, never in one step."""

import math

import numpy as np
import pytest
import torch
from tiny_models import CAPTIONS

from seedbed import models
from seedbed.models.base import to_uint8
from seedbed.sampling.denoise import decode, denoise
from seedbed.sampling.drawing import Drawing
from seedbed.sampling.particle_guidance import (
    ParticleGuidance,
    draw_groups,
    drawn_groups,
    repulsion,
)
from seedbed.sampling.schedulers import Sampler, make_scheduler

SAMPLER = Sampler(6, 5.0, scheduler="ddim")
SEEDS = [[1, 2, 3], [4, 5, 6]]
EARLY, LATE = torch.tensor(901), torch.tensor(101)
ALPHA = 0.2


def drawing(model, batch=6):
    return Drawing(model, SAMPLER, batch=batch)


def sums(pixels):
    """Features with gradients: mean of each channel, times 30."""
    return 30 * pixels.mean(dim=(2, 3))


def slow_repulsion(x):
    """The formula of methods A9, particle by particle."""
    found = np.zeros_like(x)
    for i in range(len(x)):
        others = [j for j in range(len(x)) if j != i]
        d = {j: math.sqrt(((x[i] - x[j]) ** 2).sum()) for j in others}
        middle = sorted(d.values())[(len(others) - 1) // 2]
        h = middle**2 / math.log(max(len(x) - 1, 2))
        found[i] = sum(2 * math.exp(-(d[j] ** 2) / h) * (x[i] - x[j]) / h for j in others)
    return found


class TestKernel:
    def test_two_particles_by_hand(self):
        # d² = 25, h = 25 / ln 2, k = exp(-ln 2) = 1/2: 2 · ½ · (±3, ±4) · ln 2 / 25
        x = torch.tensor([[[0.0, 0.0], [3.0, 4.0]]])
        expected = math.log(2) / 25 * np.array([[-3.0, -4.0], [3.0, 4.0]])
        assert repulsion(x)[0].numpy() == pytest.approx(expected)

    @pytest.mark.parametrize("particles", [2, 3, 4, 5, 8])
    def test_is_the_formula(self, particles):
        x = torch.randn(3, particles, 7, generator=torch.Generator().manual_seed(0)).double()
        for group, found in zip(x, repulsion(x), strict=True):
            assert found.numpy() == pytest.approx(slow_repulsion(group.numpy()))

    def test_order_does_not_matter(self):
        x = torch.randn(1, 5, 7, generator=torch.Generator().manual_seed(1)).double()
        order = [3, 0, 4, 2, 1]
        assert torch.allclose(repulsion(x[:, order]), repulsion(x)[:, order])

    def test_groups_do_not_see_each_other(self):
        x = torch.randn(2, 4, 7, generator=torch.Generator().manual_seed(2))
        assert torch.equal(repulsion(x)[1], repulsion(x[1:])[0])

    def test_equal_particles_stay(self):
        assert torch.equal(repulsion(torch.ones(1, 3, 4)), torch.zeros(1, 3, 4))


class TestGuide:
    def guide(self, model, coefficient=3.0, features=None, predicts="v_prediction", alpha=ALPHA):
        made = ParticleGuidance(model, SAMPLER, 2, coefficient, features)
        made._alphas = torch.full((1000,), alpha, dtype=torch.float64)
        made._predicts = predicts
        return made

    def test_every_kind_of_prediction_is_guided_alike(self, tiny_sd):
        """The noise that each stands for is the guided noise: eps - coefficient · sigma · g."""
        random = torch.Generator().manual_seed(0)
        x, eps = torch.randn(2, 2, 4, 8, 8, generator=random).double()
        a, s = math.sqrt(ALPHA), math.sqrt(1 - ALPHA)
        clean = (x - s * eps) / a
        g = 3.0 * s / a * repulsion(x.flatten(1)[None])[0].view_as(x)
        said = {"epsilon": eps, "v_prediction": a * eps - s * clean, "sample": clean}
        back = {
            "epsilon": lambda out: out,
            "v_prediction": lambda out: a * out + s * x,
            "sample": lambda out: (x - a * out) / s,
        }
        for predicts, prediction in said.items():
            guided = self.guide(tiny_sd, predicts=predicts)(0, EARLY, x, prediction)
            assert torch.allclose(back[predicts](guided), eps - g), predicts

    def test_features_pull_through_the_decoder(self, tiny_sd):
        """Against finite differences of the features along random directions of the latent."""
        random = torch.Generator().manual_seed(0)
        x, eps = torch.randn(2, 2, 4, 8, 8, generator=random)
        alpha = 0.05
        a, s = math.sqrt(alpha), math.sqrt(1 - alpha)
        vae = tiny_sd.vae.double()
        try:
            x, eps = x.double(), eps.double()
            guide = self.guide(tiny_sd, 1.0, sums, "epsilon", alpha)
            moved = eps - guide(0, EARLY, x, eps)

            def seen(latents):
                clean = (latents - s * eps) / a
                with torch.no_grad():
                    return sums(vae.decode(clean / vae.config.scaling_factor).sample)

            away = repulsion(seen(x)[None])[0]
            step = torch.randn(x.shape, generator=random).double() * 1e-5
            change = (seen(x + step) - seen(x - step)) / 2
            expected = (away * change).sum().item()
            assert (moved * step).sum().item() == pytest.approx(expected, rel=1e-4)
        finally:
            vae.float()

    def test_works_while_there_is_much_noise(self, tiny_sd):
        alphas = make_scheduler(tiny_sd, SAMPLER).alphas_cumprod
        for features, least in ((None, 1), (sums, 3)):
            guide = ParticleGuidance(tiny_sd, SAMPLER, 2, 1.0, features)
            for t in (1, 301, 501, 701, 901):
                sigma = float(((1 - alphas[t]) / alphas[t]) ** 0.5)
                assert guide.active(torch.tensor(t)) == (sigma >= least)
        x = torch.randn(2, 4, 8, 8)
        assert guide(5, LATE, x, x) is x

    @pytest.mark.parametrize(
        ("sampler", "particles", "coefficient", "said"),
        [
            (Sampler(1, 0.0), 4, 1.0, "not defined for a one-step model"),
            (SAMPLER, 1, 1.0, "2 or more images of a prompt, not 1"),
            (SAMPLER, 4, -1.0, "coefficient of Particle Guidance is -1.0: give 0 or more"),
            (SAMPLER, 4, math.nan, "coefficient of Particle Guidance is nan"),
            (Sampler(4, 0.0, scheduler="euler_ancestral"), 4, 1.0, "use scheduler ddim"),
        ],
    )
    def test_refusals(self, tiny_sd, sampler, particles, coefficient, said):
        with pytest.raises(ValueError, match=said):
            ParticleGuidance(tiny_sd, sampler, particles, coefficient)

    def test_part_of_a_group_is_refused(self, tiny_sd):
        x = torch.zeros(3, 4, 8, 8)
        with pytest.raises(ValueError, match="3 images are not groups of 2"):
            self.guide(tiny_sd)(0, EARLY, x, x)


class TestGroups:
    def test_strength_0_is_plain_sampling(self, tiny_sd):
        made = drawing(tiny_sd)
        got = draw_groups(made, CAPTIONS[:2], SEEDS, 0.0)
        x = torch.stack([made.latent(seed) for group in SEEDS for seed in group])
        condition = tiny_sd.encode(CAPTIONS[:2]).take([0, 0, 0, 1, 1, 1])
        plain = to_uint8(decode(tiny_sd, denoise(tiny_sd, x, condition, SAMPLER), SAMPLER))
        assert got.shape == (2, 3, 16, 16, 3)
        assert np.array_equal(got.reshape(plain.shape), plain)

    @pytest.mark.parametrize("features", [None, sums], ids=["latents", "features"])
    def test_guidance_moves_images_apart(self, tiny_sd, features):
        def spread(images):
            vectors = images.reshape(2, 3, -1).astype(float)
            vectors = vectors if features is None else images.mean(axis=(2, 3))
            return np.mean([np.linalg.norm(v[:, None] - v, axis=-1).mean() for v in vectors])

        strengths = (0.0, 30.0)
        plain, guided = (
            spread(draw_groups(drawing(tiny_sd), CAPTIONS[:2], SEEDS, c, features))
            for c in strengths
        )
        assert guided > plain

    def test_order_of_seeds_does_not_matter(self, tiny_sd):
        one = draw_groups(drawing(tiny_sd), CAPTIONS[:1], [[1, 2, 3]], 20.0)[0].astype(int)
        other = draw_groups(drawing(tiny_sd), CAPTIONS[:1], [[3, 1, 2]], 20.0)[0].astype(int)
        assert np.abs(one - other[[1, 2, 0]]).max() <= 1
        assert np.abs(one[0] - one[1]).max() > 1

    @pytest.mark.parametrize(("batch", "parts"), [(2, [1, 1]), (5, [1, 1]), (6, [2]), (64, [2])])
    def test_no_batch_splits_a_group(self, tiny_sd, batch, parts):
        found = list(drawn_groups(drawing(tiny_sd, batch), CAPTIONS[:2], SEEDS, 20.0))
        assert [len(images) for _, images in found] == parts
        assert [part.start for part, _ in found] == list(range(0, 2, parts[0]))
        whole = draw_groups(drawing(tiny_sd), CAPTIONS[:2], SEEDS, 20.0).astype(int)
        assert np.abs(np.concatenate([i for _, i in found]) - whole).max() <= 1

    def test_step_noise_is_each_seeds_own(self, tiny_sd):
        noisy = Drawing(tiny_sd, Sampler(4, 5.0, eta=1.0, scheduler="ddim"), batch=6)
        calm = Drawing(tiny_sd, Sampler(4, 5.0, scheduler="ddim"), batch=6)
        one, other = (draw_groups(d, CAPTIONS[:2], SEEDS, 5.0) for d in (noisy, calm))
        assert np.abs(one.astype(int) - other).max() > 1

    @pytest.mark.parametrize(
        ("texts", "seeds", "said"),
        [
            (CAPTIONS[:2], [[1, 2]], "2 prompts, but seeds for 1 groups"),
            ([], [], "0 prompts, but seeds for 0 groups"),
            (CAPTIONS[:2], [[1, 2], [3]], r"group 1: \[3\] are not 2 different seeds"),
            (CAPTIONS[:1], [[1, 1]], r"group 0: \[1, 1\] are not 2 different seeds"),
        ],
    )
    def test_bad_groups_are_refused(self, tiny_sd, texts, seeds, said):
        with pytest.raises(ValueError, match=said):
            draw_groups(drawing(tiny_sd), texts, seeds, 1.0)


def test_the_shipped_models():
    """storybook-sd predicts v and is steered; storybook-turbo draws in one step and is refused."""
    turbo = models.load("sd", "resources/storybook/storybook-turbo")
    with pytest.raises(ValueError, match="storybook-turbo: Particle Guidance is not defined for"):
        draw_groups(Drawing(turbo, Sampler(1, 0.0)), CAPTIONS[:1], [[1, 2]], 1.0)
