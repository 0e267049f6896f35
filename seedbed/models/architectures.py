"""Configs of known architectures, for checkpoints that are one file and have none of their own.

A folder of ``resources/architectures`` is an architecture: a diffusers pipeline folder without
weights and vocabularies. The vocabulary of CLIP's tokenizers lies in the open_clip package.
"""

from __future__ import annotations

import gzip
from functools import cache
from importlib.util import find_spec
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "resources" / "architectures"
VOCABULARY = "bpe_simple_vocab_16e6.txt.gz"
TOKENS = 49408
"""Of CLIP: 256 bytes, within words and at their ends, what is merged of them, start and end."""


def names() -> list[str]:
    """The architectures that configs are shipped of."""
    return sorted(path.parent.name for path in FOLDER.glob("*/model_index.json"))


def folder_of(name: str) -> Path:
    """Where the configs of an architecture lie.

    Raises:
        ValueError: there is no such architecture.
    """
    if name not in names():
        raise ValueError(f"architecture {name!r} is unknown; use one of {', '.join(names())}")
    return FOLDER / name


def configs_of(name: str | None) -> Path | None:
    """As ``folder_of``; nothing where no architecture is named."""
    return None if name is None else folder_of(name)


def tokenizers(name: str) -> dict:
    """An architecture's tokenizers by their names in the pipeline.

    Raises:
        ValueError: there is no such architecture, or the vocabulary is not there.
    """
    from transformers import CLIPTokenizer

    from seedbed.models.pipelines import read_settings

    vocabulary, merges = _clip()
    found = {}
    for path in sorted(folder_of(name).glob("tokenizer*/tokenizer_config.json")):
        settings = read_settings(path)
        found[path.parent.name] = CLIPTokenizer(
            vocab=vocabulary,
            merges=merges,
            pad_token=settings["pad_token"],
            model_max_length=settings["model_max_length"],
        )
    return found


@cache
def _clip() -> tuple[dict[str, int], list[tuple[str, str]]]:
    """CLIP's vocabulary (Radford et al. 2021) and its merges, the earliest first.

    Bytes are written as letters, those that print as themselves and first; each stands once as
    the inside and once as the end of a word. Then come the merges of the file in its order.
    """
    spec = find_spec("open_clip")
    if spec is None or not spec.origin:
        raise ValueError(
            "CLIP's vocabulary comes with the package open_clip, which is not installed; install "
            "it, or put the pipeline's configs and tokenizer beside the file, in a folder of its "
            "name without .safetensors"
        )
    packed = Path(spec.origin).with_name(VOCABULARY).read_bytes()
    lines = gzip.decompress(packed).decode("utf-8").splitlines()
    printed = [*range(33, 127), *range(161, 173), *range(174, 256)]
    letters = [*map(chr, printed), *(chr(256 + i) for i in range(256 - len(printed)))]
    count = TOKENS - 2 * len(letters) - 2
    merges = [tuple(line.split()) for line in lines[1 : count + 1]]
    words = [*letters, *(f"{letter}</w>" for letter in letters), *map("".join, merges)]
    words += ["<|startoftext|>", "<|endoftext|>"]
    return {word: i for i, word in enumerate(words)}, merges
