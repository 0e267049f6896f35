"""COCO's annotation files, and folders of photographs."""

import io
import json
import os
import struct
import zlib

import numpy as np
from PIL import Image

from tests.inputs.case import cases, write

SIDE = 100
INSTANCES = {
    "images": [{"id": i, "width": SIDE, "height": SIDE} for i in (1, 2, 3)],
    "categories": [{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}],
    "annotations": [
        {"id": 1, "image_id": 1, "category_id": 1, "bbox": [0, 0, 50, 50], "iscrowd": 0},
        {"id": 2, "image_id": 2, "category_id": 1, "bbox": [0, 0, 50, 50], "iscrowd": 0},
        {"id": 3, "image_id": 2, "category_id": 2, "bbox": [50, 50, 50, 50], "iscrowd": 0},
    ],
}
CAPTIONS = {
    "annotations": [
        {"id": 1, "image_id": 1, "caption": "A cat."},
        {"id": 2, "image_id": 2, "caption": "A cat and a dog."},
    ]
}


def coco(instances=None, captions=None, one=1, two=1):
    """A pair of annotation files, given as text, bytes or plain data."""

    def given(folder):
        paths = {}
        for key, data, sound in (
            ("instances", instances, INSTANCES),
            ("captions", captions, CAPTIONS),
        ):
            data = sound if data is None else data
            text = data if isinstance(data, str | bytes) else json.dumps(data)
            paths[key] = str(write(folder / f"{key}_mine.json", text))
        return "layouts", {"kind": "coco", **paths, "one": one, "two": two}

    return given


def changed(key, number, **values):
    """The instances with some values of one record replaced."""
    records = [dict(record) for record in INSTANCES[key]]
    records[number] |= values
    return INSTANCES | {key: records}


def coco_at(make):
    """An instances path that something else than a file is made at."""

    def given(folder):
        path = folder / "instances_mine.json"
        make(path)
        captions = str(write(folder / "captions_mine.json", json.dumps(CAPTIONS)))
        entry = {"instances": str(path), "captions": captions}
        return "layouts", {"kind": "coco", **entry, "one": 1, "two": 1}

    return given


def without(key):
    return {k: v for k, v in INSTANCES.items() if k != key}


