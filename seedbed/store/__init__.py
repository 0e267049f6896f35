"""What lies on disk between jobs: image shards, feature shards, tables, arrays, JSON.

One checked reader for each kind: what is read is what was written, or one line names the file,
what is wrong with it and what to do. Tables, features and pictures need pandas, pyarrow and Pillow,
which who only uses the library need not have: their modules are imported when first asked for.
"""

from seedbed.store.files import (
    AGAIN,
    StoreError,
    atomic,
    read_json,
    reading,
    sha256_of,
    write_json,
    write_text,
)
from seedbed.store.tensors import (
    map_tensors,
    read_arrays,
    read_tensors,
    write_arrays,
    write_tensors,
    writing_tensors,
)

_LATE = (
    *("MappedFeatures", "index_path", "read_features", "write_features"),
    *("read_table", "refuse_rows", "write_table"),
    *("ENCODINGS", "IMAGE_COLUMNS", "ImageShardWriter", "count_images"),
    *("decode_image", "encode_image", "pick_images", "read_images"),
)

__all__ = [
    "AGAIN",
    "StoreError",
    "atomic",
    "map_tensors",
    "read_arrays",
    "read_json",
    "read_tensors",
    "reading",
    "sha256_of",
    "write_arrays",
    "write_json",
    "write_tensors",
    "write_text",
    "writing_tensors",
]
__all__ += _LATE


def __getattr__(name: str):
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from seedbed.store import features, frames, images

    globals()[name] = next(vars(m)[name] for m in (frames, features, images) if name in vars(m))
    return globals()[name]
