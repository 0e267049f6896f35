"""Model folders and evaluators: parts missing, swapped, cut short, flipped, pickled, not finite."""

import json
import os
import pickle
import shutil
import struct
import tempfile
from functools import cache
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from tests.inputs.case import cases, write
from tests.unit.tiny_models import save_tiny_sd

SHIPPED = Path(__file__).resolve().parents[2] / "resources" / "storybook"
UNET = "unet/diffusion_pytorch_model.safetensors"
VAE = "vae/diffusion_pytorch_model.safetensors"
TEXT = "text_encoder/model.safetensors"


@cache
def _kept() -> tempfile.TemporaryDirectory:
    return tempfile.TemporaryDirectory(prefix="seedbed-inputs-")


@cache
def tiny_sd() -> Path:
    """A sound pipeline folder, made once."""
    return save_tiny_sd(Path(_kept().name) / "tiny")


def pipeline(change=None, family="sd"):
    """A tiny pipeline with one thing changed in its folder."""

    def given(folder):
        path = folder / "mine"
        shutil.copytree(tiny_sd(), path)
        if change is not None:
            change(path)
        return family, path

    return given


# Changes: functions of the folder


def edit(name, **values):
    """Replace keys of a JSON file; ``None`` removes one."""

    def change(path):
        content = json.loads((path / name).read_text())
        content = {k: v for k, v in (content | values).items() if v is not None}
        (path / name).write_text(json.dumps(content))

    return change


def rewrite(name, data):
    """Replace a file."""
    return lambda path: write(path / name, data)


def drop(name):
    """Remove a file or folder."""

    def change(path):
        shutil.rmtree(path / name) if (path / name).is_dir() else (path / name).unlink()

    return change


def instead(name, make):
    """Something else than a file where a file was."""

    def change(path):
        (path / name).unlink()
        make(path / name)

    return change


def tensors(name, change_one):
    """Change the state of a safetensors file: a function of a dict of tensors."""

    def change(path):
        state = load_file(path / name)
        save_file(change_one(state), path / name, metadata={"format": "pt"})

    return change


def cut(name, share=0.5):
    """Keep the first part of a file."""

    def change(path):
        data = (path / name).read_bytes()
        (path / name).write_bytes(data[: int(len(data) * share)])

    return change


def flip(name, place):
    """Flip one bit of a file."""

    def change(path):
        data = bytearray((path / name).read_bytes())
        data[place] ^= 0x40
        (path / name).write_bytes(data)

    return change


def poison(value, key=None):
    """Put a value into one number of a tensor."""

    def change_one(state):
        name = key or sorted(state)[0]
        state[name].view(-1)[0] = value
        return state

    return change_one


def lacking(part):
    """Without the tensors of a part."""
    return lambda state: {k: v for k, v in state.items() if part not in k}


def wider(state):
    """One tensor of another shape."""
    name = next(k for k, v in sorted(state.items()) if v.ndim == 4)
    state[name] = torch.zeros(*state[name].shape[:-1], state[name].shape[-1] + 2)
    return state


def pickled(name):
    """The weights as a pickle beside no safetensors."""

    def change(path):
        state = load_file(path / name)
        (path / name).unlink()
        torch.save(state, (path / name).with_suffix(".bin"))

    return change


class Evil:
    """A pickle that leaves a mark when it is read."""

    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return (os.mkdir, (self.mark,))


def evil_pickle(name):
    def change(path):
        (path / name).unlink()
        with (path / name).with_suffix(".bin").open("wb") as file:
            pickle.dump(Evil(str(path / "ran")), file)

    return change


def header_of(text):
    """A safetensors file that is a header alone."""
    raw = text.encode()
    return struct.pack("<Q", len(raw)) + raw


def _nothing(folder):
    (folder / "mine").mkdir()
    return "sd", folder / "mine"


def _single(data):
    return lambda folder: ("sd", write(folder / "mine.safetensors", data))


