"""Tables between rules: Parquet, with a checksum for every page."""

from __future__ import annotations

import logging
from collections.abc import Collection
from pathlib import Path

import numpy as np
import pandas as pd

from seedbed.store.files import AGAIN, StoreError, atomic, reading

log = logging.getLogger(__name__)


def write_table(frame: pd.DataFrame, path: str | Path) -> None:
    """Write a table as Parquet atomically, without its index."""
    log.info("%s: %d rows of %s", Path(path).name, len(frame), ", ".join(map(str, frame.columns)))
    with atomic(path) as partial:
        frame.to_parquet(partial, index=False, write_page_checksum=True)


def read_table(
    path: str | Path, columns: Collection[str] = (), finite: Collection[str] = ()
) -> pd.DataFrame:
    """Read a Parquet table, all of its columns.

    Args:
        path: of the table.
        columns: those that must be there.
        finite: those that must be there and hold finite numbers only.

    Raises:
        StoreError: one line: no Parquet or not as it was written, a column is lacking, or a number
            is not finite; its seed and prompt are named where the table has them.
    """
    with reading(path, "a Parquet table"):
        frame = pd.read_parquet(path, engine="pyarrow", page_checksum_verification=True)
    lacking = [column for column in (*columns, *finite) if column not in frame]
    if lacking:
        raise StoreError(f"{path}: lacks the column {', '.join(lacking)}; {AGAIN}")
    for column in finite:
        with reading(path, f"a table with numbers under {column}"):
            values = frame[column].to_numpy(dtype=np.float64, na_value=np.nan)
        refuse_rows(path, frame, ~np.isfinite(values), f"{column} is not finite")
    return frame


def refuse_rows(path: str | Path, index: pd.DataFrame, bad: np.ndarray, what: str) -> None:
    """Refuse rows of a stored file.

    Args:
        path: of the file.
        index: what tells its rows apart: ``seed``, ``prompt_id`` and ``layout_id`` are named.
        bad: (rows,) bool.
        what: is wrong with them.

    Raises:
        StoreError: a row is bad; the first is named, with the number of such rows.
    """
    if not bad.any():
        return
    first = int(np.flatnonzero(bad)[0])
    keys = [key for key in ("seed", "prompt_id", "layout_id") if key in index]
    who = ", ".join(f"{key.removesuffix('_id')} {index[key].iloc[first]}" for key in keys)
    where = f"row {first}" + (f" ({who})" if who else "")
    raise StoreError(f"{path}: {where}: {what} ({int(bad.sum())} such rows); {AGAIN}")
