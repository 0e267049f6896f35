"""What is compared at Storybook size: four tasks, each beside what one would write without us."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from diffusers import StableDiffusionPipeline
from PIL import Image
from safetensors.torch import load_file

from benchmarks.collection import CATEGORIES, paired_route
from benchmarks.comparison import Comparison, shortest
from benchmarks.frechet import draw_pair
from seedbed import store
from seedbed.evaluators import registry, shards
from seedbed.lottery_ticket.tickets.collect import collect, pairs_of
from seedbed.lottery_ticket.tickets.reading import Reading
from seedbed.sampling.denoise import batches
from seedbed.sampling.drawing import Drawing
from seedbed.sampling.generate import generate, grid_pairs
from seedbed.sampling.schedulers import make_scheduler
from seedbed.statistics import frechet

TEXTS = [f"a red {noun} and a blue boat on the beach" for noun in CATEGORIES[:8]]
ALONE = 8
"""Images that are drawn, or scored, one a call: enough for a rate."""


def generation(
    name: str, entry: Mapping, seeds: int, repeats: int, folder: Path
) -> Iterator[Comparison]:
    """Images as files: ``sampling.generate`` beside a loop over the diffusers pipeline.

    Args:
        name, entry: of a model in the config; both sides' networks are of its ``weights``.
        seeds: each draws every text.
        repeats: the shortest time counts.
        folder: where the images go.
    """
    drawing, weights = Drawing.of(entry), entry["weights"]
    sampler, model = drawing.sampler, drawing.model
    pipe = StableDiffusionPipeline.from_pretrained(
        entry["source"], dtype=getattr(torch, weights), safety_checker=None
    )
    pipe.scheduler = make_scheduler(model, sampler)
    pipe.set_progress_bar_config(disable=True)
    prompts = pd.DataFrame({"prompt_id": [f"p{i}" for i in range(len(TEXTS))], "text": TEXTS})
    pairs = grid_pairs(range(seeds), prompts["prompt_id"].tolist())
    text_of = dict(zip(prompts["prompt_id"], prompts["text"], strict=True))
    shard = folder / f"{name}.parquet"

    def theirs(size: int, rows: pd.DataFrame) -> None:
        for part in batches(len(rows), size):
            chosen = rows[part]
            latents = torch.stack([drawing.latent(int(s)) for s in chosen["seed"]])
            images = pipe(
                [text_of[p] for p in chosen["prompt_id"]],
                latents=latents.to(pipe.dtype),
                generator=[torch.Generator().manual_seed(int(s)) for s in chosen["seed"]],
                num_inference_steps=sampler.steps,
                guidance_scale=sampler.guidance,
                eta=sampler.eta,
            ).images
            for row, image in zip(chosen.itertuples(), images, strict=True):
                image.save(folder / f"{name}_{row.seed}_{row.prompt_id}.png")

    calls = {
        "alone": lambda: theirs(1, pairs[:ALONE]),
        "batched": lambda: theirs(drawing.batch, pairs),
        "ours": lambda: generate(drawing, pairs, prompts, shard, "png"),
    }
    seconds, _ = shortest(calls, repeats)
    rates = {key: (ALONE if key == "alone" else len(pairs)) / s for key, s in seconds.items()}
    gap = _largest_gap(shard, pairs, folder, name)
    for key, words, goal in (
        ("alone", "diffusers pipeline, one image a call", 5),
        ("batched", f"diffusers pipeline, {drawing.batch} a call", 1),
    ):
        yield Comparison(
            task=f"generation, {name}",
            size=f"{len(pairs)} images, {sampler.steps} steps, guidance {sampler.guidance:g}, "
            f"{weights} weights",
            unit="images",
            theirs=words,
            ours=f"generate, batches of {drawing.batch}",
            their_rate=rates[key],
            our_rate=rates["ours"],
            goal=goal,
            difference=f"{gap} of 255 grey levels",
        )


def _largest_gap(shard: Path, pairs: pd.DataFrame, folder: Path, name: str) -> int:
    ids = pairs["prompt_id"].unique().tolist()
    found = store.pick_images([shard], sorted(pairs["seed"].unique().tolist()), ids)
    gaps = []
    for (seed, prompt), ours in found.items():
        theirs = np.asarray(Image.open(folder / f"{name}_{seed}_{prompt}.png").convert("RGB"))
        gaps.append(int(np.abs(theirs.astype(int) - ours.astype(int)).max()))
    return max(gaps)


def fid(n: int, d: int, n_reference: int, seeds: int, repeats: int) -> Comparison:
    """Fréchet distance of every seed from statistics of a reference that are there already.

    Args:
        n, d: feature vectors of a seed and their length.
        n_reference: of the reference.
        seeds: ours are measured for so many, pytorch-fid's for one.
        repeats: the shortest time counts.
    """
    from pytorch_fid.fid_score import calculate_frechet_distance

    drawn = [draw_pair(n, n_reference, d, seed) for seed in range(seeds)]
    features = {seed: x for seed, (x, _) in enumerate(drawn)}
    real = drawn[0][1]
    mean, cov = real.mean(axis=0), np.cov(real, rowvar=False)
    reference = frechet.Reference.from_features(real)

    def theirs() -> float:
        x = features[0]
        one = calculate_frechet_distance(x.mean(axis=0), np.cov(x, rowvar=False), mean, cov)
        return float(one)

    calls = {"theirs": theirs, "ours": lambda: frechet.per_seed(features, reference)}
    seconds, results = shortest(calls, repeats, warm=d < 1000)
    gap = abs(results["ours"][0] / results["theirs"] - 1)
    return Comparison(
        task="per-seed FD",
        size=f"{n} features of {d} a seed, reference of {n_reference}",
        unit="seeds",
        theirs="pytorch-fid's calculate_frechet_distance",
        ours="frechet.per_seed",
        their_rate=1 / seconds["theirs"],
        our_rate=seeds / seconds["ours"],
        goal=10,
        difference=f"{gap:.0e} relative",
    )


def preference(name: str, entry: Mapping, drawn: str, folder: Path, repeats: int) -> Comparison:
    """Scores of stored images: ``evaluators.shards`` beside what hpsv2's ``score`` does.

    That package's function keeps its network, and at every call loads its checkpoint into it,
    opens an image, tokenises the prompt and runs both towers for this one pair
    (hpsv2/img_score.py). Here it does so with the network of the scorer at hand, since the
    package itself cannot live in this environment.

    Args:
        name, entry: of a scorer in the config.
        drawn: name of the model whose images ``generation`` left in the folder.
        folder: it.
        repeats: the shortest time counts.
    """
    shard, out = folder / f"{drawn}.parquet", folder / "scores.parquet"
    keys = pd.read_parquet(shard, columns=["seed", "prompt_id"])
    prompts = pd.DataFrame({"prompt_id": [f"p{i}" for i in range(len(TEXTS))], "text": TEXTS})
    kept = registry.load("scorers", entry, name)

    def score_one(path: Path, text: str) -> float:
        kept.model.load_state_dict(load_file(Path(entry["source"], "model.safetensors")))
        image = np.asarray(Image.open(path).convert("RGB"))
        kept.prepare([text])
        return float(kept.score(image[None], [0])[0])

    def theirs() -> list[float]:
        return [
            score_one(
                folder / f"{drawn}_{row.seed}_{row.prompt_id}.png", TEXTS[int(row.prompt_id[1:])]
            )
            for row in keys[:ALONE].itertuples()
        ]

    def ours() -> list[float]:
        shards.score(shard, prompts, out, registry.load("scorers", entry, name))
        return store.read_table(out)["score"].tolist()

    seconds, results = shortest({"theirs": theirs, "ours": ours}, repeats)
    gap = np.abs(np.array(results["ours"][:ALONE]) - results["theirs"]).max()
    return Comparison(
        task=f"preference, {name}",
        size=f"{len(keys)} images of {len(TEXTS)} prompts, loading included",
        unit="images",
        theirs="one pair a call, weights loaded anew, as hpsv2's score()",
        ours="shards.score, loaded once, prompts encoded once",
        their_rate=ALONE / seconds["theirs"],
        our_rate=len(keys) / seconds["ours"],
        goal=5,
        difference=f"{gap:.0e} in cosine",
    )


def tickets(name: str, entry: Mapping, noises: int, repeats: int) -> Comparison:
    """First-step maps of pairs of names: ``collect`` beside whole guided calls of the UNet."""
    drawing = Drawing.of(entry)
    model, sampler, layer = drawing.model, drawing.sampler, entry["ticket_layer"]
    pairs, seeds = pairs_of(CATEGORIES[:8]), range(noises)

    def theirs() -> np.ndarray:
        return paired_route(model, sampler, pairs, seeds, layer, drawing.batch, guided=True)

    def ours() -> np.ndarray:
        (made,), _ = collect(drawing, Reading(layer), pairs, seeds)
        return made.scores.astype(np.float32)

    seconds, results = shortest({"theirs": theirs, "ours": ours}, repeats)
    gap = np.abs(results["ours"] - results["theirs"]).max()
    maps = len(pairs) * len(seeds)
    return Comparison(
        task=f"tickets, {name}",
        size=f"{len(pairs)} pairs, {noises} noises, {layer}",
        unit="maps",
        theirs=f"whole guided UNet calls, {drawing.batch} rows each",
        ours="collect",
        their_rate=maps / seconds["theirs"],
        our_rate=maps / seconds["ours"],
        goal=6,
        difference=f"{gap:.0e} in score",
    )
