"""Time the papers' models at full size on a GPU: bfloat16, channels-last, compiled.

    python -m benchmarks.gpu
    python -m benchmarks.gpu --device cpu --models sd_2_base --resolution 64 --batch 1 --steps 1 \\
        --maps 4 --eager                                    # a try without a GPU

Weights are random. Beside images per second stands the share of the GPU's peak: floating-point
operations of UNet and VAE (a multiplication and an addition are two, attention included) a second,
over those of a product of two large bfloat16 matrices, measured in the same run.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from dataclasses import dataclass
from types import SimpleNamespace

import torch
from diffusers import EulerAncestralDiscreteScheduler, PNDMScheduler
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.networks import empty_networks, random_networks
from seedbed import noise
from seedbed.lottery_ticket.tickets.collect import collect
from seedbed.lottery_ticket.tickets.reading import Reading
from seedbed.models import architectures, sd, sdxl
from seedbed.provenance import device_name
from seedbed.sampling.denoise import decode, denoise
from seedbed.sampling.drawing import Drawing
from seedbed.sampling.schedulers import Sampler

LAYER = "down_blocks.2.attentions.1"
MAPS_IN = 60.0
"""Seconds in which 70,000 first-step maps should be collected."""


@dataclass(frozen=True)
class Setting:
    """A model as the papers draw with it.

    Attributes:
        sampler: steps, guidance, scheduler.
        batch: images per UNet batch.
        goal: share of the GPU's peak, or ``None``.
    """

    sampler: Sampler
    batch: int
    goal: float | None


SETTINGS = {
    "sd_1": Setting(Sampler(50, 7.5, scheduler="ddim"), 32, None),
    "sd_2_base": Setting(Sampler(40, 7.5, scheduler="ddim"), 32, 0.40),
    "sdxl_turbo": Setting(Sampler(1, 0.0), 64, 0.30),
}


def synchronise(device: str) -> None:
    if device.startswith("cuda"):
        torch.cuda.synchronize()


def peak_flops(device: str, side: int, repeats: int = 10) -> float:
    """Operations per second of the fastest of some bfloat16 products of square matrices."""
    a = torch.randn(side, side, device=device, dtype=torch.bfloat16)
    best = math.inf
    for _ in range(repeats + 1):
        synchronise(device)
        start = time.perf_counter()
        a @ a
        synchronise(device)
        best = min(best, time.perf_counter() - start)
    return 2 * side**3 / best


def flops_of_image(name: str, sampler: Sampler, resolution: int | None) -> float:
    """Of the UNet's steps, with both branches where it is guided, and of the VAE; by shapes."""
    networks = empty_networks(name)
    unet, vae = networks["unet"], networks["vae"]
    side = resolution // 8 if resolution else unet.config.sample_size

    def empty(*shape: int) -> torch.Tensor:
        return torch.empty(shape, device="meta")

    added = {}
    if "text_encoder_2" in networks:
        width = networks["text_encoder_2"].config.projection_dim
        added["added_cond_kwargs"] = {"text_embeds": empty(1, width), "time_ids": empty(1, 6)}
    z = empty(1, vae.config.latent_channels, side, side)
    states = empty(1, 77, unet.config.cross_attention_dim)
    with torch.no_grad(), FlopCounterMode(display=False) as step:
        unet(z, torch.tensor(1, device="meta"), states, **added)
    with torch.no_grad(), FlopCounterMode(display=False) as last:
        vae.decode(z)
    rows = sampler.steps * (2 if sampler.guided else 1)
    return rows * step.get_total_flops() + last.get_total_flops()


def load(name: str, device: str, resolution: int | None, compiled: bool):
    """A model of a family, in bfloat16 and channels-last, with random weights."""
    folder = architectures.folder_of(name)
    turbo = name == "sdxl_turbo"
    kind = EulerAncestralDiscreteScheduler if turbo else PNDMScheduler
    parts = random_networks(name, device, torch.bfloat16) | architectures.tokenizers(name)
    pipe = SimpleNamespace(
        **parts,
        scheduler=kind.from_pretrained(folder, subfolder="scheduler"),
        config=SimpleNamespace(force_zeros_for_empty_prompt=turbo),
    )
    model = (sdxl if turbo else sd).Family(pipe, resolution)
    model.settle("channels_last", compiled)
    return model


