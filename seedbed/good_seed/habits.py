"""Which habits seeds trigger, and how strongly (Good Seed, section 3.4, Figures 8 and 9).

Every seed has a rate: of how many prompts its picture shows the habit. The strongest of hundreds
of seeds stands out by chance alone, so

- the null model permutes the seeds within each prompt, which keeps every prompt's own rate, and a
  seed's p-value is corrected for the number of seeds by the largest count of each permutation;
- seeds are chosen on one half of the prompts and tested on the other, whose choice they had no
  part in: exactly, by the Poisson-binomial tail of the prompts' rates, with Holm's correction;
- that any seed matters at all is read off the share of variance between seeds
  (``statistics.prompt_pairs``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import beta, norm
from scipy.stats import t as student

from seedbed import store
from seedbed.evaluators.base import Detector
from seedbed.good_seed.looks import FLAGS, LETTERING
from seedbed.statistics.binomial import wilson
from seedbed.statistics.bootstrap import percentile_interval
from seedbed.statistics.per_seed import to_matrix
from seedbed.statistics.prompt_pairs import (
    agreement_of_share,
    covariances,
    permuted,
    resampled,
)
from seedbed.statistics.verdicts import HIGHER, holm, verdict

TEXT = "text"
"""The class of a detector that stands for lettering."""
MARGIN = 0.05
"""A share of variance between seeds below it does not matter."""
ALPHA = 0.05


def tail(rates: np.ndarray) -> np.ndarray:
    """(P + 1,) P(at least k) of the sum of independent draws with these rates (P,)."""
    chances = np.ones(1)
    for rate in rates:
        chances = np.convolve(chances, [1 - rate, rate])
    return np.minimum(np.cumsum(chances[::-1])[::-1], 1)


def most_by_chance(table: np.ndarray, n_perm: int, rng: np.random.Generator) -> np.ndarray:
    """(n_perm,) largest counts of a seed under seeds permuted within prompts, of (S, P) bool."""
    columns = np.asarray(table, dtype=np.int64).T
    n_prompts, n_seeds = columns.shape
    return np.array(
        [
            np.take_along_axis(columns, order, axis=1).sum(axis=0).max()
            for order in permuted(n_seeds, n_prompts, n_perm, rng)
        ]
    )


@dataclass(frozen=True, eq=False)
class Habit:
    """One habit over a survey.

    Attributes:
        seeds: ``seed``, ``rate``, ``low``, ``high`` (Wilson), ``p_corrected``, ``flagged``,
            ``chosen`` (on the first half), ``first`` and ``second`` (rates on the halves),
            ``p_second`` (Holm over the chosen; NaN for the others), ``confirmed``.
        summary: one row: rates (over all pictures as in ``pooled_interval``, the strongest seed's
            by Wilson over its prompts), bound, numbers of seeds, share of variance, verdict.
    """

    seeds: pd.DataFrame
    summary: dict


def pooled_interval(table: np.ndarray, level: float) -> tuple[float, float]:
    """Interval of the rate over all pictures, for other seeds and other prompts.

    Pictures of a seed are alike, and so are those of a prompt: Wilson's interval of all of them
    covers 40 % where seeds make up three quarters of the variance. Here the variance is that of the
    mean over seeds and that over prompts, added (what is left of single pictures is in both: wide
    rather than narrow). The limits are exact ones of so many independent pictures as have this
    variance, fewer by Student's t of the fewer of seeds and prompts (Korn and Graubard, Survey
    Methodology 24, 1998, 193-201). Tried with normal scores of 64 seeds and 24 prompts (4,000
    tables each, at level 0.95): where seeds have three quarters of the variance, they cover 93 to
    98 % of rates from 0.01 to 0.3, and 92 % of 0.02 where prompts do not matter at all; where
    prompts have it, 96 % of a rate of 0.2 and 90 % of 0.05.

    Args:
        table: (S, P) bool, two seeds and two prompts at least.
        level: of the interval, 0..1.

    Returns:
        Low and high end, 0..1.
    """
    share, fewest = float(table.mean()), min(table.shape)
    by_seed, by_prompt = table.mean(axis=1), table.mean(axis=0)
    variance = sum(means.var(ddof=1) / len(means) for means in (by_seed, by_prompt))
    # Where nothing varies, nothing tells how far pictures go together: perhaps wholly.
    n = min(share * (1 - share) / variance, table.size) if variance > 0 else fewest
    tail = (1 - level) / 2
    n *= (norm.isf(tail) / student.isf(tail, fewest - 1)) ** 2
    hits = share * n
    low = beta.ppf(tail, hits, n - hits + 1) if share > 0 else 0.0
    high = beta.isf(tail, hits + 1, n - hits) if share < 1 else 1.0
    return float(low), float(high)


def _corrected(table: np.ndarray, statistics: dict, rng: np.random.Generator):
    """p of each seed's count against the largest by chance, and the bound that 95 % stay below."""
    most = most_by_chance(table, statistics["permutations"], rng)
    counts = table.sum(axis=1)
    p = (1 + (most[None] >= counts[:, None]).sum(axis=1)) / (1 + len(most))
    # A habit that never shows flags nobody.
    return np.where(counts > 0, p, 1.0), float(np.quantile(most, 1 - ALPHA, method="higher"))


