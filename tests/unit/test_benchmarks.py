"""What ``make bench`` counts and writes; its times are measured nowhere but there."""

import pytest

from benchmarks.comparison import Comparison, shortest
from benchmarks.gpu import flops_of_image
from benchmarks.table import table
from seedbed.sampling.schedulers import Sampler

UNETS = {"sd_1": 0.803e12, "sd_2_base": 0.804e12, "sdxl_turbo": 1.589e12}
"""Operations of one forward at 64 × 64 latents, counted by hand from the layers' sizes."""
VAE = 2.515e12


@pytest.mark.parametrize("name", UNETS)
def test_operations_of_an_image(name):
    once = flops_of_image(name, Sampler(1, 1.0), None)
    assert once == pytest.approx(UNETS[name] + VAE, rel=0.01)
    guided = flops_of_image(name, Sampler(1, 7.5), None)
    assert guided - once == pytest.approx(UNETS[name], rel=0.01)


def test_calls_take_turns_and_the_first_round_is_not_measured():
    order = []
    seconds, results = shortest({k: lambda k=k: order.append(k) or k for k in "ab"}, 2)
    assert order == ["a", "b"] * 3
    assert results == {"a": "a", "b": "b"} and all(s < 1 for s in seconds.values())


def comparison(goal):
    words = dict.fromkeys(("task", "size", "unit", "theirs", "ours"), "x")
    return Comparison(**words, their_rate=2.0, our_rate=9.0, goal=goal, difference="none")


def test_a_page_tells_what_was_met_and_what_was_not_measured():
    rows = [comparison(goal).record() for goal in (4, 5)]
    keys = dict.fromkeys(("date", "machine", "beside", "torch"), "x") | {"cores": 2}
    page = table({**keys, "processor": rows, "gpu": None})
    assert "4.5× | 4× met" in page and "4.5× | 5× **missed**" in page
    assert "Not measured: no GPU was there" in page
    gpu = {
        "device": "a GPU",
        "peak_tflops": 700.0,
        "rows": [
            {
                "task": "generation, sd_2_base",
                "size": "512 px",
                "images_per_second": 5.0,
                "share_of_peak": 0.38,
                "memory_gb": 31.2,
                "goal": 0.4,
                "met": False,
            },
            {
                "task": "tickets, sd_1",
                "size": "512 px",
                "maps_per_second": 1400.0,
                "seconds_for_70000": 50.0,
                "goal": 60.0,
                "met": True,
            },
        ],
    }
    page = table({**keys, "processor": rows, "gpu": gpu})
    assert "5.00 images | 38% | 40% **missed** | 31.2 GB" in page
    assert "1,400 maps | 70,000 in 50 s | 60 s met |" in page
