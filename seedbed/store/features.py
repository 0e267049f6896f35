"""Feature shards: arrays in safetensors, beside them a table that says whose each row is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from seedbed.store.files import AGAIN, StoreError
from seedbed.store.frames import read_table, refuse_rows, write_table
from seedbed.store.tensors import let_go, map_tensors, read_tensors, write_tensors

KEYS = ["seed", "prompt_id"]
FEW = 2_000_000
"""Rows of which it is known in memory whose they are."""


def write_features(
    path: str | Path,
    index: pd.DataFrame,
    arrays: Mapping[str, np.ndarray],
    metadata: Mapping[str, str],
) -> None:
    """Write named arrays with one row per row of ``index`` as safetensors.

    The index goes to ``<path without suffix>.index.parquet`` and is written first: a
    feature file that exists always has its index.

    Args:
        path: a ``.safetensors`` path.
        index: ``seed``, ``prompt_id``; row i describes row i of every array.
        arrays: each of shape (len(index), …), finite.
        metadata: extractor name, weights' sha256, preprocessing.

    Raises:
        StoreError: rows that do not match the index, or that are not finite.
    """
    _check(path, index, arrays)
    write_table(index, index_path(path))
    write_tensors(path, arrays, metadata)


def index_path(path: str | Path) -> Path:
    """Where a feature file's index lies."""
    return Path(path).with_suffix(".index.parquet")


def read_features(
    paths: Sequence[str | Path],
) -> tuple[pd.DataFrame, dict[str, np.ndarray]]:
    """Read and concatenate feature files that one extractor wrote.

    Raises:
        StoreError: files that are not as they were written or of different extractors, rows that
            do not match their index, are doubled or are not finite.
    """
    if not paths:
        raise StoreError("no feature files given")
    frames, parts = [], []
    for path in paths:
        arrays, metadata = read_tensors(path)
        frame = read_table(index_path(path), KEYS)
        _check(path, frame, arrays)
        if not parts:
            described = (metadata, _shapes(arrays))
        elif (metadata, _shapes(arrays)) != described:
            raise StoreError(f"{path}: features of another extractor than {paths[0]}; {AGAIN}")
        frames.append(frame)
        parts.append(arrays)
    index = pd.concat(frames, ignore_index=True)
    doubled = index.duplicated(KEYS).to_numpy()
    refuse_rows(paths[-1], index, doubled, f"stands twice in it and the {len(paths) - 1} others")
    return index, {name: np.concatenate([p[name] for p in parts]) for name in parts[0]}


class MappedFeatures:
    """Feature files of one extractor where they lie on disk: rows are read as they are asked for.

    Checksums are not verified, seals are (``seedbed.seals``).
    """

    def __init__(self, paths: Sequence[str | Path], name: str = "features"):
        """Open the files.

        Args:
            paths: of ``write_features``, at least one.
            name: of the array.

        Raises:
            StoreError: no files, files of different extractors, one without this array or whose
                rows do not match its index.
        """
        if not paths:
            raise StoreError("no feature files given")
        self._parts, self._indices, described = [], {}, None
        for path in paths:
            arrays, metadata = map_tensors(path)
            if name not in arrays:
                raise StoreError(f"{path}: lacks {name}; {AGAIN}")
            about = (metadata, arrays[name].dtype, arrays[name].shape[1:])
            described = described or about
            if about != described:
                raise StoreError(f"{path}: features of another extractor than {paths[0]}; {AGAIN}")
            self._parts.append((path, arrays[name]))

    def __len__(self) -> int:
        return sum(len(array) for _, array in self._parts)

    @property
    def d(self) -> int:
        """Numbers of a row."""
        return self._parts[0][1].shape[1]

    @property
    def seeds(self) -> list[int]:
        """All seeds, in rising order."""
        frames = [self._index(path, len(array)) for path, array in self._parts]
        return sorted({int(seed) for frame in frames for seed in frame["seed"].unique()})

    def of_prompt(self, seeds: Sequence[int], prompt_id: str) -> np.ndarray:
        """(seeds, d) rows of one prompt; raises what ``take`` raises."""
        return self.take(seeds, [prompt_id] * len(seeds))

    def _index(self, path: str | Path, rows: int) -> pd.DataFrame:
        """Whose the rows of a file are; kept where all of them are few."""
        if path in self._indices:
            return self._indices[path]
        frame = read_table(index_path(path), KEYS)
        if len(frame) != rows:
            raise StoreError(f"{path}: {rows} rows, but {len(frame)} in its index; {AGAIN}")
        if len(self) <= FEW:
            self._indices[path] = frame
        return frame

    def take(self, seeds: Sequence[int], prompt_ids: Sequence[str]) -> np.ndarray:
        """(n, d) rows of n pictures, in their order; a picture may be asked for twice.

        Raises:
            StoreError: a picture is in none of the files or in two places, or its row is not
                finite.
        """
        wanted = pd.MultiIndex.from_arrays([np.asarray(seeds, np.int64), list(prompt_ids)])
        codes, once = pd.factorize(wanted)
        found = np.empty((len(once), self.d), dtype=self._parts[0][1].dtype)
        times = np.zeros(len(once), dtype=np.int64)
        for path, array in self._parts:
            frame = self._index(path, len(array))
            place = once.get_indexer(pd.MultiIndex.from_frame(frame[KEYS]))
            rows = np.flatnonzero(place >= 0)
            if len(rows):
                found[place[rows]] = array[rows]
                let_go(array)
                np.add.at(times, place[rows], 1)
        for bad, what in ((times == 0, "is missing"), (times > 1, "stands twice")):
            if bad.any():
                seed, prompt = once[int(np.flatnonzero(bad)[0])]
                raise StoreError(
                    f"features of seed {seed}, prompt {prompt!r} {what} ({int(bad.sum())} such "
                    f"pictures); delete the shard and run again"
                )
        finite = np.isfinite(found).all(axis=1)
        if not finite.all():
            seed, prompt = once[int(np.flatnonzero(~finite)[0])]
            raise StoreError(f"features of seed {seed}, prompt {prompt!r} are not finite; {AGAIN}")
        return found if len(once) == len(codes) else found[codes]


def _shapes(arrays: Mapping[str, np.ndarray]) -> dict:
    return {name: (array.dtype, array.shape[1:]) for name, array in arrays.items()}


def _check(path: str | Path, index: pd.DataFrame, arrays: Mapping[str, np.ndarray]) -> None:
    for name, array in arrays.items():
        if len(array) != len(index):
            raise StoreError(
                f"{path}: {len(array)} rows of {name}, but {len(index)} in "
                f"{index_path(path).name}; {AGAIN}"
            )
        finite = np.isfinite(array.reshape(len(array), -1)).all(axis=1)
        refuse_rows(path, index, ~finite, f"{name} are not finite")
