"""BoxDiff (arXiv 2307.10816): latents moved down the gradient of losses on attention maps.

Before each step of the first half, the conditional branch is run with gradients. Its
cross-attention maps on one grid, averaged over layers and heads, lose the start token and the
last position, are sharpened by softmax(100 ·) over the rest and smoothed by a 3 × 3 Gaussian.
Every token of a guided phrase then has, with B its box:

- inner box: 1 - mean of the highest fifth of its map inside B;
- outer box: mean of the highest fifth outside B;
- corners: |max over rows or columns - the same of B|, summed over the cells within one cell of
  B's edges and divided by the side.

The latent of an image moves by step size · sqrt(scale) · gradient of its sum, scale falling
linearly from 1 to 1/2 over all steps. At the starts of the first, second and third fifth of
the steps it is first moved repeatedly, down the gradient of its greatest inner-box loss, until
that is at most 0.95, 0.5 and 0.2 (steps 0, 10, 20 of 50).

As in the authors' public code, except that each image of a batch stops refining by itself;
that refining stops without a last move once the threshold is reached; that the move after it
sees all losses on the refined latent (there, inner-box losses alone pass on a gradient); that
the Gaussian's standard deviation is the stated 0.5 (there, a formula makes it 0.71); and that
on small grids a box has at least one cell and "the highest fifth" too.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import torch
from torch.nn import functional

from seedbed.attention.modules import check_call, cross_attention, output, replaced, scores, side_of
from seedbed.guidance.guided import Box, Guidance
from seedbed.guidance.masks import check_batch
from seedbed.models.base import Condition, LatentModel
from seedbed.sampling.denoise import batches
from seedbed.sampling.schedulers import make_scheduler

SHARPNESS = 100
SMOOTHING = 0.5
TOP_SHARE = 0.2
CORNER = 1
REFINEMENT = ((0, 0.05), (1, 0.5), (2, 0.8))
"""(fifth of the run, inner-box attention that refining at its first step reaches for)."""


def nearest_cells(box: Box, side: int) -> tuple[int, int, int, int]:
    """x0, y0, x1, y1 of a box rounded to grid lines, ends exclusive; at least one cell."""

    def span(low: float, high: float) -> tuple[int, int]:
        first, end = round(low * side), round(high * side)
        if end > first:
            return first, end
        centre = min(int((low + high) / 2 * side), side - 1)
        return centre, centre + 1

    (x0, x1), (y0, y1) = span(box[0], box[2]), span(box[1], box[3])
    return x0, y0, x1, y1


@dataclass(frozen=True)
class Targets:
    """What the maps of m guided tokens should look like.

    Attributes:
        images: (m,) index of each token's image.
        tokens: (m,) position of the token in the prompt.
        inside: (m, side, side) float32, one in the token's box.
        corner_x, corner_y: (m, side) float32, one near the box's vertical (horizontal) edges.
    """

    images: torch.Tensor
    tokens: torch.Tensor
    inside: torch.Tensor
    corner_x: torch.Tensor
    corner_y: torch.Tensor

    @classmethod
    def of(cls, guidance: Guidance, side: int, device) -> Targets:
        """One target per token of every phrase of every image."""
        rows = [
            (image, token, nearest_cells(guided.box, side))
            for image, phrases in enumerate(guidance)
            for guided in phrases
            for token in guided.tokens
        ]
        inside = torch.zeros(len(rows), side, side)
        corner_x, corner_y = torch.zeros(2, len(rows), side)
        for k, (_, _, (x0, y0, x1, y1)) in enumerate(rows):
            inside[k, y0:y1, x0:x1] = 1
            for corner, edges in ((corner_x, (x0, x1)), (corner_y, (y0, y1))):
                for edge in edges:
                    corner[k, max(edge - CORNER, 0) : edge + CORNER + 1] = 1
        index = torch.tensor([row[:2] for row in rows], dtype=torch.long).reshape(-1, 2)
        parts = (*index.unbind(1), inside, corner_x, corner_y)
        return cls(*(part.to(device) for part in parts))

    def of_images(self, chosen: torch.Tensor) -> Targets:
        """The targets of some images, renumbered by their order in ``chosen``."""
        same = self.images[:, None] == chosen
        keep = same.any(1)
        return Targets(
            same[keep].long().argmax(1),
            self.tokens[keep],
            self.inside[keep],
            self.corner_x[keep],
            self.corner_y[keep],
        )


def smoothed(maps: torch.Tensor) -> torch.Tensor:
    """(m, side, side) maps under a 3 × 3 Gaussian, reflected at the border."""
    taps = torch.exp(-(torch.tensor([-1.0, 0.0, 1.0]) ** 2) / (2 * SMOOTHING**2))
    kernel = torch.outer(taps, taps) / taps.sum() ** 2
    padded = functional.pad(maps[:, None], (1, 1, 1, 1), mode="reflect")
    return functional.conv2d(padded, kernel.to(maps)[None, None])[:, 0]


def top_mean(maps: torch.Tensor, region: torch.Tensor) -> torch.Tensor:
    """Mean of the highest ``TOP_SHARE`` of each map inside its region, of one cell at least.

    Args:
        maps: (m, side, side), non-negative.
        region: (m, side, side) of zeros and ones; an empty one has mean zero.

    Returns:
        (m,).
    """
    count = (region.sum((1, 2)) * TOP_SHARE).long().clamp(min=1)
    ordered = (maps * region).flatten(1).sort(dim=1, descending=True).values
    chosen = torch.arange(ordered.shape[1], device=maps.device) < count[:, None]
    return (ordered * chosen).sum(1) / count


def losses(attention: torch.Tensor, targets: Targets) -> tuple[torch.Tensor, torch.Tensor]:
    """BoxDiff's losses of n images.

    Args:
        attention: (n, side, side, tokens) cross-attention, averaged over layers and heads.
        targets: of tokens of these n images, at least one of each.

    Returns:
        (n,) sums of all losses, and (n,) greatest inner-box losses.
    """
    words = (attention[..., 1:-1] * SHARPNESS).softmax(-1)
    maps = smoothed(words[targets.images, :, :, targets.tokens - 1])
    inner = 1 - top_mean(maps, targets.inside)
    total = inner + top_mean(maps, 1 - targets.inside)
    for axis, corner in ((1, targets.corner_x), (2, targets.corner_y)):
        distance = (maps.amax(axis) - targets.inside.amax(axis)).abs()
        total = total + (distance * corner).mean(1)
    zeros = attention.new_zeros(len(attention))
    return (
        zeros.index_add(0, targets.images, total),
        zeros.scatter_reduce(0, targets.images, inner, "amax", include_self=False),
    )


@contextmanager
def frozen(network: torch.nn.Module) -> Iterator[None]:
    """A network whose weights ask for no gradients for a while: less is kept for the way back."""
    asking = [weight for weight in network.parameters() if weight.requires_grad]
    try:
        for weight in asking:
            weight.requires_grad_(False)
        yield
    finally:
        for weight in asking:
            weight.requires_grad_(True)


class _GridReached(Exception):
    """All layers whose maps are read have run."""


class _Recorder:
    """The processor of one layer in a pass with gradients."""

    def __init__(self, name: str, grid: int, found: list, last: str | None):
        self._name, self._grid, self._found, self._last = name, grid, found, last

    def __call__(self, attn, hidden_states, encoder_hidden_states=None, attention_mask=None):
        check_call(encoder_hidden_states, attention_mask)
        raw = scores(attn, hidden_states, encoder_hidden_states)
        if side_of(raw.shape[2]) == self._grid:
            self._found.append((self._name, raw.softmax(-1)))
        if self._name == self._last:
            raise _GridReached
        return output(attn, raw, encoder_hidden_states)


class BoxDiff:
    """BoxDiff as a control of the denoising loop.

    Its processors are on the UNet only during its own passes, so that the loop's calls stay
    as they are without it. The passes run in float32 whatever the sampler's precision.
    For schedulers that feed latents to the UNet unscaled (DDIM, PNDM).

    Args:
        model: the text-to-image model.
        condition: of the n images of the batch, without the unconditional half.
        guidance: of the n images; an image without phrases is left alone.
        steps: number of denoising steps.
        grid: side of the maps that are read (Stable Diffusion at 512 pixels: 16).
        step_size: factor of the gradient (authors' code, for Stable Diffusion 1.4: 20).
        max_refinements: moves at most per image at each of the three refinements.
        batch: images of one pass with gradients. It keeps what a layer needs on the way back, of
            Stable Diffusion 1.4 about 0.7 GB an image, where the loop's own passes keep nothing.

    Raises:
        ValueError: guidance and condition differ in number, or a phrase is at no word's place.
    """

    def __init__(
        self,
        model: LatentModel,
        condition: Condition,
        guidance: Guidance,
        steps: int,
        *,
        grid: int,
        step_size: float = 20.0,
        max_refinements: int = 20,
        batch: int = 8,
    ):
        if len(condition) != len(guidance):
            raise ValueError(f"{len(condition)} prompts, but guidance for {len(guidance)} images")
        places = condition.embeddings.shape[1]
        for guided in (g for phrases in guidance for g in phrases):
            if max(guided.tokens) > places - 2:
                raise ValueError(f"tokens {guided.tokens}: words stand at 1 to {places - 2}")
        self._model = model
        self._condition = condition.to(model.device, model.unet.dtype)
        self._guidance = guidance
        self._steps = steps
        self._grid = grid
        self._step_size = step_size
        self._max_refinements = max_refinements
        self._batch = batch
        # Later fifths win where a run is so short that they begin at the same step.
        self._refinement = {k * steps // 5: 1 - reached for k, reached in REFINEMENT}
        self._targets = Targets.of(guidance, grid, model.device)
        self._guided = self._targets.images.unique()
        self._layers = cross_attention(model.unet)
        self._last: str | None = None

    def __enter__(self) -> BoxDiff:
        return self

    def __exit__(self, *exc) -> None:
        return None

    def before_step(self, step: int, t: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        check_batch(x, self._guidance)
        if 2 * step >= self._steps or not len(self._guided):
            return x
        scale = 1 - 0.5 * step / max(self._steps - 1, 1)
        size = self._step_size * math.sqrt(scale)
        x = x.detach().clone()
        with frozen(self._model.unet):
            for part in batches(len(self._guided), self._batch):
                images = self._guided[part]
                if step in self._refinement:
                    self._refine(x, t, size, self._refinement[step], images)
                with torch.enable_grad():
                    moving = x[images].requires_grad_()
                    total, _ = self._losses(moving, t, images)
                    (gradient,) = torch.autograd.grad(total.sum(), moving)
                x[images] -= size * gradient
        return x

    def _refine(
        self, x: torch.Tensor, t: torch.Tensor, size: float, target: float, images: torch.Tensor
    ) -> None:
        """Move latents in place until each image's greatest inner-box loss is small."""
        for _ in range(self._max_refinements):
            with torch.enable_grad():
                moving = x[images].requires_grad_()
                _, inner = self._losses(moving, t, images)
                above = inner.detach() > target
                if not above.any():
                    return
                (gradient,) = torch.autograd.grad(inner.sum(), moving)
            images = images[above]
            x[images] -= size * gradient[above]

    def _losses(
        self, x: torch.Tensor, t: torch.Tensor, images: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        return losses(self._attention(x, t, images), self._targets.of_images(images))

    def _attention(self, x: torch.Tensor, t: torch.Tensor, images: torch.Tensor) -> torch.Tensor:
        """(n, grid, grid, tokens): mean over layers and heads, with gradients to x."""
        if self._last is None:
            # A look at one image tells which layers are read. Passes with gradients can then stop
            # after the last of them, and keep less: of Stable Diffusion 1.4 not even half.
            with torch.no_grad():
                seen = self._read(x[:1].detach(), t, images[:1])
            if not seen:
                raise ValueError(f"no cross-attention of this UNet has a grid of side {self._grid}")
            self._layers = {name: self._layers[name] for name, _ in seen}
            self._last = seen[-1][0]
        found = self._read(x, t, images)
        maps = torch.cat([shares for _, shares in found], dim=1).mean(1)
        return maps.unflatten(1, (self._grid, self._grid))

    def _read(self, x: torch.Tensor, t: torch.Tensor, images: torch.Tensor) -> list:
        """(name, (n, heads, cells, tokens) shares) of the layers with the grid, as they run."""
        found: list[tuple[str, torch.Tensor]] = []

        def recorder(name: str) -> _Recorder:
            return _Recorder(name, self._grid, found, self._last)

        with replaced(self._layers, recorder), suppress(_GridReached):
            self._model.predict(x, t, self._condition.take(images))
        return found


def control(
    model: LatentModel, condition: Condition, guidance: Guidance, sampler, **constants
) -> BoxDiff:
    """BoxDiff of one batch; constants: ``step_size``, ``grid``, ``max_refinements``, ``batch``.

    Raises:
        ValueError: the sampler scales latents before the UNet sees them, so that a step of the
            size that is asked for would be another.
    """
    scheduler = make_scheduler(model, sampler)
    x = torch.ones(1, device=model.device)
    seen = scheduler.scale_model_input(x * scheduler.init_noise_sigma, scheduler.timesteps[0])
    if scheduler.init_noise_sigma != 1 or not torch.equal(seen, x):
        raise ValueError(
            f"boxdiff moves latents as DDIM and PNDM have them, {type(scheduler).__name__} scales "
            "them: use scheduler ddim"
        )
    return BoxDiff(model, condition, guidance, sampler.steps, **constants)
