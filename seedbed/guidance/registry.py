"""Controls of the denoising by name: a control is a module of this package with ``control``.

``control(model, condition, guidance, sampler, **constants)`` gives the control of one batch. The
modules are loaded by name, so that a method depends on the code of its own control alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seedbed.guidance.guided import Guidance
    from seedbed.models.base import Condition, LatentModel
    from seedbed.sampling.control import Control
    from seedbed.sampling.schedulers import Sampler


def module_of(name: str) -> str:
    """Dotted name of a control's module.

    Raises:
        ValueError: there is no such control.
    """
    if not (Path(__file__).parent / f"{name}.py").is_file():
        raise ValueError(f"control {name!r} is unknown: there is no module seedbed.guidance.{name}")
    return f"seedbed.guidance.{name}"


def control_of(
    name: str | None,
    model: LatentModel,
    condition: Condition,
    guidance: Guidance,
    sampler: Sampler,
    constants: Mapping,
) -> Control | None:
    """The control of a method for one batch, or ``None`` for a method without.

    Args:
        name: of the control's module.
        model, condition, guidance, sampler: of the batch.
        constants: what the papers leave open; each control says what it takes.

    Raises:
        ValueError: the control is unknown.
    """
    if name is None:
        return None
    return import_module(module_of(name)).control(model, condition, guidance, sampler, **constants)
