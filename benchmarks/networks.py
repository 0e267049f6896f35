"""Networks of known architectures, empty or with random weights: speed asks no more of them."""

from __future__ import annotations

import torch
from diffusers import (
    AutoencoderKL,
    DiffusionPipeline,
    EulerAncestralDiscreteScheduler,
    PNDMScheduler,
    StableDiffusionInpaintPipeline,
    StableDiffusionPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

from seedbed.models import architectures

PIPELINES = {
    "sd_1": StableDiffusionPipeline,
    "sd_2_base": StableDiffusionPipeline,
    "sd_2_inpainting": StableDiffusionInpaintPipeline,
    "sdxl_turbo": StableDiffusionXLPipeline,
}
TEXT = {"text_encoder": CLIPTextModel, "text_encoder_2": CLIPTextModelWithProjection}


def empty_networks(name: str) -> dict[str, torch.nn.Module]:
    """The networks of a shipped architecture, on torch's meta device: shapes without numbers."""
    folder = architectures.folder_of(name)
    with torch.device("meta"):
        found = {
            part: network.from_config(network.load_config(folder, subfolder=part))
            for part, network in (("unet", UNet2DConditionModel), ("vae", AutoencoderKL))
        }
        for part, network in TEXT.items():
            if (folder / part).is_dir():
                found[part] = network(CLIPTextConfig.from_pretrained(folder / part))
    return {part: network.eval() for part, network in found.items()}


def random_networks(name: str, device: str, dtype: torch.dtype) -> dict[str, torch.nn.Module]:
    """The same with random weights."""
    found = {part: network.to(dtype) for part, network in empty_networks(name).items()}
    return {part: fill_random(network, device) for part, network in found.items()}


@torch.no_grad()
def fill_random(network: torch.nn.Module, device: str) -> torch.nn.Module:
    """Weights of variance 1 / (3 fan-in) from seed 0, norms one, biases zero, for empty ones."""
    generator = torch.Generator(device).manual_seed(0)
    network.to_empty(device=device)
    for module in network.modules():
        for key, buffer in module._buffers.items():
            module._buffers[key] = torch.arange(buffer.shape[-1], device=device)[None]
        for key, parameter in module._parameters.items():
            if parameter is None:
                continue
            if parameter.ndim < 2:
                parameter.fill_(float(key != "bias"))
            else:
                fan_in = 1 if isinstance(module, torch.nn.Embedding) else parameter[0].numel()
                parameter.normal_(0, (3 * fan_in) ** -0.5, generator=generator)
    return network


def pipeline(name: str, networks: dict[str, torch.nn.Module]) -> DiffusionPipeline:
    """The diffusers pipeline of a shipped architecture, of networks that are there."""
    folder = architectures.folder_of(name)
    turbo = name == "sdxl_turbo"
    scheduler = EulerAncestralDiscreteScheduler if turbo else PNDMScheduler
    rest = {} if turbo else {"safety_checker": None, "requires_safety_checker": False}
    return PIPELINES[name](
        **networks,
        **architectures.tokenizers(name),
        **rest,
        scheduler=scheduler.from_pretrained(folder, subfolder="scheduler"),
        **({"add_watermarker": False} if turbo else {"feature_extractor": None}),
    )
