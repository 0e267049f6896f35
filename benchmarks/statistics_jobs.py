"""The jobs of Good Seed's statistics that hold most, at the papers' size: see ``memory``.

Each reads features drawn at random that lie on disk as the workflow leaves them. Few seeds are
measured where a job goes seed by seed, since each gives back its memory before the next is read.
The pool is that of the config: 1,024 seeds × 20,000 prompts × 2,048 numbers, of which the files
hold what the job asks for.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.memory_job import OTHERWISE, Job
from seedbed import store
from seedbed.choices import GRAM_NETWORKS
from seedbed.good_seed import pool
from seedbed.good_seed.memory import Memory
from seedbed.good_seed.pool import Cells

MB = 2**20
SEEDS, PROMPTS, WIDTH, REAL, SAMPLE = 1024, 10_000, 2048, 10_000, 4096
EXCHANGED = 64, 1000
SURVEY = 1024, 440
GATHERED = 4
"""Seeds that are gathered; a range of 16 would lie in 2.6 GB."""
RANGES = 64
"""Of 16 seeds each, which are joined."""
ARM = 24
"""Seeds whose pictures one arm draws from."""
STYLED = ["s0", "s1"]
"""Prompts of which styles are mapped."""
STATISTICS = {"bootstrap": 10, "permutations": 10, "level": 0.95, "seed": 0, "margin": 0.25}


def config() -> dict:
    """What the declared numbers are worked out from: the counts of configs/paper.yaml."""
    return {
        "good_seed": {
            "pool": {"start": 0, "stop": SEEDS},
            "splits": {
                "set1": {"start": 0, "stop": PROMPTS},
                "set2": {"start": PROMPTS, "stop": 2 * PROMPTS},
                "test": {"start": 2 * PROMPTS, "stop": 3 * PROMPTS},
            },
            "survey": {
                "prompts": "x",
                "objects": 40,
                "modifiers": 11,
                "seeds": {"start": 0, "stop": SURVEY[0]},
                "seeds_per_job": 8,
            },
            **dict.fromkeys(("seeds_per_job", "prompts_per_job", "scored", "transfer_count")),
            **dict.fromkeys(("fresh_seeds", "trials", "diversity")),
            "designs": {},
            "kernel_sample": SAMPLE,
            "exchanged": {"seeds": EXCHANGED[0], "prompts": EXCHANGED[1]},
            "reference": "r",
            "style": {"extractor": "gram"},
        },
        "references": {"r": {"count": REAL}},
        "extractors": {"gram": {"kind": "gram", "network": "vgg19"}},
    }


class Full(Memory):
    """What is declared where features are as wide as the papers'."""

    def _width(self, extractor: str) -> int:
        return WIDTH


def shard(path: Path, seeds, prompt_ids, width: int, dtype=np.float32) -> str:
    """A feature shard of seeds × prompts: small random numbers, written a seed at a time."""
    rows = pd.MultiIndex.from_product([seeds, prompt_ids], names=["seed", "prompt_id"])
    index = store.index_path(path)
    store.write_table(rows.to_frame(index=False), index)
    rng = np.random.default_rng(len(rows))
    if dtype == np.float32:
        with store.writing_tensors(path, {"features": (len(rows), width)}, {}) as arrays:
            for start in range(0, len(rows), len(prompt_ids)):
                part = rng.standard_normal((len(prompt_ids), width), dtype=np.float32)
                arrays["features"][start : start + len(prompt_ids)] = part
    else:
        cells = rng.random((len(rows), width), dtype=np.float32).astype(dtype)
        store.write_tensors(path, {"features": cells}, {})
    return str(path)


def prompts() -> pd.DataFrame:
    """Ids and splits of all ranking prompts."""
    ids = [f"p{i:05d}" for i in range(2 * PROMPTS)]
    return pd.DataFrame({"prompt_id": ids, "split": np.repeat(["set1", "set2"], PROMPTS)})


def real(seed: int = 9) -> np.ndarray:
    """Features of all real pictures."""
    return np.random.default_rng(seed).standard_normal((REAL, WIDTH), dtype=np.float32)


def gathered() -> dict[str, np.ndarray]:
    """What one range of seeds adds to the pool, every range alike."""
    rng = np.random.default_rng(2)
    one = pooled()
    found = {key: one[key] for key in one if key.split(".")[-1] in ("n", "mean", "scatter")}
    for name, what in [(s, w) for s in ("set1", "set2") for w in ("sample", "spread")] + [
        ("all", "spread")
    ]:
        few = SAMPLE // RANGES
        found[f"{name}.{what}"] = rng.standard_normal((few, WIDTH), dtype=np.float32)
        found[f"{name}.{what}_places"] = np.sort(rng.choice(SEEDS * PROMPTS, few, replace=False))
    return found


