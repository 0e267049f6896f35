"""What lies on disk between jobs: image shards, feature shards, tables, arrays, JSON.

One checked reader for each kind: what is read is what was written, or one line names the file,
what is wrong with it and what to do. Tables, features and pictures need pandas, pyarrow and Pillow,
which who only uses the library need not have, and arrays need numpy, which a parse of the workflow
can do without: their modules are imported when first asked for.
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

_ARRAYS = (
    *("map_tensors", "read_arrays", "read_tensors"),
    *("write_arrays", "write_tensors", "writing_tensors"),
)
_ROWS = (
    *("MappedFeatures", "index_path", "read_features", "write_features"),
    *("read_table", "refuse_rows", "write_table"),
    *("ENCODINGS", "IMAGE_COLUMNS", "ImageShardWriter", "count_images"),
    *("decode_image", "encode_image", "pick_images", "read_images"),
)

__all__ = [
    "AGAIN",
    "StoreError",
    "atomic",
    "read_json",
    "reading",
    "sha256_of",
    "write_json",
    "write_text",
]
__all__ += [*_ARRAYS, *_ROWS]


def __getattr__(name: str):
    if name in _ARRAYS:
        from seedbed.store import tensors

        modules = [tensors]
    elif name in _ROWS:
        from seedbed.store import features, frames, images

        modules = [frames, features, images]
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = next(vars(m)[name] for m in modules if name in vars(m))
    return globals()[name]
