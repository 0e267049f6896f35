"""Whether style lies with the seed (Good Seed, section 3.4, Figure 8).

As the paper has it, the Gram vectors of each prompt's images are reduced by PCA and then by t-SNE
to a map of the seeds; the maps of all prompts, side by side, are reduced again to one map. t-SNE
draws clusters out of noise and has a random start (fixed here), so beside it stands the same chain
with PCA alone, which is deterministic, and the claim that the maps put seeds "in the same places
for all prompts" is tested on what the maps of two prompts have in common: Procrustes correlation
and overlap of nearest neighbours, in the maps and in the reduced Gram vectors, beside what seeds
permuted within prompts give.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
import pandas as pd

from seedbed.good_seed.survey_cells import SurveyCells
from seedbed.statistics import maps
from seedbed.statistics.prompt_pairs import (
    Agreement,
    agreement,
    agreement_of_share,
    off_diagonal,
    resampled,
)

ALL = ""
"""The ``prompt_id`` of the map over all prompts."""
COMPARED = 10
"""Leading components in which the reduced Gram vectors are turned onto each other."""
KEYS = ("tsne_x", "tsne_y", "pca_x", "pca_y")


def principal(points: np.ndarray, components: int) -> np.ndarray:
    """(n, min(components, n - 1, d)) float64 principal components, the largest first.

    The sign of each is such that its largest loading on a point is positive.
    """
    x = np.asarray(points, dtype=np.float64)
    x = x - x.mean(axis=0)
    k = min(components, len(x) - 1, x.shape[1])
    # The Gram matrix of the points is smaller than the covariance of so many numbers.
    values, vectors = np.linalg.eigh(x @ x.T)
    order = np.argsort(values)[::-1][:k]
    found = vectors[:, order] * np.sqrt(np.maximum(values[order], 0))
    largest = np.abs(found).argmax(axis=0)
    return found * np.where(found[largest, np.arange(k)] < 0, -1.0, 1.0)


def tsne(points: np.ndarray, perplexity: float, seed: int) -> np.ndarray:
    """(n, 2) t-SNE map; the perplexity is lowered to (n - 1) / 3 where there are few points."""
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

    fit = TSNE(2, perplexity=min(perplexity, (len(points) - 1) / 3), random_state=seed, init="pca")
    # The order of sums over threads would change the map.
    with threadpool_limits(1):
        return fit.fit_transform(np.asarray(points, dtype=np.float32)).astype(np.float64)


def spread_over(prompt_ids: Sequence[str], count: int) -> list[str]:
    """``count`` prompts spread evenly over those of a survey, or all where it has fewer."""
    count = min(count, len(prompt_ids))
    places = np.round(np.linspace(0, len(prompt_ids) - 1, count)).astype(int)
    return [prompt_ids[i] for i in places]


def analyse(
    paths: Sequence[str],
    prompt_ids: Sequence[str],
    settings: dict,
    statistics: dict,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Maps of the seeds, and how far the maps of different prompts agree.

    Args:
        paths: Gram features of a survey.
        prompt_ids: of the survey; ``settings["prompts"]`` of them are used.
        settings: ``prompts``, ``components``, ``perplexity``, ``neighbours``.
        statistics: ``bootstrap``, ``permutations``, ``level``, ``seed``.

    Returns:
        (maps, agreement). ``seed``, ``prompt_id`` (``ALL`` for that of all prompts), ``KEYS``;
        and ``space``, ``measure``, the fields of ``Agreement``, ``neighbours``.

    Raises:
        ValueError: a seed lacks a prompt; fewer than two prompts or four seeds.
    """
    chosen = spread_over(list(prompt_ids), settings["prompts"])
    features = SurveyCells.of(paths, chosen)
    seeds = list(features.seeds)
    if len(chosen) < 2 or len(seeds) < 4:
        raise ValueError(
            f"style needs two prompts and four seeds, not {len(chosen)} and {len(seeds)}: enlarge "
            "good_seed.survey"
        )
    reduced = np.stack([principal(each, settings["components"]) for each in features])
    flat = reduced[..., :2]
    options = settings["perplexity"], statistics["seed"]
    drawn = np.stack([tsne(each, *options) for each in reduced])
    joined = [tsne(principal(_joined(drawn), settings["components"]), *options)]
    joined.append(principal(_joined(flat), 2))
    parts = [
        pd.DataFrame(np.hstack([a, b]), columns=KEYS).assign(seed=seeds, prompt_id=prompt)
        for prompt, a, b in [(ALL, *joined), *zip(chosen, drawn, flat, strict=True)]
    ]
    spaces = {"gram": reduced, "pca": flat, "tsne": drawn}
    found = agreements(spaces, min(settings["neighbours"], len(seeds) - 2), statistics)
    pooled = pooled_components(features, COMPARED)
    found.append({"space": "gram", "measure": "share"} | asdict(_share(pooled, statistics)))
    return pd.concat(parts, ignore_index=True), pd.DataFrame(found)


