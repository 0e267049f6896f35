"""Peak memory of the jobs that hold most, at the papers' size, beside what they declare.

    python -m benchmarks.memory                      # every job below, about half an hour
    python -m benchmarks.memory --only gather_pool,crossfit_golden --output memory

Each job runs by itself in a process, on features drawn at random that lie on disk as the workflow
leaves them. Few seeds are measured where a job goes seed by seed, since each gives back its memory
before the next is read. The pool is that of the config:
1,024 seeds × 20,000 prompts × 2,048 numbers, of which the files hold what the job asks for.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

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
OTHERWISE = 4000
"""MB of a job that says nothing (profiles/default)."""
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


@dataclass(frozen=True)
class Job:
    """One that is measured.

    Attributes:
        run: the job itself, as its script calls it.
        before: writes what it reads beside the table of prompts, in a process not measured.
        declared: MB that its rule asks for.
    """

    run: Callable[[Path], None]
    before: Callable[[Path], None]
    declared: Callable[[Memory], int] = lambda memory: OTHERWISE


def _of_seed(memory: Memory) -> int:
    return memory.seed("m", "net")


JOBS = {
    job.run.__name__: job
    for job in (
        Job(gather_pool, features_of(GATHERED), _of_seed),
        Job(join_pool, before_join_pool, _of_seed),
        Job(measure_seeds, before_measure_seeds, _of_seed),
        Job(exchange_seeds, before_exchange_seeds, lambda memory: memory.exchange("m", "net")),
        Job(crossfit_golden, before_crossfit_golden, lambda memory: memory.crossfit("m", "net")),
        Job(score_seeds, nothing_more, lambda memory: memory.pictures("m")),
        Job(map_styles, before_map_styles, lambda memory: memory.style("m")),
        Job(analyse_composition, survey_tables),
        Job(survey_habits, survey_tables),
        Job(select_diverse, survey_tables),
    )
}


def measured(job: str) -> dict:
    """One row: the job, what it declares, its peak, both in MB."""
    declared = JOBS[job].declared(Full(config()))
    with tempfile.TemporaryDirectory(prefix="seedbed-memory-") as folder:
        for step in ("prepare", "run"):
            command = [sys.executable, "-m", "benchmarks.memory", f"--{step}", job, folder]
            said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return {"job": job, "declared_mb": declared, "peak_mb": json.loads(said)["peak_mb"]}


def main() -> None:
    """Print the table; write it as JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default=",".join(JOBS), help="jobs, by comma")
    parser.add_argument("--output", help="a path without suffix, for JSON")
    for step in ("prepare", "run"):
        parser.add_argument(f"--{step}", nargs=2, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.prepare or asked.run:
        job, folder = asked.prepare or asked.run
        if asked.prepare:
            store.write_table(prompts(), Path(folder) / "prompts.parquet")
            JOBS[job].before(Path(folder))
        else:
            JOBS[job].run(Path(folder))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(json.dumps({"peak_mb": peak}))
        return
    rows = []
    for job in asked.only.split(","):
        rows.append(measured(job))
        below = "" if rows[-1]["peak_mb"] <= rows[-1]["declared_mb"] else "  ABOVE"
        print(
            "{job:18} declared {declared_mb:7,} MB  peak {peak_mb:7,} MB".format(**rows[-1]) + below
        )
    if asked.output:
        store.write_json(rows, f"{asked.output}.json")


if __name__ == "__main__":
    main()
