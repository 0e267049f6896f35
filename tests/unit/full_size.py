"""Networks of full size with random weights that take a gigabyte instead of ten.

Weights of one scale are stretches of one array, each beginning somewhere else, so that no two
networks' layers are alike and yet most numbers are stored once. They are contiguous, so that the
arithmetic is that of any weights. Two thousand million normals need not be drawn either: a million
of them repeat.
"""

import gc
from collections import defaultdict

import psutil
import torch

from benchmarks import networks

SPREAD = 65_536
"""Stretches of one array begin less than so many numbers apart."""
NEEDED_GB = 6


def free_gb() -> float:
    return psutil.virtual_memory().available / 1e9


def pipeline(name: str):
    """The diffusers pipeline of a shipped architecture: float32, weights from seed 0."""
    made = networks.empty_networks(name)
    fill(made.values())
    pipe = networks.pipeline(name, made)
    pipe.set_progress_bar_config(disable=True)
    return pipe


@torch.no_grad()
def fill(empty) -> None:
    """Weights of variance 1 / (3 fan-in), as torch starts them; norms one, biases zero."""
    by_scale = defaultdict(list)
    for network in empty:
        for module in network.modules():
            for key, parameter in module._parameters.items():
                if parameter is not None:
                    by_scale[_scale(key, module, parameter)].append((module, key, parameter))
            for key, buffer in module._buffers.items():
                assert key == "position_ids", f"nobody says what {key} should hold"
                module._buffers[key] = torch.arange(buffer.shape[-1])[None]
    pattern = torch.randn(1_000_003, generator=torch.Generator().manual_seed(0))
    for scale, places in by_scale.items():
        longest = max(parameter.numel() for _, _, parameter in places)
        numbers = _numbers(scale, longest + SPREAD, pattern)
        for i, (module, key, parameter) in enumerate(places):
            start = i * 7919 % SPREAD
            part = numbers[start : start + parameter.numel()].view(parameter.shape)
            module._parameters[key] = torch.nn.Parameter(part)


def _scale(key, module, parameter) -> float | str:
    if parameter.ndim < 2:
        return "zeros" if key == "bias" else "ones"
    if isinstance(module, torch.nn.Embedding):
        return 3**-0.5
    return (3 * parameter[0].numel()) ** -0.5


def _numbers(scale, count, pattern) -> torch.Tensor:
    if isinstance(scale, str):
        return getattr(torch, scale)(count)
    numbers = torch.empty(count)
    for chunk in numbers.split(len(pattern)):
        torch.mul(pattern[: len(chunk)], scale, out=chunk)
    return numbers


def count(network) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def forget() -> None:
    """Give back what the last pipeline held."""
    gc.collect()
