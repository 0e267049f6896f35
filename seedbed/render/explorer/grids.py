"""The numbers that the explorer shows, read from a run's tables into full grids.

Every picture of a study is asked for by seed and prompt; one that a table lacks is an error. A
number that was not measured (the place of an object that was not found) is NaN.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from seedbed import store
from seedbed.good_seed import habits
from seedbed.render.explorer.explored import HABIT, PLACE, SIZE, habit_name

KEYS = ["seed", "prompt_id"]


@dataclass(frozen=True, eq=False)
class Measure:
    """One number of every picture of a study.

    Attributes:
        key, label, role, low_is_good: as in ``explored.sources``.
        values: (S, P) float64, NaN where it was not measured.
    """

    key: str
    label: str
    role: str
    low_is_good: bool | None
    values: np.ndarray


@dataclass(frozen=True, eq=False)
class Study:
    """Every seed with every prompt.

    Attributes:
        name, label: as in ``explored.sources``.
        images: shards of the pictures.
        seeds: (S,) ascending.
        prompts: ``prompt_id``, ``text``, ``part`` (set1, removal, …; may be empty), P rows.
        n_prompts: how many there were before some were left out.
        measures: of its pictures.
    """

    name: str
    label: str
    images: Sequence[str]
    seeds: list[int]
    prompts: pd.DataFrame
    n_prompts: int
    measures: list[Measure]

    @property
    def n_images(self) -> int:
        return len(self.seeds) * len(self.prompts)

    def with_prompts(self, places: np.ndarray) -> Study:
        """The same with these of its prompts, given by their places."""
        measures = [
            Measure(m.key, m.label, m.role, m.low_is_good, m.values[:, places])
            for m in self.measures
        ]
        kept = self.prompts.iloc[places].reset_index(drop=True)
        return Study(self.name, self.label, self.images, self.seeds, kept, self.n_prompts, measures)


def study_of(source: Mapping) -> Study:
    """A study with all of its prompts.

    Args:
        source: an entry of ``studies``.

    Raises:
        StoreError: a file is not as it was written, or a picture lacks a number.
    """
    prompts = store.read_table(source["prompts"], ["prompt_id", "text"])
    parts = next((prompts[c] for c in ("split", "mode") if c in prompts), None)
    shown = prompts[["prompt_id", "text"]].assign(part="" if parts is None else parts)
    seeds = seeds_of(source["images"])
    measures = [
        measure
        for table in source["tables"]
        for measure in _measures(table, seeds, shown["prompt_id"].tolist())
    ]
    return Study(
        source["name"], source["label"], source["images"], seeds, shown, len(shown), measures
    )


def seeds_of(shards: Iterable[str]) -> list[int]:
    """The seeds that image shards hold, ascending."""
    import pyarrow.parquet as pq

    found: set[int] = set()
    for shard in shards:
        with store.reading(shard, "an image shard"):
            found |= set(pq.read_table(shard, columns=["seed"])["seed"].to_pylist())
    return sorted(found)


def _measures(table: Mapping, seeds: list[int], prompt_ids: list[str]) -> Iterable[Measure]:
    frame = read_numbers(table)
    for name, column in table["columns"].items():
        values = grid(frame, name, seeds, prompt_ids, ", ".join(table["paths"][:1]))
        yield Measure(column["key"], column["label"], column["role"], column["low_is_good"], values)


def _joined(paths: Sequence[str], columns: Sequence[str]) -> pd.DataFrame:
    return pd.concat([store.read_table(path, columns) for path in paths], ignore_index=True)


def _table(table: Mapping) -> pd.DataFrame:
    return _joined(table["paths"], [*KEYS, *table["columns"]])


def _found(table: Mapping) -> pd.DataFrame:
    """Compositions: no numbers where the object was not found."""
    frame = _joined(table["paths"], [*KEYS, "found", *table["columns"]])
    names = list(table["columns"])
    return frame.assign(**frame[names].where(frame["found"].astype(bool)))


def _lettering(table: Mapping) -> pd.DataFrame:
    return habits.lettering(table["paths"], table["looked_at"], table["confidence"])


def _text(table: Mapping) -> pd.DataFrame:
    """Shares of text: a picture is asked for by pair and mode."""
    frame = _joined(table["paths"], ["seed", "pair_id", "mode", *table["columns"]])
    return frame.assign(prompt_id=frame["pair_id"] + ":" + frame["mode"])


def read_numbers(table: Mapping) -> pd.DataFrame:
    """Numbers of pictures: ``seed``, ``prompt_id`` and the columns of an entry of ``tables``.

    Raises:
        StoreError: a file is not as it was written.
    """
    return _READERS[table["kind"]](table)


_READERS = {"table": _table, "found": _found, "lettering": _lettering, "text": _text}


def grid(
    frame: pd.DataFrame, name: str, seeds: Sequence[int], prompt_ids: Sequence[str], path: str
) -> np.ndarray:
    """(S, P) float64 of a column of a long table.

    Args:
        frame: ``seed``, ``prompt_id`` and the column; other seeds and prompts are ignored.
        name: of the column.
        seeds, prompt_ids: the rows and columns asked for.
        path: where the table is from, for messages.

    Raises:
        StoreError: a picture has no row, or two.
    """
    i = pd.Index(seeds).get_indexer(frame["seed"])
    j = pd.Index(prompt_ids).get_indexer(frame["prompt_id"])
    wanted = (i >= 0) & (j >= 0)
    counts = np.zeros((len(seeds), len(prompt_ids)), dtype=int)
    np.add.at(counts, (i[wanted], j[wanted]), 1)
    if (counts != 1).any():
        row, column = np.argwhere(counts != 1)[0]
        raise store.StoreError(
            f"{path}: {name} of seed {seeds[row]}, prompt {prompt_ids[column]} is there "
            f"{counts[row, column]} times; {store.AGAIN}"
        )
    values = np.empty(counts.shape)
    values[i[wanted], j[wanted]] = frame[name].to_numpy(dtype=float, na_value=np.nan)[wanted]
    return values


def seed_columns(model: Mapping, studies: Sequence[Study]) -> tuple[list[int], list[dict]]:
    """Numbers of a model's seeds: scores with their intervals, habits, mean place and size.

    Args:
        model: an entry of ``explored.sources``.
        studies: of this model, with all of their prompts.

    Returns:
        Seeds, ascending, and for each number ``key``, ``label``, ``role``, ``low_is_good``,
        ``n`` (pictures of each seed), ``values``, ``low``, ``high``: (seeds,), NaN where a seed
        has none; no intervals for means of place and size.
    """
    seeds = sorted({seed for study in studies for seed in study.seeds})
    columns = []
    for table in model["seeds"]:
        scores = store.read_table(table["path"], ["seed", "split", *table["columns"]])
        for split, part in scores.groupby("split", sort=True):
            rows = part.set_index("seed").reindex(seeds)
            said = split.replace("set", "Set ")
            for metric, column in table["columns"].items():
                columns.append(
                    column
                    | {
                        "key": f"{column['key']}:{split}",
                        "label": f"{column['label']}, {said}",
                        "n": int(part["n_prompts"].iloc[0]),
                        "values": rows[metric],
                        "low": rows.get(f"{metric}_low"),
                        "high": rows.get(f"{metric}_high"),
                    }
                )
    if model["habits"]:
        columns += _habit_columns(model["habits"], seeds, studies)
    columns += _mean_columns(seeds, studies)
    return seeds, columns


def _habit_columns(path: str, seeds: list[int], studies: Sequence[Study]) -> list[dict]:
    table = store.read_table(path, ["habit", "seed", "rate", "low", "high"])
    n = next(len(study.prompts) for study in studies if study.name == "survey")
    found = []
    for habit, part in table.groupby("habit", sort=False):
        rows = part.set_index("seed").reindex(seeds)
        about = {"key": habit, "label": f"{habit_name(habit)}, rate", "role": HABIT}
        numbers = {"values": rows["rate"], "low": rows["low"], "high": rows["high"]}
        found.append(about | {"low_is_good": None, "n": n} | numbers)
    return found


def _mean_columns(seeds: list[int], studies: Sequence[Study]) -> list[dict]:
    """Mean place and size of what a seed's pictures show, over those where it was found."""
    found = []
    for study in studies:
        for measure in study.measures:
            if measure.role not in (PLACE, SIZE):
                continue
            seen = ~np.isnan(measure.values)
            counts = seen.sum(axis=1)
            sums = np.where(seen, measure.values, 0).sum(axis=1)
            means = np.divide(sums, counts, out=np.full(len(counts), np.nan), where=counts > 0)
            about = {"key": measure.key, "label": f"{measure.label}, mean in the {study.name}"}
            about |= {"role": measure.role, "low_is_good": None, "n": measure.values.shape[1]}
            values = pd.Series(means, index=study.seeds).reindex(seeds)
            found.append(about | {"values": values, "low": None, "high": None})
    return found
