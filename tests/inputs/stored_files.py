"""What one job stored for the next: cut, emptied, doubled, swapped, of other sizes, not finite."""

import os
import pickle
from pathlib import Path

import numpy as np
import pandas as pd

from seedbed import seals, store
from seedbed.good_seed.trial_seeds import read_golden
from seedbed.lottery_ticket.tickets.collection import ORIGIN, Collection
from seedbed.lottery_ticket.tickets.collection_files import load_collection
from seedbed.prompts import table as prompt_table
from tests.inputs.case import cases, write

ROWS = [(seed, prompt) for seed in (0, 1) for prompt in ("p_1", "p_2", "p_3")]


def pictures(side=8):
    """One picture for each row."""
    values = np.random.default_rng(0).integers(0, 255, (len(ROWS), side, side, 3))
    return values.astype(np.uint8)


def shard(path: Path, rows=ROWS, images=None) -> Path:
    """A sound image shard."""
    images = pictures() if images is None else images
    seeds, prompts = zip(*rows, strict=True)
    with store.atomic(path) as partial, store.ImageShardWriter(partial, "png") as writer:
        for start in range(0, len(rows), 2):
            part = slice(start, start + 2)
            writer.add(seeds[part], prompts[part], images[part], ["0"] * len(seeds[part]))
    return path


def index(rows=ROWS):
    return pd.DataFrame(rows, columns=["seed", "prompt_id"])


def features(path: Path, rows=ROWS, width=4, extractor="a") -> Path:
    """A sound feature file with its index."""
    values = np.random.default_rng(1).normal(size=(len(rows), width)).astype(np.float32)
    store.write_features(path, index(rows), {"features": values}, {"extractor": extractor})
    return path


def scores(path: Path) -> Path:
    """A sound table of scores."""
    store.write_table(index().assign(score=np.arange(len(ROWS)) / 7), path)
    return path


def arrays(path: Path) -> Path:
    """A sound archive."""
    store.write_arrays(path, {"images": pictures(), "scores": np.arange(6) / 7})
    return path


def tickets(path: Path, seeds=(5, 6), model="m") -> Path:
    """A sound shard of a ticket collection."""
    values = np.random.default_rng(2).random((len(seeds), 1, 2, 16)).astype(np.float32)
    origin = dict.fromkeys(ORIGIN, "x") | {"model": model}
    Collection(values, seeds, (("dog", "car"),), 4, (4, 8, 8), "cpu", origin).save(path)
    return path


def golden(path: Path, **values) -> Path:
    """What a selection of golden seeds writes."""
    content = {"seeds": [0, 1], "k": 2, "tops": {"fd": [0, 1]}, "selection_prompts": ["p_1"]}
    content |= values
    store.write_json(content, path)
    return path


# Readers: functions of a path that read all there is


def read_shard(path):
    return [(columns, images.tolist()) for columns, images in store.read_images(path)]


def read_scores(path):
    return store.read_table(path, ["seed", "prompt_id"], finite=["score"])


def read_feature_file(path):
    return store.read_features([path])


def read_archive(path):
    return store.read_arrays(path, ["images", "scores"])


def read_tickets(path):
    return load_collection([path])


def read_chosen(path):
    return read_golden(path, range(8))


KINDS = {
    "images.parquet": (shard, read_shard),
    "features.safetensors": (features, read_feature_file),
    "scores.parquet": (scores, read_scores),
    "archive.npz": (arrays, read_archive),
    "tickets.safetensors": (tickets, read_tickets),
    "golden.json": (golden, read_chosen),
}
"""Every stored kind: what writes a sound one and what reads it."""


def stored(name, change=None):
    """A sound file with something done to it; then it is read."""
    make, reader = KINDS[name]

    def given(folder):
        path = make(folder / name)
        if change is not None:
            change(path)
        return lambda: reader(path)

    return given


def other(reader, make):
    """A file made in another way, then read."""

    def given(folder):
        path = make(folder)
        return lambda: reader(path)

    return given


def cut(share):
    return lambda path: path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])


def text(path):
    path.write_text("hello\n")


def empty(path):
    path.write_bytes(b"")


def zeros(path):
    path.write_bytes(b"\0" * path.stat().st_size)


def gone(path):
    path.unlink()


def folder_instead(path):
    path.unlink()
    path.mkdir()


def altered(change):
    """A parquet file with its table changed by a function of the frame."""

    def change_file(path):
        frame = change(pd.read_parquet(path))
        frame.to_parquet(path, index=False)

    return change_file


def cell(value):
    """The second picture of a shard replaced."""

    def change(frame):
        frame["image"] = [
            value if row == 1 else cell for row, cell in enumerate(frame["image"].tolist())
        ]
        return frame

    return altered(change)


