"""Tiny untrained text-to-image models for tests, saved as diffusers folders as any model is."""

from pathlib import Path

import torch
from diffusers import (
    AutoencoderKL,
    DDIMScheduler,
    EulerDiscreteScheduler,
    PNDMScheduler,
    StableDiffusionInpaintPipeline,
    StableDiffusionPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

from seedbed.storybook import tokenizer as storybook_tokenizer

CAPTIONS = [
    "a red apple on the beach",
    "a blue boat and a green tree in the meadow",
    "two yellow balloons over a house at night!",
]
SD_SCHEDULE = {
    "num_train_timesteps": 1000,
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "set_alpha_to_one": False,
    "steps_offset": 1,
}

# Stable Diffusion XL base, narrowed: what is left out here is as in its configs, which
# test_denoise.py checks.
SDXL_UNET = {
    "block_out_channels": (20, 40, 80),
    "norm_num_groups": 4,
    "sample_size": 8,
    "addition_time_embed_dim": 8,
    "cross_attention_dim": 32 + 48,
    "projection_class_embeddings_input_dim": 6 * 8 + 48,
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
    "up_block_types": ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
    "transformer_layers_per_block": (1, 2, 10),
    "attention_head_dim": (5, 10, 20),
    "addition_embed_type": "text_time",
    "use_linear_projection": True,
    "upcast_attention": None,
    "mid_block_only_cross_attention": None,
}
SDXL_VAE = {
    "block_out_channels": (8, 8, 16, 16),
    "norm_num_groups": 4,
    "sample_size": 64,
    "down_block_types": ("DownEncoderBlock2D",) * 4,
    "up_block_types": ("UpDecoderBlock2D",) * 4,
    "layers_per_block": 2,
    "scaling_factor": 0.13025,
    "force_upcast": True,
}
SDXL_TEXT = {
    "vocab_size": None,  # the tokenizer's
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_attention_heads": 4,
    "num_hidden_layers": 3,
    "projection_dim": 32,
    "hidden_act": "quick_gelu",
    "bos_token_id": 0,
    "eos_token_id": 2,
    "pad_token_id": 1,
}
SDXL_TEXT_2 = SDXL_TEXT | {
    "hidden_size": 48,
    "intermediate_size": 96,
    "projection_dim": 48,
    "hidden_act": "gelu",
}
SDXL_SCHEDULER = {
    "num_train_timesteps": 1000,
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "steps_offset": 1,
    "timestep_spacing": "leading",
}
NARROWED = {
    "unet": {
        "block_out_channels",
        "norm_num_groups",
        "sample_size",
        "addition_time_embed_dim",
        "cross_attention_dim",
        "projection_class_embeddings_input_dim",
    },
    "vae": {"block_out_channels", "norm_num_groups", "sample_size"},
    "text_encoder": {
        "vocab_size",
        "hidden_size",
        "intermediate_size",
        "num_attention_heads",
        "num_hidden_layers",
        "projection_dim",
    },
}
NARROWED["text_encoder_2"] = NARROWED["text_encoder"]


def save_tiny_sd(folder: Path, scheduler: str = "ddim") -> Path:
    """A Stable Diffusion pipeline folder with 8×8 latents and 16×16 pixels.

    Args:
        folder: made where it is missing.
        scheduler: ``"ddim"``, predicting v as Storybook does, or ``"pndm"``, as shipped
            with Stable Diffusion 1.4.
    """
    tokenizer = storybook_tokenizer.fit(CAPTIONS, folder / "tokenizer")
    with torch.random.fork_rng():
        torch.manual_seed(0)
        unet = UNet2DConditionModel(
            sample_size=8,
            block_out_channels=(16, 32),
            layers_per_block=1,
            down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
            up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
            cross_attention_dim=32,
            attention_head_dim=4,
            norm_num_groups=8,
        )
        vae = AutoencoderKL(
            block_out_channels=(8, 16),
            down_block_types=("DownEncoderBlock2D",) * 2,
            up_block_types=("UpDecoderBlock2D",) * 2,
            norm_num_groups=4,
            sample_size=16,
            scaling_factor=0.7,
        )
        text_encoder = CLIPTextModel(
            CLIPTextConfig(
                vocab_size=len(tokenizer),
                hidden_size=32,
                intermediate_size=64,
                num_hidden_layers=2,
                num_attention_heads=4,
                bos_token_id=tokenizer.bos_token_id,
                eos_token_id=tokenizer.eos_token_id,
                pad_token_id=tokenizer.pad_token_id,
            )
        )
    _heed_prompts(unet, text_encoder)
    if scheduler == "ddim":
        schedule = DDIMScheduler(**SD_SCHEDULE, prediction_type="v_prediction", clip_sample=False)
    else:
        schedule = PNDMScheduler(**SD_SCHEDULE, skip_prk_steps=True)
    StableDiffusionPipeline(
        vae=vae,
        text_encoder=text_encoder,
        tokenizer=tokenizer,
        unet=unet,
        scheduler=schedule,
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    ).save_pretrained(folder)
    return folder


def save_tiny_inpaint(folder: Path) -> Path:
    """The tiny Stable Diffusion with a UNet of nine channels, as an inpainting pipeline folder."""
    save_tiny_sd(folder)
    pipe = StableDiffusionPipeline.from_pretrained(folder, safety_checker=None)
    with torch.random.fork_rng():
        torch.manual_seed(1)
        wide = UNet2DConditionModel.from_config(pipe.unet.config, in_channels=9)
    _heed_prompts(wide)
    parts = {k: v for k, v in pipe.components.items() if k != "image_encoder"}
    StableDiffusionInpaintPipeline(
        **parts | {"unet": wide}, requires_safety_checker=False
    ).save_pretrained(folder)
    return folder


def save_tiny_sdxl(folder: Path, force_zeros: bool = True) -> Path:
    """A narrow SDXL base folder with 8×8 latents and 64×64 pixels.

    The second tokenizer pads with ``!``, as SDXL's does.
    """
    tokenizer = storybook_tokenizer.fit(CAPTIONS, folder / "tokenizer")
    vocabulary = {"vocab_size": len(tokenizer)}
    with torch.random.fork_rng():
        torch.manual_seed(0)
        unet = UNet2DConditionModel(**SDXL_UNET)
        vae = AutoencoderKL(**SDXL_VAE)
        text_encoder = CLIPTextModel(CLIPTextConfig(**SDXL_TEXT | vocabulary))
        text_encoder_2 = CLIPTextModelWithProjection(CLIPTextConfig(**SDXL_TEXT_2 | vocabulary))
    _heed_prompts(unet, text_encoder, text_encoder_2)
    StableDiffusionXLPipeline(
        vae=vae,
        text_encoder=text_encoder,
        text_encoder_2=text_encoder_2,
        tokenizer=tokenizer,
        tokenizer_2=CLIPTokenizer.from_pretrained(folder / "tokenizer", pad_token="!"),
        unet=unet,
        scheduler=EulerDiscreteScheduler(**SDXL_SCHEDULER),
        force_zeros_for_empty_prompt=force_zeros,
        add_watermarker=False,
    ).save_pretrained(folder)
    return folder


@torch.no_grad()
def _heed_prompts(unet, *encoders) -> None:
    """Stronger text, since an untrained network would hardly tell prompts apart."""
    for network in (unet, *encoders):
        for name, parameter in network.named_parameters():
            if "token_embedding" in name:
                parameter.mul_(50)
            elif "attn2.to_" in name:
                parameter.mul_(3)
