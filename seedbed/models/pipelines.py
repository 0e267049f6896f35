"""Diffusers pipelines, read strictly: known classes, sound files, every tensor there.

A pipeline's ``model_index.json`` names a class for each of its parts, and the libraries would
import what it names. Here a family says which networks it reads; nothing else is loaded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from importlib import import_module
from pathlib import Path

import torch

from seedbed import outside
from seedbed.models import architectures, weights
from seedbed.models.checkpoint import Checkpoint

LIBRARIES = ("diffusers", "transformers")
OPTIONAL = {"safety_checker", "feature_extractor", "image_encoder"}
"""Parts that no family here reads, and that a pipeline may name all the same."""
INDEX = "model_index.json"


def read_pipeline(
    kind, checkpoint: Checkpoint, networks: Mapping[str, type], wide: str | None = None, **options
):
    """A pipeline from a folder, a hub id or a single ``.safetensors`` file.

    The configs and the tokenizer of a single file come from the folder beside it that has its
    name without the suffix, if there is one; else from the architecture that is named; else
    diffusers asks the hub for those of the architecture it recognises.

    Args:
        kind: the pipeline's class.
        checkpoint: what to read, and the type of the weights.
        networks: class of each network, by its name in the pipeline.
        wide: a network that stays in float32 instead of float16 where its config says
            ``force_upcast``, or does not say: SDXL's VAE overflows.
        options: of the pipeline's class.

    Raises:
        ValueError: one line that names the file: a part is missing, of another class or not
            sound, or weights are not what the network's config says.
    """
    path = Path(checkpoint.source)
    if path.is_file():
        return _read_file(kind, checkpoint, networks, wide, options)
    source, revision = checkpoint.source, checkpoint.revision
    if path.is_dir():
        index = read_settings(path / INDEX)
    else:
        index = kind.load_config(source, revision=revision)
    parts = _without_weights(networks)
    _check_index(index, f"{source}/{INDEX}", networks, parts)
    if path.is_dir():
        for name in (*networks, *parts):
            check_folder(path / name, name in networks, checkpoint.variant)
    loaded = {}
    for name, network in networks.items():
        place = {"subfolder": name, "revision": revision}
        dtype = checkpoint.dtype
        if name == wide and dtype == torch.float16:
            dtype = _unless_safe(network.load_config(source, **place))
        loaded[name], info = network.from_pretrained(
            source,
            **place,
            variant=checkpoint.variant,
            dtype=dtype,
            use_safetensors=True,
            output_loading_info=True,
            ignore_mismatched_sizes=True,
        )
        weights.check_loaded(f"{source}/{name}", info)
    # Of what is loaded already it takes each as it is; the rest has no variants.
    return kind.from_pretrained(source, revision=revision, **loaded, **options)


def _without_weights(networks: Iterable[str]) -> list[str]:
    """The parts that go with these networks and have no weights."""
    encoders = [name for name in networks if "text_encoder" in name]
    return [*(name.replace("text_encoder", "tokenizer") for name in encoders), "scheduler"]


def _unless_safe(config: Mapping) -> torch.dtype:
    """The type of a network that should be float16, by its config."""
    return torch.float32 if config.get("force_upcast", True) else torch.float16


def _read_file(
    kind, checkpoint: Checkpoint, networks: Mapping[str, type], wide: str | None, options: Mapping
):
    """``read_pipeline`` of a single file."""
    source, dtype = checkpoint.source, checkpoint.dtype
    weights.check_file(Path(source))
    beside = Path(source).with_suffix("")
    given = dict(options)
    how = {"dtype": dtype}
    if beside.is_dir():
        how |= {"config": str(beside), "local_files_only": True}
    elif checkpoint.architecture is not None:
        folder = architectures.folder_of(checkpoint.architecture)
        how |= {"config": str(folder), "local_files_only": True}
        given |= architectures.tokenizers(checkpoint.architecture)
    if "config" in how:
        index = read_settings(Path(how["config"], INDEX))
        _check_index(index, f"{how['config']}/{INDEX}", networks, _without_weights(networks))
    if wide is not None and dtype == torch.float16:
        place = {k: v for k, v in how.items() if k != "dtype"} | {"subfolder": wide}
        network = networks[wide].from_single_file(source, dtype=torch.float32, **place)
        given[wide] = network.to(_unless_safe(network.config))
    try:
        pipe = kind.from_single_file(source, **how, **given)
    except NotImplementedError as error:
        # What the file lacks stays without numbers, which the library cannot cast.
        raise ValueError(
            f"{source}: tensors are missing that its configs describe; restore the file, or give "
            "it the configs of its own architecture"
        ) from error
    found = {name: getattr(pipe, name, None) for name in networks}
    if absent := [name for name, network in found.items() if network is None]:
        raise ValueError(f"{source}: holds no {absent[0]}; give the whole pipeline's weights")
    weights.check_finite(found, source)
    return pipe


def _check_index(
    index: Mapping, where: str, networks: Mapping[str, type], parts: Iterable[str]
) -> None:
    """Every part that is read is there and of a known class; no other part is."""
    named = {
        key: value
        for key, value in index.items()
        if not key.startswith("_") and isinstance(value, list | tuple) and any(value)
    }
    about = f"this is a {index.get('_class_name')}"
    for name in (*networks, *parts):
        if name not in named:
            raise ValueError(f"{where}: has no {name} ({about}); give the model its own family")
        library, *class_name = named[name]
        given = ".".join(map(str, named[name]))
        if name in networks:
            wanted = networks[name]
            if [library, *class_name] != [wanted.__module__.split(".")[0], wanted.__name__]:
                raise ValueError(
                    f"{where}: {name} is {given}, but this family reads {wanted.__name__} of "
                    f"{wanted.__module__.split('.')[0]}; give the model its own family"
                )
        elif library not in LIBRARIES or len(class_name) != 1 or not _has(library, *class_name):
            raise ValueError(
                f"{where}: {name} is {given}, no class of {' or '.join(LIBRARIES)}; correct it"
            )
    if others := sorted(set(named) - {*networks, *parts} - OPTIONAL):
        raise ValueError(
            f"{where}: has {others[0]} too, which this family does not read ({about}); give the "
            "model its own family"
        )


def _has(library: str, name: object) -> bool:
    return isinstance(name, str) and hasattr(import_module(library), name)


def check_folder(folder: Path, weighs: bool, variant: str | None = None) -> None:
    """Refuse a folder of a network, tokenizer or scheduler whose files are not sound.

    Args:
        folder: it.
        weighs: whether weights belong into it.
        variant: which ones, where there are several; ``None`` for those without a variant.

    Raises:
        ValueError: one line that names the file: no folder, no regular file, no JSON where it
            should be, weights pickled, missing or not safetensors.
    """
    if not folder.is_dir():
        raise ValueError(f"{folder}: no such folder; restore this part of the model")
    files = sorted(path for path in folder.iterdir() if not path.is_dir())
    there = {path.name for path in files}
    if folder.name.startswith("tokenizer"):
        check_tokenizer(folder)
    elif not there & {"config.json", "scheduler_config.json"}:
        raise ValueError(f"{folder}: it holds no config.json; restore this part of the model")
    tensors = [path for path in files if path.suffix == ".safetensors"]
    if weighs and not tensors:
        pickled = [path.name for path in files if path.suffix in (".bin", ".pt", ".pth", ".ckpt")]
        given = f"its weights are pickled ({pickled[0]})" if pickled else "it holds no weights"
        raise ValueError(f"{folder}: {given}; give them as safetensors")
    if weighs and variant not in (there_are := {_variant_of(path) for path in tensors}):
        wanted = "without a variant" if variant is None else f"of variant {variant}"
        others = ", ".join(sorted(name or "none" for name in there_are))
        raise ValueError(
            f"{folder}: it holds no weights {wanted}; set variant to what is there ({others})"
        )
    for path in files:
        if path.suffix == ".json":
            read_settings(path)
        elif path.suffix == ".safetensors":
            weights.check_file(path)
        else:
            _touch(path)


def _variant_of(path: Path) -> str | None:
    """``"fp16"`` of ``model.fp16.safetensors`` and ``model.fp16-00001-of-00002.safetensors``."""
    stem, _, variant = path.stem.rpartition(".")
    return re.sub(r"-\d+-of-\d+$", "", variant) if stem else None


def check_tokenizer(folder: Path) -> None:
    """Refuse a folder without a vocabulary, of which the library would make an empty one.

    Raises:
        ValueError: one line that names the folder and what it lacks.
    """
    whole, parts = "tokenizer.json", ("vocab.json", "merges.txt")
    if not (folder / whole).exists() and not all((folder / part).exists() for part in parts):
        raise ValueError(
            f"{folder}: it holds no vocabulary ({whole}, or {' and '.join(parts)}); restore it"
        )


def _touch(path: Path) -> None:
    try:
        next(outside.chunks(path), b"")
    except outside.OutsideError as error:
        raise ValueError(f"{path}: cannot be read ({error}); restore it") from error


def read_settings(path: Path) -> dict:
    """The table that a model's JSON file holds.

    Raises:
        ValueError: one line that names the file: it cannot be read, or holds no table.
    """
    try:
        found = outside.read_json(path, outside.MOST_SETTINGS)
    except outside.OutsideError as error:
        raise ValueError(f"{path}: cannot be read ({error}); restore it") from error
    if not isinstance(found, dict):
        raise ValueError(f"{path}: no table of settings; restore it")
    return found
