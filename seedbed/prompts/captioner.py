"""Dense captions of photos by LLaVA-1.5, in batches.

Good Seed, section 3.2: 20,000 dense captions of COCO by LLaVA-1.5. Its variant, the question and
how it decodes are not stated: all are keys of the config. Decoding is greedy or by beams, so that
the same photo is described alike whatever batch it is in, but for rounding.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from seedbed import store
from seedbed.archives import opened
from seedbed.coco_photos import archive_of, drawn, photo_id, pictures
from seedbed.models.batching import Place, place_of
from seedbed.models.looking import read_model
from seedbed.progress import Progress

log = logging.getLogger(__name__)
TEMPLATE = "USER: <image>\n{question} ASSISTANT:"
"""What LLaVA-1.5 was trained with."""
COLUMNS = ("photo", "text", "complete")


class Captioner:
    """A ``LlavaForConditionalGeneration`` with its processor.

    Args:
        source: a folder or a hub id.
        question: what is asked of each picture.
        most: tokens of an answer at most.
        beams: of beam search; 1 for greedy decoding.
        revision: of the hub.
        place: where it runs.

    Raises:
        ValueError: no such model there.
    """

    def __init__(
        self,
        source: str,
        question: str,
        *,
        most: int = 256,
        beams: int = 1,
        revision: str | None = None,
        place: Place | None = None,
    ):
        from transformers import AutoProcessor, LlavaForConditionalGeneration

        self.place = place or Place()
        # Read in its own arithmetic: half the memory, and Place.put would round the tables of
        # angles that tell a token its place, which stay in float32 in the library.
        model = read_model(LlavaForConditionalGeneration, source, revision, self.place.dtype)
        self.model = model.to(self.place.device).eval().requires_grad_(False)
        self.processor = AutoProcessor.from_pretrained(source, revision=revision, backend="pil")
        # The answers of a batch begin at one place.
        self.processor.tokenizer.padding_side = "left"
        self.asked = TEMPLATE.format(question=question)
        self.most, self.beams = most, beams

    @torch.inference_mode()
    def __call__(self, images: np.ndarray) -> list[tuple[str, bool]]:
        """Answer for each of (n, h, w, 3) uint8 RGB pictures, and whether it came to its end."""
        return [answer for part in self.place.parts(images) for answer in self._answers(part)]

    def _answers(self, images: np.ndarray) -> list[tuple[str, bool]]:
        given = self.processor(
            images=list(images), text=[self.asked] * len(images), return_tensors="pt", padding=True
        ).to(self.place.device, self.place.dtype)
        said = self.model.generate(
            **given,
            max_new_tokens=self.most,
            num_beams=self.beams,
            do_sample=False,
            temperature=None,
            top_p=None,
        )[:, given["input_ids"].shape[1] :]
        end = self.model.generation_config.eos_token_id
        ends = torch.tensor(end if isinstance(end, list) else [-1 if end is None else end])
        complete = torch.isin(said.cpu(), ends).any(dim=1).tolist()
        texts = self.processor.batch_decode(said, skip_special_tokens=True)
        return list(zip(texts, complete, strict=True))


def tidy(text: str, complete: bool) -> str:
    """A caption in one line; one that was cut off ends with its last whole sentence."""
    text = " ".join(text.split())
    if complete or "." not in text:
        return text
    return text[: text.rindex(".") + 1]


def caption(entry: Mapping, name: str, span: Sequence[int], output: str | Path) -> int:
    """Describe some photos of a draw; returns how many.

    Args:
        entry: of kind ``llava``, its archive at hand.
        name: of the entry, for messages.
        span: places in the draw.
        output: Parquet with ``COLUMNS``, a row per photo in their order.

    Raises:
        ValueError: a photo cannot be read, there is no such model, or it says nothing of one.
    """
    place = place_of(entry, f"prompts.{name}")
    captioner = Captioner(
        entry["source"],
        entry["question"],
        most=entry["max_new_tokens"],
        beams=entry["beams"],
        revision=entry["revision"],
        place=place,
    )
    rows = []
    with opened(archive_of(entry)["local"], ".jpg") as archive:
        names = drawn(archive.names, max(span) + 1, entry["seed"])
        chosen = [names[i] for i in span]
        progress = Progress(len(chosen), "photos", log)
        for start in range(0, len(chosen), place.batch):
            part = chosen[start : start + place.batch]
            said = captioner(pictures(archive, part, entry["side"]))
            rows += [
                (photo_id(photo), tidy(text, complete), complete)
                for photo, (text, complete) in zip(part, said, strict=True)
            ]
            progress.add(len(part))
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    silent = frame[frame["text"] == ""]
    if len(silent):
        raise ValueError(
            f"{entry['source']}: says nothing of {silent['photo'].iloc[0]} ({len(silent)} such "
            f"photos); change prompts.{name}.question"
        )
    log.info("%d captions, %d cut off", len(frame), (~frame["complete"]).sum())
    store.write_table(frame, output)
    return len(frame)
