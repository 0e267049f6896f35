"""What lies on disk between jobs: image shards, feature shards, tables, arrays, JSON.

One checked reader for each kind: what is read is what was written, or one line names the file,
what is wrong with it and what to do.
"""

from seedbed.store.features import MappedFeatures, index_path, read_features, write_features
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
from seedbed.store.frames import read_table, refuse_rows, write_table
from seedbed.store.images import (
    ENCODINGS,
    IMAGE_COLUMNS,
    ImageShardWriter,
    count_images,
    decode_image,
    encode_image,
    pick_images,
    read_images,
)
from seedbed.store.tensors import (
    map_tensors,
    read_arrays,
    read_tensors,
    write_arrays,
    write_tensors,
    writing_tensors,
)

__all__ = [
    "AGAIN",
    "ENCODINGS",
    "IMAGE_COLUMNS",
    "ImageShardWriter",
    "MappedFeatures",
    "StoreError",
    "atomic",
    "count_images",
    "decode_image",
    "encode_image",
    "index_path",
    "map_tensors",
    "pick_images",
    "read_arrays",
    "read_features",
    "read_images",
    "read_json",
    "read_table",
    "read_tensors",
    "reading",
    "refuse_rows",
    "sha256_of",
    "write_arrays",
    "write_features",
    "write_json",
    "write_table",
    "write_tensors",
    "write_text",
    "writing_tensors",
]
