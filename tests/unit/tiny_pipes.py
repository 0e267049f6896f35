"""Untrained pipelines of many classes of diffusers, without text encoders: they take embeddings.

Each builder returns the pipeline and the arguments of a call for n images: two steps, small images,
latents out.
"""

from __future__ import annotations

import diffusers
import torch

WORDS = 5
"""Length of the made-up prompts."""


def _embeds(count: int, *size: int) -> torch.Tensor:
    one = torch.randn(1, *size, generator=torch.Generator().manual_seed(9))
    return one.expand(count, *size).contiguous()


def _kl(latents: int, **more) -> diffusers.AutoencoderKL:
    """A VAE of two blocks, so 2 pixels a cell."""
    return diffusers.AutoencoderKL(
        block_out_channels=(8, 16),
        down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2,
        latent_channels=latents,
        norm_num_groups=4,
        sample_size=16,
        **more,
    )


def _unet(channels: int, **more) -> diffusers.UNet2DConditionModel:
    return diffusers.UNet2DConditionModel(
        in_channels=channels,
        sample_size=8,
        block_out_channels=(8, 16),
        layers_per_block=1,
        norm_num_groups=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        attention_head_dim=4,
        cross_attention_dim=16,
        **more,
    )


def _call(**more):
    return {"num_inference_steps": 2, "output_type": "latent", "guidance_scale": 1.0} | more


def _flow():
    return diffusers.FlowMatchEulerDiscreteScheduler()


def _euler():
    """Its ``init_noise_sigma`` is about 14."""
    return diffusers.EulerDiscreteScheduler()


def _picture(count: int):
    picture = torch.rand(1, 3, 16, 16, generator=torch.Generator().manual_seed(4))
    mask = torch.zeros(1, 1, 16, 16)
    mask[:, :, 4:12, 4:12] = 1
    return {"image": picture, "mask_image": mask, "strength": 1.0}


def sd(count: int):
    parts = {"text_encoder": None, "tokenizer": None, "scheduler": _euler()}
    pipe = diffusers.StableDiffusionPipeline(
        vae=_kl(4),
        unet=_unet(4),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
        **parts,
    )
    return pipe, _call(prompt_embeds=_embeds(count, WORDS, 16))


def sd_inpaint(count: int, channels: int = 9):
    parts = {"text_encoder": None, "tokenizer": None, "scheduler": _euler()}
    pipe = diffusers.StableDiffusionInpaintPipeline(
        vae=_kl(4),
        unet=_unet(channels),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
        **parts,
    )
    return pipe, _call(prompt_embeds=_embeds(count, WORDS, 16), **_picture(count))


def sd_inpaint_without_mask_channels(count: int):
    return sd_inpaint(count, channels=4)


def _sdxl_parts(channels: int, **vae):
    return {
        "vae": _kl(4, **vae),
        "unet": _unet(
            channels,
            addition_embed_type="text_time",
            addition_time_embed_dim=4,
            projection_class_embeddings_input_dim=6 * 4 + 12,
            transformer_layers_per_block=(1, 1),
        ),
        "text_encoder": None,
        "text_encoder_2": None,
        "tokenizer": None,
        "tokenizer_2": None,
        "scheduler": _euler(),
        "add_watermarker": False,
    }


def _sdxl_embeds(count: int):
    return {
        "prompt_embeds": _embeds(count, WORDS, 16),
        "pooled_prompt_embeds": _embeds(count, 12),
    }


def sdxl(count: int):
    pipe = diffusers.StableDiffusionXLPipeline(**_sdxl_parts(4))
    return pipe, _call(**_sdxl_embeds(count))


def sdxl_inpaint(count: int, channels: int = 9):
    pipe = diffusers.StableDiffusionXLInpaintPipeline(**_sdxl_parts(channels, force_upcast=True))
    return pipe, _call(**_sdxl_embeds(count), **_picture(count))


def sdxl_inpaint_without_mask_channels(count: int):
    return sdxl_inpaint(count, channels=4)