def _joined(each: np.ndarray) -> np.ndarray:
    """(P, S, k) maps as (S, P k), all of one size, so that no prompt counts more."""
    return maps.standardised(each).transpose(1, 0, 2).reshape(each.shape[1], -1)


def pooled_components(features: Sequence[np.ndarray], components: int) -> np.ndarray:
    """(S, P, k) leading components of P times (S, d) features less their prompts' means.

    A common basis of all prompts, so that a component means the same for each. It is found by
    subspace iteration, one prompt in memory at a time.
    """
    p, (s, d) = len(features), features[0].shape
    k = min(components, s - 1, d)
    start = np.random.default_rng(0).standard_normal((d, min(2 * k, d))).astype(np.float32)
    basis = np.linalg.qr(start)[0]
    for _ in range(4):
        turned = np.zeros_like(basis)
        for each in features:
            centred = _less_mean(each)
            turned += centred.T @ (centred @ basis)
        basis = np.linalg.qr(turned)[0]
    inner = np.concatenate([_less_mean(each) @ basis for each in features])
    _, _, turn = np.linalg.svd(inner.astype(np.float64), full_matrices=False)
    return (inner @ turn[:k].T).reshape(p, s, k).transpose(1, 0, 2)


def _less_mean(cells: np.ndarray) -> np.ndarray:
    centred = cells.astype(np.float32)
    centred -= centred.mean(axis=0)
    return centred


def _share(table: np.ndarray, statistics: dict) -> Agreement:
    rng = np.random.default_rng(statistics["seed"])
    counts = statistics["bootstrap"], statistics["permutations"]
    return agreement_of_share(table, *counts, statistics["level"], rng)


def agreements(spaces: dict[str, np.ndarray], k: int, statistics: dict) -> list[dict]:
    """How far the maps of different prompts agree, in each space.

    Args:
        spaces: (P, S, components) by name.
        k: neighbours.
        statistics: as in ``analyse``.
    """
    rows = []
    for space, points in spaces.items():
        shape = points.shape[1], points.shape[0]
        compared = points[..., :COMPARED]
        nearest = np.stack([maps.neighbours(each, k) for each in points])
        for measure, matrix, null, source in (
            ("procrustes", maps.procrustes(compared), maps.permuted_procrustes, compared),
            ("neighbours", maps.overlaps(nearest), maps.permuted_overlaps, nearest),
        ):
            rng = np.random.default_rng(statistics["seed"])
            boots = resampled(matrix, statistics["bootstrap"], rng)
            found = agreement(
                off_diagonal(matrix),
                boots,
                null(source, statistics["permutations"], rng),
                shape,
                statistics["level"],
            )
            rows.append({"space": space, "measure": measure, "neighbours": k} | asdict(found))
    return rows
