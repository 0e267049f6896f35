"""Text-to-image families by name: a family is a module of this package with a class ``Family``.

Nothing here is a list to keep up to date: a module beside this one whose source defines
``Family`` is a family, under the module's name. ``READS_ATTENTION`` in it says whether first-step
maps can be read from its UNet, ``FILLS_MASKS`` that it fills parts of pictures that are given.
"""

from __future__ import annotations

import ast
from functools import cache
from importlib import import_module
from pathlib import Path


class ModelError(ValueError):
    """A model cannot be loaded or is not what its config entry says."""


MARKS = ("READS_ATTENTION", "FILLS_MASKS")


@cache
def _found() -> dict[str, dict[str, bool]]:
    """Family to its ``MARKS``, without importing torch."""
    families = {}
    for path in sorted(Path(__file__).parent.glob("*.py")):
        body = ast.parse(path.read_text(encoding="utf-8")).body
        if any(isinstance(node, ast.ClassDef) and node.name == "Family" for node in body):
            marks = {
                target.id: ast.literal_eval(node.value)
                for node in body
                if isinstance(node, ast.Assign)
                for target in node.targets
                if isinstance(target, ast.Name) and target.id in MARKS
            }
            families[path.stem] = marks
    return families


def families() -> list[str]:
    """Names of the families."""
    return list(_found())


def reads_attention(family: str) -> bool:
    """Can first-step maps, and with them tickets, be read from models of this family?"""
    return _found().get(family, {}).get("READS_ATTENTION", False)


def fills_masks(family: str) -> bool:
    """Do models of this family fill masked parts of pictures, and draw nothing without one?"""
    return _found().get(family, {}).get("FILLS_MASKS", False)


def module_of(family: str) -> str:
    """Dotted name of a family's module.

    Raises:
        ModelError: there is no such family.
    """
    if family not in _found():
        raise ModelError(f"family {family!r} is unknown; use one of {', '.join(_found())}")
    return f"seedbed.models.{family}"


def quiet_loading() -> None:
    """Switch off the libraries' redrawn bars, which turn a log into noise."""
    import diffusers
    import transformers

    diffusers.utils.logging.disable_progress_bar()
    transformers.utils.logging.disable_progress_bar()


def load(
    family: str,
    source: str,
    *,
    device: str = "cpu",
    resolution: int | None = None,
    **how,
):
    """Load a model by its family.

    Args:
        family: a name of ``families()``.
        source: a local diffusers folder, a single-file checkpoint (.safetensors) or a hub id.
        device: torch device.
        resolution: side of the output in pixels; the model's own where ``None``.
        how: what else is said of the files: ``revision``, ``variant``, ``architecture``,
            ``sha256``, ``weights``; see ``models.checkpoint.Checkpoint``.

    Returns:
        A ``models.base.LatentModel`` of the family, in eval mode, with its ``source``.

    Raises:
        ModelError: in one line: an unknown family, nothing loadable at ``source``, a file of
            another checksum, or weights that are not finite.
    """
    try:
        module = import_module(module_of(family))
    except ModelError as fault:
        raise ModelError(f"{source}: {fault}") from None
    check_source(source)
    quiet_loading()
    from seedbed.models.checkpoint import Checkpoint
    from seedbed.models.weights import check_finite

    try:
        checkpoint = Checkpoint(source, **how)
        if checkpoint.sha256 is not None:
            from seedbed.provenance import check_sha256

            check_sha256(source, checkpoint.sha256)
        model = module.Family.load(checkpoint, device=device, resolution=resolution)
        check_finite(model.networks, source)
        _check_numbers(model)
    except Exception as error:  # libraries raise whatever a folder's files lead them to
        raise ModelError(about(source, error, f"family {family!r}")) from error
    model.source = source
    return model


def about(source: str, error: Exception, role: str) -> str:
    """One line about a source that cannot be loaded: the file, what is wrong, what to do."""
    reason = reason_of(error)
    if not reason.startswith((f"{source}:", f"{source}/")):
        reason = f"{source}: {reason.rstrip('.')}"
    remedy = "" if "; " in reason else "; correct the source, or restore what is there"
    return f"{reason}{remedy} (loading it as {role})"


def reason_of(error: Exception) -> str:
    """What an error says, in one line of bounded length."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    if not lines:
        return repr(error)
    # A library's error of one word, such as KeyError: 'unet', says nothing without its name.
    line = lines[0] if isinstance(error, ValueError | OSError) else repr(error)
    return " ".join(line.split())[:400]


def _check_numbers(model) -> None:
    """Refuse numbers of a model's configs with which every picture would be none."""
    import torch

    scale = getattr(getattr(model, "vae", None), "config", {}).get("scaling_factor", 1.0)
    if not isinstance(scale, int | float) or not 0 < scale < float("inf"):
        raise ValueError(f"vae: the scaling_factor {scale!r} is no number above 0; restore it")
    noise = getattr(model.scheduler, "alphas_cumprod", None)
    if noise is not None and not (torch.isfinite(noise) & (noise >= 0) & (noise <= 1)).all():
        raise ValueError("scheduler: its betas give no noise levels from 0 to 1; restore them")


def check_source(source: str) -> None:
    """Refuse a source that is neither a pipeline folder, a checkpoint file nor a hub id.

    Raises:
        ModelError: one line that says what is there and what is wanted.
    """
    path = Path(source)
    wanted = "give a diffusers pipeline folder, a .safetensors checkpoint or a hub id"
    if path.is_dir():
        if not (path / "model_index.json").is_file():
            raise ModelError(f"{source}: no model_index.json there; {wanted}")
    elif path.is_file():
        if path.suffix != ".safetensors":
            raise ModelError(f"{source}: not a .safetensors file; {wanted}")
    elif source.startswith((".", "/", "~")) or len(path.parts) != 2 or path.parent.is_dir():
        raise ModelError(f"{source}: neither a folder or file here nor a hub id; {wanted}")
