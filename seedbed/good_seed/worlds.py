"""Made-up seeds whose truth is known, to try the statistics of golden seeds on.

Every seed has features and a score for every prompt. Prompts differ far more than seeds do.

- ``none``: seeds differ in nothing.
- ``planted``: a seed's quality lowers its score and moves its features away from the real ones.
- ``layout``: all seeds are equally good, and each has a layout of its own: features of a seed are
  moved together, all as far and each its own way, and pictures of some seeds vary more in score.
  Labels are not exchangeable, and yet no seed is better.
"""

from __future__ import annotations

import numpy as np

KINDS = ("none", "planted", "layout")
REFERENCE = 200
PROMPT_SD = 0.7
PLANTED, LAYOUT = 0.5, 0.8
"""Standard deviations of a seed's quality, length of a seed's layout; a picture's own is 1."""


def draw(
    kind: str, n_seeds: int, n_prompts: int, d: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """One world.

    Args:
        kind: of ``KINDS``.
        n_seeds, n_prompts: the table's size.
        d: features of a picture.
        rng: the only source of randomness.

    Returns:
        features (n_seeds, n_prompts, d), scores (n_seeds, n_prompts), and features of real pictures
        (REFERENCE, d); float64.
    """
    features = rng.normal(size=(n_seeds, n_prompts, d))
    features += PROMPT_SD * rng.normal(size=(n_prompts, d))
    scores = rng.normal(size=(n_seeds, n_prompts))
    if kind == "planted":
        quality = PLANTED * rng.normal(size=(n_seeds, 1))
        # All features to one side, so that worse seeds lie farther away than better ones.
        features += (2 * PLANTED - quality[..., None]) / np.sqrt(d)
        scores += quality
    elif kind == "layout":
        way = rng.normal(size=(n_seeds, 1, d))
        features += LAYOUT * way / np.linalg.norm(way, axis=-1, keepdims=True)
        scores *= rng.uniform(0.7, 1.3, (n_seeds, 1))
    elif kind != "none":
        raise ValueError(f"world {kind!r} is unknown: use {', '.join(KINDS)}")
    scores += 3 * rng.normal(size=n_prompts)
    real = np.sqrt(1 + PROMPT_SD**2) * rng.normal(size=(REFERENCE, d))
    return features, scores, real
