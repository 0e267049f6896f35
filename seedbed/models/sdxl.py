"""Stable Diffusion XL and SDXL Turbo: two text encoders and added size ids."""

from __future__ import annotations

import torch

from seedbed.models.base import Condition, LatentModel, bounded, token_ids
from seedbed.models.checkpoint import Checkpoint
from seedbed.models.pipelines import read_pipeline

READS_ATTENTION = False


class Family(LatentModel):
    """Penultimate states of both encoders, side by side; pooled text and six size ids added."""

    def __init__(self, pipe, resolution: int | None = None):
        super().__init__(pipe, resolution)
        self.text_encoders = (pipe.text_encoder.eval(), pipe.text_encoder_2.eval())
        tokenizers = (pipe.tokenizer, pipe.tokenizer_2)
        self.tokenizers = tuple(map(bounded, tokenizers, self.text_encoders))
        # Both cut a text alike, and their states stand side by side: a word's places are one's.
        self.tokenizer = self.tokenizers[0]
        self._zero_empty = pipe.config.force_zeros_for_empty_prompt

    @classmethod
    def load(cls, checkpoint: Checkpoint, *, device: str, resolution: int | None) -> Family:
        """Load a pipeline; of float16 weights the VAE stays in float32 where it would overflow."""
        from diffusers import AutoencoderKL, StableDiffusionXLPipeline, UNet2DConditionModel
        from transformers import CLIPTextModel, CLIPTextModelWithProjection

        networks = {
            "unet": UNet2DConditionModel,
            "vae": AutoencoderKL,
            "text_encoder": CLIPTextModel,
            "text_encoder_2": CLIPTextModelWithProjection,
        }
        pipe = read_pipeline(
            StableDiffusionXLPipeline,
            checkpoint,
            networks,
            wide="vae",
            feature_extractor=None,
            image_encoder=None,
            add_watermarker=False,
        )
        return cls(pipe.to(device), resolution)

    @property
    def networks(self) -> dict[str, torch.nn.Module]:
        names = ("text_encoder", "text_encoder_2")
        return super().networks | dict(zip(names, self.text_encoders, strict=True))

    def _condition(self, states: torch.Tensor, pooled: torch.Tensor) -> Condition:
        side = self.resolution
        ids = torch.tensor([[side, side, 0, 0, side, side]], dtype=states.dtype)
        ids = ids.to(states.device).repeat(len(states), 1)
        return Condition(states, {"text_embeds": pooled, "time_ids": ids})

    @torch.no_grad()
    def encode(self, texts: list[str], batch: int = 64) -> Condition:
        """Encode prompts, once for all seeds."""
        parts = []
        for start in range(0, len(texts), batch):
            states = []
            for tokenizer, encoder in zip(self.tokenizers, self.text_encoders, strict=True):
                ids = token_ids(tokenizer, texts[start : start + batch]).to(self.device)
                output = encoder(ids, output_hidden_states=True)
                states.append(output.hidden_states[-2])
                pooled = output[0]  # of the second encoder, projected
            parts.append(self._condition(torch.cat(states, dim=-1), pooled))
        return Condition.cat(parts)

    def encode_unconditional(self, n: int) -> Condition:
        """Zeros where the checkpoint asks for them, else the empty prompt, ``n`` times."""
        if not self._zero_empty:
            return self.encode([""] * n, batch=n)  # in one batch: its size decides the last bits
        one = self.encode([""])
        zeros = self._condition(
            torch.zeros_like(one.embeddings), torch.zeros_like(one.added["text_embeds"])
        )
        return zeros.take(torch.zeros(n, dtype=torch.long))
