"""Named arrays in one file: safetensors whose bytes follow from their content, and archives."""

from __future__ import annotations

import hashlib
import json
import math
import mmap
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from seedbed.store.files import AGAIN, StoreError, atomic, reading

CHECKSUM = "content_sha256"
"""Key of the metadata under which the digest of the arrays stands."""
_ALIGNED = 8
_CHUNK = 2**24
_DTYPES = {"F16": np.float16, "F32": np.float32, "F64": np.float64, "U8": np.uint8, "I64": np.int64}


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
    text = _padded(header, _digest(header, data))
    with atomic(path) as partial:
        partial.write_bytes(len(text).to_bytes(8, "little") + text + data)


@contextmanager
def writing_tensors(
    path: str | Path, shapes: Mapping[str, tuple[int, ...]], metadata: Mapping[str, str]
) -> Iterator[dict[str, np.ndarray]]:
    """Float32 arrays of a safetensors file, to be filled on disk, never in memory as a whole.

    The file appears under its name when the block ends well, as ``write_tensors`` would have
    written it.

    Args:
        path: a ``.safetensors`` path.
        shapes: of each array.
        metadata: text by name; ``content_sha256`` is added to it.

    Yields:
        The arrays by name, zeros until they are filled.
    """
    header: dict = {"__metadata__": dict(metadata)}
    end = 0
    for name, shape in sorted(shapes.items()):
        start, end = end, end + 4 * math.prod(shape)
        header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [start, end]}
    # A digest of any content has the same length.
    length = len(_padded(header, "0" * 64))
    with atomic(path) as partial:
        with open(partial, "wb") as handle:
            handle.truncate(8 + length + end)
        arrays = {
            name: np.memmap(
                partial, np.float32, "r+", 8 + length + header[name]["data_offsets"][0], shape
            )
            for name, shape in shapes.items()
        }
        yield arrays
        for array in arrays.values():
            array.flush()
        digest = hashlib.sha256(_text(header))
        with open(partial, "r+b") as handle:
            handle.seek(8 + length)
            while chunk := handle.read(_CHUNK):
                digest.update(chunk)
            handle.seek(0)
            handle.write(length.to_bytes(8, "little") + _padded(header, digest.hexdigest()))


def map_tensors(path: str | Path) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """The arrays of a safetensors file where they lie on disk, and its metadata.

    Nothing is read until it is asked for, so that the checksum is not verified: what matters was
    compared with its seal when the job began (``seedbed.seals``).

    Raises:
        StoreError: one line: no safetensors, or cut short.
    """
    with reading(path, "a safetensors file"):
        with open(path, "rb") as handle:
            length = int.from_bytes(handle.read(8), "little")
            if not 0 < length < Path(path).stat().st_size:
                raise ValueError("no header")
            header = json.loads(handle.read(length))
        metadata = header.pop("__metadata__", None) or {}
        metadata.pop(CHECKSUM, None)
        arrays = {
            # Private to the process: torch wants arrays that could be written.
            name: np.memmap(
                path,
                _DTYPES[entry["dtype"]],
                "c",
                8 + length + entry["data_offsets"][0],
                tuple(entry["shape"]),
            )
            for name, entry in sorted(header.items())
        }
    return arrays, metadata


def let_go(array: np.ndarray) -> None:
    """Give back the memory in which what was read of a mapped array lies.

    It counts as the process's until then, and SLURM may kill a job for it. What is asked for again
    is read again. Does nothing to an array that is not mapped.
    """
    if isinstance(array, np.memmap) and hasattr(mmap, "MADV_DONTNEED"):
        array._mmap.madvise(mmap.MADV_DONTNEED)


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


def _padded(header: dict, digest: str) -> bytes:
    """The header with the digest of what it describes, as long as alignment wants it."""
    metadata = header["__metadata__"] | {CHECKSUM: digest}
    text = _text(header | {"__metadata__": metadata})
    return text + b" " * (-len(text) % _ALIGNED)


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
