"""Which device a job computes on: one GPU each where there are several.

A job that takes a GPU locks a file named after it until the process ends, so that jobs of one
machine spread over its GPUs without being told. Where every GPU is taken the job shares one: how
many jobs run at once is Snakemake's to say (``--resources gpu=4``).
"""

from __future__ import annotations

import fcntl
import getpass
import logging
import os
import tempfile
from pathlib import Path

import torch

from seedbed.choices import DEVICES

log = logging.getLogger(__name__)

_held: dict[str, object] = {}
"""Open lock files of this process, by the GPU's name; closing one would give the GPU back."""


def choose(device: str) -> str:
    """The torch device of this process.

    Args:
        device: a name of ``choices.DEVICES``: ``"auto"`` takes a GPU where torch finds one.

    Returns:
        ``"cpu"`` or ``"cuda:0"``, ``"cuda:1"``, …; the same at every call in one process.

    Raises:
        ValueError: ``"cuda"`` is asked for and torch finds none, or the name is unknown.
    """
    if device not in DEVICES:
        raise ValueError(f"device {device!r} is unknown: use one of {', '.join(DEVICES)}")
    count = torch.cuda.device_count() if device != "cpu" and torch.cuda.is_available() else 0
    if count:
        return f"cuda:{_taken(count) if count > 1 else 0}"
    if device == "cuda":
        raise ValueError(
            "device: cuda is asked for, and torch finds no CUDA device; run it where there is one, "
            "or set device to auto or cpu"
        )
    return "cpu"


def _taken(count: int) -> int:
    """Index of the GPU that this process holds, takes now, or shares."""
    names = [_name(i) for i in range(count)]
    for i, name in enumerate(names):
        if name in _held:
            return i
    for i, name in enumerate(names):
        if _lock(name):
            return i
    shared = os.getpid() % count
    log.warning("all %d GPUs are taken by other jobs: sharing number %d", count, shared)
    return shared


def _name(index: int) -> str:
    """Of a GPU, the same in every process, whatever part of the machine's GPUs it sees."""
    return str(torch.cuda.get_device_properties(index).uuid)


def _lock(name: str) -> bool:
    folder = Path(tempfile.gettempdir(), f"seedbed-gpus-{getpass.getuser()}")
    folder.mkdir(exist_ok=True)
    handle = open(folder / f"{name}.lock", "w")  # held until the process ends
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        handle.close()
        return False
    _held[name] = handle
    return True


def allow_tf32(allowed: bool) -> None:
    """Whether float32 products and convolutions on a GPU may round their inputs to 10 bits.

    Torch's own default is no for products and yes for convolutions.
    """
    torch.backends.cuda.matmul.allow_tf32 = allowed
    torch.backends.cudnn.allow_tf32 = allowed
