"""Words in pictures by Tesseract, as boxes of the one class ``text``.

Good Seed, section 4.3, measures text artefacts with pytesseract and says no more. Our reading
(methods A10): page segmentation 11 (sparse text), words of at least two letters or digits. Every
confidence is kept: a measure applies its own threshold. Letters below some 12 pixels are hardly
read; of such pictures a detector that knows text tells more.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from seedbed import store
from seedbed.evaluators.weight_files import TRAINED_DATA, may_come

WEIGHTS_MB = 15
"""Of the published weights in float32; for estimates of memory while they are not here."""
PAGE_SEGMENTATION = 11
SHORTEST = 2
"""Letters or digits that make a word."""
COLUMNS = ("image", "class", "confidence", "x0", "y0", "x1", "y1")


class TesseractReader:
    """Tesseract with the trained data of one language.

    Args:
        source: a ``.traineddata`` file; by its name alone, one of Tesseract's own folder.
        name: what the metadata call it.

    Raises:
        ValueError: no such file, or no Tesseract program on this machine.
    """

    names = ("text",)

    def __init__(self, source: str, name: str = "tesseract"):
        import pytesseract

        try:
            version = pytesseract.get_tesseract_version()
        except pytesseract.TesseractNotFoundError:
            raise ValueError(
                "tesseract: no such program; install it (Debian: tesseract-ocr) or choose another "
                "detector that knows the class text"
            ) from None
        path = _own(source) if may_come(source) else Path(source)
        if path.suffix != TRAINED_DATA or not path.is_file():
            raise ValueError(
                f"{source}: no trained data of Tesseract; name a .traineddata file, e.g. "
                "eng.traineddata of Debian's tesseract-ocr-eng"
            )
        self.language = path.stem
        self.folder = path.resolve().parent
        self.metadata = {
            "detector": name,
            "weights_sha256": store.sha256_of(path),
            "program": f"tesseract {version}",
            "preprocessing": f"RGB as it is, page segmentation {PAGE_SEGMENTATION}",
        }

    def __call__(self, images: np.ndarray) -> pd.DataFrame:
        """Words in (n, h, w, 3) uint8 RGB pictures; see ``evaluators.base.Detector``."""
        parts = [self._words(image).assign(image=i) for i, image in enumerate(images)]
        empty = pd.DataFrame({column: [] for column in COLUMNS})
        frame = pd.concat([empty, *parts], ignore_index=True)[list(COLUMNS)]
        numbers = [c for c in COLUMNS if c not in ("image", "class")]
        return frame.astype({"image": np.int64, "class": object} | dict.fromkeys(numbers, float))

    def _words(self, image: np.ndarray) -> pd.DataFrame:
        import pytesseract
        from PIL import Image

        found = pytesseract.image_to_data(
            Image.fromarray(image),
            lang=self.language,
            config=f'--tessdata-dir "{self.folder}" --psm {PAGE_SEGMENTATION}',
            output_type=pytesseract.Output.DICT,
        )
        height, width = image.shape[:2]
        rows = []
        for text, confidence, left, top, w, h in zip(
            *(found[key] for key in ("text", "conf", "left", "top", "width", "height")),
            strict=True,
        ):
            # Blocks and lines come with a confidence of -1 and no text.
            if float(confidence) >= 0 and sum(map(str.isalnum, text)) >= SHORTEST:
                box = (left / width, top / height, (left + w) / width, (top + h) / height)
                rows.append(("text", float(confidence) / 100, *box))
        frame = pd.DataFrame(rows, columns=COLUMNS[1:])
        return frame.sort_values("confidence", ascending=False, kind="stable")


def _own(source: str) -> Path:
    """A file of the folder that the program itself looks into, where that has it."""
    import pytesseract

    program = pytesseract.pytesseract.tesseract_cmd
    said = subprocess.run([program, "--list-langs"], capture_output=True, text=True, check=False)
    found = re.search(r'in "(.+)"', said.stdout + said.stderr)
    return Path(found[1]) / source if found else Path(source)


def load(entry: Mapping, name: str) -> TesseractReader:
    """The reader of a config entry."""
    return TesseractReader(entry["source"], name)
