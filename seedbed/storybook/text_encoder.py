"""The text encoder of ``storybook-sd``: a CLIP text model taught to bind words, then frozen.

Stable Diffusion takes its text encoder ready-made and frozen. Here it is made from
captions alone, before any picture: the state of each noun must tell its object and the
colour, size and texture that the caption gives it; the state at the end must tell the
setting. Words that belong together are thus bound in the noun's own token, which is
where cross-attention looks for them, and the states of all captions can be computed once.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from seedbed.storybook.training import Schedule, train
from seedbed.storybook.vocabulary import COLORS, OBJECTS, SETTINGS, SIZES, TEXTURES

WIDTH = 128
ATTRIBUTES = (tuple(COLORS), tuple(SIZES), TEXTURES)
_ARTICLES = ("a", "an", "the")


def build(tokenizer: CLIPTokenizer) -> CLIPTextModel:
    """Untrained CLIP text encoder of width 128, three layers, 77 positions."""
    return CLIPTextModel(
        CLIPTextConfig(
            vocab_size=len(tokenizer),
            hidden_size=WIDTH,
            intermediate_size=4 * WIDTH,
            num_hidden_layers=3,
            num_attention_heads=4,
            projection_dim=WIDTH,
            max_position_embeddings=tokenizer.model_max_length,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )


@dataclass(frozen=True)
class Readings:
    """What each token's state must tell; -1 asks nothing.

    Attributes:
        kind: (n, tokens) index into ``OBJECTS``, at nouns.
        attributes: (3, n, tokens) colour, size, texture of that noun; 0 means not said.
        setting: (n, tokens) index into ``SETTINGS`` plus one, at the end; 0 means not said.
    """

    kind: torch.Tensor
    attributes: torch.Tensor
    setting: torch.Tensor


def read(tokenizer: CLIPTokenizer, ids: torch.Tensor) -> Readings:
    """What the captions say, word by word, from their token ids (n, tokens) alone."""
    words = [t.removesuffix("</w>") for t in tokenizer.convert_ids_to_tokens(range(len(tokenizer)))]
    code = {word: i for i, word in enumerate(words)}
    kinds = {code[k]: i for i, k in enumerate(OBJECTS)}
    values = [{code[v]: i + 1 for i, v in enumerate(names)} for names in ATTRIBUTES]
    settings = {code[s]: i + 1 for i, s in enumerate(SETTINGS)}
    articles = {code[a] for a in _ARTICLES}
    kind = torch.full(ids.shape, -1, dtype=torch.long)
    attributes = torch.full((3, *ids.shape), -1, dtype=torch.long)
    setting = torch.full(ids.shape, -1, dtype=torch.long)
    for row, tokens in enumerate(ids.tolist()):
        said, where = [0, 0, 0], 0
        for place, token in enumerate(tokens):
            if token in articles:
                said = [0, 0, 0]
            for a, names in enumerate(values):
                said[a] = names.get(token, said[a])
            where = settings.get(token, where)
            if token in kinds:
                kind[row, place] = kinds[token]
                for a in range(3):
                    attributes[a, row, place] = said[a]
            if token == tokenizer.eos_token_id:
                setting[row, place] = where
                break
    return Readings(kind, attributes, setting)


class _Reader(nn.Module):
    """The encoder with one linear head per question; the heads are thrown away."""

    def __init__(self, tokenizer: CLIPTokenizer):
        super().__init__()
        self.encoder = build(tokenizer)
        self.encoder.set_attn_implementation("eager")  # its backward is faster on a CPU
        sizes = [len(OBJECTS), *(len(names) + 1 for names in ATTRIBUTES), len(SETTINGS) + 1]
        self.heads = nn.ModuleList(nn.Linear(WIDTH, size) for size in sizes)

    def forward(self, ids: torch.Tensor) -> list[torch.Tensor]:
        states = self.encoder(ids)[0]
        return [head(states).float().flatten(0, 1) for head in self.heads]


def fit(
    tokenizer: CLIPTokenizer, ids: torch.Tensor, schedule: Schedule, checkpoint: Path
) -> CLIPTextModel:
    """Teach an encoder on the token ids of captions (n, 77)."""
    torch.manual_seed(schedule.seed)
    truth = read(tokenizer, ids)
    targets = [truth.kind, *truth.attributes, truth.setting]

    def loss_of(indices: np.ndarray, generator: torch.Generator, step: int) -> torch.Tensor:
        answers = reader(ids[indices])
        return sum(
            F.cross_entropy(answer, target[indices].flatten(), ignore_index=-1)
            for answer, target in zip(answers, targets, strict=True)
        )

    reader = _Reader(tokenizer)
    return train(reader, loss_of, len(ids), schedule, checkpoint).encoder


@torch.no_grad()
def encode_all(encoder: CLIPTextModel, ids: torch.Tensor, batch: int = 128) -> torch.Tensor:
    """(n, 77, 128) float16 states of all captions."""
    parts = []
    for start in range(0, len(ids), batch):
        parts.append(encoder(ids[start : start + batch])[0].half())
    return torch.cat(parts)
