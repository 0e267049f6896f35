"""The trial of diverse seeds: on which prompts, which seeds make up each group of C images.

Good Seed, section 4.2, Table 2: C images of each prompt, from random seeds, from diverse ones and
by Particle Guidance; several trials. Random groups and those of Particle Guidance are drawn anew
for every prompt from the seeds that the diverse ones were chosen among, so that their mean is
that of a random group and not of a few; both use the same seeds and differ in the guidance alone.
The diverse seeds of a trial serve all prompts. Kept apart from the statistics, so that an edit
there does not draw the pictures again.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from seedbed import store
from seedbed.good_seed.diversity_arms import AIMS, COMPOSITION, STYLE
from seedbed.prompts.splits import assert_disjoint
from seedbed.prompts.table import PromptError, first_prompts

COLUMNS = ["trial", "prompt_id", "place", "seed"]


def trial_prompts(
    judging: pd.DataFrame,
    source: pd.DataFrame,
    survey: pd.DataFrame,
    counts: dict[str, int],
    seed: int,
) -> pd.DataFrame:
    """Prompts of the trial: none of them chose a seed.

    Args:
        judging: the test prompts of golden seeds (``split`` ``test``), for style.
        source: the set that the survey's prompts were taken from, for composition.
        survey: the survey's prompts.
        counts: how many prompts by aim; 0 for none.
        seed: of the draw among objects with modifiers that the survey has not.

    Returns:
        Prompt tables one below the other, ``split`` naming the aim.

    Raises:
        PromptError: too few prompts, or one of the trial's is one of the survey's.
    """
    parts = []
    if counts[STYLE]:
        test = judging[judging["split"] == "test"]
        parts.append(first_prompts(test, counts[STYLE]).assign(split=STYLE))
    if counts[COMPOSITION]:
        met = set(zip(survey["object"], survey["modifier"], strict=True))
        pairs = zip(source["object"], source["modifier"], strict=True)
        new = source[[bool(thing) and (thing, modifier) not in met for thing, modifier in pairs]]
        if len(new) < counts[COMPOSITION]:
            raise PromptError(
                f"the trial of diverse composition asks for {counts[COMPOSITION]} prompts of an "
                f"object with a modifier that the survey has not, and its prompt set has "
                f"{len(new)}; lower good_seed.diversity.prompts, or set "
                "good_seed.composition.segmenter to null where prompts name no object"
            )
        order = np.random.default_rng(seed).permutation(len(new))[: counts[COMPOSITION]]
        parts.append(new.iloc[np.sort(order)].assign(split=COMPOSITION))
    trial = pd.concat(parts, ignore_index=True)
    assert_disjoint(trial, survey)
    return trial


def random_groups(
    pool: Collection[int], prompt_ids: Sequence[str], count: int, trials: int, seed: int
) -> pd.DataFrame:
    """``COLUMNS``: for each prompt ``trials`` groups of ``count`` seeds, all of them different.

    Depends on the set of the pool, on the order of the prompts and on the seed only.

    Raises:
        ValueError: the pool has fewer seeds than a prompt needs.
    """
    seeds = np.array(sorted(set(pool)), dtype=np.int64)
    if len(seeds) < count * trials:
        raise ValueError(f"{trials} groups of {count} seeds need a pool of more than {len(seeds)}")
    rng = np.random.default_rng(seed)
    rows = []
    for prompt_id in prompt_ids:
        drawn = rng.choice(seeds, size=(trials, count), replace=False)
        rows += [
            (trial, prompt_id, place, drawn[trial, place])
            for trial in range(trials)
            for place in range(count)
        ]
    return pd.DataFrame(rows, columns=COLUMNS).sort_values(
        ["trial", "prompt_id", "place"], kind="stable", ignore_index=True
    )


def diverse_groups(sets: Sequence[Sequence[int]], prompt_ids: Sequence[str]) -> pd.DataFrame:
    """``COLUMNS``: the diverse seeds of each trial with every prompt."""
    rows = [
        (trial, prompt_id, place, seed)
        for trial, seeds in enumerate(sets)
        for prompt_id in prompt_ids
        for place, seed in enumerate(seeds)
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def read_diverse(path: str | Path, pool: Collection[int], count: int) -> dict:
    """The stored choice of diverse seeds: per aim what ``diverse.select`` says.

    Raises:
        StoreError: a trial is not ``count`` different seeds of the pool.
    """
    chosen = store.read_json(path, ["selection_prompts"])
    for aim in AIMS:
        for seeds in chosen.get(aim, {}).get("trials", []):
            good = isinstance(seeds, list) and all(type(s) is int and s in pool for s in seeds)
            if not good or len(set(seeds)) != count:
                raise store.StoreError(
                    f"{path}: {aim}: {seeds!r} are not {count} different seeds of the pool; "
                    f"{store.AGAIN}"
                )
    return chosen


def draw_guided(
    drawing,
    groups: pd.DataFrame,
    prompts: pd.DataFrame,
    strength: float,
    path: str,
    encoding: str,
    features=None,
) -> None:
    """Images of groups by Particle Guidance into one shard.

    Args:
        drawing: model, sampler, noise stream, images per UNet batch (``sampling.drawing``).
        groups: ``COLUMNS``; no seed twice with a prompt.
        prompts: ``prompt_id``, ``text``.
        strength: coefficient of the guidance.
        path: the Parquet shard.
        encoding: key of ``store.ENCODINGS``.
        features: what repels, the same that the strength was chosen for; ``None`` for latents.
    """
    from seedbed import noise
    from seedbed.sampling.particle_guidance import drawn_groups

    texts = prompts.set_index("prompt_id")["text"]
    keys = groups.groupby(["trial", "prompt_id"], sort=False)
    seeds = [part.sort_values("place")["seed"].tolist() for _, part in keys]
    ids = [prompt_id for (_, prompt_id), _ in keys]
    digests = {s: noise.digest(drawing.latent(s)) for s in sorted(set(groups["seed"]))}
    with store.atomic(path) as partial, store.ImageShardWriter(partial, encoding) as shard:
        drawn = drawn_groups(drawing, texts.loc[ids].tolist(), seeds, strength, features)
        for part, images in drawn:
            of_batch = [s for group in seeds[part] for s in group]
            of_prompt = [p for p, group in zip(ids[part], seeds[part], strict=True) for _ in group]
            flat = images.reshape(-1, *images.shape[2:])
            shard.add(of_batch, of_prompt, flat, [digests[s] for s in of_batch])
    if shard.rows != len(groups):
        raise RuntimeError(f"{path}: {shard.rows} images written, {len(groups)} asked for")
