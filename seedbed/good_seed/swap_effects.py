"""How much of a picture its initial latent decides, how much the noise added while denoising.

Good Seed, section 3.1, says that the initial latent decides and that noise at intermediate steps
has no visible effect. Two questions follow, asked at each eta in grey levels and in features:

- *How far* does a picture move when one thing is exchanged (``sampling.seed_swap``)? Beside each
  mean distance stands its share of the distance between pictures of different seeds, which is
  what unrelated noise gives.
- *What share* of the variance between pictures of a prompt comes of the latent, of the step noise,
  and of both together? The four pictures of a pair, (latent i or j) × (noise i or j), are a 2 × 2
  design. With a, b the halved contrasts of latent and noise and c that of both, independent
  effects give E|a|² = 2 L + I, E|b|² = 2 N + I, E|c|² = I, so that L : N : I are |a|² - |c|² :
  |b|² - |c|² : 2 |c|², out of |a|² + |b|² (Sobol's first-order shares and the interaction). They
  add up to 1, are unbiased but for the ratio, and may come out a little below 0.

Intervals resample pairs, whose seeds and prompts are all their own. That latent and noise decide
alike is tested by exchanging them within pairs (``verdicts.sign_flip_p``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from seedbed.sampling.seed_swap import ALL_OTHER, OTHER_LATENT, OTHER_NOISE, UNSWAPPED
from seedbed.statistics.bootstrap import bootstrap_counts, expanded_level, percentile_interval
from seedbed.statistics.verdicts import sign_flip_p, verdict

PIXELS, FEATURES = "pixels", "features"
MARGIN = 0.1
"""Shares that differ by less than a tenth of all variance decide alike."""
SHARES = ("latent", "noise", "interaction")
CONTRAST = "latent_less_noise"


def vectors_of(images: np.ndarray, extractor=None) -> dict[str, np.ndarray]:
    """What pictures are compared by: (n, d) per measure.

    Args:
        images: (n, H, W, 3) uint8.
        extractor: see ``evaluators.base.Extractor``; ``None`` for pixels alone.

    Raises:
        ValueError: a feature is not finite.
    """
    found = {PIXELS: images.reshape(len(images), -1)}
    if extractor is not None:
        found[FEATURES] = np.asarray(extractor(images))
        if not np.isfinite(found[FEATURES]).all():
            raise ValueError("seed swap: features are not finite; look at the extractor's weights")
    return found


def _rows_of(values: np.ndarray, places: np.ndarray) -> Iterator[np.ndarray]:
    """One float64 vector at a time: all pixels of a run would be too many."""
    return (values[place].astype(np.float64) for place in places)


def distances(rows: pd.DataFrame, vectors: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """How far every picture lies from the unswapped one of its eta and prompt.

    Args:
        rows: of ``sampling.seed_swap.swap_study``.
        vectors: (n, d) of each measure; of pixels in grey levels, 0 to 255.

    Returns:
        ``rows`` with a column per measure: root mean square over pixels in grey levels, and
        Euclidean distance of features.

    Raises:
        ValueError: an image has no unswapped one, or two.
    """
    base, own = _places(rows, UNSWAPPED, rows), np.arange(len(rows))
    columns = {}
    for measure, values in vectors.items():
        pairs = zip(_rows_of(values, own), _rows_of(values, base), strict=True)
        squares = np.array([np.sum((one - other) ** 2) for one, other in pairs])
        columns[measure] = np.sqrt(squares / values.shape[1] if measure == PIXELS else squares)
    return rows.assign(**columns)


def _places(rows: pd.DataFrame, arm: str, wanted: pd.DataFrame) -> np.ndarray:
    """The place in ``rows`` of the arm's picture of each wanted eta and prompt."""
    keys = ["eta", "prompt"]
    of_arm = rows[rows["arm"] == arm]
    place = pd.Series(of_arm.index.to_numpy(), index=pd.MultiIndex.from_frame(of_arm[keys]))
    asked = pd.MultiIndex.from_frame(wanted[keys])
    if not place.index.is_unique or not asked.isin(place.index).all():
        raise ValueError(
            f"seed swap: an eta and a prompt lack their picture of {arm!r}, or have two"
        )
    return place.loc[asked].to_numpy()


