"""Text-to-image models behind one door: load by family, encode prompts, decode latents."""

from __future__ import annotations

from pathlib import Path

FAMILIES = ("sd", "sdxl")


class ModelError(ValueError):
    """A model cannot be loaded or is not what its config entry says."""


def quiet_loading() -> None:
    """Switch off the libraries' redrawn bars, which turn a log into noise."""
    import diffusers
    import transformers

    diffusers.utils.logging.disable_progress_bar()
    transformers.utils.logging.disable_progress_bar()


def load(
    family: str,
    source: str,
    *,
    revision: str | None = None,
    device: str = "cpu",
    resolution: int | None = None,
):
    """Load a model by its family.

    Args:
        family: ``"sd"`` (Stable Diffusion 1.x, 2.x, Storybook) or ``"sdxl"``.
        source: a local diffusers folder or a hub id.
        revision: hub revision; ignored for folders.
        device: torch device.
        resolution: side of the output in pixels; the model's own where ``None``.

    Returns:
        A ``StableDiffusion`` or ``StableDiffusionXL``, float32, in eval mode.

    Raises:
        ModelError: unknown family, or nothing loadable at ``source``.
    """
    quiet_loading()
    if family == "sd":
        from seedbed.models.sd import StableDiffusion as Family
    elif family == "sdxl":
        from seedbed.models.sdxl import StableDiffusionXL as Family
    else:
        raise ModelError(f"family {family!r} is unknown: use one of {', '.join(FAMILIES)}")
    looks_local = source.startswith((".", "/")) or len(Path(source).parts) > 2
    if looks_local and not (Path(source) / "model_index.json").exists():
        raise ModelError(
            f"{source}: no model_index.json there. Give a diffusers pipeline folder or a hub id."
        )
    return Family.load(source, revision=revision, device=device, resolution=resolution)
