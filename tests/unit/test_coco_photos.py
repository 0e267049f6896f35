"""COCO's photos as a reference: real ones where they are present, and what is refused."""

import shutil
import zipfile

import numpy as np
import pytest
from PIL import Image

from seedbed import inputs
from seedbed.coco_photos import drawn, photo_id
from seedbed.layouts.coco import layout_id_of
from seedbed.photos import square


def entry(local, **keys):
    archive = {"url": "https://x.invalid/val2017.zip", "sha256": None, "local": str(local)}
    own = {"kind": "coco", "part": "val2017", "count": 5, "seed": 0, "side": 32}
    return own | {"archives": {"val2017": archive}} | keys


def made(entry):
    parts = list(inputs.make("references", entry, "coco"))
    return [i for ids, _ in parts for i in ids], np.concatenate([p for _, p in parts])


@pytest.fixture
def photos(shared_data, tmp_path):
    """A zip as COCO's own, of the real photos at hand."""
    path = tmp_path / "val2017.zip"
    with zipfile.ZipFile(path, "w") as package:
        for file in sorted((shared_data / "coco" / "photos").glob("*.jpg")):
            package.write(file, f"val2017/{file.name}")
    return path


def test_real_photos_are_drawn_and_cut(photos, shared_data):
    ids, pictures = made(entry(photos))
    assert len(set(ids)) == 5 and pictures.shape == (5, 32, 32, 3)
    for photo, picture in zip(ids, pictures, strict=True):
        file = shared_data / "coco" / "photos" / f"{photo.removeprefix('coco_')}.jpg"
        np.testing.assert_array_equal(picture, square(file, 32))
    more, others = made(entry(photos, count=9)), made(entry(photos, seed=1))
    assert more[0][:5] == ids and others[0] != ids
    # A folder of them is the same.
    folder = photos.parent / "val2017"
    shutil.copytree(shared_data / "coco" / "photos", folder)
    assert made(entry(folder))[0] == ids


def test_more_than_there_are(photos):
    with pytest.raises(ValueError, match=r"references\.coco: 99 pictures asked for, there are 25"):
        made(entry(photos, count=99))


def test_a_truncated_archive(photos):
    photos.write_bytes(photos.read_bytes()[:-500])
    with pytest.raises(ValueError, match=r"references\.coco: .*no zip archive that can be read"):
        made(entry(photos))


def test_a_file_that_is_no_picture(tmp_path):
    for name in ("000000000001.jpg", "000000000002.jpg"):
        Image.new("RGB", (40, 30)).save(tmp_path / name)
    (tmp_path / "000000000003.jpg").write_bytes(b"none")
    with pytest.raises(ValueError, match=r"000000000003\.jpg: no picture that can be read"):
        made(entry(tmp_path, count=3))


def test_the_draw_does_not_hang_on_the_order_of_files():
    names = [f"{i:012d}.jpg" for i in range(50)]
    assert drawn(names, 10, 3) == drawn(names[::-1], 10, 3) == drawn(names, 50, 3)[:10]
    assert photo_id("000000000139.jpg") == layout_id_of(139)
