"""Time ticket collection against a whole guided UNet call per noise and prompt, in one run.

    python -m benchmarks.collection resources/storybook/storybook-sd
    python -m benchmarks.collection path/to/sd14 --layer down_blocks.2.attentions.1 --categories 3

The whole call is what the authors' public code makes: both branches of guidance through the whole
UNet, of which only the maps of one layer are kept. Both routes score the same maps; the largest
difference between their scores is shown. Ours is timed a second time one prompt after the other,
to tell what stopping early gains from what sharing noises over prompts does.
"""

from __future__ import annotations

import argparse
import os
import time

import numpy as np
import torch

from seedbed import models, noise
from seedbed.attention.capture import Capture, of_words
from seedbed.lottery_ticket.tickets.collect import collect, pair_prompt, pairs_of, word_positions
from seedbed.lottery_ticket.tickets.reading import Reading
from seedbed.lottery_ticket.tickets.scores import scores
from seedbed.sampling.denoise import batches
from seedbed.sampling.drawing import Drawing
from seedbed.sampling.schedulers import Sampler

CATEGORIES = (
    "apple balloon boat butterfly car cup fish flower house mushroom star sun tree umbrella".split()
)


def paired_route(model, sampler, pairs, seeds, layer, batch: int, guided: bool) -> np.ndarray:
    """(noises, pairs, 2, cells) scores, ``batch`` (noise, prompt) pairs per UNet call.

    Args:
        model, sampler, pairs, seeds, layer: see ``lottery_ticket.tickets.collect``.
        batch: noise-prompt pairs per call.
        guided: whole UNet, and its unconditional branch too; otherwise stop after the layer.
    """
    condition = model.encode([pair_prompt(*pair) for pair in pairs])
    words = [word_positions(model.tokenizer, pair, False) for pair in pairs]
    capture = Capture(model, condition, [layer], sampler, truncate=not guided)
    empty = model.encode_unconditional(batch)
    latents = torch.stack([noise.latents(s, model.latent_shape, "cpu") for s in seeds])
    jobs = [(i, p) for i in range(len(seeds)) for p in range(len(pairs))]
    found = []
    for part in batches(len(jobs), batch):
        rows, prompts = zip(*jobs[part], strict=True)
        x = latents[list(rows)]
        maps = capture.paired(x, list(prompts))[capture.layers[0]]
        if guided:
            with torch.no_grad():
                model.predict(x, capture.timestep, empty.take(list(range(len(x)))))
        chosen = torch.stack(
            [of_words(m[None], words[p])[0] for m, p in zip(maps, prompts, strict=True)]
        )
        found.append(scores(chosen.float(), "minmax").numpy())
    every = np.concatenate(found)
    return every.reshape(len(seeds), len(pairs), *every.shape[1:])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", help="diffusers folder of an SD pipeline")
    parser.add_argument("--layer", default="down_blocks.1.attentions.0")
    parser.add_argument("--categories", type=int, default=8, help="all pairs of the first so many")
    parser.add_argument("--noises", type=int, default=8)
    parser.add_argument("--batch", type=int, default=16, help="noise-prompt pairs per UNet call")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=3, help="the shortest time is shown")
    args = parser.parse_args()

    torch.set_num_threads(args.threads)
    model = models.load("sd", args.folder, device="cpu")
    sampler = Sampler(20, 4.0, scheduler="ddim")
    pairs, seeds = pairs_of(CATEGORIES[: args.categories]), range(args.noises)
    maps = len(pairs) * len(seeds)
    drawing, reading = Drawing(model, sampler, batch=args.batch), Reading(args.layer)

    def ours() -> np.ndarray:
        (made,), _ = collect(drawing, reading, pairs, seeds)
        return made.scores.astype(np.float32)

    rest = (model, sampler, pairs, seeds, args.layer, args.batch)
    routes = {
        "whole guided call": lambda: paired_route(*rest, guided=True),
        "stopped early": lambda: paired_route(*rest, guided=False),
        "collect": ours,
    }
    seconds = dict.fromkeys(routes, float("inf"))
    results = {}
    for _ in range(args.repeats):
        for name, route in routes.items():
            start = time.perf_counter()
            results[name] = route()
            seconds[name] = min(seconds[name], time.perf_counter() - start)
    slow = next(iter(routes))
    print(
        f"{os.path.basename(os.path.normpath(args.folder))}, {args.layer}: {len(pairs)} pairs, "
        f"{len(seeds)} noises, {args.threads} threads, torch {torch.__version__}, "
        f"best of {args.repeats}"
    )
    print(f"{'route':<20} {'ms per map':>10} {'faster':>8} {'largest difference':>18}")
    for name in routes:
        gap = np.abs(results[name] - results[slow]).max()
        print(
            f"{name:<20} {1e3 * seconds[name] / maps:10.3f} "
            f"{seconds[slow] / seconds[name]:7.1f}x {gap:18.1e}"
        )


if __name__ == "__main__":
    main()