def pooled() -> dict[str, np.ndarray]:
    """A joined pool with statistics of as many dimensions and a sample of its size."""
    rng = np.random.default_rng(1)
    x = rng.standard_normal((3 * WIDTH, WIDTH))
    scatter = x.T @ x
    found = {"sigma": np.array([60.0])}
    for name in ("set1", "set2"):
        sample = rng.standard_normal((SAMPLE, WIDTH), dtype=np.float32)
        places = np.sort(rng.choice(SEEDS * PROMPTS, SAMPLE, replace=False))
        found |= {f"{name}.n": np.array([3 * WIDTH]), f"{name}.mean": np.zeros(WIDTH)}
        found |= {f"{name}.scatter": scatter, f"{name}.sample": sample}
        found |= {f"{name}.sample_places": places, f"{name}.judging_sigma": np.array([60.0])}
    return found


def survey_tables(folder: Path, seeds_per_job: int = 8) -> None:
    """What was measured of every picture of a survey, in shards: places and what pixels tell."""
    from seedbed.evaluators.composition import MEASURES as PLACED
    from seedbed.good_seed.attributes import COLUMNS
    from seedbed.good_seed.looks import FLAGS

    rng = np.random.default_rng(3)
    ids = survey_prompts()["prompt_id"]
    for start in range(0, SURVEY[0], seeds_per_job):
        seeds = range(start, start + seeds_per_job)
        rows = pd.MultiIndex.from_product([seeds, ids], names=["seed", "prompt_id"])
        rows = rows.to_frame(index=False)
        placed = rows.assign(found=True, **{name: rng.random(len(rows)) for name in PLACED})
        store.write_table(placed, folder / f"composition{start}.parquet")
        told = {name: rng.random(len(rows)) for name in COLUMNS}
        told |= {name: rng.random(len(rows)) < 0.05 for name in FLAGS}
        store.write_table(rows.assign(**told), folder / f"attributes{start}.parquet")


def survey_prompts() -> pd.DataFrame:
    """Ids and objects: 40 of these, each with 11 modifiers."""
    ids = [f"s{i:04d}" for i in range(SURVEY[1])]
    return pd.DataFrame(
        {"prompt_id": ids, "object": [f"object {i // 11}" for i in range(len(ids))]}
    )


def nothing_more(folder: Path) -> None:
    """For jobs that read no more than all do."""


def features_of(seeds: int) -> Callable[[Path], None]:
    """Prepares the features of so many seeds with all ranking prompts."""
    return lambda folder: _features(folder, range(seeds), prompts()["prompt_id"].tolist())


def _features(folder: Path, seeds, ids: list[str]) -> None:
    shard(folder / "f.safetensors", seeds, ids, WIDTH)


def _read(folder: Path) -> tuple[pd.DataFrame, Cells]:
    table = store.read_table(folder / "prompts.parquet", ["prompt_id", "split"])
    return table, Cells.of(range(SEEDS), table)


def _mapped(folder: Path) -> store.MappedFeatures:
    return store.MappedFeatures([folder / "f.safetensors"])


def gather_pool(folder: Path) -> None:
    _, cells = _read(folder)
    rows = cells.rows(_mapped(folder), range(GATHERED))
    store.write_tensors(folder / "out.safetensors", pool.gather(rows, cells, SAMPLE, 0), {})


def before_join_pool(folder: Path) -> None:
    store.write_tensors(folder / "part0.safetensors", gathered(), {})
    for i in range(1, RANGES):
        (folder / f"part{i}.safetensors").hardlink_to(folder / "part0.safetensors")


def join_pool(folder: Path) -> None:
    paths = sorted(folder.glob("part*.safetensors"))
    joined = pool.join((store.read_tensors(path)[0] for path in paths), real())
    store.write_tensors(folder / "out.safetensors", joined, {})


def before_measure_seeds(folder: Path) -> None:
    features_of(1)(folder)
    store.write_tensors(folder / "pool.safetensors", pooled(), {})


def measure_seeds(folder: Path) -> None:
    from seedbed.good_seed.seed_rows import measure

    _, cells = _read(folder)
    joined, _ = store.map_tensors(folder / "pool.safetensors")
    measure(cells.rows(_mapped(folder), [0]), cells, joined, real(), 0)


def before_exchange_seeds(folder: Path) -> None:
    table = prompts()
    ids = table["prompt_id"].tolist()
    few = ids[: EXCHANGED[1]] + ids[PROMPTS : PROMPTS + EXCHANGED[1]]
    _features(folder, range(EXCHANGED[0]), few)
    store.write_table(table[table["prompt_id"].isin(few)], folder / "prompts.parquet")


