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
from diffusers import (
    AutoencoderKL,
    StableDiffusionInpaintPipeline,
    StableDiffusionPipeline,
)
from transformers import CLIPTextModel, CLIPTokenizer

from seedbed import store
from seedbed.models.checkpoint import Checkpoint
from seedbed.models.sd import Family as StableDiffusion
from seedbed.sampling.schedulers import Sampler
from seedbed.storybook import (
    autoencoder,
    classifier,
    contrastive,
    data,
    depth,
    detector,
    grounding,
    inpainting,
    masking,
    matching,
    segmenter,
    text_encoder,
    text_to_image,
    tokenizer,
    turbo,
)
from seedbed.storybook.training import Schedule, spawn

log = logging.getLogger(__name__)
SHIPPED = Path("resources/storybook")
"""What the models that start from ``storybook-sd`` start from where it was not trained anew."""


def _which(entry: dict, part: str) -> tuple[int, int, list[float]]:
    scenes = entry["scenes"][part]
    return scenes["count"], scenes["seed"], scenes["mix"]


def _scenes(folder: Path, entry: dict, part: str) -> data.SceneSet:
    """The training scenes of ``"evaluators"`` (and the VAE) or of the ``"generator"``."""
    return data.cached_set(folder, *_which(entry, part))


def _tokenizer(folder: Path) -> CLIPTokenizer:
    return CLIPTokenizer.from_pretrained(folder / "tokenizer")


def _vae(folder: Path) -> AutoencoderKL:
    return AutoencoderKL.from_pretrained(folder / "vae", dtype=torch.float32).eval()


def make_vae(folder: Path, entry: dict) -> None:
    """Autoencoder, 64×64 pixels to 4×16×16 latents."""
    schedule = Schedule(**entry["vae"])
    torch.manual_seed(schedule.seed)
    autoencoder.fit(
        _scenes(folder, entry, "evaluators"), schedule, folder / "vae.pt"
    ).save_pretrained(folder / "vae")


def make_net(folder: Path, entry: dict) -> None:
    """The classifier whose features stand in for Inception's."""
    schedule = Schedule(**entry["net"])
    classifier.fit(_scenes(folder, entry, "evaluators"), schedule, folder / "net.pt").save(
        folder / "storybook-net"
    )


def make_tokenizer(folder: Path, entry: dict) -> None:
    """Byte-pair merges over the captions of the training scenes."""
    tokenizer.fit(
        _scenes(folder, entry, "evaluators").captions[:20_000].tolist(), folder / "tokenizer"
    )


def _save(tensor: torch.Tensor, path: Path) -> None:
    with store.atomic(path) as partial_path:
        torch.save(tensor, partial_path)


def _token_ids(folder: Path, entry: dict, part: str) -> torch.Tensor:
    """Token ids of all training captions of a part, made once."""
    captions = _scenes(folder, entry, part).captions.tolist()
    path = data.set_path(folder, *_which(entry, part)) / "ids.pt"
    if not path.exists():
        _save(tokenizer.encode(_tokenizer(folder), captions).short(), path)
    return torch.load(path, weights_only=True).long()


def make_clip(folder: Path, entry: dict) -> None:
    """The CLIP that stands in for a preference score."""
    words = _tokenizer(folder)
    ids = _token_ids(folder, entry, "evaluators")
    schedule = Schedule(**entry["clip"])
    model = contrastive.fit(
        words, _scenes(folder, entry, "evaluators"), ids, schedule, folder / "clip.pt"
    )
    contrastive.save(model, words, folder / "storybook-clip")


def make_text_encoder(folder: Path, entry: dict) -> None:
    """The text encoder, and its states of all training captions."""
    ids = _token_ids(folder, entry, "generator")
    words = _tokenizer(folder)
    schedule = Schedule(**entry["text_encoder"])
    encoder = text_encoder.fit(words, ids, schedule, folder / "text.pt")
    encoder.save_pretrained(folder / "text_encoder")
    empty = text_encoder.encode_all(encoder, tokenizer.encode(words, [""]))[0]
    _save(empty, folder / "empty_state.pt")
    _save(text_encoder.encode_all(encoder, ids), folder / "states.pt")


def make_latents(folder: Path, entry: dict) -> None:
    """The latents of all training scenes."""
    _save(
        autoencoder.encode_all(_vae(folder), _scenes(folder, entry, "generator").images),
        folder / "latents.pt",
    )


def _fit_text_to_image(folder: Path, entry: dict):
    load = partial(torch.load, weights_only=True, mmap=True)
    scenes, ids = _scenes(folder, entry, "generator"), _token_ids(folder, entry, "generator")
    return text_to_image.fit(
        load(folder / "latents.pt"),
        load(folder / "states.pt"),
        load(folder / "empty_state.pt"),
        grounding.Places.of(scenes, ids, _tokenizer(folder)),
        Schedule(**entry["text_to_image"]),
        folder / "unet.pt",
    )


