"""How tickets are read off a model: which layer, which scores, which tokens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Reading:
    """What decides the scores of a collection.

    Attributes:
        layer: cross-attention that is read (``attention.capture.layer_of``).
        mode: of the scores, a name of ``choices.SCORE_MODES``.
        fixed_positions: read the tokens where one-token names stand, as the authors' code does;
            otherwise the mean over all tokens of a name.
    """

    layer: str
    mode: str = "minmax"
    fixed_positions: bool = False

    @classmethod
    def of(cls, entry: Mapping) -> Reading:
        """From ``layer``, ``score_mode`` and ``fixed_positions``."""
        return cls(entry["layer"], entry["score_mode"], entry["fixed_positions"])
