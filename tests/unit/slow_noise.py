"""The oracle of the stream "cuda": torch's kernel, walked thread by thread.

Python integers and exact fractions in plain loops; it shares nothing with the library.
"""

import math
import struct
from fractions import Fraction

import numpy as np


def slow_philox(counter, key):
    """Philox 4x32-10 of one counter, as Salmon et al. 2011 write it."""
    c, k = list(counter), list(key)
    for _ in range(10):
        left, right = divmod(0xD2511F53 * c[0], 2**32), divmod(0xCD9E8D57 * c[2], 2**32)
        c = [right[0] ^ c[1] ^ k[0], right[1], left[0] ^ c[3] ^ k[1], left[1]]
        k = [(k[0] + 0x9E3779B9) % 2**32, (k[1] + 0xBB67AE85) % 2**32]
    return c


def float32(number):
    return struct.unpack("<f", struct.pack("<f", float(number)))[0]


def slow_box_muller(x, y):
    u = float32(float32(x) * 2**-32 + 2**-33)
    scale = Fraction(float32(2 * math.pi)) / 2**32
    v = float32(Fraction(float32(y)) * scale + scale / 2)
    radius = math.sqrt(-2 * math.log(u))
    return [radius * math.sin(v), radius * math.cos(v)]


def threads_of(numel, blocks):
    """Threads of a launch on a card that holds so many blocks at once."""
    return 256 * min(math.ceil(numel / 256), blocks)


def slow_thread(seed, numel, calls, threads, index):
    """(element, normal) of everything that one thread writes in the call after `calls` others."""
    rounds = (numel - 1) // (threads * 4) + 1
    block = calls * rounds * 4 // 4  # torch's offset counts words, Philox's counter blocks of four
    for turn in range(rounds):
        bits = slow_philox((block + turn, 0, index, 0), (seed % 2**32, seed >> 32))
        normals = slow_box_muller(*bits[:2]) + slow_box_muller(*bits[2:])
        for lane, normal in enumerate(normals):
            element = index + threads * (4 * turn + lane)
            if element < numel:
                yield element, normal


def slow_randn(seed, numel, calls, blocks):
    """What the whole launch writes: (numel,) float64."""
    threads = threads_of(numel, blocks)
    out = [None] * numel
    for index in range(min(threads, numel)):
        for element, normal in slow_thread(seed, numel, calls, threads, index):
            out[element] = normal
    return np.array(out, np.float64)
