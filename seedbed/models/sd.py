"""Stable Diffusion 1.x / 2.x and everything stored as a ``StableDiffusionPipeline``."""

from __future__ import annotations

import torch

from seedbed.models.base import Condition, LatentModel, bounded, token_ids
from seedbed.models.checkpoint import Checkpoint
from seedbed.models.pipelines import read_pipeline

READS_ATTENTION = True


class Family(LatentModel):
    """One text encoder; its last hidden state conditions the UNet."""

    def __init__(self, pipe, resolution: int | None = None):
        super().__init__(pipe, resolution)
        self.text_encoder = pipe.text_encoder.eval()
        self.tokenizer = bounded(pipe.tokenizer, self.text_encoder)

    @classmethod
    def load(cls, checkpoint: Checkpoint, *, device: str, resolution: int | None) -> Family:
        """Load a pipeline; no safety checker, no feature extractor."""
        from diffusers import AutoencoderKL, StableDiffusionPipeline, UNet2DConditionModel
        from transformers import CLIPTextModel

        pipe = read_pipeline(
            StableDiffusionPipeline,
            checkpoint,
            {"unet": UNet2DConditionModel, "vae": AutoencoderKL, "text_encoder": CLIPTextModel},
            safety_checker=None,
            feature_extractor=None,
            image_encoder=None,
            requires_safety_checker=False,
        )
        return cls(pipe.to(device), resolution)

    @property
    def networks(self) -> dict[str, torch.nn.Module]:
        return super().networks | {"text_encoder": self.text_encoder}

    @torch.no_grad()
    def encode(self, texts: list[str], batch: int = 64) -> Condition:
        """Encode prompts, once for all seeds."""
        parts = [
            self.text_encoder(token_ids(self.tokenizer, texts[i : i + batch]).to(self.device))[0]
            for i in range(0, len(texts), batch)
        ]
        return Condition(torch.cat(parts), {})

    def encode_unconditional(self, n: int) -> Condition:
        """The empty prompt, ``n`` times, in one batch: its size decides the last bits."""
        return self.encode([""] * n, batch=n)
