"""Time four routes to one Frechet distance, side by side in one run.

    python -m benchmarks.frechet --n 4096 --d 512
    python -m benchmarks.frechet --n 200 --n-reference 2000 --d 2048 --skip-sqrtm

Features are Gaussian with a decaying spectrum. The reference's own work (its square root)
is timed apart, since it is done once for all seeds.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np
from scipy.linalg import eigvals

from seedbed.statistics.frechet import (
    GaussianStats,
    Reference,
    distance,
    frechet_distance,
    frechet_distance_small_n,
)


def draw_pair(n: int, n_r: int, d: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Features of a seed and of the reference: shared axes, other mean and other spread."""
    rng = np.random.default_rng(seed)
    rotation = np.linalg.qr(rng.standard_normal((d, d)))[0]
    scales = (1 + np.arange(d)) ** -0.5
    x = rng.standard_normal((n, d)) * scales * rng.uniform(0.7, 1.3, d) + 0.3 * scales
    return x @ rotation, (rng.standard_normal((n_r, d)) * scales) @ rotation


def by_sqrtm(a: GaussianStats, b: GaussianStats) -> float:
    from pytorch_fid.fid_score import calculate_frechet_distance

    return float(calculate_frechet_distance(a.mean, a.cov, b.mean, b.cov))


def by_eigvals(a: GaussianStats, b: GaussianStats) -> float:
    shift = a.mean - b.mean
    values = eigvals(a.cov @ b.cov).real.clip(min=0)
    return float(shift @ shift + np.trace(a.cov) + np.trace(b.cov) - 2 * np.sqrt(values).sum())


def timed(call: Callable, repeats: int) -> tuple[object, float]:
    """The result, and the shortest time of the repeats: interruptions only lengthen."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        result = call()
        times.append(time.perf_counter() - start)
    return result, min(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=1000, help="feature vectors of one seed")
    parser.add_argument("--n-reference", type=int, help="of the reference; default: as many")
    parser.add_argument("--d", type=int, default=256, help="dimensions")
    parser.add_argument("--repeats", type=int, default=3, help="the shortest time is shown")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--skip-sqrtm", action="store_true", help="minutes at d = 2048")
    parser.add_argument("--skip-eigvals", action="store_true", help="minutes at d = 2048")
    args = parser.parse_args()

    x, x_r = draw_pair(args.n, args.n_reference or args.n, args.d, args.seed)
    if not args.skip_sqrtm:
        import pytorch_fid.fid_score  # noqa: F401  importing torch is not what is timed

    reference, reference_time = timed(lambda: Reference.from_features(x_r), args.repeats)
    stats_r = reference.stats
    stats = GaussianStats.from_features(x)
    statistics_time = timed(lambda: GaussianStats.from_features(x), args.repeats)[1]
    routes: dict[str, Callable] = {
        "symmetric route": lambda: frechet_distance(stats, reference),
        "small-n route": lambda: frechet_distance_small_n(x, x_r),
        "distance(), cheaper of both": lambda: distance(x, reference),
    }
    if not args.skip_eigvals:
        routes["eigvals of the product"] = lambda: by_eigvals(stats, stats_r)
    if not args.skip_sqrtm:
        routes["sqrtm (pytorch-fid)"] = lambda: by_sqrtm(stats, stats_r)

    print(f"n = {args.n}, n reference = {len(x_r)}, d = {args.d}, best of {args.repeats}")
    print(f"reference, once     {reference_time:9.3f} s")
    print(f"statistics, per set {statistics_time:9.3f} s (part of distance(), not of the others)")
    print(f"{'route':<28} {'seconds':>9} {'distance':>16} {'rel. difference':>16}")
    expected = None
    for name, route in routes.items():
        value, seconds = timed(route, args.repeats)
        expected = value if expected is None else expected
        print(f"{name:<28} {seconds:9.3f} {value:16.9f} {abs(value / expected - 1):16.1e}")


if __name__ == "__main__":
    main()