def contrasts(rows: pd.DataFrame, vectors: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Mean squares of the 2 × 2 design of every eta and prompt.

    Returns:
        ``eta``, ``pair``, ``prompt``, ``measure`` and, as mean squares per number of the vectors,
        ``latent`` (|a|²), ``noise`` (|b|²), ``interaction`` (|c|²).
    """
    wanted = rows.loc[rows["arm"] == UNSWAPPED, ["eta", "pair", "prompt"]]
    arms = (UNSWAPPED, OTHER_NOISE, OTHER_LATENT, ALL_OTHER)
    at = [_places(rows, arm, wanted) for arm in arms]
    tables = []
    for measure, values in vectors.items():
        squares = [
            [
                np.mean((same + noise - latent - both) ** 2) / 4,
                np.mean((same - noise + latent - both) ** 2) / 4,
                np.mean((same - noise - latent + both) ** 2) / 4,
            ]
            for same, noise, latent, both in zip(*(_rows_of(values, p) for p in at), strict=True)
        ]
        columns = dict(zip(SHARES, np.transpose(squares), strict=True))
        tables.append(wanted.assign(measure=measure, **columns))
    return pd.concat(tables, ignore_index=True)


def effects(
    rows: pd.DataFrame, vectors: Mapping[str, np.ndarray], statistics: Mapping
) -> pd.DataFrame:
    """Every number of Figure 2 with its interval.

    Args:
        rows: of ``sampling.seed_swap.swap_study``.
        vectors: see ``vectors_of``.
        statistics: ``bootstrap``, ``permutations``, ``level``, ``seed``.

    Returns:
        A row per eta, measure and quantity: ``distance`` of an ``arm`` (with its ``swap_step``) and
        ``of_all`` (that share of ``all_other``'s distance), or ``share`` of ``SHARES`` and of
        their ``CONTRAST``; ``value``, ``low``, ``high``, ``p_value`` and ``verdict`` (of the
        contrast), ``n_pairs``, ``n_images`` (that the mean is over).
    """
    found = []
    moved = distances(rows, vectors)
    designs = contrasts(rows, vectors)
    for measure in vectors:
        for eta in dict.fromkeys(rows["eta"]):
            about = {"measure": measure, "eta": eta, "n_pairs": rows["pair"].nunique()}
            # The same resamples everywhere, so that what is compared is resampled together.
            part = moved[(moved["eta"] == eta) & (moved["arm"] != UNSWAPPED)]
            found += [about | row for row in _distance_rows(part, measure, statistics)]
            part = designs[(designs["eta"] == eta) & (designs["measure"] == measure)]
            found += [about | row for row in share_rows(part, eta, statistics)]
    return pd.DataFrame(found)


def _resamples(n: int, statistics: Mapping) -> np.ndarray:
    rng = np.random.default_rng(statistics["seed"])
    return bootstrap_counts(n, statistics["bootstrap"], rng)


def _interval(boots: np.ndarray, level: float, n: int) -> tuple[np.ndarray, np.ndarray]:
    return percentile_interval(boots, expanded_level(level, n))


def _distance_rows(part: pd.DataFrame, measure: str, statistics: Mapping) -> list[dict]:
    """Mean distance of every arm."""
    most = part.loc[part["arm"] == ALL_OTHER, measure].mean()
    found = []
    for (arm, step), of_arm in part.groupby(["arm", "swap_step"], sort=False):
        means = of_arm.groupby("pair")[measure].mean().to_numpy()
        boots = _resamples(len(means), statistics) @ means / len(means)
        low, high = _interval(boots, statistics["level"], len(means))
        value = means.mean()
        found.append(
            {"quantity": "distance", "arm": arm, "swap_step": step}
            | {"value": value, "low": low, "high": high, "n_images": len(of_arm)}
            | {"of_all": value / most if most > 0 else np.nan}
        )
    return found


def share_rows(part: pd.DataFrame, eta: float, statistics: Mapping) -> list[dict]:
    """Shares of variance, and whether the latent's is larger than the noise's.

    Args:
        part: ``contrasts`` of one eta and measure.
        eta: 0 tests nothing.
        statistics: as in ``effects``.
    """
    sums = part.groupby("pair")[list(SHARES)].sum().to_numpy()
    drawn = _resamples(len(sums), statistics) @ sums
    value, boots = _shares(sums.sum(axis=0)), _shares(drawn)
    alpha = 1 - statistics["level"]
    low, high = _interval(boots.T, statistics["level"], len(sums))
    found = [
        {"quantity": "share", "arm": name, "n_images": 4 * len(part)}
        | {"value": value[k], "low": low[k], "high": high[k]}
        for k, name in enumerate((*SHARES, CONTRAST))
    ]
    if eta == 0:
        return found  # the latent's share is 1 by construction: nothing to test
    rng = np.random.default_rng(statistics["seed"])
    p_value = sign_flip_p(sums[:, 0] - sums[:, 1], statistics["permutations"], rng)
    narrow = _interval(boots[:, -1], 1 - 2 * alpha, len(sums))
    interval = (low[-1], high[-1])
    found[-1] |= {
        "p_value": p_value,
        "verdict": verdict(interval, p_value, narrow, MARGIN, alpha),
    }
    return found


def _shares(squares: np.ndarray) -> np.ndarray:
    """(…, 3) sums of |a|², |b|², |c|² to (…, 4): the shares and ``CONTRAST``."""
    a, b, c = np.moveaxis(np.asarray(squares, dtype=np.float64), -1, 0)
    total = a + b
    # Pictures that nothing changes have no variance to share.
    with np.errstate(invalid="ignore"):
        parts = [(a - c) / total, (b - c) / total, 2 * c / total, (a - b) / total]
    return np.stack(parts, axis=-1)
