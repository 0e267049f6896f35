"""Numbers that cannot be: latents and pixels that are not finite stop a job."""

from __future__ import annotations

from collections.abc import Sequence

import torch


class NotFiniteError(ValueError):
    """A model gave NaN or infinity; the message names model and image."""


def refuse_nonfinite(
    values: torch.Tensor, what: str, source: str, who: Sequence[str] | None
) -> None:
    """Refuse a batch in which any image is not finite.

    A black picture is all that would be left of it, and every score takes black pictures.

    Args:
        values: (n, …).
        what: they are: latents, pixels.
        source: of the model.
        who: name of each row, ``"seed 3, prompt p_7"``; rows are numbered without it.

    Raises:
        NotFiniteError: one line that names the model and the first such image.
    """
    bad = ~torch.isfinite(values).flatten(1).all(dim=1)
    if bool(bad.any()):
        first = int(bad.nonzero()[0])
        name = who[first] if who is not None else f"row {first}"
        raise NotFiniteError(
            f"{source}: the {what} of {name} are not finite ({int(bad.sum())} of {len(bad)} in its "
            "batch): look for NaN in the weights, or for a number format that overflows"
        )


def named(seeds: Sequence[int], prompts: Sequence[str], kind: str = "prompt") -> list[str]:
    """What ``who`` wants: a name for each pair of a seed and a prompt, or another kind."""
    return [f"seed {s}, {kind} {p}" for s, p in zip(seeds, prompts, strict=True)]
