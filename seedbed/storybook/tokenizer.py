"""A CLIP tokenizer over the Storybook vocabulary: byte-pair merges learnt from its captions."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers
from transformers import CLIPTokenizer

MAX_LENGTH = 77
VOCABULARY_SIZE = 512
BOS, EOS = "<|startoftext|>", "<|endoftext|>"


def fit(captions: Iterable[str], folder: Path) -> CLIPTokenizer:
    """Learn merges from captions and save ``vocab.json`` and ``merges.txt`` as CLIP does.

    Every word of the world becomes one token; other words fall back to letters,
    so foreign prompts still tokenise.
    """
    bpe = Tokenizer(models.BPE(end_of_word_suffix="</w>"))
    bpe.normalizer = normalizers.Lowercase()
    bpe.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Whitespace(), pre_tokenizers.Punctuation()]
    )
    # CLIP's tokenizer looks up bytes as these printable stand-ins.
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY_SIZE + 2 * len(alphabet),
        initial_alphabet=sorted(alphabet),
        end_of_word_suffix="</w>",
        show_progress=False,
    )
    bpe.train_from_iterator(captions, trainer)
    model = json.loads(bpe.to_str())["model"]
    merges = [m if isinstance(m, str) else " ".join(m) for m in model["merges"]]
    tokens = sorted(alphabet) + [c + "</w>" for c in sorted(alphabet)]
    tokens += ["".join(m.split(" ")) for m in merges]
    vocab = {token: i for i, token in enumerate(dict.fromkeys(tokens))}
    vocab[BOS], vocab[EOS] = len(vocab), len(vocab) + 1
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.json").write_text(json.dumps(vocab, ensure_ascii=False, indent=0) + "\n")
    (folder / "merges.txt").write_text("#version: 0.2\n" + "\n".join(merges) + "\n")
    tokenizer = CLIPTokenizer(
        str(folder / "vocab.json"),
        str(folder / "merges.txt"),
        model_max_length=MAX_LENGTH,
        pad_token=EOS,
        bos_token=BOS,
        eos_token=EOS,
        unk_token=EOS,
    )
    tokenizer.save_pretrained(folder)
    return tokenizer


def encode(tokenizer: CLIPTokenizer, captions: list[str]):
    """(n, 77) int64 token ids, truncated and padded as diffusers' pipelines do."""
    return tokenizer(
        captions,
        padding="max_length",
        max_length=tokenizer.model_max_length,
        truncation=True,
        return_tensors="pt",
    ).input_ids
