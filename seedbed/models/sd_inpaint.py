"""Inpainting models of Stable Diffusion 1.x / 2.x, stored as ``StableDiffusionInpaintPipeline``.

Their UNet reads nine channels: the noisy latent, the mask, and the latent of the picture with its
masked pixels set to grey. The last two travel in ``Condition.added``.
"""

from __future__ import annotations

import numpy as np
import torch
from torch.nn import functional as F

from seedbed.models import sd
from seedbed.models.base import Condition
from seedbed.models.checkpoint import Checkpoint
from seedbed.models.pipelines import read_pipeline

READS_ATTENTION = False
FILLS_MASKS = True
GIVEN = "given"
"""Key of the (n, 5, h, w) mask and masked latent in ``Condition.added``."""


class Family(sd.Family):
    """As ``sd``, of pictures whose masked part is to be filled."""

    def __init__(self, pipe, resolution: int | None = None):
        super().__init__(pipe, resolution)
        channels, wanted = self.unet.config.in_channels, 2 * self.latent_shape[0] + 1
        if channels != wanted:
            raise ValueError(
                f"unet: it reads {channels} channels, an inpainting model's {wanted}; give it "
                "family sd"
            )

    @classmethod
    def load(cls, checkpoint: Checkpoint, *, device: str, resolution: int | None) -> Family:
        """Load a pipeline; no safety checker, no feature extractor."""
        from diffusers import AutoencoderKL, StableDiffusionInpaintPipeline, UNet2DConditionModel
        from transformers import CLIPTextModel

        pipe = read_pipeline(
            StableDiffusionInpaintPipeline,
            checkpoint,
            {"unet": UNet2DConditionModel, "vae": AutoencoderKL, "text_encoder": CLIPTextModel},
            safety_checker=None,
            feature_extractor=None,
            image_encoder=None,
            requires_safety_checker=False,
        )
        return cls(pipe.to(device), resolution)

    @torch.no_grad()
    def encode_masked(
        self, images: np.ndarray, masks: np.ndarray, generator: torch.Generator | None = None
    ) -> torch.Tensor:
        """What the UNet is told of pictures: the mask, and the latent of what is not masked.

        Each picture is encoded alone, so that the bits do not depend on the others. The latent is
        the VAE posterior's mode, which nothing decides but the picture; with a generator it is
        drawn from the posterior, one picture after another, as diffusers' pipeline does.

        Args:
            images: (n, H, W, 3) uint8, as large as the model draws.
            masks: (n, H, W) bool, what is to be filled.
            generator: of the draw.

        Returns:
            (n, 5, h, w) float32; masks are resized by nearest neighbour, as the pipeline does.

        Raises:
            ValueError: pictures of another size than the model draws.
        """
        side = self.resolution
        if images.shape[1:3] != (side, side):
            raise ValueError(
                f"{self.source}: it draws {side}×{side} pixels, the pictures to fill have "
                f"{images.shape[2]}×{images.shape[1]}; give pictures of its size, or the model "
                "their resolution"
            )
        rows = []
        for i in range(len(images)):
            # A batch of one, and not one picture with an axis added: the strides decide last bits.
            image = torch.from_numpy(np.array(images[i : i + 1])).permute(0, 3, 1, 2).float() / 255
            mask = torch.from_numpy(np.array(masks[i : i + 1]))[:, None].float()
            masked = (2.0 * image - 1.0) * (mask < 0.5)
            posterior = self.vae.encode(masked.to(self.device, self.vae.dtype)).latent_dist
            z = posterior.mode() if generator is None else posterior.sample(generator)
            small = F.interpolate(mask, size=z.shape[-2:]).to(z.device)
            rows.append(torch.cat([small, z.float() * self.vae.config.scaling_factor], dim=1))
        return torch.cat(rows)

    def unconditional(self, condition: Condition) -> Condition:
        """The empty prompt with the same pictures and masks."""
        return Condition(super().unconditional(condition).embeddings, condition.added)

    def predict(self, sample: torch.Tensor, t: torch.Tensor, condition: Condition) -> torch.Tensor:
        """The UNet's output for a batch, same shape as ``sample``.

        Raises:
            ValueError: no picture was given to fill.
        """
        if GIVEN not in condition.added:
            raise ValueError(
                f"{self.source}: an inpainting model draws nothing without a picture and a mask; "
                "name it under good_seed.inpainting alone"
            )
        given = condition.added[GIVEN].to(sample.dtype)
        return super().predict(
            torch.cat([sample, given], dim=1), t, Condition(condition.embeddings, {})
        )
