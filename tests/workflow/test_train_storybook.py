"""Every training stage in a row, a few steps each, up to models that load."""

import numpy as np
import yaml

from seedbed import models, noise, store
from seedbed.config import merged
from seedbed.evaluators.detectors.ultralytics import UltralyticsDetector
from seedbed.evaluators.extractors.storybook_net import StorybookNet
from seedbed.sampling.denoise import decode, denoise
from seedbed.sampling.schedulers import Sampler

FEW = {
    "scenes": {"evaluators": {"count": 256}, "generator": {"count": 256}},
    "vae": {"steps": 2},
    "net": {"steps": 2},
    "clip": {"steps": 2},
    "text_encoder": {"steps": 2},
    "text_to_image": {"steps": 2},
    "turbo": {
        "pairs": 64,
        "teacher": {"steps": 2},
        "schedule": {"steps": 2, "batch": 8},
        "matching": {"steps": 2, "batch": 8},
    },
    "inpaint": {"scenes": 32, "schedule": {"steps": 2, "batch": 8}},
    "yolo": {"scenes": 32, "schedule": {"steps": 2, "batch": 8}},
    "seg": {"scenes": 32, "schedule": {"steps": 2, "batch": 8}},
    "depth": {"scenes": 32, "schedule": {"steps": 2, "batch": 8}},
}


def digests(folder):
    """Digest by file name, as SHA256SUMS states them."""
    lines = (folder / "SHA256SUMS").read_text().splitlines()
    return {name: digest for digest, name in (line.split("  ") for line in lines)}


def test_models_are_trained_from_nothing_and_published(fresh_project):
    folder = fresh_project.folder
    training = yaml.safe_load((folder / "configs/training.yaml").read_text())
    (folder / "few_training.yaml").write_text(yaml.safe_dump(merged(training, FEW)))
    (folder / "few.yaml").write_text(yaml.safe_dump({"training": "few_training.yaml"}))
    made = folder / "resources/storybook"
    shipped = digests(made)
    command = fresh_project.command()
    at = command.index("--configfile")
    done = fresh_project.start([*command[:at], "train_storybook", *command[at:], "few.yaml"])
    assert done.returncode == 0, (done.stdout + done.stderr)[-6000:]

    sums = digests(made)
    assert set(sums) == set(shipped), "the same files as ship"
    assert all(store.sha256_of(made / name) == digest for name, digest in sums.items())
    weights = [name for name in sums if name.endswith((".safetensors", ".pt"))]
    assert len(weights) == 14 and not [w for w in weights if sums[w] == shipped[w]]

    for name, sampler in (("sd", Sampler(2, 4.0)), ("turbo", Sampler(1, 0.0, scheduler="own"))):
        model = models.load("sd", str(made / f"storybook-{name}"), device="cpu")
        condition = model.encode(["a red apple"])
        latents = denoise(model, noise.batch([0], model.latent_shape, "cpu"), condition, sampler)
        assert decode(model, latents, sampler).isfinite().all()
    StorybookNet.load(made / "storybook-net")
    detector = UltralyticsDetector(str(made / "storybook-yolo/storybook-yolo.pt"))
    detector(np.zeros((1, 64, 64, 3), dtype=np.uint8))
