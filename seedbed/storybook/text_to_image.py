"""``storybook-sd``: a cross-attention UNet on the frozen states of a CLIP text encoder.

The noise schedule is Stable Diffusion's own (scaled linear, 1,000 steps), whose
terminal signal-to-noise ratio is above zero: what a seed decides at the first step
lives on that remnant. The UNet predicts v, which weighs high noise levels as the
picture's layout needs.
"""

from __future__ import annotations

from pathlib import Path

import torch
from diffusers import AutoencoderKL, DDIMScheduler, StableDiffusionPipeline, UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor, AttnProcessor2_0
from torch.nn import functional as F
from transformers import CLIPTextModel, CLIPTokenizer

from seedbed.storybook import grounding, text_encoder
from seedbed.storybook.training import Schedule, train

CAPTION_DROPOUT = 0.1
"""Share of captions replaced by the empty one, for classifier-free guidance."""
TIMESTEP_POWER = 0.75
"""Timesteps are 1000 u ** 0.75: high noise, where objects take shape, a little more often."""
OBJECT_WEIGHT = 2.0
"""What the error on an object counts beyond that on its background, ..."""
OBJECTS_SEEN = 600
"""... below this timestep alone: above it the picture does not tell yet where objects are, and a
weight that knows would make the model hope for too many."""


def build_unet(in_channels: int = 4) -> UNet2DConditionModel:
    """Untrained UNet on 16×16 latents with cross-attention at 8×8 and 4×4; 5.3 M parameters."""
    return UNet2DConditionModel(
        sample_size=16,
        in_channels=in_channels,
        out_channels=4,
        block_out_channels=(48, 96, 128),
        layers_per_block=1,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=text_encoder.WIDTH,
        attention_head_dim=4,
        norm_num_groups=16,
    )


def build_scheduler() -> DDIMScheduler:
    """Stable Diffusion's schedule, v-prediction."""
    return DDIMScheduler(
        num_train_timesteps=1000,
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        prediction_type="v_prediction",
        clip_sample=False,
        set_alpha_to_one=False,
        steps_offset=1,
    )


def clean_latent(
    scheduler: DDIMScheduler, noisy: torch.Tensor, v: torch.Tensor, t: torch.Tensor
) -> torch.Tensor:
    """What a predicted v says the clean latent is: (n, c, h, w), timesteps (n,).

    alpha noisy - sigma v: the rotation that makes v of noise and latent, once more.
    """
    return scheduler.get_velocity(v, noisy, t)


def draw_timesteps(n: int, generator: torch.Generator) -> torch.Tensor:
    """(n,) timesteps, 0..999, with density as ``TIMESTEP_POWER`` says."""
    u = torch.rand(n, generator=generator)
    return (1000 * u**TIMESTEP_POWER).long().clamp(max=999)


def pixel_weights(where: torch.Tensor, t: torch.Tensor, side: int) -> torch.Tensor:
    """(n, 1, side, side) weights of the squared error, 1 to 1 + ``OBJECT_WEIGHT``.

    Args:
        where: (n, objects, cells) share 0..255 of each square cell that each object covers.
        t: (n,) timesteps.
        side: of a latent, in pixels.
    """
    cells = round(where.shape[-1] ** 0.5)
    covered = where.sum(1).clamp(max=255).view(-1, 1, cells, cells) / 255
    seen = (t < OBJECTS_SEEN).view(-1, 1, 1, 1)
    return 1 + OBJECT_WEIGHT * F.interpolate(covered, size=side) * seen


def fit(
    latents: torch.Tensor,
    states: torch.Tensor,
    empty_state: torch.Tensor,
    places: grounding.Places,
    schedule: Schedule,
    checkpoint: Path,
) -> UNet2DConditionModel:
    """Train the UNet on scaled latents and the frozen encoder's text states.

    Args:
        latents: (n, 4, 16, 16) float16, scaled by the VAE's ``scaling_factor``.
        states: (n, 77, 128) float16 text states of the captions.
        empty_state: (77, 128) of the empty caption.
        places: where the captioned objects are.
        schedule: see ``Schedule``.
        checkpoint: resumed from and saved to.
    """
    torch.manual_seed(schedule.seed)
    unet = build_unet()
    # Fastest to train on a CPU: channels-last convolutions and plain attention.
    unet.to(memory_format=torch.channels_last)
    unet.set_attn_processor(AttnProcessor())
    recorders = grounding.record(unet)
    noise_schedule = build_scheduler()

    def loss_of(indices, generator, step):
        x = latents[indices].float()
        n = len(x)
        drop = torch.rand(n, generator=generator) < CAPTION_DROPOUT
        text = torch.where(drop[:, None, None], empty_state, states[indices])
        noise = torch.randn(x.shape, generator=generator)
        t = draw_timesteps(n, generator)
        target = noise_schedule.get_velocity(x, noise, t)
        noisy = noise_schedule.add_noise(x, noise, t)
        with schedule.autocast():
            v = unet(noisy, t, text.float()).sample
        where = places.where[indices].float()
        loss = (pixel_weights(where, t, x.shape[-1]) * (v.float() - target).square()).mean()
        tokens = places.tokens[indices] & ~drop[:, None, None]
        gaps = [grounding.divergence(r.maps.float(), where, tokens) for r in recorders]
        return loss + grounding.WEIGHT * sum(gaps) / len(gaps)

    unet = train(unet, loss_of, len(latents), schedule, checkpoint)
    unet.set_attn_processor(AttnProcessor2_0())
    return unet


def pipeline(
    vae: AutoencoderKL,
    encoder: CLIPTextModel,
    unet: UNet2DConditionModel,
    tokenizer: CLIPTokenizer,
) -> StableDiffusionPipeline:
    """Assemble the diffusers pipeline that is saved to disk."""
    return StableDiffusionPipeline(
        vae=vae,
        text_encoder=encoder,
        tokenizer=tokenizer,
        unet=unet,
        scheduler=build_scheduler(),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
