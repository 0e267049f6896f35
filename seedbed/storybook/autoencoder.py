"""The Storybook VAE: diffusers' AutoencoderKL, 64×64 pixels to 4×16×16 latents."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL
from torch.nn import functional as F

from seedbed.storybook.data import SceneSet
from seedbed.storybook.training import Schedule, train

KL_WEIGHT = 3e-4


def build() -> AutoencoderKL:
    """Untrained network; 0.65 M parameters."""
    return AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * 3,
        up_block_types=("UpDecoderBlock2D",) * 3,
        block_out_channels=(16, 32, 64),
        layers_per_block=1,
        latent_channels=4,
        norm_num_groups=8,
        mid_block_add_attention=False,
        sample_size=64,
    )


def to_tensor(images: np.ndarray) -> torch.Tensor:
    """(n, 64, 64, 3) uint8 to (n, 3, 64, 64) float32 in [-1, 1]."""
    return torch.from_numpy(np.array(images)).permute(0, 3, 1, 2).float() / 127.5 - 1


def fit(data: SceneSet, schedule: Schedule, checkpoint: Path) -> AutoencoderKL:
    """Train by mean absolute plus squared error and a small KL term; sets ``scaling_factor``."""
    vae = build()

    def loss_of(indices, generator, step):
        x = to_tensor(data.images[indices])
        posterior = vae.encode(x).latent_dist
        y = vae.decode(posterior.sample(generator)).sample.float()
        kl = posterior.kl().mean() / posterior.mean[0].numel()
        return F.l1_loss(y, x) + 2 * F.mse_loss(y, x) + KL_WEIGHT * kl

    vae = train(vae, loss_of, len(data), schedule, checkpoint)
    with torch.no_grad():
        latents = vae.encode(to_tensor(data.images[:512])).latent_dist.mean
    vae.register_to_config(scaling_factor=round(float(1 / latents.std()), 5))
    return vae


@torch.no_grad()
def psnr(vae: AutoencoderKL, images: np.ndarray, batch: int = 64) -> np.ndarray:
    """Reconstruction PSNR in dB of each image, from the posterior mean, on uint8-range pixels."""
    values = []
    for start in range(0, len(images), batch):
        x = to_tensor(images[start : start + batch])
        y = vae.decode(vae.encode(x).latent_dist.mean).sample.clamp(-1, 1)
        mse = ((y - x) / 2).square().mean(dim=(1, 2, 3)).double()
        values.append(10 * torch.log10(1 / mse))
    return torch.cat(values).numpy()


@torch.no_grad()
def encode_all(vae: AutoencoderKL, images: np.ndarray, batch: int = 128) -> torch.Tensor:
    """(n, 4, 16, 16) float16 scaled posterior means."""
    parts = []
    for start in range(0, len(images), batch):
        mean = vae.encode(to_tensor(images[start : start + batch])).latent_dist.mean
        parts.append((mean * vae.config.scaling_factor).half())
    return torch.cat(parts)
