"""One piece of the data set: the rows of an image shard, joined with what was measured of them.

Shards hold a picture, its seed and its prompt's name. Here they are written anew, with the text of
the prompt and a column for every number; the bytes of the pictures stay as they are.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from seedbed import store
from seedbed.render.dataset.pieces import column_name
from seedbed.render.explorer.explored import HABIT
from seedbed.render.explorer.grids import KEYS, read_numbers

log = logging.getLogger(__name__)

IMAGE = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
ABOUT = {
    "image": IMAGE,
    "seed": pa.int64(),
    "prompt_id": pa.string(),
    "prompt": pa.string(),
    "prompt_set": pa.string(),
    "part": pa.string(),
    "study": pa.string(),
    "latent_sha256": pa.string(),
}
"""What every row has, whatever was measured."""
_NAMES = {
    pa.int64(): "int64",
    pa.string(): "string",
    pa.float64(): "float64",
    pa.bool_(): "bool",
}


def schema_of(habits: Sequence[str], numbers: Sequence[str]) -> pa.Schema:
    """The columns of all pieces of a model, with what ``datasets`` needs to show pictures."""
    fields = {**ABOUT, **dict.fromkeys(numbers, pa.float64()), **dict.fromkeys(habits, pa.bool_())}
    features = {
        name: {"_type": "Image"} if kind == IMAGE else {"dtype": _NAMES[kind], "_type": "Value"}
        for name, kind in fields.items()
    }
    told = json.dumps({"info": {"features": features}})
    return pa.schema(list(fields.items()), metadata={"huggingface": told})


def join(piece: Mapping, columns: Mapping[str, str], path: str) -> None:
    """Write one piece.

    Args:
        piece: the fields of a ``pieces.Piece``.
        columns: the role of every number that a picture of this model has, by its column.
        path: the Parquet file. Numbers that these pictures have not are null.

    Raises:
        StoreError: a file is not as it was written, or a picture lacks a number or a prompt.
    """
    prompts = store.read_table(piece["prompts"], ["prompt_id", "text"]).set_index("prompt_id")
    part = next((prompts[c] for c in ("split", "mode") if c in prompts), None)
    prompts["part"] = "" if part is None else part
    if piece["parts"]:
        prompts = prompts[prompts["part"].isin(piece["parts"])]
    numbers = [_numbers(table) for table in piece["tables"]]
    habits = [name for name, role in columns.items() if role == HABIT]
    schema = schema_of(habits, [name for name in columns if name not in habits])
    with store.reading(piece["images"], "an image shard"):
        shard = pq.ParquetFile(piece["images"], page_checksum_verification=True)
    rows = 0
    with store.atomic(path) as partial, pq.ParquetWriter(partial, schema) as writer:
        for group in range(shard.num_row_groups):
            with store.reading(piece["images"], "an image shard"):
                table = shard.read_row_group(group)
            joined = _joined(table, prompts, numbers, piece, schema)
            rows += len(joined)
            if len(joined):
                writer.write_table(joined)
    log.info("%s: %d rows", path, rows)


def _numbers(table: Mapping) -> pd.DataFrame:
    """The numbers of a table by seed and prompt, under the names of their columns."""
    frame = read_numbers(table)
    names = {old: column_name(column["key"]) for old, column in table["columns"].items()}
    return frame[[*KEYS, *names]].rename(columns=names).set_index(KEYS)


def _joined(
    table: pa.Table,
    prompts: pd.DataFrame,
    numbers: Sequence[pd.DataFrame],
    piece: Mapping,
    schema: pa.Schema,
) -> pa.Table:
    kept = pa.array([prompt in prompts.index for prompt in table["prompt_id"].to_pylist()])
    if not piece["parts"] and not all(kept.to_pylist()):
        raise store.StoreError(f"{piece['prompts']}: lacks prompts of {piece['images']}")
    table = table.filter(kept)
    keys = pd.MultiIndex.from_frame(table.select(KEYS).to_pandas())
    said = prompts.loc[keys.get_level_values("prompt_id")]
    found = {name: table[name] for name in ("image", "seed", "prompt_id", "latent_sha256")}
    found |= {"prompt": said["text"].to_numpy(), "part": said["part"].to_numpy()}
    constant = {"prompt_set": piece["prompt_set"], "study": piece["study"]}
    found |= {name: [value] * len(keys) for name, value in constant.items()}
    for frame in numbers:
        places = frame.index.get_indexer(keys)
        if (places < 0).any():
            seed, prompt = keys[int((places < 0).argmax())]
            raise store.StoreError(
                f"{piece['images']}: seed {seed}, prompt {prompt} has no {frame.columns[0]}; "
                f"{store.AGAIN}"
            )
        found |= {name: frame[name].to_numpy()[places] for name in frame}
    return pa.table([_column(found.get(f.name), f.type, len(keys)) for f in schema], schema=schema)


def _column(values, kind: pa.DataType, count: int) -> pa.Array | pa.ChunkedArray:
    if values is None:
        return pa.nulls(count, kind)
    if isinstance(values, pa.ChunkedArray):
        return values.cast(kind)
    return pa.array(values, kind, from_pandas=True)
