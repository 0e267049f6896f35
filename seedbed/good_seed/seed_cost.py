"""What chosen seeds cost at inference: seconds per image beside random seeds (Good Seed, 1 and 5).

The same prompts are drawn by the same model with golden, with diverse and with random seeds, in
batches that take turns, so that whatever else slows the machine down slows all of them. On a CPU
the time is the processor's own, since the jobs of a run share it; on a GPU it is the clock's.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch

from seedbed import store
from seedbed.good_seed.diversity_arms import AIMS
from seedbed.good_seed.diversity_trial import read_diverse
from seedbed.models.base import to_uint8
from seedbed.sampling.denoise import decode, denoise
from seedbed.sampling.drawing import Drawing
from seedbed.sampling.finite import named
from seedbed.statistics.bootstrap import bootstrap_counts, expanded_level, percentile_interval

log = logging.getLogger(__name__)

RANDOM, GOLDEN, DIVERSE = "random", "golden", "diverse"


def golden_or_best(golden: Mapping) -> tuple[list[int], str]:
    """Golden seeds, or, where the rankings share none, the best by the first of them; and which.

    Args:
        golden: as ``trial_seeds.read_golden`` reads it.
    """
    if golden["seeds"]:
        return list(golden["seeds"]), "golden seeds"
    score, best = next(iter(golden["tops"].items()))
    return list(best), f"best seeds by {score} (none is golden)"


def first_diverse(path: str | Path, surveyed: Mapping) -> list[int]:
    """The seeds of the first trial of the first aim of a stored choice of diverse seeds.

    Args:
        path: what ``select_diverse`` wrote.
        surveyed: ``start``, ``stop`` of the seeds that they were chosen among, and their ``count``.

    Raises:
        StoreError: it is damaged, or holds no trial.
    """
    chosen = read_diverse(path, range(surveyed["start"], surveyed["stop"]), surveyed["count"])
    sets = [seeds for aim in AIMS for seeds in chosen.get(aim, {}).get("trials", [])]
    if not sets:
        raise store.StoreError(f"{path}: no diverse seeds; {store.AGAIN}")
    return sets[0]


def time_arms(
    draw: Callable[[Sequence[int]], object],
    arms: Mapping[str, Sequence[int]],
    images: int,
    rounds: int,
    seed: int,
    clock: Callable[[], float],
) -> dict[str, np.ndarray]:
    """Seconds of each batch of each arm.

    Args:
        draw: draws one image for each seed that it is given.
        arms: seeds by name; each batch draws its seeds from them with replacement.
        images: of a batch.
        rounds: batches of each arm; in each round every arm draws one, and who begins changes.
        seed: of the draw of seeds.
        clock: in seconds.

    Returns:
        (rounds,) seconds by arm. A first batch, which warms up, is not timed.
    """
    rng = np.random.default_rng(seed)
    names = list(arms)
    taken = {name: np.empty(rounds) for name in names}
    draw(rng.choice(list(arms[names[0]]), images).tolist())
    for k in range(rounds):
        first = k % len(names)
        for name in names[first:] + names[:first]:
            seeds = rng.choice(list(arms[name]), images).tolist()
            began = clock()
            draw(seeds)
            taken[name][k] = clock() - began
    return taken


def ratios(
    taken: Mapping[str, np.ndarray], images: int, n_boot: int, level: float, seed: int
) -> dict[str, dict[str, float]]:
    """Seconds per image of each arm, and their ratio to those of random seeds.

    Ratios are geometric means over rounds; their intervals resample rounds.

    Args:
        taken: as ``time_arms`` returns it.
        images: of a batch.
        n_boot: resamples.
        level: of the intervals.
        seed: of the resamples.

    Returns:
        By arm ``seconds``; but for random seeds also ``ratio``, ``low``, ``high``.
    """
    base = np.log(taken[RANDOM])
    n = len(base)
    counts = bootstrap_counts(n, n_boot, np.random.default_rng(seed))
    found = {}
    for arm, seconds in taken.items():
        found[arm] = {"seconds": float(seconds.mean() / images)}
        if arm != RANDOM:
            logs = np.log(seconds) - base
            ends = percentile_interval(counts @ logs / n, expanded_level(level, n))
            low, high = (float(np.exp(end)) for end in ends)
            found[arm] |= {"ratio": float(np.exp(logs.mean())), "low": low, "high": high}
    return found


def measure(
    drawing: Drawing, texts: Sequence[str], arms: Mapping[str, Sequence[int]], study: Mapping
) -> dict:
    """Time the arms with a model.

    Args:
        drawing: draws the images.
        texts: prompts; a batch takes the first ``images`` of them, again and again if it must.
        arms: seeds by name, ``RANDOM`` among them.
        study: ``images``, ``rounds``, ``bootstrap``, ``level``, ``seed``.

    Returns:
        JSON-ready: ``images``, ``rounds``, ``steps``, ``clock``, and ``arms`` as ``ratios`` says.
    """
    images, rounds = study["images"], study["rounds"]
    prompts = [texts[i % len(texts)] for i in range(images)]
    condition = drawing.model.encode(prompts)

    def draw(seeds: Sequence[int]) -> np.ndarray:
        who = named(seeds, prompts)
        x = torch.stack([drawing.latent(seed) for seed in seeds])
        z = denoise(drawing.model, x, condition, drawing.sampler, who=who)
        return to_uint8(decode(drawing.model, z, drawing.sampler, who))

    on_cpu = torch.device(drawing.model.device).type == "cpu"
    clock = time.process_time if on_cpu else time.perf_counter
    taken = time_arms(draw, arms, images, rounds, study["seed"], clock)
    found = ratios(taken, images, study["bootstrap"], study["level"], study["seed"])
    log.info("seconds per image: %s", {arm: round(it["seconds"], 4) for arm, it in found.items()})
    about = {"images": images, "rounds": rounds, "steps": drawing.sampler.steps}
    return about | {"clock": "processor" if on_cpu else "wall", "arms": found}