HEAD = "layouts.mine: "
FEW = "found 0 layouts with one object and 1 with two, not 1 and 1"
COCO = cases(
    "layouts",
    {
        "sound": (coco(),),
        "empty": (coco(""), HEAD, "instances_mine.json: cannot be read (not JSON"),
        "truncated": (coco(json.dumps(INSTANCES)[:-20]), HEAD, "instances_mine.json: cannot be"),
        "not JSON": (coco("id,width\n1,2\n"), HEAD, "instances_mine.json: cannot be read (not J"),
        "UTF-16": (coco(json.dumps(INSTANCES).encode("utf-16")),),
        "latin-1": (coco(b'{"images": ["\xe9"]}'), HEAD, "instances_mine.json: cannot be read"),
        "NUL": (coco(b"\0" * 100), HEAD, "instances_mine.json: cannot be read (not JSON"),
        "200,000 deep": (coco('{"images": ' + "[" * 200_000), HEAD, "nested too deep"),
        "5,000 digits": (coco('{"images": [' + "9" * 5000 + "]}"), HEAD, "not JSON"),
        "list": (coco([1, 2]), HEAD, "instances_mine.json: has no list 'images'"),
        "null": (coco("null"), HEAD, "instances_mine.json: has no list 'images'"),
        "without images": (coco(without("images")), HEAD, "has no list 'images'"),
        "without annotations": (coco(without("annotations")), HEAD, "has no list 'annotations'"),
        "without categories": (coco(without("categories")), HEAD, "has no list 'categories'"),
        "images a table": (coco(INSTANCES | {"images": {}}), HEAD, "has no list 'images'"),
        "images empty": (coco(INSTANCES | {"images": []}), HEAD, "found 0 layouts"),
        "category without a name": (
            coco(changed("categories", 0, name="")),
            HEAD,
            "has no id or no name; restore it",
        ),
        "category with a name of a number": (coco(changed("categories", 0, name=7)), HEAD, "name"),
        "width 10**400": (coco(changed("images", 0, width=10**400)), HEAD, FEW),
        "width zero": (coco(changed("images", 0, width=0)), HEAD, FEW, "images_incomplete 1"),
        "width negative": (coco(changed("images", 0, width=-5)), HEAD, FEW),
        "width a text": (coco(changed("images", 0, width="100")), HEAD, FEW),
        "width true": (coco(changed("images", 0, width=True)), HEAD, FEW),
        "width a float": (coco(changed("images", 0, width=100.0)), HEAD, FEW),
        "image id twice": (coco(changed("images", 2, id=1)),),
        "image id of 400 digits": (coco(changed("images", 0, id=10**400)), HEAD, FEW),
        "box NaN": (
            coco(json.dumps(changed("annotations", 0, bbox=[0, 0, 5, 123])).replace("123", "NaN")),
            HEAD,
            FEW,
            "boxes_not_finite 1",
        ),
        "box infinite": (coco(changed("annotations", 0, bbox=[0, 0, 5, 1e999])), HEAD, FEW),
        "box of 10**400": (coco(changed("annotations", 0, bbox=[0, 0, 5, 10**400])), HEAD, FEW),
        "box outside": (coco(changed("annotations", 0, bbox=[90, 0, 50, 5])), HEAD, FEW, "outside"),
        "box negative": (coco(changed("annotations", 0, bbox=[-9, 0, 50, 5])), HEAD, FEW),
        "box without area": (coco(changed("annotations", 0, bbox=[0, 0, 0, 5])), HEAD, FEW),
        "box of three numbers": (coco(changed("annotations", 0, bbox=[0, 0, 5])), HEAD, FEW),
        "box of texts": (coco(changed("annotations", 0, bbox=["0", 0, 5, 5])), HEAD, FEW),
        "box a text": (coco(changed("annotations", 0, bbox="0 0 5 5")), HEAD, FEW),
        "box of no image": (coco(changed("annotations", 0, image_id=99)), HEAD, FEW, "unknown 1"),
        "box of no category": (coco(changed("annotations", 0, category_id=99)), HEAD, FEW),
        "box of a crowd": (coco(changed("annotations", 0, iscrowd=1)), HEAD, FEW, "boxes_crowd 1"),
        "annotation a list": (coco(INSTANCES | {"annotations": [[]]}), HEAD, "found 0 layouts"),
        "captions a list": (coco(None, []), HEAD, "captions_mine.json: has no list 'annotations'"),
        "no captions": (coco(None, {"annotations": []}), HEAD, "found 0 layouts"),
        "captions of other images": (
            coco(None, {"annotations": [{"id": 1, "image_id": 77, "caption": "A cat."}]}),
            HEAD,
            "captions_image_unknown 1",
        ),
        "caption a number": (
            coco(None, {"annotations": [{"id": 1, "image_id": 1, "caption": 5}]}),
            HEAD,
            "captions_incomplete 1",
        ),
        "files swapped": (coco(CAPTIONS, INSTANCES), HEAD, "instances_mine.json: has no list"),
        "more than there are": (
            coco(one=5),
            HEAD,
            "found 1 layouts with one object",
            "not 5 and 1",
        ),
        "none asked for": (coco(one=0, two=0), HEAD, "cannot draw 0 + 0 layouts"),
        "missing": (coco_at(lambda _: None), HEAD, "instances_mine.json: cannot be read (No such"),
        "folder": (coco_at(lambda p: p.mkdir()), HEAD, "a folder, not a file"),
        "pipe": (coco_at(os.mkfifo), HEAD, "instances_mine.json: cannot be read (not a regular"),
        "link to itself": (coco_at(lambda p: p.symlink_to(p)), HEAD, "Too many levels"),
    },
)


