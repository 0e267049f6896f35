"""How each Storybook model is made, step by step, from the config's ``training`` entry.

Every recipe reads and writes one training folder, which the history ignores. Each resumes
from its checkpoint. ``publish`` then writes the float16 folders that ship, with a model
card of what they are.
"""

from __future__ import annotations

import logging
import shutil
from functools import partial
from pathlib import Path

import torch
from diffusers import AutoencoderKL, StableDiffusionPipeline
from transformers import CLIPTokenizer

from seedbed import store
from seedbed.models.sd import StableDiffusion
from seedbed.sampling.denoise import Sampler
from seedbed.storybook import (
    autoencoder,
    classifier,
    contrastive,
    data,
    text_to_image,
    tokenizer,
    turbo,
)
from seedbed.storybook.training import Schedule, spawn

log = logging.getLogger(__name__)


def _scenes(folder: Path, entry: dict) -> data.SceneSet:
    return data.cached_set(folder, entry["scenes"], entry["seed"])


def _tokenizer(folder: Path) -> CLIPTokenizer:
    return CLIPTokenizer.from_pretrained(folder / "tokenizer")


def _vae(folder: Path, name: str = "vae") -> AutoencoderKL:
    return AutoencoderKL.from_pretrained(folder / name, torch_dtype=torch.float32).eval()


def make_vae(folder: Path, entry: dict) -> None:
    """Autoencoder; the encoder is final afterwards."""
    torch.manual_seed(entry["seed"])
    schedule = Schedule(**entry["vae"])
    autoencoder.fit(_scenes(folder, entry), schedule, folder / "vae.pt").save_pretrained(
        folder / "vae"
    )


def make_decoder(folder: Path, entry: dict) -> None:
    """Train the decoder further; latents, and so the UNet, are not touched."""
    vae = autoencoder.fit_decoder(
        _vae(folder), _scenes(folder, entry), Schedule(**entry["decoder"]), folder / "decoder.pt"
    )
    vae.save_pretrained(folder / "vae_tuned")


def make_net(folder: Path, entry: dict) -> None:
    """The classifier whose features stand in for Inception's."""
    schedule = Schedule(**entry["net"])
    classifier.fit(_scenes(folder, entry), schedule, folder / "net.pt").save(
        folder / "storybook-net"
    )


def make_tokenizer(folder: Path, entry: dict) -> None:
    """Byte-pair merges over the captions of the training scenes."""
    tokenizer.fit(_scenes(folder, entry).captions.tolist(), folder / "tokenizer")


def _token_ids(folder: Path, entry: dict) -> torch.Tensor:
    """Token ids of all training captions, made once."""
    path = folder / "ids.pt"
    if not path.exists():
        captions = _scenes(folder, entry).captions.tolist()
        with store.atomic(path) as partial_path:
            torch.save(tokenizer.encode(_tokenizer(folder), captions).short(), partial_path)
    return torch.load(path, weights_only=True).long()


def make_clip(folder: Path, entry: dict) -> None:
    """The CLIP that stands in for a preference score."""
    words = _tokenizer(folder)
    ids = _token_ids(folder, entry)
    schedule = Schedule(**entry["clip"])
    model = contrastive.fit(words, _scenes(folder, entry), ids, schedule, folder / "clip.pt")
    contrastive.save(model, words, folder / "storybook-clip")


def _fit_text_to_image(folder: Path, entry: dict):
    words = _tokenizer(folder)
    latents = torch.load(folder / "latents.pt", weights_only=True)
    empty = tokenizer.encode(words, [""])[0]
    schedule = Schedule(**entry["text_to_image"])
    return text_to_image.fit(
        words, latents, _token_ids(folder, entry), empty, schedule, folder / "sd.pt"
    )


def make_text_to_image(folder: Path, entry: dict) -> None:
    """UNet and text encoder on latents encoded once."""
    if not (folder / "latents.pt").exists():
        latents = autoencoder.encode_all(_vae(folder), _scenes(folder, entry).images)
        with store.atomic(folder / "latents.pt") as partial_path:
            torch.save(latents, partial_path)
    _token_ids(folder, entry)
    if entry["workers"] > 1:
        spawn(partial(_fit_text_to_image, folder, entry), entry["workers"])
    # All steps are done: this reads the checkpoint and returns the averaged weights.
    model = _fit_text_to_image(folder, entry)
    text_to_image.pipeline(_vae(folder), model, _tokenizer(folder)).save_pretrained(
        folder / "storybook-sd"
    )


def _fit_turbo(folder: Path, entry: dict):
    teacher = StableDiffusion.load(
        str(folder / "storybook-sd"), revision=None, device="cpu", resolution=None
    )
    distil = entry["turbo"]
    ids = _token_ids(folder, entry)[: distil["pairs"]]
    targets = torch.load(folder / "pairs.pt", weights_only=True)
    schedule = Schedule(**distil["schedule"])
    return turbo.fit(teacher, targets, ids, distil["pair_seed"], schedule, folder / "turbo.pt")


def make_pairs(folder: Path, entry: dict) -> None:
    """What the teacher draws from known noises, for the student to imitate."""
    distil = entry["turbo"]
    teacher = StableDiffusion.load(
        str(folder / "storybook-sd"), revision=None, device="cpu", resolution=None
    )
    ids = _token_ids(folder, entry)[: distil["pairs"]]
    turbo.draw_pairs(
        teacher,
        ids,
        Sampler(**distil["teacher"]),
        distil["pairs"],
        distil["pair_seed"],
        folder / "pairs.pt",
    )


def make_turbo(folder: Path, entry: dict) -> None:
    """Distil ``storybook-sd`` to one step."""
    if entry["workers"] > 1:
        spawn(partial(_fit_turbo, folder, entry), entry["workers"])
    unet = _fit_turbo(folder, entry)
    pipe = StableDiffusionPipeline.from_pretrained(
        folder / "storybook-sd", unet=unet, torch_dtype=torch.float32, safety_checker=None
    )
    pipe.scheduler = turbo.build_scheduler()
    pipe.save_pretrained(folder / "storybook-turbo")


RECIPES = {
    "vae": make_vae,
    "decoder": make_decoder,
    "net": make_net,
    "tokenizer": make_tokenizer,
    "clip": make_clip,
    "text_to_image": make_text_to_image,
    "pairs": make_pairs,
    "turbo": make_turbo,
}


def publish(folder: Path, target: Path) -> dict[str, str]:
    """Write the float16 folders that ship, and return each file's sha256.

    The tuned decoder goes into both pipelines.
    """
    target = Path(target)
    vae = _vae(folder, "vae_tuned").half()
    for name in ("storybook-sd", "storybook-turbo"):
        pipe = StableDiffusionPipeline.from_pretrained(
            folder / name, vae=vae, torch_dtype=torch.float16, safety_checker=None
        )
        shutil.rmtree(target / name, ignore_errors=True)
        pipe.save_pretrained(target / name)
    for name in ("storybook-net", "storybook-clip"):
        shutil.rmtree(target / name, ignore_errors=True)
        shutil.copytree(folder / name, target / name)
    files = sorted(p for p in target.rglob("*") if p.is_file() and p.name != "SHA256SUMS")
    sums = {str(p.relative_to(target)): store.sha256_of(p) for p in files}
    lines = [f"{digest}  {name}" for name, digest in sums.items()]
    store.write_text("\n".join(lines) + "\n", target / "SHA256SUMS")
    return sums
