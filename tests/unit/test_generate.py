"""Image shards of seeds and prompts: what is in them, and what is there after a kill."""

import dataclasses
import signal
import subprocess
import sys
import textwrap
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import torch
from PIL import Image
from tiny_models import CAPTIONS

from seedbed import noise, store
from seedbed.models.base import to_uint8
from seedbed.sampling.denoise import decode, denoise
from seedbed.sampling.drawing import Drawing
from seedbed.sampling.finite import NotFiniteError
from seedbed.sampling.generate import StepNoises, generate, grid_pairs
from seedbed.sampling.schedulers import Sampler

ROOT = Path(__file__).resolve().parents[2]
PROMPTS = pd.DataFrame({"prompt_id": ["apple", "boat", "balloon"], "text": CAPTIONS})
SAMPLER = Sampler(2, 5.0, scheduler="ddim")
SEEDS = [4, 9, 0]
LARGE_SEED = 2**40 + 7


@pytest.fixture
def draw(tiny_sd, tmp_path):
    """Generate into a shard of the test's folder and return its path."""

    def run(pairs, name="shard.parquet", *, sampler=SAMPLER, prompts=PROMPTS, **options):
        path = tmp_path / name
        arguments = {"stream": "cpu", "encoding": "png", "batch": 4} | options
        drawing = Drawing(tiny_sd, sampler, arguments["stream"], arguments["batch"])
        assert generate(drawing, pairs, prompts, path, arguments["encoding"]) == len(pairs)
        return path

    return run


def read(path):
    """(table without images, (n, h, w, 3) uint8) of a shard."""
    tables, images = zip(
        *store.read_images(path, ["seed", "prompt_id", "latent_sha256"]), strict=True
    )
    return pd.concat(map(pd.DataFrame, tables), ignore_index=True), np.concatenate(images)


def test_grid_goes_seed_by_seed():
    assert list(grid_pairs([4, 1], ["b", "a"]).itertuples(index=False, name=None)) == [
        (4, "b"),
        (4, "a"),
        (1, "b"),
        (1, "a"),
    ]