INDEX = "mine/model_index.json"
MODELS = cases(
    "model",
    {
        "sound": (pipeline(),),
        "empty folder": (_nothing, "mine: no model_index.json there"),
        "not there": (lambda folder: ("sd", folder / "gone"), "gone: neither a folder or file"),
        "mistyped in two parts": (
            lambda _: ("sd", "resources/storybok-sd"),
            "resources/storybok-sd: neither a folder or file here nor a hub id",
        ),
        "hub id that is nowhere": (
            lambda _: ("sd", "nobody-at-all/nothing"),
            "nobody-at-all/nothing",
            "loading it as family 'sd'",
        ),
        "unknown family": (pipeline(family="flux"), "family 'flux' is unknown; use one of sd"),
        "text file": (lambda folder: ("sd", write(folder / "a.txt", "x")), "a.txt: not a .safeten"),
        "checkpoint pickled": (lambda folder: ("sd", write(folder / "a.ckpt", "x")), "a.ckpt: not"),
        "single file of text": (_single("hello"), "mine.safetensors: not safetensors"),
        "single file empty": (_single(b""), "mine.safetensors: not safetensors"),
        "single file of no tensor": (_single(header_of("{}")), "mine.safetensors: holds no tensor"),
        "sdxl on an SD folder": (pipeline(family="sdxl"), INDEX, "has no text_encoder_2"),
        "SD on an SDXL folder": (
            pipeline(edit("model_index.json", text_encoder_2=["transformers", "CLIPTextModel"])),
            INDEX,
            "has text_encoder_2 too",
        ),
        "index empty": (
            pipeline(rewrite("model_index.json", "")),
            INDEX,
            "cannot be read (not JSON",
        ),
        "index a list": (
            pipeline(rewrite("model_index.json", "[]")),
            INDEX,
            "no table of settings",
        ),
        "index a folder": (
            pipeline(instead("model_index.json", lambda p: p.mkdir())),
            "mine: no model_index.json there",
        ),
        "index without a UNet": (
            pipeline(edit("model_index.json", unet=None)),
            INDEX,
            "has no unet",
        ),
        "index with a null UNet": (
            pipeline(edit("model_index.json", unet=[None, None])),
            INDEX,
            "has no unet",
        ),
        "index without a tokenizer": (
            pipeline(edit("model_index.json", tokenizer=None)),
            INDEX,
            "has no tokenizer",
        ),
        "foreign UNet": (
            pipeline(edit("model_index.json", unet=["my_module", "Evil"])),
            INDEX,
            "unet is my_module.Evil, but this family reads UNet2DConditionModel",
        ),
        "foreign scheduler": (
            pipeline(edit("model_index.json", scheduler=["os", "system"])),
            INDEX,
            "scheduler is os.system, no class of diffusers or transformers",
        ),
        "foreign tokenizer": (
            pipeline(edit("model_index.json", tokenizer=["antigravity", "fly"])),
            INDEX,
            "tokenizer is antigravity.fly, no class of",
        ),
        "scheduler of no class": (
            pipeline(edit("model_index.json", scheduler=["diffusers", "NoScheduler"])),
            INDEX,
            "scheduler is diffusers.NoScheduler, no class of",
        ),
        "another UNet": (
            pipeline(edit("model_index.json", unet=["diffusers", "UNet3DConditionModel"])),
            INDEX,
            "unet is diffusers.UNet3DConditionModel, but this family reads",
        ),
        "no UNet folder": (pipeline(drop("unet")), "mine/unet: no such folder"),
        "no VAE folder": (pipeline(drop("vae")), "mine/vae: no such folder"),
        "no tokenizer folder": (pipeline(drop("tokenizer")), "mine/tokenizer: no such folder"),
        "no scheduler folder": (pipeline(drop("scheduler")), "mine/scheduler: no such folder"),
        "tokenizer folder empty": (
            pipeline(lambda p: [f.unlink() for f in (p / "tokenizer").iterdir()]),
            "mine/tokenizer: it holds no vocabulary",
        ),
        "no weights": (pipeline(drop(UNET)), "mine/unet: it holds no weights; give them"),
        "no config": (pipeline(drop("unet/config.json")), "mine/unet: it holds no config.json"),
        "config empty": (pipeline(rewrite("unet/config.json", "")), "unet/config.json: cannot be"),
        "config deep": (
            pipeline(rewrite("unet/config.json", "[" * 200_000)),
            "unet/config.json: cannot be read",
            "nested too deep",
        ),
        "config NaN": (
            pipeline(rewrite("vae/config.json", '{"scaling_factor": NaN}')),
            "vae/config.json: cannot be read",
            "NaN is not a finite number",
        ),
        "config a pipe": (
            pipeline(instead("unet/config.json", os.mkfifo)),
            "unet/config.json: cannot be read (not a regular file)",
        ),
        "weights a pipe": (
            pipeline(instead(UNET, os.mkfifo)),
            UNET + ": not safetensors (not a regular",
        ),
        "weights a folder": (
            pipeline(instead(UNET, lambda p: p.mkdir())),
            "unet: it holds no weig",
        ),
        "weights a link to nothing": (
            pipeline(instead(UNET, lambda p: p.symlink_to("gone"))),
            UNET + ": not safetensors (No such file",
        ),
        "weights truncated": (pipeline(cut(UNET)), UNET + ": not safetensors"),
        "weights of text": (pipeline(rewrite(UNET, "hello\n")), UNET + ": not safetensors"),
        "weights empty": (pipeline(rewrite(UNET, b"")), UNET + ": not safetensors"),
        "weights a page": (pipeline(rewrite(VAE, "<html>404</html>")), VAE + ": not safetensors"),
        "weights a pointer of git-lfs": (
            pipeline(rewrite(TEXT, "version https://git-lfs.github.com/spec/v1\noid sha256:00\n")),
            TEXT + ": not safetensors",
        ),
        "header's length flipped": (pipeline(flip(UNET, 5)), UNET + ": not safetensors"),
        "header's brace flipped": (pipeline(flip(UNET, 8)), UNET + ": not safetensors"),
        "header longer than memory": (
            pipeline(rewrite(UNET, struct.pack("<Q", 2**62) + b"{}")),
            UNET + ": not safetensors",
        ),
        "UNet pickled": (pipeline(pickled(UNET)), "mine/unet: its weights are pickled"),
        "text encoder pickled": (pipeline(pickled(TEXT)), "text_encoder: its weights are pickled"),
        "text encoder an evil pickle": (
            pipeline(evil_pickle(TEXT)),
            "text_encoder: its weights are pickled (model.bin)",
        ),
        "UNet without its first layer": (
            pipeline(tensors(UNET, lacking("conv_in"))),
            "mine/unet: 2 tensors are missing, conv_in.bias among them",
        ),
        "VAE without its decoder": (
            pipeline(tensors(VAE, lacking("decoder."))),
            "mine/vae: ",
            "tensors are missing, decoder.",
        ),
        "text encoder without a layer": (
            pipeline(tensors(TEXT, lacking("layers.1."))),
            "mine/text_encoder: ",
            "tensors are missing",
        ),
        "weights swapped": (
            pipeline(lambda p: shutil.copy2(p / VAE, p / UNET)),
            "mine/unet: ",
            "tensors are missing",
        ),
        "UNet of another shape": (
            pipeline(tensors(UNET, wider)),
            "mine/unet: 1 tensors have another shape than config.json says",
        ),
        "UNet's config of another width": (
            pipeline(edit("unet/config.json", cross_attention_dim=64)),
            "mine/unet: ",
            "have another shape than config.json says",
        ),
        "text encoder's config of another width": (
            pipeline(edit("text_encoder/config.json", hidden_size=64)),
            "mine/text_encoder: ",
            "have another shape than config.json says",
        ),
        "UNet NaN": (pipeline(tensors(UNET, poison(float("nan")))), UNET, "of unet holds NaN"),
        "VAE NaN": (pipeline(tensors(VAE, poison(float("nan")))), VAE, "of vae holds NaN"),
        "VAE's decoder infinite": (
            pipeline(tensors(VAE, poison(float("inf"), "decoder.conv_in.weight"))),
            VAE,
            "the tensor decoder.conv_in.weight of vae holds NaN or infinity (1 of",
        ),
        "text encoder NaN": (
            pipeline(tensors(TEXT, poison(float("nan")))),
            TEXT,
            "of text_encoder holds NaN",
        ),
        "UNet beyond float16": (
            pipeline(tensors(UNET, lambda s: {k: (v * 1e9).half() for k, v in s.items()})),
            UNET,
            "holds NaN or infinity",
        ),
        "scaling factor zero": (
            pipeline(edit("vae/config.json", scaling_factor=0)),
            "mine: vae: the scaling_factor 0",
        ),
        "betas beyond one": (
            pipeline(edit("scheduler/scheduler_config.json", beta_end=50.0)),
            "mine: scheduler: its betas give no noise levels",
        ),
    },
)


