"""How each pipeline class of diffusers draws the latent it starts from: one record a class.

As of diffusers 0.42.1, method ``prepare_latents`` of each class and the call of it. A record says
what a user would have to read there: which part has the channels, how pixels become cells, which
part's dtype is drawn in, how the draw is laid out when it is given as ``latents=``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Kind:
    """The draw of one pipeline class.

    Attributes:
        name: of the class.
        denoiser: part that predicts the noise; its ``config`` has the channels.
        encoders: parts in whose dtype the pipeline draws, the wider where they differ; the
            denoiser's where there is none of them. Empty: always float32.
        channels: ``"denoiser"``: as many as it takes in; ``"vae"``: as the VAE gives out, where the
            denoiser takes in a mask too.
        patch: cells of the latent that the denoiser takes as one, along each side. Sides in cells
            are multiples of it.
        packing: ``None``: (channels, rows, columns). ``"tokens"``: drawn so, given as
            (patches, channels of a patch). ``"folded"``: both drawn and given as (channels of a
            patch, patch rows, patch columns).
        side: where the default size comes from: ``"pipe"``, ``"config"``, or a number of pixels.
        bins: the pipeline's table of sizes, by the ``sample_size`` of the denoiser, where it moves
            a size to the nearest it was trained on.
        image_first: whether an image is encoded, with a draw from the same generator, before the
            latent is drawn, where the denoiser takes no mask.
    """

    name: str
    denoiser: str = "transformer"
    encoders: tuple[str, ...] = ("text_encoder",)
    channels: str = "denoiser"
    patch: int = 1
    packing: str | None = None
    side: str | int = "pipe"
    bins: Mapping[int, str] = field(default_factory=dict)
    image_first: bool = False


_KINDS = (
    Kind("StableDiffusionPipeline", "unet", side="config"),
    Kind("StableDiffusionXLPipeline", "unet", ("text_encoder_2",)),
    Kind("StableDiffusionInpaintPipeline", "unet", channels="vae", side="config", image_first=True),
    Kind(
        "StableDiffusionXLInpaintPipeline",
        "unet",
        ("text_encoder_2",),
        channels="vae",
        side="config",
        image_first=True,
    ),
    Kind("StableDiffusion3Pipeline", encoders=("text_encoder", "text_encoder_2", "text_encoder_3")),
    Kind("FluxPipeline", encoders=("text_encoder_2",), patch=2, packing="tokens"),
    Kind("Flux2Pipeline", patch=2, packing="folded"),
    Kind("ChromaPipeline", patch=2, packing="tokens"),
    Kind("QwenImagePipeline", patch=2, packing="tokens"),
    Kind("ZImagePipeline", encoders=(), patch=2, side=1024),
    Kind("Lumina2Pipeline", patch=2),
    Kind("AuraFlowPipeline", side=1024),
    Kind(
        "PixArtAlphaPipeline",
        side="config",
        bins={128: "ASPECT_RATIO_1024_BIN", 64: "ASPECT_RATIO_512_BIN", 32: "ASPECT_RATIO_256_BIN"},
    ),
    Kind(
        "PixArtSigmaPipeline",
        side="config",
        bins={
            256: "ASPECT_RATIO_2048_BIN",
            128: "ASPECT_RATIO_1024_BIN",
            64: "ASPECT_RATIO_512_BIN",
            32: "ASPECT_RATIO_256_BIN",
        },
    ),
    Kind(
        "SanaPipeline",
        encoders=(),
        side=1024,
        bins={
            128: "ASPECT_RATIO_4096_BIN",
            64: "ASPECT_RATIO_2048_BIN",
            32: "ASPECT_RATIO_1024_BIN",
            16: "ASPECT_RATIO_512_BIN",
        },
    ),
)

KINDS = {kind.name: kind for kind in _KINDS}
"""Every class whose draw is known, by its name."""
