"""``storybook-inpaint``: ``storybook-sd``'s UNet taught to fill masks.

As in Stable Diffusion's inpainting models, the UNet reads nine channels: the noisy latent, the
mask, and the latent of the picture with the masked pixels set to grey. The five new channels
start at zero, so that training begins with a model that draws whole pictures.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from diffusers import (
    AutoencoderKL,
    StableDiffusionInpaintPipeline,
    StableDiffusionPipeline,
    UNet2DConditionModel,
)
from diffusers.models.attention_processor import AttnProcessor, AttnProcessor2_0
from torch.nn import functional as F

from seedbed.storybook import text_encoder, text_to_image, tokenizer
from seedbed.storybook.autoencoder import to_tensor
from seedbed.storybook.masking import SampleSet
from seedbed.storybook.training import Schedule, train

MASK_WEIGHT = 2.0
"""What the error under the mask counts beyond that outside it, where the picture is given."""


@dataclass(frozen=True)
class Encoded:
    """What the UNet trains on.

    Attributes:
        latents: (n, 4, 16, 16) float16 of the wanted pictures, scaled.
        given: (n, 5, 16, 16) float16: the mask (0 or 1), and the scaled latent of the picture
            with the masked pixels set to grey.
        states: (captions, 77, 128) float16 text states of the different captions.
        empty_state: (77, 128) of the empty caption.
        caption: (n,) int64 index into ``states``.
    """

    latents: torch.Tensor
    given: torch.Tensor
    states: torch.Tensor
    empty_state: torch.Tensor
    caption: torch.Tensor

    def save(self, path: Path) -> None:
        torch.save(vars(self), path)

    @classmethod
    def load(cls, path: Path) -> Encoded:
        return cls(**torch.load(path, weights_only=True))


@torch.no_grad()
def encode(pipe: StableDiffusionPipeline, samples: SampleSet, schedule: Schedule) -> Encoded:
    """Run the VAE and the text encoder over all samples, once, in the schedule's precision.

    Args:
        pipe: whose VAE, text encoder and tokenizer are used.
        samples: see ``masking``.
        schedule: for its precision.
    """
    vae: AutoencoderKL = pipe.vae
    latents, given = [], []
    for start in range(0, len(samples), 128):
        images = to_tensor(samples.images[start : start + 128])
        masks = torch.from_numpy(samples.masks[start : start + 128])[:, None].float()
        both = torch.cat([images, images * (masks < 0.5)])
        with schedule.autocast():
            mean = vae.encode(both.contiguous(memory_format=torch.channels_last)).latent_dist.mean
        whole, masked = (mean.float() * vae.config.scaling_factor).chunk(2)
        latents.append(whole.half())
        small = F.interpolate(masks, size=whole.shape[-2:])
        given.append(torch.cat([small, masked], dim=1).half())
    texts, caption = np.unique(samples.captions, return_inverse=True)
    ids = tokenizer.encode(pipe.tokenizer, ["", *texts.tolist()])
    states = text_encoder.encode_all(pipe.text_encoder, ids)
    return Encoded(
        torch.cat(latents), torch.cat(given), states[1:], states[0], torch.from_numpy(caption)
    )


def widen(unet: UNet2DConditionModel) -> UNet2DConditionModel:
    """A UNet of nine input channels that draws what ``unet`` draws: the new weights are zero."""
    wide = UNet2DConditionModel.from_config(unet.config, in_channels=9)
    state = unet.state_dict()
    kernel = state["conv_in.weight"]
    state["conv_in.weight"] = F.pad(kernel, (0, 0, 0, 0, 0, 9 - kernel.shape[1]))
    wide.load_state_dict(state)
    return wide


def fit(
    unet: UNet2DConditionModel, encoded: Encoded, schedule: Schedule, checkpoint: Path
) -> UNet2DConditionModel:
    """Train a widened copy of ``unet``; v-prediction, squared error weighted under the mask.

    Args:
        unet: of ``storybook-sd``, float32.
        encoded: the samples.
        schedule: see ``Schedule``.
        checkpoint: resumed from and saved to.
    """
    wide = widen(unet).to(memory_format=torch.channels_last)
    wide.set_attn_processor(AttnProcessor())
    levels = text_to_image.build_scheduler()

    def loss_of(indices, generator, step):
        x = encoded.latents[indices].float()
        given = encoded.given[indices].float()
        n = len(x)
        drop = torch.rand(n, generator=generator) < text_to_image.CAPTION_DROPOUT
        states = encoded.states[encoded.caption[indices]]
        text = torch.where(drop[:, None, None], encoded.empty_state, states)
        noise = torch.randn(x.shape, generator=generator)
        t = text_to_image.draw_timesteps(n, generator)
        target = levels.get_velocity(x, noise, t)
        noisy = levels.add_noise(x, noise, t)
        with schedule.autocast():
            v = wide(torch.cat([noisy, given], dim=1), t, text.float()).sample
        weight = 1 + MASK_WEIGHT * given[:, :1]
        return (weight * (v.float() - target).square()).mean()

    wide = train(wide, loss_of, len(encoded.latents), schedule, checkpoint)
    wide.set_attn_processor(AttnProcessor2_0())
    return wide


def pipeline(
    pipe: StableDiffusionPipeline, unet: UNet2DConditionModel
) -> StableDiffusionInpaintPipeline:
    """The inpainting pipeline that is saved to disk: every part but the UNet is ``pipe``'s."""
    parts = {k: v for k, v in pipe.components.items() if k != "image_encoder"}
    return StableDiffusionInpaintPipeline(**parts | {"unet": unet}, requires_safety_checker=False)
