"""Where a card comes from: the latents of its model, the devices that drew, the run's config."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from seedbed import store
from seedbed.models.architectures import configs_of
from seedbed.run import Run


def latent_shape(entry: Mapping) -> list[int] | None:
    """(channels, height, width) of a model's latents, from its configs alone.

    Args:
        entry: of the model in a complete config.

    Returns:
        The shape; ``None`` for a single file without configs, which are in its weights' shapes.
    """
    from diffusers import AutoencoderKL, UNet2DConditionModel

    source, revision = Path(entry["source"]), {"revision": entry["revision"]}
    where = entry["source"]
    if source.is_file():
        beside = source.with_suffix("")
        where = beside if beside.is_dir() else configs_of(entry["architecture"])
        if where is None:
            return None
    unet = UNet2DConditionModel.load_config(str(where), subfolder="unet", **revision)
    vae = AutoencoderKL.load_config(str(where), subfolder="vae", **revision)
    scale = 2 ** (len(vae["block_out_channels"]) - 1)
    side = entry["resolution"] // scale if entry["resolution"] else unet["sample_size"]
    return [vae["latent_channels"], side, side]


def devices_of(run: str, model: str) -> list[str]:
    """Names of the devices that drew a model's pictures or read its tickets, by the records of
    their jobs."""
    folder = Path(Run(run).path("made_by"))
    records = [
        path for part in ("images", "tickets") for path in (folder / part / model).rglob("*.json")
    ]
    return sorted({store.read_json(path, ["device"])["device"] for path in records})
