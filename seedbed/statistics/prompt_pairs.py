"""What two prompts' tables of the same seeds have in common, over all pairs of prompts.

A claim "the seed decides it for all prompts" says that what one prompt shows of the seeds, another
one shows again. So it is read off pairs of different prompts: a matrix (P, P) of how far two
prompts agree, whose mean off the diagonal is the agreement. For covariances over the seeds that
mean is the between-seed component of the balanced two-way layout y_sp = mu + seed_s + prompt_p +
e_sp, and the mean diagonal is that component with the residual: the share of a prompt's variance
over seeds that all prompts share is their quotient. Intervals resample prompts; a prompt drawn
twice is never paired with itself, which would agree by construction.

The null model permutes the seeds within each prompt (``permuted``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from seedbed.statistics.bootstrap import counts_in_parts, percentile_interval


@dataclass(frozen=True)
class Agreement:
    """A mean over pairs of prompts beside what permuted seeds give.

    Attributes:
        value, low, high: with its interval over prompts.
        null_mean: mean under permutations.
        null_bound: what 95 % of the permutations stay below.
        p_value: (1 + #{null >= value}) / (1 + permutations).
        n_seeds, n_prompts: behind it.
    """

    value: float
    low: float
    high: float
    null_mean: float
    null_bound: float
    p_value: float
    n_seeds: int
    n_prompts: int


def covariances(table: np.ndarray) -> np.ndarray:
    """(P, P) covariances over seeds, summed over components, of (S, P) or (S, P, k).

    Raises:
        ValueError: fewer than two seeds or prompts, or a number that is not finite.
    """
    table = np.asarray(table, dtype=np.float64)
    table = table[..., None] if table.ndim == 2 else table
    if table.ndim != 3 or min(table.shape[:2]) < 2:
        raise ValueError(f"two seeds and two prompts at least, not a table {table.shape}")
    if not np.isfinite(table).all():
        raise ValueError("a table of seeds and prompts holds a number that is not finite")
    centred = (table - table.mean(axis=0)).transpose(1, 0, 2).reshape(table.shape[1], -1)
    return centred @ centred.T / (len(table) - 1)


def share(covariance: np.ndarray) -> float:
    """Mean off the diagonal by mean diagonal, of ``covariances``: seed / (seed + residual).

    0 on average without an effect, and left negative where chance makes it so; 0 where nothing
    varies.
    """
    diagonal = np.diag(covariance).mean()
    return off_diagonal(covariance) / diagonal if diagonal > 0 else 0.0


def off_diagonal(matrix: np.ndarray) -> float:
    """Mean over pairs of different prompts of (P, P)."""
    n = len(matrix)
    return float((matrix.sum() - np.trace(matrix)) / (n * (n - 1)))


def resampled(
    matrix: np.ndarray, n_boot: int, rng: np.random.Generator, by_diagonal: bool = False
) -> np.ndarray:
    """(n_boot,) means over pairs of different prompts, the prompts resampled.

    Args:
        matrix: (P, P).
        n_boot: resamples.
        rng: the only source of randomness.
        by_diagonal: divide by the mean diagonal (``share``).
    """
    apart = matrix - np.diag(np.diag(matrix))
    found = []
    for drawn in counts_in_parts(len(matrix), n_boot, rng):
        pairs = np.square(drawn.sum(axis=1)) - np.square(drawn).sum(axis=1)
        # A resample of one prompt alone has no pair.
        pairs = np.where(pairs > 0, pairs, np.nan)
        means = np.einsum("bp,pq,bq->b", drawn, apart, drawn, optimize=True) / pairs
        if by_diagonal:
            diagonal = drawn @ np.diag(matrix) / drawn.sum(axis=1)
            means = np.divide(means, diagonal, out=np.zeros_like(means), where=diagonal > 0)
        found.append(means)
    found = np.concatenate(found)
    return found[np.isfinite(found)]


def permuted(
    n_seeds: int, n_prompts: int, n_perm: int, rng: np.random.Generator
) -> Callable[[], np.ndarray]:
    """Permutations (P, S) of the seeds, apart for every prompt; a call per permutation."""
    for _ in range(n_perm):
        yield rng.permuted(np.tile(np.arange(n_seeds), (n_prompts, 1)), axis=1)


def permuted_share(table: np.ndarray, n_perm: int, rng: np.random.Generator) -> np.ndarray:
    """(n_perm,) ``share`` of (S, P) or (S, P, k) with seeds permuted within prompts."""
    table = np.asarray(table, dtype=np.float64)
    table = table[..., None] if table.ndim == 2 else table
    n_seeds, n_prompts, _ = table.shape
    centred = (table - table.mean(axis=0)).transpose(1, 0, 2)
    every = np.square(centred).sum()
    if every == 0:
        return np.zeros(n_perm)
    found = []
    for order in permuted(n_seeds, n_prompts, n_perm, rng):
        summed = np.zeros(centred.shape[1:])
        for prompt, rows in enumerate(order):
            summed += centred[prompt, rows]
        # The sum over pairs of different prompts, by the square of the sum over all prompts.
        pairs = (np.square(summed).sum() - every) / (n_prompts * (n_prompts - 1))
        found.append(pairs / (every / n_prompts))
    return np.array(found)


def agreement(
    value: float, boots: np.ndarray, null: np.ndarray, shape: tuple[int, int], level: float
) -> Agreement:
    """The record of a value, its resamples and its values under permutations.

    Args:
        value: observed.
        boots: under resampled prompts.
        null: under permuted seeds.
        shape: seeds, prompts.
        level: of the interval.
    """
    low, high = percentile_interval(boots, level)
    # A permutation that leaves all as it was must count, whatever the last digit.
    at_least = int((null >= value - 1e-12 * abs(value)).sum())
    return Agreement(
        float(value),
        float(low),
        float(high),
        float(null.mean()),
        float(np.quantile(null, 0.95)),
        (1 + at_least) / (1 + len(null)),
        *shape,
    )


def agreement_of_share(
    table: np.ndarray, n_boot: int, n_perm: int, level: float, rng: np.random.Generator
) -> Agreement:
    """``share`` of (S, P) or (S, P, k), with interval and null."""
    covariance = covariances(table)
    boots = resampled(covariance, n_boot, rng, by_diagonal=True)
    null = permuted_share(table, n_perm, rng)
    return agreement(share(covariance), boots, null, np.shape(table)[:2], level)
