"""What lies on disk: atomic writes, image shards, feature shards, tables.

Every file is written under a temporary name in its own folder and renamed when it
is whole, so a job killed at any moment leaves either the whole file or none.

Image shards are Parquet files with one row per image and the metadata by which
Hugging Face ``datasets`` shows the ``image`` column as pictures.
"""

from __future__ import annotations

import errno
import hashlib
import io
import json
import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from PIL import Image

from seedbed import partials

log = logging.getLogger(__name__)

ENCODINGS: dict[str, dict] = {
    "png": {"format": "PNG", "compress_level": 1},
    # What Pillow writes by default for .jpg, and what the authors' published samples show.
    "jpeg75": {"format": "JPEG", "quality": 75, "subsampling": "4:2:0"},
}

_HF_FEATURES = {
    "info": {
        "features": {
            "seed": {"dtype": "int64", "_type": "Value"},
            "prompt_id": {"dtype": "string", "_type": "Value"},
            "image": {"_type": "Image"},
            "latent_sha256": {"dtype": "string", "_type": "Value"},
        }
    }
}
_SCHEMA = pa.schema(
    [
        ("seed", pa.int64()),
        ("prompt_id", pa.string()),
        ("image", pa.struct([("bytes", pa.binary()), ("path", pa.string())])),
        ("latent_sha256", pa.string()),
    ],
    metadata={"huggingface": json.dumps(_HF_FEATURES)},
)
IMAGE_COLUMNS = tuple(_SCHEMA.names)
_DISK_FAULTS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


class StoreError(ValueError):
    """A stored file is missing, incomplete or not what it should be."""


@contextmanager
def atomic(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path that is renamed to ``path`` when the block ends well.

    On an exception the temporary file is removed and ``path`` is left as it was. The name
    carries host and process, so duplicate jobs do not write into each other; what a process
    that was killed left of the same ``path`` is removed.

    Raises:
        OSError: nothing can be written; where the disk is the reason, ``path`` is named.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    for swept in partials.sweep_beside(path):
        log.info("removed %s, which a killed process left", swept)
    partial = partials.beside(path)
    try:
        yield partial
        partial.replace(path)
        log.info("wrote %s (%d bytes)", path, path.stat().st_size)
    except OSError as fault:
        # What writes into an open file does not know its name.
        if fault.errno not in _DISK_FAULTS or fault.filename:
            raise
        raise OSError(fault.errno, os.strerror(fault.errno), str(path)) from fault
    finally:
        partial.unlink(missing_ok=True)


def write_text(text: str, path: str | Path) -> None:
    """Write UTF-8 text atomically."""
    with atomic(path) as partial:
        partial.write_text(text, encoding="utf-8")


def write_json(value, path: str | Path) -> None:
    """Write JSON atomically, keys in the given order."""
    write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", path)


def read_json(path: str | Path):
    """Read a JSON file."""
    return json.loads(Path(path).read_text(encoding="utf-8"))


def write_table(frame: pd.DataFrame, path: str | Path) -> None:
    """Write a table as Parquet atomically, without its index."""
    log.info("%s: %d rows of %s", Path(path).name, len(frame), ", ".join(map(str, frame.columns)))
    with atomic(path) as partial:
        frame.to_parquet(partial, index=False)


def read_table(path: str | Path) -> pd.DataFrame:
    """Read a Parquet table."""
    return pd.read_parquet(path)


def sha256_of(path: str | Path) -> str:
    """Hex digest of a file's bytes."""
    digest = hashlib.sha256()
    with open(path, "rb") as handle:
        while chunk := handle.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def encode_image(pixels: np.ndarray, encoding: str) -> bytes:
    """Encode one (h, w, 3) uint8 image.

    Args:
        pixels: RGB.
        encoding: a key of ``ENCODINGS``.
    """
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, **ENCODINGS[encoding])
    return buffer.getvalue()