def study(table: np.ndarray, seeds: Sequence[int], statistics: dict) -> Habit:
    """A habit's rate per seed, what chance gives, and who is confirmed on other prompts.

    Args:
        table: (S, P) bool: does the image show it?
        seeds: of the rows.
        statistics: ``bootstrap``, ``permutations``, ``level``, ``seed``.
    """
    table, level = np.asarray(table, dtype=bool), statistics["level"]
    n_seeds, n_prompts = table.shape
    rng = np.random.default_rng(statistics["seed"])
    first, second = table[:, ::2], table[:, 1::2]
    counts = table.sum(axis=1)
    p, bound = _corrected(table, statistics, rng)
    chosen = _corrected(first, statistics, rng)[0] < ALPHA
    p_second = np.full(n_seeds, np.nan)
    p_second[chosen] = tail(second.mean(axis=0))[second[chosen].sum(axis=1)]
    p_second = holm(p_second)
    confirmed = np.nan_to_num(p_second, nan=1.0) < ALPHA
    low, high = wilson(counts, n_prompts, level)
    rows = pd.DataFrame(
        {
            "seed": list(seeds),
            "rate": counts / n_prompts,
            "low": low,
            "high": high,
            "p_corrected": p,
            "flagged": p < ALPHA,
            "chosen": chosen,
            "first": first.mean(axis=1),
            "second": second.mean(axis=1),
            "p_second": p_second,
            "confirmed": confirmed,
        }
    )
    effect = agreement_of_share(
        table, statistics["bootstrap"], statistics["permutations"], level, rng
    )
    narrow = percentile_interval(
        resampled(covariances(table), statistics["bootstrap"], rng, by_diagonal=True),
        1 - 2 * ALPHA,
    )
    said = (
        verdict((effect.low, effect.high), effect.p_value, narrow, MARGIN, ALPHA)
        if table.any()
        else "not seen"
    )
    best = rows.sort_values(["rate", "seed"], ascending=[False, True]).iloc[0]
    pooled_low, pooled_high = pooled_interval(table, level)
    summary = {
        "images": table.size,
        "n_seeds": n_seeds,
        "n_prompts": n_prompts,
        "rate": table.mean(),
        "rate_low": pooled_low,
        "rate_high": pooled_high,
        "share": effect.value,
        "share_low": effect.low,
        "share_high": effect.high,
        "share_null_95": effect.null_bound,
        "p_value": effect.p_value,
        "most_by_chance": bound / n_prompts,
        "flagged": int(rows["flagged"].sum()),
        "flagged_by_chance": ALPHA,
        "chosen": int(chosen.sum()),
        "confirmed": int(confirmed.sum()),
        "chosen_rate": second[chosen].mean() if chosen.any() else np.nan,
        "strongest": int(best["seed"]),
        "strongest_rate": best["rate"],
        "strongest_low": best["low"],
        "strongest_high": best["high"],
        "strongest_p": best["p_corrected"],
        "verdict": said,
    }
    return Habit(rows, summary)


def refuse_illiterate(detector: Detector, name: str) -> None:
    """Refuse a detector that could never find lettering, and would be taken to have found none.

    Raises:
        ValueError: it knows no class ``text``.
    """
    if TEXT not in detector.names:
        known = ", ".join(detector.names[:3])
        raise ValueError(
            f"good_seed.habits.detector: {name!r} knows no class {TEXT!r} (it knows {known}, …); "
            "name one that does, one of kind tesseract, or null"
        )


def lettering(detections: Sequence[str], looked_at: Sequence[str], confidence: float):
    """``seed``, ``prompt_id``, ``lettering`` of every image that a detector saw.

    Args:
        detections: tables of boxes.
        looked_at: tables of the images, those without a box among them.
        confidence: boxes below it do not count.
    """
    keys = ["seed", "prompt_id"]
    boxes = pd.concat(
        [store.read_table(path, [*keys, "class"], finite=["confidence"]) for path in detections]
    )
    images = pd.concat([store.read_table(path, keys) for path in looked_at], ignore_index=True)
    sure = boxes[(boxes["class"] == TEXT) & (boxes["confidence"] >= confidence)]
    found = set(zip(sure["seed"], sure["prompt_id"], strict=True))
    pairs = zip(images["seed"], images["prompt_id"], strict=True)
    return images[keys].assign(**{LETTERING: [pair in found for pair in pairs]})


def survey(
    attributes: pd.DataFrame, text: pd.DataFrame | None, prompt_ids: Sequence[str], statistics: dict
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """All habits of a survey.

    Args:
        attributes: of every image, ``looks.FLAGS`` among its columns.
        text: ``lettering`` of every image, or ``None`` without a detector.
        prompt_ids: of the survey.
        statistics: as in ``study``.

    Returns:
        (per seed, summary): the frames of ``Habit`` one below the other with ``habit``.

    Raises:
        ValueError: a seed lacks a prompt.
    """
    seeds = sorted(int(seed) for seed in attributes["seed"].unique())
    tables = {flag: to_matrix(attributes, flag, seeds, prompt_ids).astype(bool) for flag in FLAGS}
    if text is not None:
        tables[LETTERING] = to_matrix(text, LETTERING, seeds, prompt_ids).astype(bool)
    found = {name: study(table, seeds, statistics) for name, table in tables.items()}
    rows = [habit.seeds.assign(habit=name) for name, habit in found.items()]
    summary = pd.DataFrame([{"habit": name} | habit.summary for name, habit in found.items()])
    tested = summary["verdict"] != "not seen"
    summary["p_adjusted"] = holm(summary["p_value"].where(tested).to_numpy())
    # A verdict for one of several habits holds with all of them together.
    lost = (summary["verdict"] == HIGHER) & ~(summary["p_adjusted"] < ALPHA)
    summary.loc[lost, "verdict"] = "undecided"
    return pd.concat(rows, ignore_index=True), summary


def read(paths: Sequence[str]) -> pd.DataFrame:
    """Attributes of all shards of a survey.

    Raises:
        StoreError: a table lacks a flag.
    """
    keys = ["seed", "prompt_id", *FLAGS]
    return pd.concat([store.read_table(path, keys) for path in paths], ignore_index=True)
