"""How good the Storybook models are, against the world's ground truth.

The judge of generated pictures is ``storybook-net``, which no generator ever saw; its
own accuracy on held-out scenes stands in the same table.
"""

from __future__ import annotations

import logging

import numpy as np
import pandas as pd
import torch

from seedbed import noise
from seedbed.evaluators.extractors.storybook_net import StorybookNet, normalise
from seedbed.models.base import to_uint8
from seedbed.progress import Progress
from seedbed.sampling.denoise import batches, decode, denoise
from seedbed.sampling.drawing import Drawing
from seedbed.sampling.finite import named
from seedbed.storybook.autoencoder import psnr
from seedbed.storybook.classifier import accuracy
from seedbed.storybook.data import draw_set
from seedbed.storybook.detector import average_precision, draw_labelled
from seedbed.storybook.prompts import HELD_OUT, object_prompts

log = logging.getLogger(__name__)


def judge_images(net: StorybookNet, images: np.ndarray, truth: pd.DataFrame) -> pd.DataFrame:
    """Per image: are all prompted objects there, and all in their prompted colour?

    Args:
        net: the judge.
        images: (n, 64, 64, 3) uint8.
        truth: columns ``kinds``, ``colors``, one row per image.

    Returns:
        bool columns ``objects`` and ``colors`` (right objects in the right colours).
    """
    states = []
    with torch.no_grad():
        for part in batches(len(images), 128):
            states.append(net(normalise(images[part]))[0].argmax(-1).numpy() - 1)
    states = np.concatenate(states)
    rows = []
    for said, kinds, colors in zip(states, truth["kinds"], truth["colors"], strict=True):
        where = [net.objects.index(k) for k in kinds]
        wanted = [net.colors.index(c) for c in colors]
        rows.append(
            {
                "objects": all(said[i] >= 0 for i in where),
                "colors": all(said[i] == c for i, c in zip(where, wanted, strict=True)),
            }
        )
    return pd.DataFrame(rows)


def generate_for(drawing: Drawing, texts: list[str], first_seed: int) -> np.ndarray:
    """One image per prompt, each from its own seed ``first_seed + i`` (CPU stream)."""
    model = drawing.model
    condition = model.encode(texts)
    images = []
    progress = Progress(len(texts), "images", log)
    for part in batches(len(texts), drawing.batch):
        seeds = range(first_seed + part.start, first_seed + part.stop)
        x = noise.batch(list(seeds), model.latent_shape, "cpu")
        prompts = condition.take(torch.arange(part.start, part.stop))
        who = named(seeds, texts[part])
        z = denoise(model, x, prompts, drawing.sampler, who=who)
        images.append(to_uint8(decode(model, z, drawing.sampler, who)))
        progress.add(len(z))
    return np.concatenate(images)


def retrieval_accuracy(scorer, images: np.ndarray, texts: list[str], choices: int, seed: int):
    """(n,) bool: is the true caption the best among ``choices``, the others drawn from the rest?"""
    image = torch.cat([scorer.embed_images(images[p]) for p in batches(len(images), 256)])
    text = scorer.embed_texts(texts)
    rng = np.random.default_rng(seed)
    hits = []
    for i in range(len(texts)):
        others = rng.choice(np.delete(np.arange(len(texts)), i), choices - 1, replace=False)
        scores = image[i] @ text[torch.tensor([i, *others])].T
        hits.append(int(scores.argmax()) == 0)
    return np.array(hits)


def prompt_quality(drawing: Drawing, net: StorybookNet, per_kind: int, seed: int) -> list[dict]:
    """``measure``, ``value`` of every image of one-object and two-object held-out prompts."""
    rows = []
    for n_objects, kind in ((1, "one_object"), (2, "two_objects")):
        truth = object_prompts(n_objects, per_kind, seed)
        images = generate_for(drawing, truth["text"].tolist(), seed)
        judged = judge_images(net, images, truth)
        for column in judged:
            rows += [{"measure": f"{kind}_{column}", "value": float(v)} for v in judged[column]]
    return rows


def evaluator_quality(
    net: StorybookNet, scorer, vae, n_scenes: int, choices: int, seed: int
) -> pd.DataFrame:
    """``measure``, ``value`` of every held-out scene (or object): VAE, net and CLIP."""
    scenes = draw_set(n_scenes, HELD_OUT + seed + 1)
    texts = scenes.captions.tolist()
    hits = retrieval_accuracy(scorer, scenes.images, texts, choices, seed)
    measures = {"vae_psnr": psnr(vae, scenes.images), "clip_choice": hits}
    measures |= {f"net_{k}": v for k, v in accuracy(net, scenes).items()}
    return pd.concat(
        [
            pd.DataFrame({"measure": name, "value": np.asarray(values, dtype=np.float64)})
            for name, values in measures.items()
        ],
        ignore_index=True,
    )


def detector_quality(detector, n_scenes: int, seed: int) -> pd.DataFrame:
    """``measure``, ``value``: average precision at IoU 0.5 of every class, on held-out scenes.

    Their mean is the mAP50.

    Args:
        detector: see ``evaluators.detectors.ultralytics``.
        n_scenes: how many scenes.
        seed: of the scenes.
    """
    truth = draw_labelled(n_scenes, HELD_OUT + seed + 2)
    precision = average_precision(truth, detector(truth.images))["ap50"]
    return pd.DataFrame({"measure": "yolo_ap50", "value": precision.astype(float)})
