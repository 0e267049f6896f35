"""A job reads what other jobs wrote and nothing else, and says in a line why it ends."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from seedbed import job, seals, store


class Named(dict):
    """What Snakemake hands over: files by name, iterated over by value."""

    def __iter__(self):
        return iter(self.values())


def rule(tmp_path, name, inputs, outputs, **params):
    return SimpleNamespace(
        log=[f"results/r/logs/{name}.log"],
        params=params,
        input=Named(inputs),
        output=Named(outputs),
        wildcards={},
    )


@pytest.fixture
def made(tmp_path, monkeypatch):
    """A first job's file, sealed, and a second job that reads it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(job.logs, "setup", lambda path: None)
    first = rule(tmp_path, "first", {}, {"out": "results/r/a/x.json"})
    job.run(first, lambda out: store.write_json({"seeds": [1, 2]}, out))
    second = rule(tmp_path, "second", {"x": "results/r/a/x.json"}, {"out": "results/r/y.json"})
    return second


def copy_of(x, out):
    store.write_json(store.read_json(x, ["seeds"]), out)


def test_a_job_reads_what_was_written(made):
    job.run(made, copy_of)
    assert store.read_json("results/r/y.json") == {"seeds": [1, 2]}
    assert Path("results/r/made_by/seals/a/x.json.sha256").is_file()
    assert store.read_json("results/r/made_by/second.json")["outputs"] == ["results/r/y.json"]


def test_a_file_that_was_changed_since_is_refused(made):
    store.write_json({"seeds": [999]}, "results/r/a/x.json")
    words = (
        r"^results/r/a/x\.json: is not what its job wrote.*; delete it and run again \(or delete"
    )
    with pytest.raises(job.JobError, match=words):
        job.run(made, copy_of)
    assert not Path("results/r/y.json").exists()
    # As it was, or on purpose: both are taken.
    store.write_json({"seeds": [1, 2]}, "results/r/a/x.json")
    job.run(made, copy_of)
    store.write_json({"seeds": [3]}, "results/r/a/x.json")
    Path("results/r/made_by/seals/a/x.json.sha256").unlink()
    job.run(made, copy_of)
    assert store.read_json("results/r/y.json") == {"seeds": [3]}


def test_files_outside_of_a_run_bear_no_seal(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for path in ("resources/x.json", "x.json", "results/x.json", "/tmp/results/r/x.json"):
        assert seals.seal_of(path) is None
    store.write_json([], "resources/x.json")
    seals.seal(["resources/x.json", "results/r/missing.json"])
    seals.refuse_changed(["resources/x.json", "results/r/missing.json"])
    assert [p.name for p in tmp_path.rglob("*") if p.is_file()] == ["x.json"]


def test_an_error_is_one_line_that_names_what_was_read(made):
    def fails(x, out):
        raise KeyError("objects")

    with pytest.raises(job.JobError, match=r"^KeyError: 'objects' \[while reading results/r/a/x\."):
        job.run(made, fails)
    many = [f"f{i}" for i in range(5)]
    assert job.told(ValueError("models.x: lower batch"), []) == "models.x: lower batch"
    assert job.told(ValueError("f3: is cut"), many) == "f3: is cut"
    assert job.told(ValueError(""), many) == "ValueError [while reading f0, f1, f2 and 2 more]"
    assert job.told(OSError(28, "No space left"), many[:1]).startswith("OSError: [Errno 28] No sp")


def test_a_rule_and_its_script_must_fit(made):
    with pytest.raises(TypeError):
        job.run(made, lambda x: None)