class ImageShardWriter:
    """Append rows to one image shard; use inside ``atomic``.

    One call of ``add`` becomes one row group, so memory stays bounded by a batch.
    """

    def __init__(self, path: Path, encoding: str):
        if encoding not in ENCODINGS:
            raise StoreError(f"encoding {encoding!r} is unknown: use one of {', '.join(ENCODINGS)}")
        self.encoding = encoding
        self.rows = 0
        self._writer = pq.ParquetWriter(path, _SCHEMA, compression="none")

    def add(
        self,
        seeds: Sequence[int],
        prompt_ids: Sequence[str],
        images: np.ndarray,
        latent_sha256: Sequence[str],
    ) -> None:
        """Append a batch of (n, h, w, 3) uint8 images."""
        suffix = "jpg" if self.encoding.startswith("jpeg") else "png"
        cells = [
            {"bytes": encode_image(pixels, self.encoding), "path": f"{prompt_id}_{seed}.{suffix}"}
            for pixels, seed, prompt_id in zip(images, seeds, prompt_ids, strict=True)
        ]
        columns = [list(seeds), list(prompt_ids), cells, list(latent_sha256)]
        self._writer.write_table(
            pa.table(
                [pa.array(c, f.type) for c, f in zip(columns, _SCHEMA, strict=True)], schema=_SCHEMA
            )
        )
        self.rows += len(cells)

    def close(self) -> None:
        self._writer.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def decode_image(data: bytes) -> np.ndarray:
    """Decode bytes to (h, w, 3) uint8 RGB."""
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def read_images(
    path: str | Path, columns: Sequence[str] = ("seed", "prompt_id")
) -> Iterator[tuple[dict[str, list], np.ndarray]]:
    """Iterate over a shard's row groups as (columns, (n, h, w, 3) uint8 images).

    Raises:
        StoreError: the file is not an image shard.
    """
    try:
        file = pq.ParquetFile(path)
    except pa.ArrowInvalid as error:
        raise StoreError(f"{path}: not an image shard, {error}; delete it") from error
    missing = set(IMAGE_COLUMNS) - set(file.schema_arrow.names)
    if missing:
        raise StoreError(f"{path}: not an image shard, lacks {', '.join(sorted(missing))}")
    for group in range(file.num_row_groups):
        table = file.read_row_group(group, columns=[*columns, "image"]).to_pydict()
        images = np.stack([decode_image(cell["bytes"]) for cell in table.pop("image")])
        yield table, images


def pictures_by_prompt(path: str | Path) -> dict[str, np.ndarray]:
    """All pictures of a shard that has one per prompt or layout: (h, w, 3) uint8 by its id."""
    return {
        name: picture
        for columns, pictures in read_images(path)
        for name, picture in zip(columns["prompt_id"], pictures, strict=True)
    }


def take_images(source: str | Path, prompt_ids: Sequence[str], path: str | Path) -> int:
    """Write the rows of some prompts or layouts of an image shard as a shard of their own.

    Raises:
        StoreError: the shard lacks one of them.
    """
    table = pq.read_table(source)
    rows = table.filter(pc.is_in(table["prompt_id"], pa.array(list(prompt_ids))))
    if rows.num_rows != len(set(prompt_ids)):
        raise StoreError(f"{source}: {rows.num_rows} of {len(set(prompt_ids))} wanted images")
    with atomic(path) as partial:
        pq.write_table(rows, partial, compression="none")
    return rows.num_rows


def write_features(
    path: str | Path, index: pd.DataFrame, arrays: dict[str, np.ndarray], metadata: dict[str, str]
) -> None:
    """Write named arrays with one row per row of ``index`` as safetensors.

    The index goes to ``<path without suffix>.index.parquet`` and is written first: a
    feature file that exists always has its index.

    Args:
        path: a ``.safetensors`` path.
        index: row i describes row i of every array.
        arrays: each of shape (len(index), …).
        metadata: extractor name, weights' sha256, preprocessing.
    """
    from safetensors.numpy import save_file

    for name, array in arrays.items():
        if len(array) != len(index):
            raise StoreError(f"{path}: {name} has {len(array)} rows, the index has {len(index)}")
    write_table(index, index_path(path))
    with atomic(path) as partial:
        save_file(
            {k: np.ascontiguousarray(v) for k, v in arrays.items()}, partial, metadata=metadata
        )


def index_path(path: str | Path) -> Path:
    """Where a feature file's index lies."""
    return Path(path).with_suffix(".index.parquet")


def read_features(
    paths: Sequence[str | Path],
) -> tuple[pd.DataFrame, dict[str, np.ndarray]]:
    """Read and concatenate feature files that one extractor wrote.

    Raises:
        StoreError: files of different extractors, or rows that do not match their index.
    """
    from safetensors import safe_open

    frames, parts, seen = [], [], None
    for path in paths:
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata()
            arrays = {name: file.get_tensor(name) for name in file.keys()}
        if seen is not None and metadata != seen:
            raise StoreError(f"{path}: features of another extractor than {paths[0]}")
        seen = metadata
        frame = read_table(index_path(path))
        if any(len(a) != len(frame) for a in arrays.values()):
            raise StoreError(f"{path}: rows do not match {index_path(path).name}")
        frames.append(frame)
        parts.append(arrays)
    merged = {name: np.concatenate([p[name] for p in parts]) for name in parts[0]}
    return pd.concat(frames, ignore_index=True), merged
