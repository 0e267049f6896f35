"""Prompts that are LLaVA's captions of COCO's photos (``captioner``), gathered from their parts.

Two photos may be described alike, and a prompt stands in a table once: ``spare`` photos more are
described than prompts are wanted, and the first ``count`` different captions are taken.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

import pandas as pd

from seedbed import store
from seedbed.prompts.table import PromptError, key, make

log = logging.getLogger(__name__)


def from_entry(entry: Mapping, name: str) -> pd.DataFrame:
    """The prompt table of a config entry of kind ``llava``: ``parts``, the files of its captions.

    ``line`` is the photo's place in the draw, from 1.

    Raises:
        PromptError: a part is missing, or there are too few different captions.
    """
    if not entry.get("parts"):
        raise PromptError(f"prompts.{name}: no captions yet; let the workflow make them")
    said = pd.concat([store.read_table(path) for path in entry["parts"]], ignore_index=True)
    said["line"] = range(1, len(said) + 1)
    fresh = said[~said["text"].map(key).duplicated()]
    if len(fresh) < entry["count"]:
        raise PromptError(
            f"prompts.{name}: {len(fresh):,} different captions of {len(said):,} photos, not "
            f"{entry['count']:,}; raise spare, or lower count"
        )
    log.info("%d photos, %d captions of before passed over", len(said), len(said) - len(fresh))
    kept = fresh.head(entry["count"])
    return make(kept["text"].tolist(), "dense", name, prefix="llava", lines=kept["line"].tolist())