@pytest.mark.parametrize("batch", [1, 4, 50])
def test_shard_has_every_pair_in_order(draw, batch):
    pairs = grid_pairs(SEEDS, PROMPTS["prompt_id"]).sample(frac=1, random_state=1)
    path = draw(pairs, batch=batch)
    table, images = read(path)
    assert table["seed"].tolist() == pairs["seed"].tolist()
    assert table["prompt_id"].tolist() == pairs["prompt_id"].tolist()
    assert images.shape == (9, 16, 16, 3)
    assert pq.ParquetFile(path).num_row_groups == -(-9 // batch)


def test_seeds_latent_is_shared_by_all_prompts(draw, tiny_sd):
    table, _ = read(draw(grid_pairs([*SEEDS, LARGE_SEED], PROMPTS["prompt_id"])))
    for seed, digests in table.groupby("seed")["latent_sha256"]:
        own = noise.digest(noise.latents(seed, tiny_sd.latent_shape, "cpu"))
        assert digests.tolist() == [own] * len(PROMPTS)
    assert table["latent_sha256"].nunique() == 4


def test_images_are_those_of_the_loop(draw, tiny_sd):
    pairs = grid_pairs(SEEDS[:2], PROMPTS["prompt_id"])
    _, images = read(draw(pairs, batch=6))
    condition = tiny_sd.encode(CAPTIONS).take([0, 1, 2] * 2)
    latents = noise.batch(pairs["seed"].tolist(), tiny_sd.latent_shape, "cpu")
    z = denoise(tiny_sd, latents, condition, SAMPLER)
    expected = to_uint8(decode(tiny_sd, z, SAMPLER))
    assert np.array_equal(images, expected)
    assert len({image.tobytes() for image in images}) == 6


@pytest.mark.parametrize("stream", ["cpu", "cuda"])
@pytest.mark.parametrize("eta", [0.0, 1.0])
def test_image_depends_on_its_seed_and_prompt_alone(draw, eta, stream):
    """Not on its batch, on its neighbours or on the order of prompts: to one grey level."""
    sampler = dataclasses.replace(SAMPLER, eta=eta)
    all_pairs = grid_pairs(SEEDS, PROMPTS["prompt_id"])
    _, images = read(draw(all_pairs, "all.parquet", sampler=sampler, batch=4, stream=stream))
    one = pd.DataFrame({"seed": [9], "prompt_id": ["boat"]})
    backwards = PROMPTS.iloc[::-1]
    path = draw(one, "one.parquet", sampler=sampler, prompts=backwards, stream=stream)
    _, alone = read(path)
    assert np.abs(images[4].astype(int) - alone[0]).max() <= 1
    assert np.abs(images[1].astype(int) - alone[0]).max() > 1


def test_added_noise_is_that_of_each_seed(draw, tiny_sd):
    sampler = dataclasses.replace(SAMPLER, eta=1.0)
    pairs = grid_pairs(SEEDS[:2], ["boat", "apple"])
    _, images = read(draw(pairs, sampler=sampler))
    steps = StepNoises(pairs["seed"].tolist(), tiny_sd.latent_shape, "cpu")
    condition = tiny_sd.encode(CAPTIONS).take([1, 0, 1, 0])
    z = denoise(tiny_sd, steps.draw(0), condition, sampler, steps)
    assert np.array_equal(images, to_uint8(decode(tiny_sd, z, sampler)))


def test_each_prompt_is_encoded_once(draw, tiny_sd):
    """Without guidance the text encoder sees the prompt table once, whatever the seeds."""
    seen = []
    hook = tiny_sd.text_encoder.register_forward_pre_hook(lambda _, args: seen.append(args[0]))
    try:
        draw(grid_pairs(range(5), PROMPTS["prompt_id"]), sampler=Sampler(1, 0.0), batch=2)
    finally:
        hook.remove()
    assert [len(ids) for ids in seen] == [len(PROMPTS)]


def test_again_the_same_bytes(draw):
    pairs = grid_pairs(SEEDS, PROMPTS["prompt_id"])
    sampler = dataclasses.replace(SAMPLER, eta=1.0)
    first = draw(pairs, "first.parquet", sampler=sampler)
    torch.manual_seed(123)  # torch's own generator has no say
    assert draw(pairs, "second.parquet", sampler=sampler).read_bytes() == first.read_bytes()


def test_unknown_prompt_is_refused(draw, tmp_path):
    with pytest.raises(ValueError, match=r"'plum' is not in the prompt table \(2 such\)"):
        draw(grid_pairs(SEEDS, ["boat", "sloe", "plum"]))
    assert not list(tmp_path.iterdir())


def test_failure_in_the_middle_leaves_nothing(draw, tiny_sd, tmp_path, monkeypatch):
    calls = Counter()
    decoder = tiny_sd.decode

    def fail_at_second(latents):
        calls["decode"] += 1
        if calls["decode"] == 2:
            assert not (tmp_path / "shard.parquet").exists()
            raise MemoryError
        return decoder(latents)

    monkeypatch.setattr(tiny_sd, "decode", fail_at_second)
    with pytest.raises(MemoryError):
        draw(grid_pairs(SEEDS, PROMPTS["prompt_id"]))
    assert calls["decode"] == 2
    assert not list(tmp_path.iterdir())


def test_failure_leaves_an_older_shard_whole(draw, tiny_sd, monkeypatch):
    path = draw(grid_pairs(SEEDS, ["boat"]))
    before = path.read_bytes()
    monkeypatch.setattr(tiny_sd, "decode", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        draw(grid_pairs(SEEDS, ["apple"]))
    assert path.read_bytes() == before


def test_killed_in_the_middle_leaves_no_shard(draw, tmp_path):
    """A real SIGKILL in the third of five batches; what it leaves does not disturb a later job."""
    job = textwrap.dedent(
        """
        import os, signal, sys
        import pandas as pd, torch
        from seedbed.models.base import Condition
        from seedbed.sampling.drawing import Drawing
        from seedbed.sampling.schedulers import Sampler
        from seedbed.sampling.generate import generate, grid_pairs

        class Scheduler:
            config, init_noise_sigma, timesteps = {}, 1.0, [1]
            def set_timesteps(self, steps, device): pass
            def scale_model_input(self, x, t): return x
            def step(self, prediction, t, x, return_dict): return (prediction,)

        class Model:
            latent_shape, scheduler, device = (3, 8, 8), Scheduler(), torch.device("cpu")
            unet, compiled, source = torch.nn.Identity(), False, "here"
            unet.dtype = torch.float32
            batches = 0
            def encode(self, texts): return Condition(torch.zeros(len(texts), 1, 1), {})
            def predict(self, x, t, condition): return x
            def decode(self, latents):
                self.batches += 1
                if self.batches == 3:
                    os.kill(os.getpid(), signal.SIGKILL)
                return latents.sigmoid()

        prompts = pd.DataFrame({"prompt_id": ["a", "b"], "text": ["a", "b"]})
        pairs = grid_pairs(range(5), ["a", "b"])
        drawing = Drawing(Model(), Sampler(1, 0.0), batch=2)
        generate(drawing, pairs, prompts, sys.argv[1], "png")
        """
    )
    path = tmp_path / "shard.parquet"
    command = [sys.executable, "-c", job, str(path)]
    killed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    left = list(tmp_path.iterdir())
    assert len(left) == 1 and left[0].name.startswith(".shard.parquet."), left
    pairs = grid_pairs(SEEDS, PROMPTS["prompt_id"])
    assert len(read(draw(pairs, path.name))[0]) == len(pairs)


@pytest.mark.parametrize(("encoding", "form"), [("png", "PNG"), ("jpeg75", "JPEG")])
def test_datasets_shows_pictures(draw, tmp_path, encoding, form):
    import datasets

    pairs = grid_pairs(SEEDS, PROMPTS["prompt_id"])
    path = draw(pairs, encoding=encoding)
    shown = datasets.load_dataset(
        "parquet", data_files=str(path), split="train", cache_dir=str(tmp_path / "cache")
    )
    assert isinstance(shown.features["image"], datasets.Image)
    assert shown.num_rows == len(pairs)
    assert list(shown["seed"]) == pairs["seed"].tolist()
    table, images = read(path)
    assert list(shown["latent_sha256"]) == table["latent_sha256"].tolist()
    for picture, pixels in zip(shown["image"], images, strict=True):
        assert isinstance(picture, Image.Image) and picture.format == form
        assert np.array_equal(np.asarray(picture), pixels)


@pytest.mark.parametrize("where", ["unet", "vae", "text_encoder"])
def test_an_image_that_is_not_finite_stops_the_job_and_is_named(tiny_sd_folder, tmp_path, where):
    from seedbed import models

    model = models.load("sd", str(tiny_sd_folder))
    network = getattr(model, where)
    # After loading, as an overflow would: weights on disk are looked at when they are read.
    weight = [p for p in network.parameters() if p.is_floating_point()][-1]
    weight.data.fill_(float("nan"))
    prompts = pd.DataFrame({"prompt_id": ["a", "b"], "text": ["a", "b"]})
    drawing = Drawing(model, Sampler(2, 2.0, scheduler="ddim"), batch=3)
    words = rf"{tiny_sd_folder}: the (latents|pixels) of seed 4, prompt a are not finite \(3 of 3"
    with pytest.raises(NotFiniteError, match=words):
        generate(drawing, grid_pairs([4, 5], ["a", "b"]), prompts, tmp_path / "x.parquet", "png")
    assert not list(tmp_path.iterdir())
