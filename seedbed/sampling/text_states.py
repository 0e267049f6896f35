"""What a model makes of a table of prompts, once for all jobs that draw them, on disk.

20,000 prompts of SDXL are 12 GB: a job maps the file and reads the rows of its batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch

from seedbed import store
from seedbed.models.base import Condition, LatentModel
from seedbed.sampling.denoise import batches

BATCH = 64
"""Prompts encoded at a time: the last bits depend on it."""
EMBEDDINGS, ADDED = "embeddings", "added."


def write_states(model: LatentModel, texts: Sequence[str], path: str | Path) -> None:
    """Encode prompts to a safetensors file, a batch in memory at a time.

    Args:
        model: encodes.
        texts: in the order of their table, at least one.
        path: of the file; one float32 array (len(texts), …) for each part of the condition.
    """
    texts = list(texts)
    first = _arrays(model.encode(texts[:BATCH]))
    shapes = {name: (len(texts), *array.shape[1:]) for name, array in first.items()}
    with store.writing_tensors(path, shapes, {"prompts": str(len(texts))}) as arrays:
        for part in batches(len(texts), BATCH):
            found = first if part.start == 0 else _arrays(model.encode(texts[part]))
            for name, array in found.items():
                arrays[name][part] = array


def map_states(path: str | Path, n: int) -> Condition:
    """The prompts' states where they lie on disk; ``take`` reads the rows that it is asked for.

    Args:
        path: of ``write_states``.
        n: prompts of the table.

    Raises:
        StoreError: the file is of other prompts, or none of ``write_states``.
    """
    arrays, metadata = store.map_tensors(path)
    if EMBEDDINGS not in arrays or metadata.get("prompts") != str(n):
        raise store.StoreError(
            f"{path}: the states of {metadata.get('prompts', 'no')} prompts, not of {n}; "
            f"{store.AGAIN}"
        )
    tensors = {name: torch.from_numpy(array) for name, array in arrays.items()}
    added = {k.removeprefix(ADDED): v for k, v in tensors.items() if k.startswith(ADDED)}
    return Condition(tensors[EMBEDDINGS], added)


def _arrays(condition: Condition) -> dict:
    parts = {EMBEDDINGS: condition.embeddings}
    parts |= {f"{ADDED}{name}": tensor for name, tensor in condition.added.items()}
    return {name: tensor.float().cpu().numpy() for name, tensor in parts.items()}