def sd3(count: int):
    transformer = diffusers.SD3Transformer2DModel(
        sample_size=8,
        in_channels=4,
        out_channels=4,
        num_layers=1,
        attention_head_dim=8,
        num_attention_heads=2,
        joint_attention_dim=16,
        caption_projection_dim=16,
        pooled_projection_dim=12,
        pos_embed_max_size=16,
    )
    names = ("text_encoder", "text_encoder_2", "text_encoder_3")
    names += ("tokenizer", "tokenizer_2", "tokenizer_3")
    pipe = diffusers.StableDiffusion3Pipeline(
        transformer=transformer, scheduler=_flow(), vae=_kl(4), **dict.fromkeys(names)
    )
    return pipe, _call(**_sdxl_embeds(count))


def flux(count: int):
    transformer = diffusers.FluxTransformer2DModel(
        in_channels=16,
        num_layers=1,
        num_single_layers=1,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=16,
        pooled_projection_dim=12,
        axes_dims_rope=(4, 4, 8),
    )
    names = ("text_encoder", "text_encoder_2", "tokenizer", "tokenizer_2")
    pipe = diffusers.FluxPipeline(
        transformer=transformer, scheduler=_flow(), vae=_kl(4), **dict.fromkeys(names)
    )
    return pipe, _call(height=20, width=12, **_sdxl_embeds(count))


def flux2(count: int):
    transformer = diffusers.Flux2Transformer2DModel(
        in_channels=16,
        num_layers=1,
        num_single_layers=1,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=16,
        timestep_guidance_channels=16,
        axes_dims_rope=(4, 4, 4, 4),
    )
    vae = diffusers.AutoencoderKLFlux2(
        block_out_channels=(8, 16),
        down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2,
        latent_channels=4,
        norm_num_groups=4,
        sample_size=16,
    )
    pipe = diffusers.Flux2Pipeline(
        transformer=transformer, scheduler=_flow(), vae=vae, text_encoder=None, tokenizer=None
    )
    return pipe, _call(height=20, width=12, prompt_embeds=_embeds(count, WORDS, 16))


def chroma(count: int):
    transformer = diffusers.ChromaTransformer2DModel(
        in_channels=16,
        num_layers=1,
        num_single_layers=1,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=16,
        axes_dims_rope=(4, 4, 8),
        approximator_num_channels=8,
        approximator_hidden_dim=16,
        approximator_layers=1,
    )
    pipe = diffusers.ChromaPipeline(
        transformer=transformer, scheduler=_flow(), vae=_kl(4), text_encoder=None, tokenizer=None
    )
    mask = torch.ones(count, WORDS)
    embeds = {"prompt_embeds": _embeds(count, WORDS, 16), "prompt_attention_mask": mask}
    return pipe, _call(height=20, width=12, **embeds)


def qwen_image(count: int):
    transformer = diffusers.QwenImageTransformer2DModel(
        in_channels=16,
        out_channels=4,
        num_layers=1,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=16,
        axes_dims_rope=(4, 4, 8),
    )
    vae = diffusers.AutoencoderKLQwenImage(
        base_dim=8,
        z_dim=4,
        dim_mult=[1, 2],
        num_res_blocks=1,
        temperal_downsample=[False],
        latents_mean=[0.0] * 4,
        latents_std=[1.0] * 4,
    )
    pipe = diffusers.QwenImagePipeline(
        transformer=transformer, scheduler=_flow(), vae=vae, text_encoder=None, tokenizer=None
    )
    mask = torch.ones(count, WORDS, dtype=torch.int64)
    embeds = {"prompt_embeds": _embeds(count, WORDS, 16), "prompt_embeds_mask": mask}
    call = _call(height=20, width=12, **embeds)
    del call["guidance_scale"]
    return pipe, call


def z_image(count: int):
    transformer = diffusers.ZImageTransformer2DModel(
        in_channels=4,
        dim=32,
        n_layers=1,
        n_refiner_layers=1,
        n_heads=2,
        n_kv_heads=2,
        cap_feat_dim=16,
        axes_dims=[4, 4, 8],
        axes_lens=[64, 32, 32],
    )
    pipe = diffusers.ZImagePipeline(
        transformer=transformer, scheduler=_flow(), vae=_kl(4), text_encoder=None, tokenizer=None
    )
    embeds = list(_embeds(count, WORDS, 16))
    return pipe, _call(height=20, width=12, prompt_embeds=embeds, guidance_scale=0.0)