# Evaluators


def shipped(role, kind, name, change=None, **more):
    """An evaluator that ships, with one thing changed in a copy of it."""

    def given(folder):
        path = folder / name
        shutil.copytree(SHIPPED / name, path)
        if change is not None:
            change(path)
        return role, {"kind": kind, "source": str(path), **more}

    return given


def net(change=None):
    return shipped("extractors", "storybook_net", "storybook-net", change)


def clip(change=None):
    return shipped("scorers", "clip", "storybook-clip", change)


def yolo(change=None):
    """The detector that ships; the change gets the path of its file."""

    def given(folder):
        path = folder / "mine.pt"
        shutil.copy2(SHIPPED / "storybook-yolo" / "storybook-yolo.pt", path)
        if change is not None:
            change(path)
        return "detectors", {"kind": "ultralytics", "source": str(path)}

    return given


def checkpoint(change_one):
    """Change what the detector's file holds: a function of the checkpoint."""

    def change(path):
        from seedbed.evaluators.detectors.ultralytics import import_ultralytics

        import_ultralytics()
        held = torch.load(path, weights_only=False)
        torch.save(change_one(held), path)

    return change


def names_of(names):
    def change_one(held):
        for key in ("model", "ema"):
            if held.get(key) is not None:
                held[key].names = names
        return held

    return checkpoint(change_one)