def exchange_seeds(folder: Path) -> None:
    from seedbed.good_seed.study import exchanged

    table, _ = _read(folder)
    some = Cells.of(range(EXCHANGED[0]), table)
    cube = some.cube(_mapped(folder))
    exchanged({name: cube[:, some.places(name)] for name in pool.SETS}, real(), 1, 0)


def before_crossfit_golden(folder: Path) -> None:
    _features(folder, range(ARM), prompts()["prompt_id"].tolist()[:PROMPTS])


def crossfit_golden(folder: Path) -> None:
    from seedbed.statistics.frechet import ProjectedFeatures, Reference

    _, cells = _read(folder)
    seeds = np.repeat(np.arange(ARM), PROMPTS)
    taken = _mapped(folder).take(seeds, np.tile(cells.ids("set1"), ARM))
    points = ProjectedFeatures.of(taken, Reference.from_features(real()[: REAL // 2]))
    points.distances(np.arange(PROMPTS)[None])


def score_seeds(folder: Path) -> None:
    from seedbed.good_seed.study import Measured, Ranked, score

    table, _ = _read(folder)
    rng = np.random.default_rng(0)
    shape = {"fd": (), "fd_deleted": (16,), "mmd_alone": (), "mmd_alone_deleted": (16,)}
    shape |= dict.fromkeys(("fdi", "mmd", "judging_mmd"), (PROMPTS,))
    rows = {
        f"{name}.{what}": rng.standard_normal((SEEDS, *more))
        for name in ("set1", "set2")
        for what, more in shape.items()
    }
    ranked = Ranked(rows, dict.fromkeys(("set1", "set2")), REAL // 2)
    measured = Measured(None, None, None, None, ranked)
    _, images, _ = score(table, measured, range(SEEDS), STATISTICS)
    store.write_table(images, folder / "out.parquet")


def before_map_styles(folder: Path) -> None:
    for start in range(0, SURVEY[0], 256):
        seeds, width = range(start, start + 256), GRAM_NETWORKS["vgg19"]
        shard(folder / f"g{start}.safetensors", seeds, STYLED, width, np.float16)


def map_styles(folder: Path) -> None:
    from seedbed.good_seed.style_maps import analyse

    paths = sorted(map(str, folder.glob("g*.safetensors")))
    settings = {"prompts": len(STYLED), "components": 50, "perplexity": 30, "neighbours": 10}
    analyse(paths, STYLED, settings, STATISTICS)


def analyse_composition(folder: Path) -> None:
    from seedbed.good_seed.composition_shares import read_measured, shares

    measured = read_measured(*paths_of(folder, "composition", "attributes"), survey_prompts())
    shares(measured, STATISTICS, STATISTICS["margin"])


def survey_habits(folder: Path) -> None:
    from seedbed.good_seed import habits

    (attributes,) = paths_of(folder, "attributes")
    ids = survey_prompts()["prompt_id"].tolist()
    habits.survey(habits.read(attributes), None, ids, STATISTICS)


def select_diverse(folder: Path) -> None:
    from seedbed.good_seed.diverse import Points, select
    from seedbed.good_seed.diversity_arms import COMPOSITION

    (composition,) = paths_of(folder, "composition")
    ids = survey_prompts()["prompt_id"].tolist()
    points = Points.read(COMPOSITION, composition, ids)
    select(points, COMPOSITION, 4, 3, np.random.default_rng(0))


def paths_of(folder: Path, *names: str) -> list[list[str]]:
    """The shards of each kind of table."""
    return [sorted(map(str, folder.glob(f"{name}*.parquet"))) for name in names]


def _job(
    run: Callable[[Path], None],
    more: Callable[[Path], None] = nothing_more,
    declares: Callable[[Memory], int] = lambda memory: OTHERWISE,
) -> Job:
    """A job that reads the table of prompts and what ``more`` writes."""

    def before(folder: Path) -> None:
        store.write_table(prompts(), folder / "prompts.parquet")
        more(folder)

    return Job(run, before, lambda folder: declares(Full(config())))


def _of_seed(memory: Memory) -> int:
    return memory.seed("m", "net")


JOBS = {
    job.run.__name__: job
    for job in (
        _job(gather_pool, features_of(GATHERED), _of_seed),
        _job(join_pool, before_join_pool, _of_seed),
        _job(measure_seeds, before_measure_seeds, _of_seed),
        _job(exchange_seeds, before_exchange_seeds, lambda memory: memory.exchange("m", "net")),
        _job(crossfit_golden, before_crossfit_golden, lambda memory: memory.crossfit("m", "net")),
        _job(score_seeds, declares=lambda memory: memory.pictures("m")),
        _job(map_styles, before_map_styles, lambda memory: memory.style("m")),
        _job(analyse_composition, survey_tables),
        _job(survey_habits, survey_tables),
        _job(select_diverse, survey_tables),
    )
}