def lumina2(count: int):
    transformer = diffusers.Lumina2Transformer2DModel(
        sample_size=4,
        in_channels=4,
        hidden_size=24,
        num_layers=1,
        num_refiner_layers=1,
        num_attention_heads=2,
        num_kv_heads=1,
        multiple_of=2,
        cap_feat_dim=16,
        axes_dim_rope=(4, 4, 4),
        axes_lens=(16, 16, 16),
    )
    pipe = diffusers.Lumina2Pipeline(
        transformer=transformer, scheduler=_flow(), vae=_kl(4), text_encoder=None, tokenizer=None
    )
    mask = torch.ones(count, WORDS, dtype=torch.bool)
    embeds = {"prompt_embeds": _embeds(count, WORDS, 16), "prompt_attention_mask": mask}
    return pipe, _call(**embeds)


def aura_flow(count: int):
    transformer = diffusers.AuraFlowTransformer2DModel(
        sample_size=8,
        in_channels=4,
        num_mmdit_layers=1,
        num_single_dit_layers=1,
        attention_head_dim=8,
        num_attention_heads=2,
        joint_attention_dim=16,
        caption_projection_dim=16,
        pos_embed_max_size=64,
    )
    pipe = diffusers.AuraFlowPipeline(
        transformer=transformer, scheduler=_flow(), vae=_kl(4), text_encoder=None, tokenizer=None
    )
    mask = torch.ones(count, WORDS)
    embeds = {"prompt_embeds": _embeds(count, WORDS, 16), "prompt_attention_mask": mask}
    return pipe, _call(height=16, width=12, **embeds)


def _pixart_parts(sample: int):
    transformer = diffusers.PixArtTransformer2DModel(
        sample_size=sample,
        num_layers=1,
        num_attention_heads=2,
        attention_head_dim=8,
        in_channels=4,
        cross_attention_dim=16,
        caption_channels=16,
        use_additional_conditions=False,
    )
    names = ("text_encoder", "tokenizer")
    return {"transformer": transformer, "scheduler": _euler(), "vae": _kl(4)} | dict.fromkeys(names)


def _pixart_call(count: int, **more):
    mask = torch.ones(count, WORDS)
    embeds = {"prompt_embeds": _embeds(count, WORDS, 16), "prompt_attention_mask": mask}
    return _call(negative_prompt=None, **embeds, **more)


def pixart_alpha(count: int):
    pipe = diffusers.PixArtAlphaPipeline(**_pixart_parts(8))
    return pipe, _pixart_call(count, use_resolution_binning=False)


def pixart_sigma(count: int):
    """Its size is moved to the nearest that the model was trained on."""
    pipe = diffusers.PixArtSigmaPipeline(**_pixart_parts(32))
    return pipe, _pixart_call(count, height=40, width=64)


def sana(count: int, **more):
    transformer = diffusers.SanaTransformer2DModel(
        in_channels=4,
        out_channels=4,
        num_layers=1,
        num_attention_heads=2,
        attention_head_dim=8,
        num_cross_attention_heads=2,
        cross_attention_head_dim=8,
        cross_attention_dim=16,
        caption_channels=16,
        sample_size=8,
    )
    blocks = {}
    for side in ("encoder", "decoder"):
        blocks[f"{side}_block_out_channels"] = (8, 16)
        blocks[f"{side}_layers_per_block"] = (1, 1)
        blocks[f"{side}_qkv_multiscales"] = ((), ())
    vae = diffusers.AutoencoderDC(latent_channels=4, attention_head_dim=4, **blocks)
    pipe = diffusers.SanaPipeline(
        transformer=transformer, scheduler=_flow(), vae=vae, text_encoder=None, tokenizer=None
    )
    mask = torch.ones(count, WORDS, dtype=torch.int64)
    embeds = {"prompt_embeds": _embeds(count, WORDS, 16), "prompt_attention_mask": mask}
    size = {"height": 32, "width": 64, "use_resolution_binning": False}
    return pipe, _call(negative_prompt=None, **embeds, **size)


BUILDERS = (
    sd,
    sd_inpaint,
    sd_inpaint_without_mask_channels,
    sdxl,
    sdxl_inpaint,
    sdxl_inpaint_without_mask_channels,
    sd3,
    flux,
    flux2,
    chroma,
    qwen_image,
    z_image,
    lumina2,
    aura_flow,
    pixart_alpha,
    pixart_sigma,
    sana,
)