def picture(width=32, height=24, form="PNG", mode="RGB"):
    """The bytes of a small picture."""
    buffer = io.BytesIO()
    pixels = np.arange(width * height * 3, dtype=np.uint32).reshape(height, width, 3) % 251
    Image.fromarray(pixels.astype(np.uint8)).convert(mode).save(buffer, format=form)
    return buffer.getvalue()


def bomb(side=60_000):
    """A PNG of a few bytes that says it has 3,600 million pixels."""

    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    ends = chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + ends


def photos(**files):
    """A folder with two sound pictures and these: bytes, or a function that makes the path."""

    def given(folder):
        for name in ("a.png", "b.png"):
            write(folder / "photos" / name, picture())
        for name, data in files.items():
            path = folder / "photos" / name.replace("_", ".")
            if callable(data):
                data(path)
            else:
                write(path, data)
        return "references", {"kind": "folder", "path": str(folder / "photos"), "side": 16}

    return given


def only(**files):
    """A folder with nothing but these."""

    def given(folder):
        (folder / "photos").mkdir()
        for name, data in files.items():
            write(folder / "photos" / name.replace("_", "."), data)
        return "references", {"kind": "folder", "path": str(folder / "photos"), "side": 16}

    return given


PLACE = "references.mine"
NONE = "no picture that can be read"
PHOTOS = cases(
    "photos",
    {
        "sound": (photos(),),
        "of one pixel": (photos(c_png=picture(1, 1)),),
        "one pixel high": (photos(c_png=picture(500, 1)),),
        "grey": (photos(c_png=picture(mode="L")),),
        "with transparency": (photos(c_png=picture(mode="RGBA")),),
        "with a palette": (photos(c_png=picture(mode="P")),),
        "CMYK": (photos(c_jpg=picture(form="JPEG", mode="CMYK")),),
        "JPEG named .png": (photos(c_png=picture(form="JPEG")),),
        "suffix in capitals": (photos(c_PNG=picture()),),
        "other files beside": (photos(notes_txt=b"x"),),
        "16 bits": (photos(c_png=picture(mode="I;16")), PLACE, "c.png: " + NONE, "8 bits"),
        "text named .png": (photos(c_png=b"hello\n"), PLACE, "c.png: " + NONE),
        "empty file": (photos(c_png=b""), PLACE, "c.png: " + NONE),
        "truncated": (photos(c_png=picture()[:60]), PLACE, "c.png: " + NONE),
        "truncated JPEG": (photos(c_jpg=picture(form="JPEG")[:200]), PLACE, "c.jpg: " + NONE),
        "byte flipped in the data": (
            photos(c_png=picture()[:80] + b"\xff\xff\xff" + picture()[83:]),
            PLACE,
            "c.png: " + NONE,
        ),
        "page named .jpg": (photos(c_jpg=b"<html>404</html>"), PLACE, "c.jpg: " + NONE),
        "decompression bomb": (photos(c_png=bomb()), PLACE, "c.png: " + NONE),
        "picture of 200 million pixels": (photos(c_png=bomb(14_200)), PLACE, "c.png: " + NONE),
        "pipe": (photos(c_png=os.mkfifo), PLACE, "c.png: " + NONE, "not a regular file"),
        "folder named .png": (photos(c_png=lambda p: p.mkdir()), PLACE, "c.png: " + NONE),
        "link to nothing": (photos(c_png=lambda p: p.symlink_to("gone")), PLACE, "c.png: " + NONE),
        "link to a device": (photos(c_png=lambda p: p.symlink_to("/dev/zero")), PLACE, "c.png: "),
        "empty folder": (only(), PLACE, "photos holds 0 pictures"),
        "one picture": (only(a_png=picture()), PLACE, "photos holds 1 pictures"),
        "pictures of other suffixes": (only(a_gif=picture(), b_bmp=picture()), PLACE, "holds 0"),
        "no folder": (
            lambda folder: ("references", {"kind": "folder", "path": str(folder / "gone")}),
            PLACE,
            "gone is no folder; name one of pictures",
        ),
    },
)

CASES = [*COCO, *PHOTOS]
