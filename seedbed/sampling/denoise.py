"""The denoising loop over diffusers' UNet and scheduler.

Ours rather than a pipeline's because seed swap, attention masks and first-step
capture reach inside it. On the same latents, prompts and batch it equals
``StableDiffusionPipeline`` and ``StableDiffusionXLPipeline`` bit for bit on a CPU in
float32 (tests/unit/test_denoise.py).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext

import torch

from seedbed.models.base import Condition, LatentModel
from seedbed.sampling.control import Control, Guide
from seedbed.sampling.finite import refuse_nonfinite
from seedbed.sampling.schedulers import Sampler, make_scheduler
from seedbed.sampling.text_cache import kept_text

StepNoise = Callable[[int], torch.Tensor]
"""Maps a step index to the (n, c, h, w) noise that the scheduler adds after it."""


def _around(model: LatentModel, control: Control | None):
    """What the loop runs in: the control, or what makes it faster without changing a bit."""
    if control is not None:
        return control
    # A compiled UNet would be compiled anew for other processors.
    return nullcontext() if model.compiled else kept_text(model.unet)


@torch.no_grad()
def denoise(
    model: LatentModel,
    latents: torch.Tensor,
    condition: Condition,
    sampler: Sampler,
    step_noise: StepNoise | None = None,
    control: Control | None = None,
    who: Sequence[str] | None = None,
    guide: Guide | None = None,
) -> torch.Tensor:
    """Run the whole loop.

    Args:
        model: networks and scheduler config.
        latents: (n, c, h, w) float32 standard normal.
        condition: n prompts.
        sampler: steps, guidance, eta.
        step_noise: needed when ``sampler.eta > 0``.
        control: entered around the loop; gives the latents that each step starts from.
        who: names of the n images, for messages.
        guide: asked for the prediction that each step goes on with.

    Returns:
        (n, c, h, w) float32 denoised latents, on the model's device.

    Raises:
        ValueError: ``eta > 0`` without ``step_noise`` or with a scheduler that has no eta,
            or several steps of a scheduler that draws its own noise.
        NotFiniteError: an image's latents are not finite at the end.
    """
    scheduler = make_scheduler(model, sampler)
    arguments = inspect.signature(scheduler.step).parameters
    takes_eta = "eta" in arguments
    if sampler.eta > 0 and (step_noise is None or not takes_eta):
        raise ValueError("eta > 0 needs step_noise and a scheduler that knows eta (DDIM)")
    x = latents.to(model.device) * scheduler.init_noise_sigma
    condition = condition.to(model.device, model.unet.dtype)
    if sampler.guided:
        condition = Condition.cat([model.unconditional(condition), condition])
    bf16 = sampler.precision == "bfloat16"
    # Euler ancestral draws noise of its own; its last step scales it by zero, so with one step
    # it never reaches the image. With more, the image would depend on its place in the batch.
    generator = torch.Generator(model.device).manual_seed(0)
    untouched = generator.get_state()
    with _around(model, control):
        for i, t in enumerate(scheduler.timesteps):
            if control is not None:
                x = control.before_step(i, t, x)
            both = torch.cat([x, x]) if sampler.guided else x
            both = scheduler.scale_model_input(both, t)
            with torch.autocast(model.device.type, torch.bfloat16, enabled=bf16):
                prediction = model.predict(both, t, condition)
            prediction = prediction.float()
            if sampler.guided:
                unconditional, conditional = prediction.chunk(2)
                prediction = unconditional + sampler.guidance * (conditional - unconditional)
            if guide is not None:
                prediction = guide(i, t, x, prediction)
            if takes_eta:
                extra = {"eta": sampler.eta}
                if sampler.eta > 0:
                    extra["variance_noise"] = step_noise(i).to(model.device)
            else:
                extra = {"generator": generator} if "generator" in arguments else {}
            x = scheduler.step(prediction, t, x, **extra, return_dict=False)[0]
            drew = not torch.equal(generator.get_state(), untouched)
            if drew and i + 1 < len(scheduler.timesteps):
                raise ValueError(
                    f"{type(scheduler).__name__} adds noise of its own at every step, which no "
                    "seed decides: use it with one step, or ddim with eta"
                )
    refuse_nonfinite(x, "latents", model.source, who)
    return x


def decode(
    model: LatentModel,
    latents: torch.Tensor,
    sampler: Sampler,
    who: Sequence[str] | None = None,
) -> torch.Tensor:
    """Decode in the sampler's precision: (n, 3, H, W) float32 in [0, 1].

    Raises:
        NotFiniteError: an image's pixels are not finite.
    """
    bf16 = sampler.precision == "bfloat16"
    with torch.autocast(model.device.type, torch.bfloat16, enabled=bf16):
        pixels = model.decode(latents).float()
    refuse_nonfinite(pixels, "pixels", model.source, who)
    return pixels


def batches(n: int, size: int) -> Iterator[slice]:
    """Consecutive slices of at most ``size`` covering ``range(n)``."""
    for start in range(0, n, size):
        yield slice(start, min(start + size, n))
