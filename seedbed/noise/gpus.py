"""The cards whose noise we know: how many threads torch's random kernels start on each.

Two numbers of a card decide (see `seedbed.noise.cuda`): its multiprocessors, and the threads that
one of them holds. The second goes with the compute capability and is from the CUDA C++ Programming
Guide, "Technical Specifications per Compute Capability", row "Maximum number of resident threads
per SM". The first is the vendor's number of CUDA cores over the cores of one multiprocessor, from
the document that the card's line names; 64 cores for compute capability 6.0, 7.0, 7.5 and 8.0, 128
for the others.

A laptop's card of the same number is another chip, and a slice (MIG) of a card has the
multiprocessors of the slice: give those by their own numbers, `Gpu("slice", 14, 2048)`.
"""

import difflib
import re
from typing import NamedTuple

BLOCK = 256
"""Threads of one block of torch's random kernels."""


class Gpu(NamedTuple):
    """What of a card decides its noise.

    Attributes:
        name: without "NVIDIA", "GeForce" and "Tesla".
        multiprocessors: torch's ``multi_processor_count``.
        threads: that one multiprocessor holds, torch's ``max_threads_per_multi_processor``.
        source: document that the number of multiprocessors is from.
    """

    name: str
    multiprocessors: int
    threads: int
    source: str = "given by hand"

    @property
    def blocks(self) -> int:
        """Blocks of `BLOCK` threads that the card holds at once."""
        return self.multiprocessors * (self.threads // BLOCK)


_PASCAL = "NVIDIA GeForce GTX 1080 whitepaper and product pages of the 10 series"
_P100 = "NVIDIA Tesla P100 whitepaper"
_VOLTA = "NVIDIA Tesla V100 GPU Architecture whitepaper"
_TURING = "NVIDIA Turing GPU Architecture whitepaper and product pages of the 20 series"
_T4 = "NVIDIA T4 datasheet"
_A100 = "NVIDIA A100 Tensor Core GPU Architecture whitepaper"
_GA102 = "NVIDIA Ampere GA102 GPU Architecture whitepaper and product pages of the 30 series"
_AMPERE_PRO = "NVIDIA RTX A series and A series data center datasheets"
_ADA = "NVIDIA Ada GPU Architecture whitepaper and product pages of the 40 series"
_ADA_PRO = "NVIDIA RTX Ada Generation and L series datasheets"
_H100 = "NVIDIA H100 Tensor Core GPU Architecture whitepaper"
_H_OTHER = "NVIDIA H200, H800 and GH200 datasheets: the chip of the H100 SXM5"
_BLACKWELL = "NVIDIA RTX Blackwell GPU Architecture whitepaper and product pages of the 50 series"
_BLACKWELL_PRO = "NVIDIA RTX PRO Blackwell datasheets"
_MEASURED = "multi_processor_count of the card, as users of torch report it"

# Threads of a multiprocessor, document, and the cards with their multiprocessors.
_TABLE = (
    (2048, "NVIDIA Quadro M4000 datasheet", {"Quadro M4000": 13}),
    (
        2048,
        _PASCAL,
        {
            "GTX 1060 3GB": 9,
            "GTX 1060 6GB": 10,
            "GTX 1070": 15,
            "GTX 1080": 20,
            "GTX 1080 Ti": 28,
            "P40": 30,
            "TITAN Xp": 30,
        },
    ),
    (2048, _P100, {"P100": 56}),
    (2048, _VOLTA, {"V100": 80, "TITAN V": 80}),
    (
        1024,
        _TURING,
        {
            "GTX 1650": 14,
            "GTX 1660": 22,
            "GTX 1660 Super": 22,
            "GTX 1660 Ti": 24,
            "RTX 2060": 30,
            "RTX 2060 12GB": 34,
            "RTX 2060 Super": 34,
            "RTX 2070": 36,
            "RTX 2070 Super": 40,
            "RTX 2080": 46,
            "RTX 2080 Super": 48,
            "RTX 2080 Ti": 68,
            "TITAN RTX": 72,
            "Quadro RTX 5000": 48,
            "Quadro RTX 6000": 72,
            "Quadro RTX 8000": 72,
        },
    ),
    (1024, _T4, {"T4": 40}),
    (2048, _A100, {"A100": 108}),
    (2048, "NVIDIA A30 and A800 datasheets", {"A30": 56, "A800": 108}),
    (
        1536,
        _GA102,
        {
            "RTX 3050": 20,
            "RTX 3050 6GB": 18,
            "RTX 3060": 28,
            "RTX 3060 Ti": 38,
            "RTX 3070": 46,
            "RTX 3070 Ti": 48,
            "RTX 3080": 68,
            "RTX 3080 12GB": 70,
            "RTX 3080 Ti": 80,
            "RTX 3090": 82,
            "RTX 3090 Ti": 84,
        },
    ),
    (
        1536,
        _AMPERE_PRO,
        {
            "A2": 10,
            "A10": 72,
            "A40": 84,
            "RTX A2000": 26,
            "RTX A4000": 48,
            "RTX A4500": 56,
            "RTX A5000": 64,
            "RTX A5500": 80,
            "RTX A6000": 84,
        },
    ),
    (1536, _MEASURED, {"A10G": 80, "L4": 58, "RTX 4090 D": 114}),
    (
        1536,
        _ADA,
        {
            "RTX 4060": 24,
            "RTX 4060 Ti": 34,
            "RTX 4070": 46,
            "RTX 4070 Super": 56,
            "RTX 4070 Ti": 60,
            "RTX 4070 Ti Super": 66,
            "RTX 4080": 76,
            "RTX 4080 Super": 80,
            "RTX 4090": 128,
            "RTX 4090 Laptop": 76,
        },
    ),
    (
        1536,
        _ADA_PRO,
        {
            "L40": 142,
            "L40S": 142,
            "RTX 2000 Ada": 22,
            "RTX 4000 Ada": 48,
            "RTX 4500 Ada": 60,
            "RTX 5000 Ada": 100,
            "RTX 6000 Ada": 142,
        },
    ),
    (2048, _H100, {"H100": 132, "H100 PCIe": 114}),
    (2048, _H_OTHER, {"H100 NVL": 132, "H200": 132, "H200 NVL": 132, "H800": 132, "GH200": 132}),
    (2048, "NVIDIA H800 PCIe datasheet: the chip of the H100 PCIe", {"H800 PCIe": 114}),
    (2048, _MEASURED, {"H20": 78, "B200": 148}),
    (
        1536,
        _BLACKWELL,
        {
            "RTX 5060": 30,
            "RTX 5060 Ti": 36,
            "RTX 5070": 48,
            "RTX 5070 Ti": 70,
            "RTX 5080": 84,
            "RTX 5090": 170,
        },
    ),
    (1536, _BLACKWELL_PRO, {"RTX PRO 6000": 188}),
)

GPUS = {
    name: Gpu(name, multiprocessors, threads, source)
    for threads, source, cards in _TABLE
    for name, multiprocessors in cards.items()
}
"""Every card by its name."""

COMPARED = {
    "A100": "values printed by the card, beyond its threads (torch issue 143086)",
    "H100": "values printed by the card, beyond its threads (torch issue 143086)",
    "RTX A4000": "values printed by the card, beyond its threads (torch issue 97097)",
    "RTX 3060": "values printed by the card, beyond its threads (torch issue 158398)",
    "T4": "first element that differs from an L4 (torch issue 194676)",
    "L4": "first element that differs from a T4 (torch issue 194676)",
    "H20": "first element that differs from an RTX 4090 D (torch pull request 176584)",
}
"""Cards that were compared with a device, and how: by what their owners published, as none was at
hand. The noise of every other card follows from the rule and its two numbers."""

_SAYS_NOTHING = re.compile(
    r"nvidia|geforce|tesla|generation|gpu|blackwell|workstation|server|edition|maxq|hbm\w*|sxm\d*"
)
"""Words of a device's name that tell no two cards apart."""
_MEMORY = re.compile(r"\d+gb?")


def _key(name: str, drop: re.Pattern) -> str:
    """A card's name as one word, without what says nothing."""
    text = re.sub(r"(\d)\s+gb\b", r"\1gb", name.lower().replace("max-q", "maxq"))
    words = re.findall(r"[a-z0-9.+]+", text)
    kept = [w for w in words if not _SAYS_NOTHING.fullmatch(w) and not drop.fullmatch(w)]
    return "".join(kept)


_NEVER = re.compile(r"(?!)")
_BY_KEY = {_key(name, _NEVER): gpu for name, gpu in GPUS.items()}


def find_gpu(gpu: str | Gpu) -> Gpu:
    """The card of a name.

    Memory and form tell cards apart where the table has them apart ("RTX 3080 12GB", "H100 PCIe")
    and are passed over elsewhere.

    Args:
        gpu: a name of `GPUS`, written in any case, as people say it ("4090", "A6000") or as
            ``torch.cuda.get_device_name()`` does ("NVIDIA A100-SXM4-80GB"); or a `Gpu` of one's
            own, which is returned as it is.

    Raises:
        ValueError: The table has no such card, or a `Gpu` with numbers that no card has.
    """
    if isinstance(gpu, Gpu):
        if gpu.multiprocessors < 1 or gpu.threads < BLOCK:
            raise ValueError(
                f"{gpu}: a card has at least 1 multiprocessor, which holds at least {BLOCK} threads"
            )
        return gpu
    for drop in (_NEVER, _MEMORY, re.compile(rf"{_MEMORY.pattern}|pcie")):
        key = _key(gpu, drop)
        for candidate in (key, f"rtx{key}", f"gtx{key}"):
            if candidate in _BY_KEY:
                return _BY_KEY[candidate]
    near = difflib.get_close_matches(key, _BY_KEY, n=3, cutoff=0.6)
    known = ", ".join(_BY_KEY[key].name for key in near)
    raise ValueError(
        f"unknown GPU {gpu!r}: {f'nearest are {known}' if near else 'seedbed.noise.GPUS has all'}; "
        "give another by its numbers, gpu=seedbed.noise.Gpu(name, multiprocessors, threads of one)"
    )


def this_gpu(device: int = 0) -> Gpu:
    """The card of this machine, by the numbers that torch reads from it.

    Args:
        device: torch's index of it.

    Raises:
        RuntimeError: torch has no CUDA device of that index here.
    """
    import torch

    if device >= torch.cuda.device_count():
        raise RuntimeError(f"torch finds no CUDA device {device} on this machine")
    has = torch.cuda.get_device_properties(device)
    return Gpu(
        has.name, has.multi_processor_count, has.max_threads_per_multi_processor, "read from it"
    )
