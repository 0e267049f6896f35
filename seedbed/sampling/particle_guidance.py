"""Particle Guidance (Corso and others, arXiv 2310.13102): images of a prompt repel each other.

Good Seed, Table 2, compares its diverse seeds with it. C images of one prompt, the particles, are
drawn together. With x_i their flattened latents and d_ij = ||x_i - x_j||, for j other than i,

    h_i = median_j(d_ij)² / ln(max(C - 1, 2)),   k_ij = exp(-d_ij² / h_i),
    g_i = coefficient · sigma_t · sum_j 2 k_ij (x_i - x_j) / h_i,   eps_i <- eps_i - g_i

after classifier-free guidance, at steps with sigma_t = sqrt((1 - abar_t) / abar_t) >= 1. That is
the authors' public code for Stable Diffusion, its median too: of an even number of distances
the lower one in the middle. There the divisor is ln(C - 1), which leaves C = 2 without a
bandwidth; here two particles have three's, so that k = 1/2.

*Of features*: d_ij is measured between feature vectors of the decoded x0-hat, sigma_t is no
factor, and the gradient is brought back to the latent through extractor, decoder and x0-hat, the
UNet's output being held constant; at steps with sigma_t > 3. Decoded pixels enter as the decoder
gives them, about [-1, 1].

A network that predicts v or x0 is guided alike: at a given x_t, eps - g is v - g / sqrt(abar_t)
and x0 + sigma_t g. Guidance works between the first step and the last, so a one-step model has
none.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch

from seedbed.models.base import LatentModel, to_uint8
from seedbed.sampling.denoise import batches, decode, denoise
from seedbed.sampling.drawing import Drawing
from seedbed.sampling.finite import named
from seedbed.sampling.generate import StepNoises
from seedbed.sampling.schedulers import Sampler, make_scheduler

LATENT_SIGMA = 1.0
"""Latents repel each other while sigma_t is at least this."""
FEATURE_SIGMA = 3.0
"""Features repel each other while sigma_t is above this."""

Features = Callable[[torch.Tensor], torch.Tensor]
"""(n, 3, H, W) float32 pixels of about [-1, 1] to (n, d), with gradients."""


def repulsion(points: torch.Tensor) -> torch.Tensor:
    """sum_j 2 k_ij (x_i - x_j) / h_i of every particle of every group.

    Args:
        points: (groups, C, d) with C >= 2.

    Returns:
        Of the same shape: the direction that leads away from the others.
    """
    groups, particles, width = points.shape
    others = ~torch.eye(particles, dtype=torch.bool, device=points.device)
    apart = points[:, :, None] - points[:, None]
    apart = apart[:, others].view(groups, particles, particles - 1, width)
    distance = apart.norm(dim=-1)
    bandwidth = distance.median(dim=-1, keepdim=True).values ** 2 / math.log(max(particles - 1, 2))
    # Equal particles have no direction to go; without a least bandwidth they would be 0 / 0.
    bandwidth = bandwidth.clamp(min=torch.finfo(points.dtype).tiny)
    weight = 2 * torch.exp(-(distance**2) / bandwidth) / bandwidth
    return (weight[..., None] * apart).sum(dim=2)


class ParticleGuidance:
    """Particle Guidance as a guide of ``sampling.denoise.denoise``.

    Args:
        model: the text-to-image model.
        sampler: more than one step, of a scheduler that feeds latents to the UNet unscaled.
        particles: C, images of one prompt; they stand next to each other in the batch.
        coefficient: strength, >= 0; 0 changes no bit.
        features: what should differ; ``None`` for the latents themselves.

    Raises:
        ValueError: one step, a scheduler that scales latents, fewer than two particles, or a
            coefficient below 0.
    """

    def __init__(
        self,
        model: LatentModel,
        sampler: Sampler,
        particles: int,
        coefficient: float,
        features: Features | None = None,
    ):
        if sampler.steps < 2:
            raise ValueError(
                f"{model.source}: Particle Guidance is not defined for a one-step model; take one "
                "with more steps"
            )
        if particles < 2:
            raise ValueError(
                f"Particle Guidance needs 2 or more images of a prompt, not {particles}"
            )
        if not 0 <= coefficient < math.inf:
            raise ValueError(
                f"the coefficient of Particle Guidance is {coefficient}: give 0 or more"
            )
        scheduler = make_scheduler(model, sampler)
        x = torch.ones(1, device=model.device)
        seen = scheduler.scale_model_input(x * scheduler.init_noise_sigma, scheduler.timesteps[0])
        if scheduler.init_noise_sigma != 1 or not torch.equal(seen, x):
            raise ValueError(
                "Particle Guidance measures latents as DDIM and PNDM have them, "
                f"{type(scheduler).__name__} scales them: use scheduler ddim"
            )
        self._model = model
        self._alphas = scheduler.alphas_cumprod.double()
        self._predicts = scheduler.config.prediction_type
        self._particles = particles
        self._coefficient = coefficient
        self._features = features

    def active(self, t: torch.Tensor) -> bool:
        """Whether a timestep is guided."""
        sigma = self._levels(t)[2]
        return sigma >= LATENT_SIGMA if self._features is None else sigma > FEATURE_SIGMA

    def __call__(
        self, step: int, t: torch.Tensor, x: torch.Tensor, prediction: torch.Tensor
    ) -> torch.Tensor:
        """The guided prediction; see ``sampling.control.Guide``.

        Raises:
            ValueError: the batch holds part of a group.
        """
        if len(x) % self._particles:
            raise ValueError(f"{len(x)} images are not groups of {self._particles}")
        if self._coefficient == 0 or not self.active(t):
            return prediction
        a, s, sigma = self._levels(t)
        if self._features is None:
            away = sigma * self._away(x.flatten(1)).view_as(x)
        else:
            away = self._pulled_back(x, prediction, a, s)
        shift = self._coefficient * away
        if self._predicts == "v_prediction":
            return prediction - shift / a
        return prediction + sigma * shift if self._predicts == "sample" else prediction - shift

    def _levels(self, t: torch.Tensor) -> tuple[float, float, float]:
        """sqrt(abar_t), sqrt(1 - abar_t) and their quotient sigma_t."""
        alpha = float(self._alphas[int(t)])
        return math.sqrt(alpha), math.sqrt(1 - alpha), math.sqrt((1 - alpha) / alpha)

    def _away(self, points: torch.Tensor) -> torch.Tensor:
        return repulsion(points.unflatten(0, (-1, self._particles))).flatten(0, 1)

    def _pulled_back(
        self, x: torch.Tensor, prediction: torch.Tensor, a: float, s: float
    ) -> torch.Tensor:
        """The repulsion of features as a direction of the latents, a group at a time."""
        if self._predicts == "v_prediction":
            noise = a * prediction + s * x
        else:
            noise = (x - a * prediction) / s if self._predicts == "sample" else prediction
        vae = self._model.vae
        parts = []
        for group in batches(len(x), self._particles):
            with torch.enable_grad():
                moving = x[group].detach().requires_grad_()
                clean = (moving - s * noise[group]) / a
                clean = (clean / vae.config.scaling_factor).to(vae.dtype)
                pixels = vae.decode(clean, return_dict=False)[0]
                vectors = self._features(pixels.float())
                away = self._away(vectors.detach())
                parts.append(torch.autograd.grad((vectors * away).sum(), moving)[0])
        return torch.cat(parts)


def drawn_groups(
    drawing: Drawing,
    texts: Sequence[str],
    seeds: Sequence[Sequence[int]],
    coefficient: float,
    features: Features | None = None,
) -> Iterator[tuple[slice, np.ndarray]]:
    """Groups of images that repel each other, a batch of whole groups at a time.

    A batch holds as many groups as fit ``drawing.batch`` images, one at least, and never a part
    of a group.

    Args:
        drawing: model, sampler, noise stream, images per UNet batch.
        texts: the prompt of each group.
        seeds: C different seeds of each group; the same C for all groups.
        coefficient: strength, >= 0; 0 draws what plain sampling draws.
        features: what should differ; ``None`` for the latents themselves.

    Yields:
        Which groups, and their (groups, C, H, W, 3) uint8 images.

    Raises:
        ValueError: groups that differ in size, that hold a seed twice or that are not one per
            prompt; or as ``ParticleGuidance``.
    """
    size = _group_size(texts, seeds)
    model, sampler = drawing.model, drawing.sampler
    guide = ParticleGuidance(model, sampler, size, coefficient, features)
    condition = model.encode(list(texts))
    for part in batches(len(seeds), max(1, drawing.batch // size)):
        of_batch = [int(seed) for group in seeds[part] for seed in group]
        rows = np.repeat(np.arange(part.start, part.stop), size)
        x = torch.stack([drawing.latent(seed) for seed in of_batch])
        shape, stream = model.latent_shape, drawing.stream
        step_noise = StepNoises(of_batch, shape, stream) if sampler.eta > 0 else None
        who = named(of_batch, [str(row) for row in rows], "prompt row")
        z = denoise(model, x, condition.take(rows), sampler, step_noise, who=who, guide=guide)
        images = to_uint8(decode(model, z, sampler, who))
        yield part, images.reshape(-1, size, *images.shape[1:])


def draw_groups(
    drawing: Drawing,
    texts: Sequence[str],
    seeds: Sequence[Sequence[int]],
    coefficient: float,
    features: Features | None = None,
) -> np.ndarray:
    """All that ``drawn_groups`` yields: (n_groups, C, H, W, 3) uint8."""
    found = drawn_groups(drawing, texts, seeds, coefficient, features)
    return np.concatenate([images for _, images in found])


def _group_size(texts: Sequence[str], seeds: Sequence[Sequence[int]]) -> int:
    if not len(seeds) or len(texts) != len(seeds):
        raise ValueError(f"{len(texts)} prompts, but seeds for {len(seeds)} groups")
    size = len(seeds[0])
    for k, group in enumerate(seeds):
        if len(group) != size or len(set(group)) != size:
            raise ValueError(f"group {k}: {list(group)} are not {size} different seeds")
    return size