def no_score(value):
    def change(frame):
        frame.loc[2, "score"] = value
        return frame

    return altered(change)


def bare(name, **content):
    """Feature or ticket file without its checksum, as another program would write it."""

    def change(path):
        from safetensors.numpy import save_file

        save_file(content, path)

    return change


def sealed(name, change):
    """A sealed file of a run, changed behind its seal."""
    make, reader = KINDS[name]

    def given(folder):
        os.chdir(folder)
        path = Path("results/mine", name)
        make(path)
        seals.seal([path])
        change(path)

        def read():
            seals.refuse_changed([path])
            return reader(path)

        return read

    return given


def half(path):
    """Half the rows, in a file that is sound in itself."""
    shard(path, ROWS[:3], pictures()[:3])


def two_features(**second):
    def given(folder):
        paths = [features(folder / "a.safetensors", ROWS[:3])]
        paths.append(features(folder / "b.safetensors", **({"rows": ROWS[3:]} | second)))
        return lambda: store.read_features(paths)

    return given


def two_tickets(*second, **more):
    def given(folder):
        paths = [tickets(folder / "a.safetensors")]
        paths.append(tickets(folder / "b.safetensors", *second, **more))
        return lambda: load_collection(paths)

    return given


def pickled_archive(path):
    with path.open("wb") as file:
        np.savez(file, images=np.array([{"a": 1}], dtype=object), scores=np.zeros(2))


def small(side=4):
    import io

    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(np.zeros((side, side, 3), np.uint8)).save(buffer, format="PNG")
    return {"bytes": buffer.getvalue(), "path": "x.png"}


def prompts(change):
    """A prompt table of Parquet, changed."""

    def given(folder):
        frame = prompt_table.make(["a cat", "a dog"], "lines", "x")
        path = folder / "prompts.parquet"
        change(frame).to_parquet(path, index=False)
        return lambda: prompt_table.read(path)

    return given


AGAIN = "; delete it and run again"
SHARD, SCORES, FEATURES = "images.parquet", "scores.parquet", "features.safetensors"
ARCHIVE, TICKETS, GOLDEN = "archive.npz", "tickets.safetensors", "golden.json"

TABLE = {}
for kind in KINDS:
    TABLE |= {
        f"{kind} sound": (stored(kind),),
        f"{kind} empty": (stored(kind, empty), f"{kind}: ", AGAIN),
        f"{kind} of text": (stored(kind, text), f"{kind}: ", AGAIN),
        f"{kind} of zeros": (stored(kind, zeros), f"{kind}: ", AGAIN),
        f"{kind} cut in half": (stored(kind, cut(0.5)), f"{kind}: ", AGAIN),
        f"{kind} cut at its end": (stored(kind, cut(0.97)), f"{kind}: ", AGAIN),
        f"{kind} gone": (stored(kind, gone), f"{kind}: is not there; run again"),
        f"{kind} a folder": (stored(kind, folder_instead), f"{kind}: ", AGAIN),
    }

