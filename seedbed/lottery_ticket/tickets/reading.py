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
        article: of the nouns of pair prompts, a name of ``choices.ARTICLES``.
    """

    layer: str
    mode: str = "minmax"
    fixed_positions: bool = False
    article: str = "literal"

    @classmethod
    def of(cls, entry: Mapping) -> Reading:
        """From ``layer``, ``score_mode``, ``fixed_positions`` and ``article``, which is literal
        where it is left out."""
        article = entry.get("article", "literal")
        return cls(entry["layer"], entry["score_mode"], entry["fixed_positions"], article)