def make_text_to_image(folder: Path, entry: dict) -> None:
    """The UNet, on latents and text states computed once."""
    if entry["workers"] > 1:
        spawn(partial(_fit_text_to_image, folder, entry), entry["workers"])
    # All steps are done: this reads the checkpoint and returns the averaged weights.
    unet = _fit_text_to_image(folder, entry)
    encoder = CLIPTextModel.from_pretrained(folder / "text_encoder")
    text_to_image.pipeline(_vae(folder), encoder, unet, _tokenizer(folder)).save_pretrained(
        folder / "storybook-sd"
    )


def _teacher(folder: Path) -> StableDiffusion:
    return StableDiffusion.load(
        Checkpoint(str(folder / "storybook-sd")), device="cpu", resolution=None
    )


def _fit_turbo(folder: Path, entry: dict):
    """Regression on the pairs, then distribution matching; each resumes from its own checkpoint."""
    distil, teacher = entry["turbo"], _teacher(folder)
    targets = torch.load(folder / "pairs.pt", weights_only=True)
    states = torch.load(folder / "states.pt", weights_only=True, mmap=True)[: distil["pairs"]]
    noises = turbo.pair_noises(0, len(targets), teacher.latent_shape, distil["pair_seed"]).half()
    pairs = noises, targets, states
    regression, matched = Schedule(**distil["schedule"]), Schedule(**distil["matching"])
    student = turbo.fit(teacher, *pairs, regression, folder / "turbo.pt")
    guidance = distil["teacher"]["guidance"]
    return matching.fit(teacher, student, *pairs, guidance, matched, folder / "matching.pt")


def make_pairs(folder: Path, entry: dict) -> None:
    """What the teacher draws from known noises, for the student to imitate."""
    distil = entry["turbo"]
    ids = _token_ids(folder, entry, "generator")[: distil["pairs"]]
    turbo.draw_pairs(
        _teacher(folder),
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
        folder / "storybook-sd", unet=unet, dtype=torch.float32, safety_checker=None
    )
    pipe.scheduler = turbo.build_scheduler()
    pipe.save_pretrained(folder / "storybook-turbo")


def _text_to_image(folder: Path) -> StableDiffusionPipeline:
    """``storybook-sd``, float32: as trained in this folder, else as shipped."""
    trained = folder / "storybook-sd"
    source = trained if trained.exists() else SHIPPED / "storybook-sd"
    return StableDiffusionPipeline.from_pretrained(
        source, dtype=torch.float32, safety_checker=None, requires_safety_checker=False
    )


def make_inpaint(folder: Path, entry: dict) -> None:
    """Teach ``storybook-sd`` to fill masks; its VAE and text encoder stay as they are."""
    own = entry["inpaint"]
    pipe, schedule = _text_to_image(folder), Schedule(**own["schedule"])
    path = folder / f"inpaint_{own['scene_seed']}_{own['scenes']}.pt"
    if not path.exists():
        samples = masking.draw_samples(own["scenes"], own["scene_seed"])
        with store.atomic(path) as partial_path:
            inpainting.encode(pipe, samples, schedule).save(partial_path)
    unet = inpainting.fit(pipe.unet, inpainting.Encoded.load(path), schedule, folder / "inpaint.pt")
    inpainting.pipeline(pipe, unet).save_pretrained(folder / "storybook-inpaint")


RECIPES = {
    "vae": make_vae,
    "net": make_net,
    "tokenizer": make_tokenizer,
    "clip": make_clip,
    "text_encoder": make_text_encoder,
    "latents": make_latents,
    "text_to_image": make_text_to_image,
    "pairs": make_pairs,
    "turbo": make_turbo,
    "inpaint": make_inpaint,
    "yolo": detector.make_detector,
    "seg": segmenter.make_segmenter,
    "depth": depth.make_depth,
}


PIPELINES = {
    "storybook-sd": StableDiffusionPipeline,
    "storybook-turbo": StableDiffusionPipeline,
    "storybook-inpaint": StableDiffusionInpaintPipeline,
}


COPIED = (
    "storybook-net",
    "storybook-clip",
    "storybook-yolo",
    "storybook-seg",
    "storybook-depth",
)
"""Written as they ship by their recipes."""


def publish(folder: Path, target: Path) -> dict[str, str]:
    """Write what was trained in a folder as float16 folders that ship.

    A model that was not trained there stays as it is.

    Returns:
        The sha256 of every file that ships.
    """
    target = Path(target)
    for name, kind in PIPELINES.items():
        if not (folder / name).exists():
            continue
        pipe = kind.from_pretrained(folder / name, dtype=torch.float16, safety_checker=None)
        shutil.rmtree(target / name, ignore_errors=True)
        pipe.save_pretrained(target / name)
    for name in COPIED:
        if not (folder / name).exists():
            continue
        shutil.rmtree(target / name, ignore_errors=True)
        shutil.copytree(folder / name, target / name)
    files = sorted(p for p in target.glob("*/**/*") if p.is_file())
    sums = {str(p.relative_to(target)): store.sha256_of(p) for p in files}
    lines = [f"{digest}  {name}" for name, digest in sums.items()]
    store.write_text("\n".join(lines) + "\n", target / "SHA256SUMS")
    return sums
