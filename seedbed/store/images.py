"""Image shards: Parquet files with one row per image.

They carry the metadata by which Hugging Face ``datasets`` shows the ``image`` column as pictures,
and a checksum for every page.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

from seedbed.store.files import AGAIN, StoreError, reading
from seedbed.store.frames import refuse_rows

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
_KEYS = ["seed", "prompt_id"]
_WRITTEN = {"compression": "none", "write_page_checksum": True}


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
        self._writer = pq.ParquetWriter(path, _SCHEMA, **_WRITTEN)

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


def _open(path: str | Path) -> pq.ParquetFile:
    """A shard whose rows are told apart by seed and prompt.

    Raises:
        StoreError: the file is no image shard, or a row of it stands twice or says not whose it is.
    """
    with reading(path, "an image shard"):
        file = pq.ParquetFile(path, page_checksum_verification=True)
        names = file.schema_arrow.names
    missing = set(IMAGE_COLUMNS) - set(names)
    if missing:
        raise StoreError(f"{path}: not an image shard, lacks {', '.join(sorted(missing))}; {AGAIN}")
    with reading(path, "an image shard"):
        keys = file.read(columns=_KEYS).to_pandas()
    refuse_rows(path, keys, keys.isna().any(axis=1).to_numpy(), "has no seed or no prompt")
    refuse_rows(path, keys, keys.duplicated().to_numpy(), "stands twice")
    return file


def count_images(path: str | Path) -> int:
    """How many images a shard holds; raises what ``read_images`` raises."""
    return _open(path).metadata.num_rows


def read_images(
    path: str | Path, columns: Sequence[str] = ("seed", "prompt_id")
) -> Iterator[tuple[dict[str, list], np.ndarray]]:
    """Iterate over a shard's row groups as (columns, (n, h, w, 3) uint8 images).

    Raises:
        StoreError: the file is no image shard or not as it was written; an image cannot be decoded
            or has another size than the first, its seed and prompt are named.
    """
    file = _open(path)
    size = None
    for group in range(file.num_row_groups):
        with reading(path, "an image shard"):
            wanted = dict.fromkeys([*columns, *_KEYS, "image"])
            table = file.read_row_group(group, columns=list(wanted)).to_pydict()
        images = []
        for seed, prompt, cell in zip(*(table[k] for k in (*_KEYS, "image")), strict=True):
            images.append(_decoded(path, seed, prompt, cell))
            size = size or images[-1].shape
            if images[-1].shape != size:
                height, width, _ = images[-1].shape
                raise StoreError(
                    f"{path}: the image of seed {seed}, prompt {prompt} is {width}×{height}, "
                    f"others are {size[1]}×{size[0]}; {AGAIN}"
                )
        yield {column: table[column] for column in columns}, np.stack(images)


def _decoded(path: str | Path, seed: int, prompt: str, cell: dict | None) -> np.ndarray:
    try:
        return decode_image(cell["bytes"])
    # Pillow raises almost anything on a broken picture; no picture at all is a TypeError.
    except Exception as error:
        # Pillow names the buffer that it was given, by its address.
        reason = " ".join(re.sub(r" ?<[^>]*>", "", str(error)).split())[:120]
        raise StoreError(
            f"{path}: the image of seed {seed}, prompt {prompt} cannot be decoded ({reason}); "
            f"{AGAIN}"
        ) from error


def pick_images(
    shards: Sequence[str | Path], seeds: Sequence[int] | None, prompt_ids: Sequence[str]
) -> dict[tuple[int, str], np.ndarray]:
    """Decoded pictures by (seed, prompt_id); all seeds where ``seeds`` is None.

    Raises:
        StoreError: an asked-for picture is in none of the shards or cannot be decoded.
    """
    rows = [("prompt_id", "in", set(prompt_ids))]
    if seeds is not None:
        rows.append(("seed", "in", set(seeds)))
    found = {}
    for shard in shards:
        with reading(shard, "an image shard"):
            table = pq.read_table(
                shard, columns=[*_KEYS, "image"], filters=rows, page_checksum_verification=True
            )
        for row in table.to_pylist():
            seed, prompt = row["seed"], row["prompt_id"]
            found[seed, prompt] = _decoded(shard, seed, prompt, row["image"])
    for seed in seeds or []:
        for prompt in prompt_ids:
            if (seed, prompt) not in found:
                where = ", ".join(map(str, shards))
                raise StoreError(f"{where}: no image of seed {seed}, prompt {prompt}; {AGAIN}")
    return found
