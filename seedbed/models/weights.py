"""Weights as they should be: in safetensors, all there, of the right shapes, finite numbers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch

from seedbed import outside


class WeightsError(ValueError):
    """Weights that no picture should be drawn or judged with; names file, network and tensor."""


def check_file(path: Path) -> None:
    """Refuse what is no sound safetensors file.

    Raises:
        WeightsError: one line: the header cannot be read, or it does not fit the file.
    """
    from safetensors import SafetensorError, safe_open

    try:
        # The library would wait for a pipe for ever.
        next(outside.chunks(path), b"")
        with safe_open(path, framework="pt") as file:
            found = list(file.keys())
    except (SafetensorError, OSError, ValueError) as error:
        reason = " ".join(str(error).split())[:200]
        raise WeightsError(f"{path}: not safetensors ({reason}); restore it") from error
    if not found:
        raise WeightsError(f"{path}: holds no tensor; restore it")


def check_loaded(place: str, info: Mapping) -> None:
    """Refuse a network that its file did not fill.

    Args:
        place: the network's folder or file.
        info: what ``from_pretrained(…, output_loading_info=True)`` says.

    Raises:
        WeightsError: tensors are missing, or have other shapes than the network's config says.
    """
    missing = sorted(map(str, info.get("missing_keys") or ()))
    if missing:
        raise WeightsError(
            f"{place}: {len(missing)} tensors are missing, {missing[0]} among them; restore the "
            "weights, or the config.json beside them if it is another network's"
        )
    if mismatched := list(info.get("mismatched_keys") or ()):
        name, *shapes = mismatched[0]
        sizes = " and not ".join(str(tuple(shape)) for shape in shapes)
        raise WeightsError(
            f"{place}: {len(mismatched)} tensors have another shape than config.json says, {name} "
            f"among them ({sizes}); restore the weights or the config.json"
        )


def check_state(place: str, state: Mapping, expected: Mapping) -> None:
    """Refuse tensors that do not fill a network; those that it does not know are passed over.

    Args:
        place: the file that they are of.
        state: the tensors, by name.
        expected: the network's ``state_dict``.

    Raises:
        WeightsError: as ``check_loaded``.
    """
    others = [(k, v.shape, expected[k].shape) for k, v in state.items() if k in expected]
    missing = [key for key in expected if key not in state]
    mismatched = [found for found in others if found[1] != found[2]]
    check_loaded(place, {"missing_keys": missing, "mismatched_keys": mismatched})


def check_finite(networks: Mapping[str, torch.nn.Module], source: str) -> None:
    """Refuse networks with a weight that is NaN or infinite, or that no file gave.

    Args:
        networks: by name; a folder of that name below the source holds its file, if there is one.
        source: the model's folder, file or hub id.

    Raises:
        WeightsError: one line that names file, network and tensor.
    """
    for name, network in networks.items():
        for key, tensor in network.state_dict().items():
            if not isinstance(tensor, torch.Tensor):
                continue
            where = f"{_file(source, name)}: the tensor {key} of {name}"
            if tensor.is_meta:
                raise WeightsError(f"{where} is missing; restore the weights")
            if tensor.is_floating_point() and not torch.isfinite(tensor).all():
                count = int((~torch.isfinite(tensor)).sum())
                raise WeightsError(
                    f"{where} holds NaN or infinity ({count:,} of {tensor.numel():,} numbers); "
                    "restore the weights"
                )


def _file(source: str, name: str) -> str:
    """The file of a network where it is plain, else the source."""
    found = sorted(Path(source, name).glob("*.safetensors"))
    return str(found[0]) if len(found) == 1 else source