TABLE |= {
    "shard of another kind": (
        other(read_shard, lambda folder: scores(folder / "a.parquet")),
        "a.parquet: not an image shard, lacks image",
    ),
    "table of another kind": (
        other(read_scores, lambda folder: shard(folder / "a.parquet")),
        "a.parquet: lacks the column score",
    ),
    "picture of garbage": (
        stored(SHARD, cell({"bytes": b"garbage", "path": "x"})),
        "images.parquet: the image of seed 0, prompt p_2 cannot be decoded",
    ),
    "picture empty": (
        stored(SHARD, cell({"bytes": b"", "path": "x"})),
        "images.parquet: the image of seed 0, prompt p_2 cannot be decoded",
    ),
    "picture null": (
        stored(SHARD, cell(None)),
        "images.parquet: the image of seed 0, prompt p_2 cannot be decoded",
    ),
    "picture smaller than the others": (
        stored(SHARD, cell(small())),
        "images.parquet: the image of seed 0, prompt p_2 is 4×4, others are 8×8",
    ),
    "picture twice": (
        stored(SHARD, altered(lambda f: pd.concat([f, f.iloc[:1]]))),
        "images.parquet: row 6 (seed 0, prompt p_1): stands twice",
    ),
    "picture of no prompt": (
        stored(SHARD, altered(lambda f: f.assign(prompt_id=[None, *f["prompt_id"][1:]]))),
        "images.parquet: row 0",
        "has no seed or no prompt",
    ),
    "shard of half the rows": (
        sealed(SHARD, half),
        "results/mine/images.parquet: is not what its job wrote",
    ),
    "golden seeds edited": (
        sealed(GOLDEN, lambda path: golden(path, seeds=[3])),
        "results/mine/golden.json: is not what its job wrote",
    ),
    "score NaN": (
        stored(SCORES, no_score(np.nan)),
        "scores.parquet: row 2 (seed 0, prompt p_3): score is not finite",
    ),
    "score infinite": (
        stored(SCORES, no_score(np.inf)),
        "scores.parquet: row 2 (seed 0, prompt p_3): score is not finite",
    ),
    "score of text": (
        stored(SCORES, altered(lambda f: f.assign(score="high"))),
        "scores.parquet: not a table with numbers under score",
    ),
    "table without prompts": (
        stored(SCORES, altered(lambda f: f.drop(columns="prompt_id"))),
        "scores.parquet: lacks the column prompt_id",
    ),
    "features written by another program": (
        stored(FEATURES, bare("a", features=np.zeros((6, 4), np.float32))),
        "features.safetensors: what is in it is not what was written",
    ),
    "features without an index": (
        stored(FEATURES, lambda path: store.index_path(path).unlink()),
        "features.index.parquet: is not there; run again",
    ),
    "features with half an index": (
        stored(FEATURES, lambda p: store.write_table(index(ROWS[:3]), store.index_path(p))),
        "features.safetensors: 6 rows of features, but 3 in features.index.parquet",
    ),
    "features twice": (two_features(rows=ROWS[2:]), "b.safetensors: row 3", "stands twice"),
    "features of two extractors": (
        two_features(extractor="b"),
        "b.safetensors: features of another extractor than",
    ),
    "features of two widths": (
        two_features(width=5),
        "b.safetensors: features of another extractor than",
    ),
    "archive of pickled objects": (
        stored(ARCHIVE, pickled_archive),
        "archive.npz: not an archive of arrays that can be read",
    ),
    "archive a pickle": (
        stored(ARCHIVE, lambda path: path.write_bytes(pickle.dumps({"a": 1}))),
        "archive.npz: not an archive of arrays",
    ),
    "archive without scores": (
        stored(ARCHIVE, lambda path: store.write_arrays(path, {"images": pictures()})),
        "archive.npz: lacks scores",
    ),
    "archive NaN": (
        stored(
            ARCHIVE,
            lambda p: store.write_arrays(p, {"images": pictures(), "scores": np.full(2, np.nan)}),
        ),
        "archive.npz: scores holds NaN or infinity",
    ),
    "tickets of features": (
        other(read_tickets, lambda folder: features(folder / "a.safetensors")),
        "a.safetensors: ",
    ),
    "tickets of one noise twice": (two_tickets((6, 7)), "b.safetensors", "6"),
    "tickets with a noise left out": (two_tickets((8, 9)), "safetensors", "7"),
    "tickets of two models": (two_tickets((7, 8), model="n"), "b.safetensors", "model"),
    "golden seeds outside the pool": (
        stored(GOLDEN, lambda path: golden(path, seeds=[999])),
        "golden.json: ",
        "999",
    ),
    "golden seeds a text": (
        stored(GOLDEN, lambda path: golden(path, seeds="all")),
        "golden.json: ",
    ),
    "golden seeds null": (stored(GOLDEN, lambda path: golden(path, seeds=None)), "golden.json: "),
    "golden seeds of another number": (
        stored(GOLDEN, lambda path: golden(path, seeds=[0])),
        "golden.json: ",
        "they are not k different",
    ),
    "golden an empty table": (
        stored(GOLDEN, lambda path: write(path, "{}")),
        "golden.json: lacks seeds, k, tops, selection_prompts",
    ),
    "golden a list": (
        stored(GOLDEN, lambda path: write(path, "[]")),
        "golden.json: holds no table of keys",
    ),
    "golden NaN": (
        stored(GOLDEN, lambda path: write(path, '{"seeds": [NaN]}')),
        "golden.json: not JSON that can be read (NaN is not a finite number)",
    ),
    "golden deep": (
        stored(GOLDEN, lambda path: write(path, "[" * 200_000)),
        "golden.json: not JSON that can be read",
    ),
    "prompt table without texts": (
        prompts(lambda f: f.drop(columns="text")),
        "prompts.parquet: no column 'text'",
    ),
    "prompt table empty": (prompts(lambda f: f.iloc[:0]), "prompts.parquet: holds no prompts"),
    "prompt table with a prompt twice": (
        prompts(lambda f: f.assign(text="a cat")),
        "prompts.parquet: row 2: the prompt 'a cat' repeats row 1",
    ),
}

CASES = cases("stored", TABLE)
