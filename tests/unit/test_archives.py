"""Archives and folders read alike; what is cut short, doubled or missing is one line."""

import zipfile

import pytest

from seedbed.archives import ArchiveError, opened


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "photos" / "deep").mkdir(parents=True)
    for name in ("b.jpg", "deep/a.jpg", "notes.txt"):
        (tmp_path / "photos" / name).write_bytes(name.encode() * 100)
    return tmp_path / "photos"


@pytest.fixture
def packed(folder, tmp_path):
    path = tmp_path / "photos.zip"
    with zipfile.ZipFile(path, "w") as package:
        for file in sorted(folder.rglob("*.*")):
            package.write(file, file.relative_to(folder))
    return path


def test_a_zip_and_its_folder_are_alike(folder, packed):
    for path in (folder, packed):
        with opened(path, ".jpg") as archive:
            assert archive.names == ["a.jpg", "b.jpg"]
            assert archive.open("a.jpg").read() == b"deep/a.jpg" * 100
            with pytest.raises(ArchiveError, match=r"lacks c\.jpg; give the published archive"):
                archive.open("c.jpg")


def refusal(path, suffix=".jpg", name=None):
    with pytest.raises(ArchiveError) as caught, opened(path, suffix) as archive:
        archive.open(name)
    assert str(caught.value).startswith(str(path)) and "\n" not in str(caught.value)
    return str(caught.value)


def test_a_truncated_zip(packed):
    packed.write_bytes(packed.read_bytes()[:-40])
    assert "no zip archive that can be read" in refusal(packed)


def test_a_flipped_byte(packed):
    raw = bytearray(packed.read_bytes())
    raw[60] ^= 1
    packed.write_bytes(raw)
    assert "cannot be read (Bad CRC-32" in refusal(packed, name="b.jpg")


def test_nothing_there(tmp_path, folder):
    assert "no zip archive" in refusal(tmp_path / "gone.zip")
    assert "holds no .png files" in refusal(folder, ".png")
    (folder / "a.jpg").write_bytes(b"")
    assert "two files of one name" in refusal(folder)
