"""Named arrays in one file: safetensors whose bytes follow from their content, and archives."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from pathlib import Path

import numpy as np

from seedbed.store.files import AGAIN, StoreError, atomic, reading

CHECKSUM = "content_sha256"
"""Key of the metadata under which the digest of the arrays stands."""
_ALIGNED = 8


def write_tensors(
    path: str | Path, arrays: Mapping[str, np.ndarray], metadata: Mapping[str, str]
) -> None:
    """Write arrays as safetensors atomically; equal content gives equal bytes.

    The library writes its metadata in an order that changes from run to run, and no checksum.

    Args:
        path: a ``.safetensors`` path.
        arrays: by name.
        metadata: text by name; ``content_sha256`` is added to it.
    """
    from safetensors.numpy import save

    kept = {name: np.ascontiguousarray(array) for name, array in sorted(arrays.items())}
    header, data = _parts(save(kept))
    header["__metadata__"] = dict(metadata)
    header["__metadata__"][CHECKSUM] = _digest(header, data)
    text = _text(header)
    text += b" " * (-len(text) % _ALIGNED)
    with atomic(path) as partial:
        partial.write_bytes(len(text).to_bytes(8, "little") + text + data)


def read_tensors(path: str | Path) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """The arrays of a safetensors file, and its metadata without the checksum.

    Raises:
        StoreError: one line: no safetensors, or not as they were written.
    """
    from safetensors.numpy import load

    with reading(path, "a safetensors file"):
        content = Path(path).read_bytes()
        header, data = _parts(content)
        metadata = header.get("__metadata__") or {}
        sound = metadata.pop(CHECKSUM, None) == _digest(header, data)
        arrays = dict(sorted(load(content).items()))
    if not sound:
        raise StoreError(f"{path}: what is in it is not what was written; {AGAIN}")
    return arrays, metadata


def _parts(content: bytes) -> tuple[dict, memoryview]:
    """The header of a safetensors file, and what follows it."""
    length = int.from_bytes(content[:8], "little")
    return json.loads(content[8 : 8 + length]), memoryview(content)[8 + length :]


def _text(header: dict) -> bytes:
    return json.dumps(header, sort_keys=True, separators=(",", ":")).encode("ascii")


def _digest(header: dict, data: memoryview) -> str:
    """Over names, types, shapes and metadata as well: all that a reader gets."""
    return hashlib.sha256(_text(header) + data).hexdigest()


def write_arrays(path: str | Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Write arrays of any kind, text among them, as a compressed ``.npz`` atomically."""
    with atomic(path) as partial, open(partial, "wb") as handle:
        np.savez_compressed(handle, **arrays)


def read_arrays(path: str | Path, names: Collection[str] = ()) -> dict[str, np.ndarray]:
    """All arrays of an ``.npz`` archive, never pickled objects.

    Args:
        path: of the archive.
        names: arrays that must be there.

    Raises:
        StoreError: one line: no archive, not as it was written, or an array is lacking.
    """
    with reading(path, "an archive of arrays"):
        with np.load(path) as archive:
            arrays = {name: archive[name] for name in archive.files}
    lacking = [name for name in names if name not in arrays]
    if lacking:
        raise StoreError(f"{path}: lacks {', '.join(lacking)}; {AGAIN}")
    for name, array in arrays.items():
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise StoreError(f"{path}: {name} holds NaN or infinity; {AGAIN}")
    return arrays
