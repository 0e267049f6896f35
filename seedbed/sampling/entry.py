"""A model and its sampler from an entry of the config."""

from __future__ import annotations

from seedbed.models import load
from seedbed.sampling.denoise import Sampler


def load_entry(entry: dict, threads: int | None = None):
    """A model and its sampler from an entry under ``models`` in the config.

    The model goes to the first CUDA device where there is one.

    Args:
        entry: the config entry.
        threads: CPU threads to compute with.
    """
    import torch

    if threads is not None:
        torch.set_num_threads(threads)
    model = load(
        entry["family"],
        entry["source"],
        revision=entry["revision"],
        device="cuda" if torch.cuda.is_available() else "cpu",
        resolution=entry["resolution"],
    )
    keys = ("steps", "guidance", "eta", "scheduler", "precision")
    return model, Sampler(**{k: entry[k] for k in keys})
