"""Time the generation of images by our loop and by the diffusers pipeline, side by side in one run.

    python -m benchmarks.generation resources/storybook/storybook-sd --batch 16 --threads 2
    python -m benchmarks.generation resources/storybook/storybook-turbo --steps 1 --guidance 0
    python -m benchmarks.generation resources/storybook/storybook-sd --precisions float32 --compile

Ours in the plain memory layout, channels-last, and, if asked for, compiled (channels-last too; what
compiling takes is printed apart). All get the same latents and text embeddings computed beforehand:
the UNet's steps and the VAE are timed, and our loop's encoding of the empty prompt, which it does
once for each batch. bfloat16 is autocast in all.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable

import torch
from diffusers import DiffusionPipeline

from seedbed import models, noise, store
from seedbed.models.base import Condition, LatentModel
from seedbed.sampling.denoise import decode, denoise
from seedbed.sampling.schedulers import Sampler, make_scheduler

FAMILIES = {"StableDiffusionPipeline": "sd", "StableDiffusionXLPipeline": "sdxl"}
PRECISIONS = ("float32", "bfloat16")
PROMPT = "a red apple and a blue boat on the beach"


def load(
    folder: str, device: str, compiled: bool
) -> tuple[dict[str, LatentModel], DiffusionPipeline]:
    """The models by route and the pipeline of one folder; they share nothing."""
    name = store.read_json(os.path.join(folder, "model_index.json"))["_class_name"]
    if name not in FAMILIES:
        raise SystemExit(f"{folder}: {name} is none of {', '.join(FAMILIES)}")
    pipe = DiffusionPipeline.from_pretrained(folder, dtype=torch.float32).to(device)
    pipe.set_progress_bar_config(disable=True)
    settings = {"seedbed": ("contiguous", False), "channels-last": ("channels_last", False)}
    if compiled:
        settings["compiled"] = ("channels_last", True)
    found = {route: models.load(FAMILIES[name], folder, device=device) for route in settings}
    for route, how in settings.items():
        found[route].settle(*how)
    return found, pipe


def embeddings(condition: Condition, prefix: str) -> dict[str, torch.Tensor]:
    """A condition as a pipeline takes it."""
    arguments = {f"{prefix}prompt_embeds": condition.embeddings}
    if "text_embeds" in condition.added:
        arguments[f"{prefix}pooled_prompt_embeds"] = condition.added["text_embeds"]
    return arguments


def routes(
    ours: dict[str, LatentModel], pipe: DiffusionPipeline, sampler: Sampler, batch: int
) -> dict[str, Callable[[], torch.Tensor]]:
    """What is timed, by name; each gives (batch, 3, H, W) pixels."""
    model = ours["seedbed"]
    latents = noise.batch(range(batch), model.latent_shape, "cpu")
    condition = model.encode([PROMPT] * batch)
    arguments = embeddings(condition, "")
    if sampler.guided:
        arguments |= embeddings(model.encode_unconditional(batch), "negative_")
    pipe.scheduler = make_scheduler(model, sampler)
    bf16 = sampler.precision == "bfloat16"

    def route_of(mine: LatentModel) -> Callable[[], torch.Tensor]:
        return lambda: decode(mine, denoise(mine, latents, condition, sampler), sampler)

    def theirs() -> torch.Tensor:
        with torch.autocast(model.device.type, torch.bfloat16, enabled=bf16):
            return pipe(
                **arguments,
                latents=latents,
                height=model.resolution,
                width=model.resolution,
                num_inference_steps=sampler.steps,
                guidance_scale=sampler.guidance,
                output_type="pt",
            ).images

    return {route: route_of(mine) for route, mine in ours.items()} | {"diffusers": theirs}


def shortest(
    calls: dict[str, Callable[[], torch.Tensor]], repeats: int, device: torch.device
) -> tuple[dict[str, float], dict[str, torch.Tensor]]:
    """Shortest seconds and last result of each call; taken in turns, after one round unmeasured."""
    seconds = dict.fromkeys(calls, float("inf"))
    results = {}
    for r in range(repeats + 1):
        for name, call in calls.items():
            start = time.perf_counter()
            results[name] = call()
            if device.type == "cuda":
                torch.cuda.synchronize()
            if r == 0 and name == "compiled":
                print(f"first call of {name}: {time.perf_counter() - start:.1f} s", flush=True)
            if r > 0:
                seconds[name] = min(seconds[name], time.perf_counter() - start)
    return seconds, results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", help="diffusers pipeline folders, SD or SDXL")
    parser.add_argument("--batch", type=int, default=16, help="images per UNet batch")
    parser.add_argument("--steps", type=int, default=15)
    parser.add_argument("--guidance", type=float, default=7.5)
    parser.add_argument("--scheduler", default="own", help="own, ddim or euler_ancestral")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="of the CPU")
    parser.add_argument("--repeats", type=int, default=3, help="the shortest time is shown")
    parser.add_argument("--precisions", nargs="+", choices=PRECISIONS, default=PRECISIONS)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--compile", action="store_true", help="also compiled; needs a compiler")
    args = parser.parse_args()

    torch.set_num_threads(args.threads)
    width = max(len(os.path.basename(os.path.normpath(f))) for f in args.folders)
    print(
        f"batch {args.batch}, {args.steps} steps, guidance {args.guidance:g}, {args.device}, "
        f"{args.threads} threads, torch {torch.__version__}, best of {args.repeats}"
    )
    print(
        f"{'model':<{width}} {'precision':<9} {'route':<13} {'images/s':>9} "
        f"{'to diffusers':>12} {'largest difference':>18}"
    )
    for folder in args.folders:
        ours, pipe = load(folder, args.device, args.compile)
        name = os.path.basename(os.path.normpath(folder))
        for precision in args.precisions:
            sampler = Sampler(
                args.steps, args.guidance, scheduler=args.scheduler, precision=precision
            )
            calls = routes(ours, pipe, sampler, args.batch)
            seconds, pixels = shortest(calls, args.repeats, ours["seedbed"].device)
            for route in calls:
                ratio = seconds["diffusers"] / seconds[route]
                difference = (pixels[route] - pixels["diffusers"].float()).abs().max()
                rate = args.batch / seconds[route]
                print(
                    f"{name:<{width}} {precision:<9} {route:<13} {rate:9.2f} "
                    f"{ratio:11.2f}x {difference:18.1e}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