def generation(name: str, args: argparse.Namespace, peak: float) -> dict:
    """Images per second of the loop and the VAE, the share of the peak, the peak of memory."""
    setting = SETTINGS[name]
    sampler = setting.sampler
    if args.steps:
        sampler = Sampler(args.steps, sampler.guidance, scheduler=sampler.scheduler)
    batch = args.batch or setting.batch
    model = load(name, args.device, args.resolution, not args.eager)
    condition = model.encode(["a red apple and a blue boat on the beach"] * batch)
    x = noise.batch(range(batch), model.latent_shape, "cpu")
    cuda = args.device.startswith("cuda")
    if cuda:
        torch.cuda.reset_peak_memory_stats()
    best = math.inf
    for turn in range(args.repeats + 1):
        synchronise(args.device)
        start = time.perf_counter()
        decode(model, denoise(model, x, condition, sampler), sampler)
        synchronise(args.device)
        if turn:
            best = min(best, time.perf_counter() - start)
    rate = batch / best
    share = rate * flops_of_image(name, sampler, args.resolution) / peak
    return {
        "task": f"generation, {name}",
        "size": f"{model.resolution} px, {sampler.steps} steps, batch {batch}",
        "images_per_second": rate,
        "share_of_peak": share,
        "memory_gb": torch.cuda.max_memory_allocated() / 1e9 if cuda else None,
        "goal": setting.goal,
        "met": None if setting.goal is None else share >= setting.goal,
    }


def collection(args: argparse.Namespace) -> dict:
    """First-step maps of SD 1.4: 100 noises of each pair of names, as many as are asked for."""
    model = load("sd_1", args.device, args.resolution, False)
    names = [f"thing {i}" for i in range(40)]
    pairs = [(a, b) for i, a in enumerate(names) for b in names[i + 1 :]]
    noises = min(100, args.maps)
    pairs = pairs[: max(args.maps // noises, 1)]
    drawing = Drawing(model, Sampler(50, 7.5, scheduler="ddim"), batch=args.batch or 128)
    collect(drawing, Reading(LAYER), pairs[:1], range(min(2, noises)))
    synchronise(args.device)
    start = time.perf_counter()
    collect(drawing, Reading(LAYER), pairs, range(noises))
    synchronise(args.device)
    seconds = time.perf_counter() - start
    maps = noises * len(pairs)
    return {
        "task": "tickets, sd_1",
        "size": f"{model.resolution} px, {len(pairs)} pairs, {noises} noises",
        "maps_per_second": maps / seconds,
        "seconds_for_70000": 70_000 * seconds / maps,
        "goal": MAPS_IN,
        "met": 70_000 * seconds / maps <= MAPS_IN,
    }


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    made.add_argument("--device", default="cuda")
    made.add_argument("--models", nargs="+", choices=SETTINGS, default=list(SETTINGS))
    made.add_argument("--resolution", type=int, help="pixels; default: the models' own")
    made.add_argument("--batch", type=int, help="default: each model's")
    made.add_argument("--steps", type=int, help="default: each model's")
    made.add_argument("--maps", type=int, default=70_000, help="first-step maps, at most 78,000")
    made.add_argument("--repeats", type=int, default=3, help="the shortest time is shown")
    made.add_argument("--eager", action="store_true", help="do not compile")
    return made


def measure(args: argparse.Namespace) -> dict:
    """Everything, ready for JSON."""
    peak = peak_flops(args.device, 8192 if args.device.startswith("cuda") else 1024)
    rows = [generation(name, args, peak) for name in args.models]
    if "sd_1" in args.models:
        rows.append(collection(args))
    return {"device": device_name(), "peak_tflops": peak / 1e12, "rows": rows}


def main() -> None:
    print(json.dumps(measure(parser().parse_args()), indent=2))


if __name__ == "__main__":
    main()
