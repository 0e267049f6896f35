"""``make bench``: everything that claims to be fast, beside what it is faster than, in one run.

    python -m benchmarks --output docs/benchmarks

Writes ``NAME.json`` and, from it, the table ``NAME.md``. On a processor the Storybook models are
measured, by processor seconds of one thread; where torch finds a GPU, models of full size on it.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from datetime import date
from pathlib import Path

import torch

from benchmarks import gpu, storybook
from benchmarks.table import table
from seedbed import config, store
from seedbed.provenance import processor_name

BFLOAT16 = {"weights": "bfloat16", "memory_format": "contiguous"}
"""In a model's entry; channels-last, as the config has it, is faster in float32 alone."""


def multiplies_bfloat16() -> bool:
    """Has the processor instructions for bfloat16 products? Without them float32 is faster."""
    path = Path("/proc/cpuinfo")
    return path.exists() and not {"amx_bf16", "avx512_bf16"}.isdisjoint(path.read_text().split())


def measure(repeats: int, slow: bool) -> list[dict]:
    """The comparisons on a processor, ready for JSON; each is printed as it is made."""
    torch.set_num_threads(1)
    run = config.complete(config.load("config.yaml"))
    models, scorers = run["models"], run["scorers"]
    models = {name: entry | {"device": "cpu"} for name, entry in models.items()}
    rows = []

    def add(made) -> None:
        rows.append(made.record())
        print(f"{made.task}, {made.size}: {made.faster:.1f} times {made.theirs}", flush=True)

    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        # The scorer judges what was drawn last, as the config draws.
        for changed in ([BFLOAT16] if multiplies_bfloat16() else []) + [{}]:
            for name, seeds in (("storybook-sd", 8), ("storybook-turbo", 64)):
                entry = models[name] | changed
                for made in storybook.generation(name, entry, seeds, repeats, folder):
                    add(made)
        add(
            storybook.preference(
                "storybook-clip", scorers["storybook-clip"], "storybook-turbo", folder, repeats
            )
        )
    add(storybook.tickets("storybook-sd", models["storybook-sd"], 16, repeats))
    add(storybook.fid(144, 160, 1024, 16, repeats))
    if slow:
        add(storybook.fid(200, 2048, 2000, 4, 1))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", default="docs/benchmarks", help="without a suffix")
    parser.add_argument("--repeats", type=int, default=3, help="the shortest time counts")
    parser.add_argument("--quick", action="store_true", help="without Inception's 2,048 numbers")
    parser.add_argument("--beside", default="nothing else", help="what else ran on the machine")
    args = parser.parse_args()

    found = {
        "date": date.today().isoformat(),
        "machine": processor_name(),
        "cores": os.cpu_count(),
        "beside": args.beside,
        "torch": torch.__version__,
        "processor": measure(args.repeats, not args.quick),
        "gpu": gpu.measure(gpu.parser().parse_args([])) if torch.cuda.is_available() else None,
    }
    store.write_json(found, f"{args.output}.json")
    with store.atomic(f"{args.output}.md") as partial:
        Path(partial).write_text(table(found), encoding="utf-8")
    print(table(found))


if __name__ == "__main__":
    main()
