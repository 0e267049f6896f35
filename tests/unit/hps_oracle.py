"""Scores of the hpsv2 package for a small network, run by the Python of an environment of its own.

Arguments: a folder with net.json, own.pt, images.npy, texts.json and a BPE vocabulary; writes
scores.json: by whether the package's resize smooths, a score for each picture and its text. The
package's wheel lacks its vocabulary and imports a toolkit for windows that no server has.
"""

import json
import shutil
import sys
import types
from pathlib import Path

import numpy as np
import torch
import torchvision.transforms.functional as transforms
from PIL import Image


def main(folder: Path) -> None:
    sys.modules["turtle"] = types.ModuleType("turtle")
    sys.modules["turtle"].forward = None
    from importlib.util import find_spec

    package = Path(find_spec("hpsv2").submodule_search_locations[0]) / "src" / "open_clip"
    vocabulary = package / "bpe_simple_vocab_16e6.txt.gz"
    if not vocabulary.exists():
        shutil.copyfile(folder / vocabulary.name, vocabulary)
    from hpsv2 import img_score
    from hpsv2.src.open_clip import create_model_and_transforms
    from hpsv2.src.open_clip.factory import add_model_config

    add_model_config(folder / "net.json")
    made = create_model_and_transforms(
        "net", None, precision="fp32", device="cpu", light_augmentation=True, output_dict=True
    )
    img_score.model_dict |= {"model": made[0], "preprocess_val": made[2]}
    images = np.load(folder / "images.npy")
    texts = json.loads((folder / "texts.json").read_text())
    smooth = transforms.resize

    def plain(image, size, interpolation):
        return smooth(image, size, interpolation, antialias=False)

    found = {}
    for name, resize in (("on", smooth), ("off", plain)):
        transforms.resize = resize
        found[name] = [
            float(img_score.score(Image.fromarray(image), text, cp=str(folder / "own.pt"))[0])
            for image, text in zip(images, texts, strict=True)
        ]
    (folder / "scores.json").write_text(json.dumps(found))


if __name__ == "__main__":
    torch.manual_seed(0)
    main(Path(sys.argv[1]))
