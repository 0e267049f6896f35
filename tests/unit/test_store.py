"""Files on disk: whole or absent, and read back as they were written."""

import errno
import io
import json
import os
import pickle
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from seedbed import partials, store
from seedbed.store import StoreError

ROOT = Path(__file__).resolve().parents[2]


def pictures(n, side=24, seed=0):
    """Smooth pictures with noise on top: what a lossy encoding cannot keep by accident."""
    rng = np.random.default_rng(seed)
    ramp = np.linspace(0, 180, side)[None, :, None, None] + rng.uniform(0, 75, (n, side, side, 3))
    return ramp.astype(np.uint8)


def write_shard(path, images, encoding="png", batch=3):
    ids = [f"p_{i}" for i in range(len(images))]
    with store.atomic(path) as partial, store.ImageShardWriter(partial, encoding) as shard:
        for start in range(0, len(images), batch):
            part = slice(start, start + batch)
            seeds = list(range(len(images)))[part]
            shard.add(seeds, ids[part], images[part], [f"sha{s}" for s in seeds])
    return path


class TestAtomic:
    def test_makes_the_folder_and_leaves_only_the_file(self, tmp_path):
        target = tmp_path / "new" / "deep" / "a.txt"
        store.write_text("Größe\n", target)
        assert target.read_bytes() == "Größe\n".encode()
        assert [p.name for p in target.parent.iterdir()] == ["a.txt"]

    def test_an_exception_keeps_the_old_file_and_removes_the_new(self, tmp_path):
        target = tmp_path / "a.txt"
        target.write_text("old")
        with pytest.raises(RuntimeError), store.atomic(target) as partial:
            partial.write_text("half of the ne")
            assert partial.parent == target.parent
            assert target.read_text() == "old"
            raise RuntimeError
        assert target.read_text() == "old"
        assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]

    def test_replaces_the_old_file(self, tmp_path):
        target = tmp_path / "a.json"
        for value in ({"b": 1, "a": [2.5, None]}, {"ü": "∞"}):
            store.write_json(value, target)
            assert store.read_json(target) == value
        assert "∞" in target.read_text(encoding="utf-8")

    @pytest.mark.parametrize("before", [None, "old"])
    def test_a_killed_job_leaves_no_half_file(self, tmp_path, before):
        target = tmp_path / "shard.parquet"
        if before:
            target.write_text(before)
        code = (
            "import sys, time\n"
            "import numpy as np\n"
            "from seedbed import store\n"
            "image = np.zeros((1, 8, 8, 3), np.uint8)\n"
            "with store.atomic(sys.argv[1]) as partial:\n"
            "    with store.ImageShardWriter(partial, 'png') as shard:\n"
            "        shard.add([0], ['p'], image, ['s'])\n"
            "        print('half', flush=True)\n"
            "        time.sleep(60)\n"
        )
        command = [sys.executable, "-c", code, str(target)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as job:
            assert job.stdout.readline() == "half\n"
            assert list(tmp_path.glob(".*.partial"))
            job.send_signal(signal.SIGKILL)
        assert job.returncode == -signal.SIGKILL
        assert target.exists() == bool(before)
        if before:
            assert target.read_text() == before
        write_shard(target, pictures(1))
        assert pq.read_metadata(target).num_rows == 1

    def test_two_processes_do_not_share_a_temporary_file(self, tmp_path):
        with store.atomic(tmp_path / "a") as partial:
            partial.touch()
            assert f".{partials.host()}.{os.getpid()}." in partial.name

    def test_a_full_disk_names_the_file(self, tmp_path):
        target = tmp_path / "a.txt"
        with pytest.raises(OSError, match=r"No space left on device.*a\.txt"):
            with store.atomic(target):
                raise OSError(errno.ENOSPC, "No space left on device")
        assert not list(tmp_path.iterdir())


@pytest.fixture
def ended():
    """The id of a process that has ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


class TestPartials:
    def test_writing_removes_what_a_dead_process_left_of_the_same_file(self, tmp_path, ended):
        mine = f".a[1].txt.{partials.host()}"
        dead = tmp_path / f"{mine}.{ended}.partial"
        others = [
            tmp_path / f"{mine}.{os.getppid()}.partial",  # lives
            tmp_path / f".a[1].txt.elsewhere.{ended}.partial",  # of another machine
            tmp_path / f".b.txt.{partials.host()}.{ended}.partial",  # of another file
        ]
        for path in (dead, *others):
            path.write_text("half")
        store.write_text("whole", tmp_path / "a[1].txt")
        assert set(tmp_path.iterdir()) == {tmp_path / "a[1].txt", *others}

    def test_a_sweep_goes_through_a_whole_folder(self, tmp_path, ended):
        (tmp_path / "deep" / "er").mkdir(parents=True)
        dead = tmp_path / "deep" / "er" / f".x.png.{partials.host()}.{ended}.partial"
        result = tmp_path / "deep" / "x.partial"
        for path in (dead, result):
            path.touch()
        assert partials.sweep(tmp_path) == [dead]
        assert result.exists() and not dead.exists()
        assert partials.sweep(tmp_path / "nothing") == []

    @pytest.mark.parametrize("name", ["node-7.example.org", "über", ""])
    def test_a_machines_name_is_one_word(self, monkeypatch, name):
        monkeypatch.setattr("platform.node", lambda: name)
        found = partials.beside(Path("a.txt"))
        assert partials.OWNER.search(found.name)["host"] == partials.host()
        assert not partials.is_stale(found)


class TestImages:
    def test_png_is_exact(self, tmp_path):
        images = pictures(8)
        path = write_shard(tmp_path / "s.parquet", images, batch=3)
        groups = list(store.read_images(path))
        assert [len(table["seed"]) for table, _ in groups] == [3, 3, 2]
        np.testing.assert_array_equal(np.concatenate([g for _, g in groups]), images)
        assert [s for table, _ in groups for s in table["seed"]] == list(range(8))
        assert [p for table, _ in groups for p in table["prompt_id"]] == [
            f"p_{i}" for i in range(8)
        ]

    def test_other_columns_on_demand(self, tmp_path):
        path = write_shard(tmp_path / "s.parquet", pictures(2))
        (table, _) = next(store.read_images(path, columns=["latent_sha256"]))
        assert table == {"latent_sha256": ["sha0", "sha1"]}

    def test_jpeg75_is_what_pillow_writes_by_default(self, tmp_path):
        image = pictures(1, side=40)[0]
        Image.fromarray(image).save(tmp_path / "x.jpg")
        encoded = store.encode_image(image, "jpeg75")
        assert encoded == (tmp_path / "x.jpg").read_bytes()
        opened = Image.open(io.BytesIO(encoded))
        luma, *chroma = [sampling for _, *sampling, _ in opened.layer]
        assert (luma, chroma) == ([2, 2], [[1, 1], [1, 1]])

    def test_jpeg_shard_holds_the_encoded_pictures(self, tmp_path):
        images = pictures(3)
        path = write_shard(tmp_path / "s.parquet", images, "jpeg75")
        ((_, read),) = store.read_images(path)
        for before, after in zip(images, read, strict=True):
            encoded = store.encode_image(before, "jpeg75")
            np.testing.assert_array_equal(after, store.decode_image(encoded))
        cells = pq.read_table(path)["image"].to_pylist()
        assert [cell["path"] for cell in cells] == ["p_0_0.jpg", "p_1_1.jpg", "p_2_2.jpg"]

    def test_datasets_shows_the_column_as_images(self, tmp_path):
        images = pictures(2)
        path = write_shard(tmp_path / "s.parquet", images)
        metadata = json.loads(pq.read_schema(path).metadata[b"huggingface"])
        assert metadata["info"]["features"]["image"] == {"_type": "Image"}
        assert set(metadata["info"]["features"]) == set(store.IMAGE_COLUMNS)
        datasets = pytest.importorskip("datasets")
        features = datasets.Features.from_dict(metadata["info"]["features"])
        cell = pq.read_table(path)["image"][1].as_py()
        shown = features["image"].decode_example(cell)
        np.testing.assert_array_equal(np.asarray(shown), images[1])

    def test_unequal_columns_are_refused(self, tmp_path):
        with store.ImageShardWriter(tmp_path / "s.parquet", "png") as shard:
            with pytest.raises(ValueError):
                shard.add([1, 2], ["a"], pictures(1), ["x"])
            with pytest.raises(ValueError):
                shard.add([1], ["a"], pictures(1), ["x", "y"])
            shard.add([1], ["a"], pictures(1), ["x"])
            assert shard.rows == 1

    def test_unknown_encoding_is_refused(self, tmp_path):
        with pytest.raises(StoreError, match="encoding 'webp' is unknown: use one of png, jpeg75"):
            store.ImageShardWriter(tmp_path / "s.parquet", "webp")
        assert not list(tmp_path.iterdir())

    def test_another_table_is_no_shard(self, tmp_path):
        path = tmp_path / "t.parquet"
        store.write_table(pd.DataFrame({"seed": [1], "score": [0.5]}), path)
        with pytest.raises(StoreError, match=r"t\.parquet: not an image shard, lacks image, lat"):
            next(store.read_images(path))

    @pytest.mark.parametrize("share", [0, 0.5, 0.95])
    def test_a_cut_shard_is_no_shard(self, tmp_path, share):
        path = write_shard(tmp_path / "s.parquet", pictures(4))
        path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
        with pytest.raises(StoreError, match=r"s\.parquet: not an image shard"):
            next(store.read_images(path))


class TestTablesAndDigests:
    def test_table_round_trip(self, tmp_path):
        frame = pd.DataFrame(
            {"seed": [3, 1], "score": [0.1, np.nan], "name": ["ä", ""]}, index=[7, 5]
        )
        store.write_table(frame, tmp_path / "t.parquet")
        pd.testing.assert_frame_equal(
            store.read_table(tmp_path / "t.parquet"), frame.reset_index(drop=True)
        )

    def test_sha256(self, tmp_path):
        (tmp_path / "a").write_bytes(b"abc")
        assert store.sha256_of(tmp_path / "a").startswith(
            "ba7816bf8f01cfea414140de5dae2223b00361a3"
        )


META = {"extractor": "net", "sha256": "12ab", "preprocessing": "none"}


def write_features(path, start, n, metadata):
    index = pd.DataFrame({"seed": range(start, start + n), "prompt_id": ["p"] * n})
    rng = np.random.default_rng(start)
    arrays = {
        "pool": rng.normal(size=(n, 4)).astype(np.float32),
        "map": rng.normal(size=(n, 2, 3)).astype(np.float16),
    }
    store.write_features(path, index, arrays, metadata)
    return index, arrays


class TestFeatures:
    def test_round_trip_of_several_files(self, tmp_path):
        parts = [
            write_features(tmp_path / f"{start}.safetensors", start, n, META)
            for start, n in ((0, 3), (3, 2))
        ]
        frame, arrays = store.read_features([tmp_path / f"{s}.safetensors" for s in (0, 3)])
        assert frame["seed"].tolist() == list(range(5))
        for name in ("pool", "map"):
            expected = np.concatenate([arrays_of[name] for _, arrays_of in parts])
            assert arrays[name].dtype == expected.dtype
            np.testing.assert_array_equal(arrays[name], expected)

    def test_array_views_are_written_as_they_look(self, tmp_path):
        path = tmp_path / "f.safetensors"
        array = np.arange(12.0).reshape(3, 4).T
        index = pd.DataFrame({"seed": range(4), "prompt_id": "p"})
        store.write_features(path, index, {"x": array}, META)
        np.testing.assert_array_equal(store.read_features([path])[1]["x"], array)

    def test_mixed_extractors_are_refused(self, tmp_path):
        one, other = tmp_path / "one.safetensors", tmp_path / "other.safetensors"
        write_features(one, 0, 2, META)
        write_features(other, 2, 2, META | {"sha256": "34cd"})
        with pytest.raises(StoreError, match=r"other\.safetensors: features of another extractor"):
            store.read_features([one, other])

    def test_rows_must_match_the_index(self, tmp_path):
        path = tmp_path / "f.safetensors"
        index = pd.DataFrame({"seed": [1, 2], "prompt_id": "p"})
        with pytest.raises(StoreError, match=r"f\.safetensors: 3 rows of x, but 2 in f\.index"):
            store.write_features(path, index, {"x": np.zeros((3, 1))}, META)
        assert not list(tmp_path.iterdir())
        write_features(path, 0, 2, META)
        other = pd.DataFrame({"seed": [1, 2, 3], "prompt_id": "p"})
        store.write_table(other, store.index_path(path))
        with pytest.raises(StoreError, match=r"2 rows of \w+, but 3 in f\.index\.parquet; delete"):
            store.read_features([path])

    def test_a_feature_file_that_exists_has_its_index(self, tmp_path, monkeypatch):
        path = tmp_path / "f.safetensors"
        seen = []
        replace = Path.replace

        def watched(self, target):
            seen.append(Path(target).name)
            return replace(self, target)

        monkeypatch.setattr(Path, "replace", watched)
        write_features(path, 0, 1, META)
        assert seen == ["f.index.parquet", "f.safetensors"]

    def test_what_is_not_finite_is_named(self, tmp_path):
        path = tmp_path / "f.safetensors"
        index = pd.DataFrame({"seed": [7, 8, 9], "prompt_id": ["a", "b", "c"]})
        bad = np.array([[0.0], [np.nan], [np.inf]], dtype=np.float32)
        line = (
            r"f\.safetensors: row 1 \(seed 8, prompt b\): x are not finite \(2 such rows\); delete"
        )
        with pytest.raises(StoreError, match=line):
            store.write_features(path, index, {"x": bad}, META)
        assert not list(tmp_path.iterdir())

    def test_a_row_in_two_files_is_refused(self, tmp_path):
        paths = [tmp_path / f"{name}.safetensors" for name in "ab"]
        for path, start in zip(paths, (0, 1), strict=True):
            write_features(path, start, 2, META)
        with pytest.raises(StoreError, match=r"\(seed 1, prompt p\): stands twice"):
            store.read_features(paths)


class TestTensors:
    def test_equal_content_is_equal_bytes_in_every_process(self, tmp_path):
        code = (
            "import sys, numpy as np\n"
            "from seedbed import store\n"
            "arrays = {k: np.arange(6.0).reshape(2, 3) for k in sys.argv[2]}\n"
            "store.write_tensors(sys.argv[1], arrays, {k * 3: k for k in sys.argv[3]})\n"
        )
        written = []
        for number, order in enumerate(("abcdefgh", "hgfedcba", "abcdefgh")):
            path = tmp_path / f"{number}.safetensors"
            command = [sys.executable, "-c", code, str(path), order, order]
            subprocess.run(command, cwd=ROOT, check=True)
            written.append(path.read_bytes())
        assert len(set(written)) == 1

    def test_the_library_reads_it(self, tmp_path):
        from safetensors import safe_open

        arrays = {"b": np.arange(3, dtype=np.int64), "a": np.ones((2, 1), dtype=np.float16)}
        store.write_tensors(tmp_path / "x.safetensors", arrays, {"ü": "∞"})
        with safe_open(tmp_path / "x.safetensors", framework="numpy") as file:
            assert file.metadata()["ü"] == "∞"
            for name, array in arrays.items():
                np.testing.assert_array_equal(file.get_tensor(name), array)
        read, metadata = store.read_tensors(tmp_path / "x.safetensors")
        assert metadata == {"ü": "∞"} and set(read) == {"a", "b"}

    def test_other_numbers_are_noticed(self, tmp_path):
        path = tmp_path / "x.safetensors"
        store.write_tensors(path, {"x": np.zeros(8, dtype=np.float32)}, {})
        content = bytearray(path.read_bytes())
        content[-1] ^= 1
        path.write_bytes(content)
        with pytest.raises(
            StoreError, match=r"x\.safetensors: what is in it is not what was written"
        ):
            store.read_tensors(path)


class TestBrokenFiles:
    """Whatever is wrong with a file, its name and what to do stand in one line."""

    def test_json(self, tmp_path):
        path = tmp_path / "a.json"
        for text in ("", "[1, 2", "[" * 100_000, '{"a": NaN}', "[Infinity]", "\udcff"):
            path.write_text(text, encoding="utf-8", errors="surrogateescape")
            with pytest.raises(
                StoreError, match=r"a\.json: not JSON that can be read .*; delete it"
            ):
                store.read_json(path)
        for text, lacking in (("{}", "lacks seeds"), ("[]", "no table of keys")):
            path.write_text(text)
            with pytest.raises(
                StoreError, match=rf"a\.json: .*{lacking}.*; delete it and run again"
            ):
                store.read_json(path, ["seeds"])
        with pytest.raises(StoreError, match=r"b\.json: is not there; run again"):
            store.read_json(tmp_path / "b.json")

    def test_table(self, tmp_path):
        path = tmp_path / "a.parquet"
        store.write_table(pd.DataFrame({"seed": [4, 5], "score": [0.5, np.nan]}), path)
        assert len(store.read_table(path, ["seed"])) == 2
        with pytest.raises(StoreError, match=r"a\.parquet: lacks the column fd; delete it"):
            store.read_table(path, ["seed", "fd"])
        with pytest.raises(StoreError, match=r"a\.parquet: row 1 \(seed 5\): score is not finite"):
            store.read_table(path, finite=["score"])
        path.write_text("no table")
        with pytest.raises(StoreError, match=r"a\.parquet: not a Parquet table that can be read"):
            store.read_table(path)

    def test_arrays(self, tmp_path):
        path = tmp_path / "a.npz"
        store.write_arrays(path, {"x": np.arange(3.0), "names": np.array(["a", "b"])})
        assert store.read_arrays(path)["names"].tolist() == ["a", "b"]
        with pytest.raises(StoreError, match=r"a\.npz: lacks y; delete it"):
            store.read_arrays(path, ["x", "y"])
        store.write_arrays(path, {"x": np.array([1.0, np.nan])})
        with pytest.raises(StoreError, match=r"a\.npz: x holds NaN or infinity"):
            store.read_arrays(path)
        path.write_bytes(path.read_bytes()[:100])
        with pytest.raises(StoreError, match=r"a\.npz: not an archive of arrays that can be read"):
            store.read_arrays(path)

    def test_image_rows(self, tmp_path):
        path = write_shard(tmp_path / "s.parquet", pictures(3))
        table = pq.read_table(path)
        rows = table.to_pylist()

        def refused(changed, words):
            pq.write_table(pa.Table.from_pylist(changed, schema=table.schema), path)
            with pytest.raises(StoreError, match=words):
                list(store.read_images(path))

        refused([rows[0], *rows], r"row 1 \(seed 0, prompt p_0\): stands twice")
        refused([rows[0], rows[1] | {"prompt_id": None}], r"row 1 .*: has no seed or no prompt")
        small = store.encode_image(pictures(1, side=8)[0], "png")
        for cell, words in (
            (None, "cannot be decoded"),
            ({"bytes": None, "path": "x"}, "cannot be decoded"),
            ({"bytes": b"GARBAGE", "path": "x"}, "cannot be decoded"),
            ({"bytes": rows[2]["image"]["bytes"][:90], "path": "x"}, "cannot be decoded"),
            ({"bytes": small, "path": "x"}, "is 8×8, others are 24×24"),
        ):
            changed = [*rows[:2], rows[2] | {"image": cell}]
            refused(changed, rf"s\.parquet: the image of seed 2, prompt p_2 {words}")

    @pytest.mark.parametrize("kind", ["images", "features", "table", "arrays"])
    def test_a_flipped_byte_is_noticed_or_without_effect(self, tmp_path, kind):
        frame = pd.DataFrame({"seed": range(40), "score": np.linspace(0, 1, 40), "n": "a"})
        path = tmp_path / "x"
        write, read = {
            "images": (
                lambda: write_shard(path, pictures(4)),
                lambda: list(store.read_images(path)),
            ),
            "features": (
                lambda: write_features(path, 0, 8, META),
                lambda: [a for a in store.read_features([path])[1].values()],
            ),
            "table": (
                lambda: store.write_table(frame, path),
                lambda: store.read_table(path).to_dict("list"),
            ),
            "arrays": (
                lambda: store.write_arrays(path, {"x": np.arange(30.0)}),
                lambda: store.read_arrays(path),
            ),
        }[kind]
        write()
        content, right = path.read_bytes(), pickle.dumps(read())
        rng = np.random.default_rng(3)
        noticed = 0
        for at in rng.choice(len(content), size=150, replace=False):
            changed = bytearray(content)
            changed[at] ^= 1 << int(rng.integers(8))
            path.write_bytes(changed)
            try:
                found = pickle.dumps(read())
            except StoreError as error:
                assert str(error).startswith(str(path)) and "\n" not in str(error)
                noticed += 1
            else:
                assert found == right, f"byte {at} changed what was read"
        assert noticed > 40  # most others lie in columns that are not asked for
