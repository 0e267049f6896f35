"""``storybook-sd``: a cross-attention UNet and a CLIP text encoder, trained together.

The noise schedule is Stable Diffusion's own (scaled linear, 1,000 steps), whose
terminal signal-to-noise ratio is above zero: what a seed decides at the first step
lives on that remnant. The UNet predicts v, which weighs high noise levels as the
picture's layout needs.
"""

from __future__ import annotations

from pathlib import Path

import torch
from diffusers import AutoencoderKL, DDIMScheduler, StableDiffusionPipeline, UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor
from torch import nn
from torch.nn import functional as F
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from seedbed.storybook.training import Schedule, train

TEXT_WIDTH = 128
CAPTION_DROPOUT = 0.1
"""Share of captions replaced by the empty one, for classifier-free guidance."""


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
        cross_attention_dim=TEXT_WIDTH,
        attention_head_dim=4,
        norm_num_groups=16,
    )


def build_text_encoder(tokenizer: CLIPTokenizer) -> CLIPTextModel:
    """Untrained CLIP text encoder of width 128, three layers, 77 positions."""
    return CLIPTextModel(
        CLIPTextConfig(
            vocab_size=len(tokenizer),
            hidden_size=TEXT_WIDTH,
            intermediate_size=4 * TEXT_WIDTH,
            num_hidden_layers=3,
            num_attention_heads=4,
            projection_dim=TEXT_WIDTH,
            max_position_embeddings=tokenizer.model_max_length,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
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


class TextToImage(nn.Module):
    """UNet and text encoder as one trainable module."""

    def __init__(self, tokenizer: CLIPTokenizer):
        super().__init__()
        self.unet = build_unet()
        self.text_encoder = build_text_encoder(tokenizer)
        # The fused attention kernel's bfloat16 backward takes 40 % of a CPU step.
        self.unet.set_attn_processor(AttnProcessor())
        self.text_encoder.set_attn_implementation("eager")

    def forward(self, noisy: torch.Tensor, t: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
        return self.unet(noisy, t, self.text_encoder(ids)[0]).sample


def fit(
    tokenizer: CLIPTokenizer,
    latents: torch.Tensor,
    ids: torch.Tensor,
    empty_ids: torch.Tensor,
    schedule: Schedule,
    checkpoint: Path,
    device: str = "cpu",
) -> TextToImage:
    """Train on scaled latents and token ids.

    Args:
        tokenizer: decides vocabulary and length.
        latents: (n, 4, 16, 16) float16, scaled by the VAE's ``scaling_factor``.
        ids: (n, 77) token ids of the captions.
        empty_ids: (77,) token ids of the empty caption.
        schedule: see ``Schedule``.
        checkpoint: resumed from and saved to.
        device: ``"cpu"`` or ``"cuda"``.
    """
    torch.manual_seed(schedule.seed)
    model = TextToImage(tokenizer).to(device)
    noise_schedule = build_scheduler()

    def loss_of(indices, generator, step):
        x = latents[indices].float().to(device)
        tokens = ids[indices].to(device)
        n = len(x)
        drop = torch.rand(n, generator=generator, device=device) < CAPTION_DROPOUT
        tokens = torch.where(drop[:, None], empty_ids.to(device), tokens)
        noise = torch.randn(x.shape, generator=generator, device=device)
        t = torch.randint(0, 1000, (n,), generator=generator, device=device)
        target = noise_schedule.get_velocity(x, noise, t)
        return F.mse_loss(model(noise_schedule.add_noise(x, noise, t), t, tokens).float(), target)

    return train(model, loss_of, len(latents), schedule, checkpoint, bf16=True)


def pipeline(
    vae: AutoencoderKL, model: TextToImage, tokenizer: CLIPTokenizer
) -> StableDiffusionPipeline:
    """Assemble the diffusers pipeline that is saved to disk."""
    return StableDiffusionPipeline(
        vae=vae,
        text_encoder=model.text_encoder,
        tokenizer=tokenizer,
        unet=model.unet,
        scheduler=build_scheduler(),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
