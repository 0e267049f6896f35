"""Open Images' photos and masks: which are chosen, fetched and refused."""

import csv
import http.server
import threading
import zipfile
from functools import partial

import numpy as np
import pytest
from PIL import Image

from seedbed import inputs
from seedbed.archives import opened
from seedbed.masked_photos import arrays_of, widened
from seedbed.open_images import LEAST, MOST, candidates, choose, fetch_photos

HEADER = (
    *("MaskPath", "ImageID", "LabelName", "BoxID", "BoxXMin", "BoxXMax", "BoxYMin", "BoxYMax"),
    *("PredictedIoU", "Clicks"),
)


@pytest.fixture
def files(tmp_path):
    """The four sources in their published forms: 12 photos, each with a good and a bad mask."""
    rng = np.random.default_rng(0)
    rows, made = [], tmp_path / "made"
    (made / "photos").mkdir(parents=True)
    with zipfile.ZipFile(made / "masks.zip", "w") as package:
        for i in range(12):
            image, label = f"{i:016x}", ("/m/0a", "/m/0b")[i % 2]
            pixels = rng.integers(0, 256, (60, 80, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(made / "photos" / f"{image}.jpg")
            for box, good in (("aa", 0.9), ("bb", 0.2)):
                # Half the size of the photo; those of the last three hide too little.
                mask = np.zeros((30, 40), dtype=np.uint8)
                mask[10:20, 12 : 13 if i >= 9 else 24] = 255
                name = f"{image}_{label[1:].replace('/', '')}_{box}.png"
                Image.fromarray(mask).save(made / name)
                package.write(made / name, name)
                rows.append((name, image, label, box, 0, 1, 0, 1, good, ""))
    # Of another archive.
    rows.append(("f0_m0a_cc.png", "f0", "/m/0a", "cc", 0, 1, 0, 1, 0.95, ""))
    with (made / "table.csv").open("w", newline="") as file:
        csv.writer(file).writerows([HEADER, *rows])
    (made / "classes.csv").write_text("/m/0a,Bird\n/m/0b,Traffic light\n")
    return made


def entry(files, **keys):
    local = {
        "table": "table.csv",
        "classes": "classes.csv",
        "masks": "masks.zip",
        "photos": "photos",
    }
    own = {"kind": "open_images", "count": 6, "seed": 0, "side": 64}
    outside = {k: {"url": "https://x.invalid", "local": str(files / v)} for k, v in local.items()}
    return own | outside | keys


def test_pairs_of_photos_and_masks(files):
    pairs = inputs.make("pairs", entry(files), "open")
    assert len(pairs) == 6 == pairs["pair_id"].nunique()
    assert set(pairs["category"]) == {"bird", "traffic light"}
    images, masks = arrays_of(pairs)
    assert images.shape == (6, 64, 64, 3) and masks.shape == (6, 64, 64)
    # 10 × 12 of the central 30 × 30 pixels, widened by one of 64 to each side.
    bare = np.zeros((64, 64), dtype=bool)
    bare[22:43, 15:40] = True
    assert abs(masks[0].mean() - widened(bare).mean()) < 0.02
    longer = inputs.make("pairs", entry(files, count=8), "open")
    assert longer["pair_id"].tolist()[:6] == pairs["pair_id"].tolist()


def test_only_good_masks_of_fitting_size(files):
    found = candidates(files / "table.csv", files / "classes.csv")
    assert len(found) == 13 and all("_bb" not in masked.file for masked in found)
    with opened(files / "masks.zip", ".png") as archive:
        chosen = choose(found, archive, 9, 0, 64)
        assert all(LEAST <= hidden.mean() <= MOST for _, hidden in chosen)
        with pytest.raises(ValueError, match=r"9 masks of 12 fit, not 10; lower count"):
            choose(found, archive, 10, 0, 64)


def test_photos_are_fetched_once_and_packed(files, tmp_path, monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    asked = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            super().do_GET()

        def log_message(self, *args):
            pass

    served = partial(Handler, directory=files)
    httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), served)
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    url = f"http://127.0.0.1:{httpd.server_port}/photos/"
    given = entry(files, count=9) | {"photos": {"url": url, "local": None}}
    output = tmp_path / "pairs" / "open.photos.zip"
    try:
        hidden = files / "photos" / "0000000000000004.jpg"
        away = hidden.rename(files / "away.jpg")
        with pytest.raises(ValueError, match=r"0000000000000004\.jpg: cannot be downloaded \(HTTP"):
            fetch_photos(given, "open", output)
        assert not output.exists()
        away.rename(hidden)
        assert fetch_photos(given, "open", output) == 9
        counts = {path: asked.count(path) for path in asked}
        assert counts.pop(f"/photos/{hidden.name}") == 2 and set(counts.values()) == {1}
    finally:
        httpd.shutdown()
        httpd.server_close()
        thread.join()
    assert [p.name for p in output.parent.iterdir()] == [output.name]
    packed = entry(files, count=9) | {"photos": {"url": url, "local": str(output)}}
    a, b = (inputs.make("pairs", each, "open") for each in (packed, entry(files, count=9)))
    assert a.equals(b)


@pytest.mark.parametrize(
    ("break_it", "said"),
    [
        (lambda f: (f / "table.csv").write_text("a,b\n1,2\n"), "lacks the column MaskPath"),
        (lambda f: (f / "table.csv").unlink(), "no table that can be read"),
        (lambda f: (f / "classes.csv").write_text("/m/0a,Bird\n"), "a class without words"),
        (lambda f: (f / "masks.zip").write_bytes(b"PK"), "no zip archive that can be read"),
        (lambda f: [p.unlink() for p in (f / "photos").glob("*[0-8].jpg")], "lacks 000000000000"),
        (
            lambda f: [Image.new("RGB", (50, 90)).save(p) for p in (f / "photos").glob("*.jpg")],
            "of another shape than",
        ),
    ],
)
def test_what_is_wrong_is_one_line(files, break_it, said):
    break_it(files)
    with pytest.raises(ValueError, match=said) as caught:
        inputs.make("pairs", entry(files), "open")
    assert str(caught.value).startswith("pairs.open: ") and "\n" not in str(caught.value)
