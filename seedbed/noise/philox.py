"""Random bits and normals as a GPU makes them: Philox 4x32-10 and cuRAND's Box-Muller transform.

Philox: Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3". The integers are exact.
The GPU computes the logarithm in float32 and sine and cosine with its approximate instructions
(absolute error about 2**-20.5), where we compute all in float64 and round once, so a normal agrees
with the GPU's to about 2**-20.5 times the radius: 5e-6 for the largest values, 1e-6 for typical
ones.
"""

import math

import numpy as np

LOW_WORD = 0xFFFFFFFF
PHILOX_ROUNDS = 10
PHILOX_MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
PHILOX_KEY_STEPS = (0x9E3779B9, 0xBB67AE85)


def philox(counter: np.ndarray, key: tuple[int, int]) -> np.ndarray:
    """Philox 4x32-10: 128 random bits for each counter.

    Args:
        counter: (4, n) uint32, word 0 the lowest.
        key: Two integers in [0, 2**32), word 0 the lowest.

    Returns:
        (4, n) uint32, uniform.
    """
    # uint64 lanes that hold 32-bit words, so that a product of two words fits.
    c0, c1, c2, c3 = counter.astype(np.uint64)
    k0, k1 = key
    for _ in range(PHILOX_ROUNDS):
        product0 = c0 * PHILOX_MULTIPLIERS[0]
        product1 = c2 * PHILOX_MULTIPLIERS[1]
        c0, c1 = (product1 >> 32) ^ c1 ^ k0, product1 & LOW_WORD
        c2, c3 = (product0 >> 32) ^ c3 ^ k1, product0 & LOW_WORD
        k0 = (k0 + PHILOX_KEY_STEPS[0]) & LOW_WORD
        k1 = (k1 + PHILOX_KEY_STEPS[1]) & LOW_WORD
    return np.stack([c0, c1, c2, c3]).astype(np.uint32)


def normals(words: np.ndarray, count: int) -> np.ndarray:
    """The first normals of each block of random bits, in cuRAND's order.

    Words 0 and 1 give a radius and an angle, whose sine makes the first normal and whose cosine
    the second; words 2 and 3 give the third and fourth.

    Args:
        words: (4, n) uint32, of `philox`.
        count: how many of the four are wanted, 1 to 4.

    Returns:
        (count, n) float32, standard normal, within +-6.8.
    """
    rows = []
    for x, y in (words[:2], words[2:])[: math.ceil(count / 2)]:
        radius, angle = _polar(x, y)
        for wave in (np.sin, np.cos)[: count - len(rows)]:
            rows.append((radius * wave(angle)).astype(np.float32))
    return np.stack(rows)


def _polar(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Radius and angle of each pair of uniform words, float64.

    u in (0, 1] and the angle v in (0, 2 pi] are float32 on the GPU, and their rounding matters.
    v is a fused multiply-add there, rounded once: in float64 its product is exact.
    """
    u = x.astype(np.float32) * np.float32(2**-32) + np.float32(2**-33)
    step = float(np.float32(2 * math.pi)) * 2**-32
    v = (y.astype(np.float32).astype(np.float64) * step + step / 2).astype(np.float32)
    return np.sqrt(-2 * np.log(u.astype(np.float64))), v.astype(np.float64)