def _nan_detector(held):
    for key in ("model", "ema"):
        if held.get(key) is not None:
            next(held[key].parameters()).data.view(-1)[0] = float("nan")
    return held


def _evil_detector(path):
    with path.open("wb") as file:
        pickle.dump({"model": Evil(str(path.parent / "ran"))}, file)


WEIGHTS = "model.safetensors"
EXTRACTOR = "extractors.mine.source: "
SCORER = "scorers.mine.source: "
DETECTOR = "detectors.mine.source: "
EVALUATORS = cases(
    "evaluator",
    {
        "extractor sound": (net(),),
        "scorer sound": (clip(),),
        "detector sound": (yolo(),),
        "extractor of no kind": (
            lambda _: ("extractors", {"kind": "convnet", "source": "a"}),
            EXTRACTOR,
            "kind 'convnet' is unknown; use one of",
        ),
        "extractor not there": (
            lambda folder: ("extractors", {"kind": "storybook_net", "source": str(folder / "no")}),
            EXTRACTOR,
            "no/config.json: cannot be read (No such file",
        ),
        "extractor without weights": (
            net(drop(WEIGHTS)),
            EXTRACTOR,
            "model.safetensors: not safet",
        ),
        "extractor without config": (net(drop("config.json")), EXTRACTOR, "config.json: cannot be"),
        "extractor's config empty": (
            net(rewrite("config.json", "")),
            EXTRACTOR,
            "config.json: cann",
        ),
        "extractor's config a list": (net(rewrite("config.json", "[]")), EXTRACTOR, "no table of"),
        "extractor without names": (
            net(edit("config.json", objects=None)),
            EXTRACTOR,
            "needs obje",
        ),
        "extractor with a number for a name": (
            net(edit("config.json", colors=[1])),
            EXTRACTOR,
            "need",
        ),
        "extractor of fewer names": (
            net(edit("config.json", objects=["apple"])),
            EXTRACTOR,
            "have another shape than config.json says",
        ),
        "extractor truncated": (net(cut(WEIGHTS)), EXTRACTOR, "model.safetensors: not safetensors"),
        "extractor's weights text": (net(rewrite(WEIGHTS, "x")), EXTRACTOR, "not safetensors"),
        "extractor's header flipped": (net(flip(WEIGHTS, 3)), EXTRACTOR, "not safetensors"),
        "extractor's weights a pipe": (
            net(instead(WEIGHTS, os.mkfifo)),
            EXTRACTOR,
            "model.safetensors: not safetensors (not a regular file)",
        ),
        "extractor of tensors missing": (
            net(tensors(WEIGHTS, lacking("setting_head"))),
            EXTRACTOR,
            "2 tensors are missing, setting_head.bias among them",
        ),
        "extractor of another shape": (net(tensors(WEIGHTS, wider)), EXTRACTOR, "another shape"),
        "extractor NaN": (
            net(tensors(WEIGHTS, poison(float("nan")))),
            EXTRACTOR,
            "NaN or infinity",
        ),
        "scorer not there": (
            lambda folder: ("scorers", {"kind": "clip", "source": str(folder / "no")}),
            SCORER,
            "no: no such folder",
        ),
        "scorer of a hub id": (
            lambda _: ("scorers", {"kind": "clip", "source": "openai/clip-vit-base-patch32"}),
            SCORER,
            "openai/clip-vit-base-patch32: We couldn't connect to",
        ),
        "scorer without weights": (clip(drop(WEIGHTS)), SCORER, "it holds no weights"),
        "scorer pickled": (clip(pickled(WEIGHTS)), SCORER, "its weights are pickled"),
        "scorer an evil pickle": (clip(evil_pickle(WEIGHTS)), SCORER, "its weights are pickled"),
        "scorer without preprocessing": (
            clip(drop("preprocessor_config.json")),
            SCORER,
            "preprocessor_config.json: cannot be read (No such file",
        ),
        "scorer's mean missing": (
            clip(edit("preprocessor_config.json", image_mean=None)),
            SCORER,
            "preprocessor_config.json: image_mean is None",
        ),
        "scorer's deviation zero": (
            clip(edit("preprocessor_config.json", image_std=[0, 0, 0])),
            SCORER,
            "preprocessor_config.json: image_std is [0, 0, 0]",
        ),
        "scorer's deviation NaN": (
            clip(rewrite("preprocessor_config.json", '{"image_std": [NaN, 1, 1]}')),
            SCORER,
            "preprocessor_config.json: cannot be read",
        ),
        "scorer of another architecture": (
            clip(edit("config.json", model_type="bert")),
            SCORER,
            "config.json: a 'bert', not a 'clip'",
        ),
        "scorer's config empty": (
            clip(rewrite("config.json", "")),
            SCORER,
            "config.json: cannot be",
        ),
        "scorer without a tokenizer": (
            clip(drop("tokenizer.json")),
            SCORER,
            "storybook-clip: it holds no vocabulary",
        ),
        "scorer truncated": (clip(cut(WEIGHTS)), SCORER, "model.safetensors: not safetensors"),
        "scorer of tensors missing": (
            clip(tensors(WEIGHTS, lacking("visual_projection"))),
            SCORER,
            "1 tensors are missing, visual_projection.weight among them",
        ),
        "scorer of another shape": (clip(tensors(WEIGHTS, wider)), SCORER, "another shape"),
        "scorer NaN": (
            clip(tensors(WEIGHTS, poison(float("nan")))),
            SCORER,
            "holds NaN or infinity",
        ),
        "scorer on a model's folder": (
            lambda _: ("scorers", {"kind": "clip", "source": str(SHIPPED / "storybook-sd")}),
            SCORER,
            "storybook-sd: it holds no config.json",
        ),
        "detector not there": (
            lambda folder: ("detectors", {"kind": "ultralytics", "source": str(folder / "no.pt")}),
            DETECTOR,
            "no.pt: no such file; name the .pt file",
        ),
        "detector a folder": (
            lambda folder: ("detectors", {"kind": "ultralytics", "source": str(folder)}),
            DETECTOR,
            "a folder, not a file; name the .pt file",
        ),
        "detector a text": (
            yolo(lambda p: p.write_text("hello\n")),
            DETECTOR,
            "not the weights of",
        ),
        "detector empty": (
            yolo(lambda p: p.write_bytes(b"")),
            DETECTOR,
            "not the weights of an ultr",
        ),
        "detector truncated": (yolo(lambda p: cut("", 0.5)(p)), DETECTOR, "not the weights of"),
        "detector an evil pickle": (yolo(_evil_detector), DETECTOR, "not the weights of"),
        "detector of a list": (yolo(lambda p: torch.save([1], p)), DETECTOR, "not the weights of"),
        "detector a state alone": (
            yolo(lambda p: torch.save({"model": {"a": torch.zeros(1)}}, p)),
            DETECTOR,
            "not the weights of an ultralytics model",
        ),
        "detector of fewer names": (yolo(names_of({0: "apple"})), DETECTOR, "1 class names"),
        "detector of names with a gap": (
            yolo(names_of({0: "apple", 7: "boat"})),
            DETECTOR,
            "2 class names",
        ),
        "detector of numbers for names": (yolo(names_of({0: 1})), DETECTOR, "1 class names"),
        "detector of names twice": (
            yolo(names_of(dict.fromkeys(range(12), "apple"))),
            DETECTOR,
            "class name",
        ),
        "detector NaN": (yolo(checkpoint(_nan_detector)), DETECTOR, "holds NaN or infinity"),
    },
)


def summed(change):
    """A copy of a model that ships, with the SHA256SUMS of all, and one thing changed."""

    def given(folder):
        shutil.copy2(SHIPPED / "SHA256SUMS", folder / "SHA256SUMS")
        shutil.copytree(SHIPPED / "storybook-net", folder / "storybook-net")
        change(folder / "storybook-net")
        return folder / "storybook-net"

    return given


DIGESTS = cases(
    "digest",
    {
        "sound": (summed(lambda _: None),),
        "weights changed, SHA256SUMS unchanged": (
            summed(tensors(WEIGHTS, poison(0.5))),
            "storybook-net/model.safetensors: differs from",
        ),
        "weights flipped in one bit": (
            summed(flip(WEIGHTS, -1)),
            "storybook-net/model.safetensors: differs from",
        ),
        "config changed": (
            summed(edit("config.json", architecture="x")),
            "storybook-net/config.json: differs from",
        ),
        "README beside": (summed(rewrite("README.md", "x")),),
    },
)

CASES = [*MODELS, *EVALUATORS, *DIGESTS]
