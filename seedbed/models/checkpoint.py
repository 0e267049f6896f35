"""What a model is loaded from: its source, and what must be known to read it."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from seedbed.choices import WEIGHT_TYPES


@dataclass(frozen=True)
class Checkpoint:
    """One model's files and how they are read.

    Attributes:
        source: a diffusers pipeline folder, a ``.safetensors`` file with a whole pipeline, a hub
            id.
        revision: hub revision (a commit, to pin it); ignored for folders and files.
        variant: which of several files of one network: ``"fp16"`` reads ``*.fp16.safetensors``;
            ignored for a file.
        architecture: a name of ``architectures.names()``, whose configs and tokenizers a file is
            read with; ignored for folders and hub ids, which have their own.
        sha256: what a file must have, 64 hex digits; ``None`` takes any.
        weights: a name of ``choices.WEIGHT_TYPES``; the numbers that the networks compute with.
    """

    source: str
    revision: str | None = None
    variant: str | None = None
    architecture: str | None = None
    sha256: str | None = None
    weights: str = "float32"

    @property
    def dtype(self) -> torch.dtype:
        """Of the weights.

        Raises:
            ValueError: there is no such type.
        """
        if self.weights not in WEIGHT_TYPES:
            raise ValueError(
                f"weights {self.weights!r} are unknown: use one of {', '.join(WEIGHT_TYPES)}"
            )
        return getattr(torch, self.weights)
