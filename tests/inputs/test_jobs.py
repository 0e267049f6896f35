"""Bad inputs for which make, Snakemake or a job must start: each ends in time, with one line.

One copy of the repository serves them all: nothing of what they ask for is ever made.
"""

import os
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from tests.inputs import text_files, weight_files
from tests.inputs.case import Case, cases, write
from tests.workflow.conftest import ROOT, Project

pytestmark = pytest.mark.jobs

SECONDS = 180
RUN = "run: bad\n"
PROMPTS = "results/bad/prompts/mine.parquet"


# What a case starts: functions of an empty folder that give a config's path and what is asked for


def config(data, name="bad.yaml", *more):
    """A config of these bytes, dry."""
    return lambda folder: (str(write(folder / name, data)), ["-n", *more])


def prompts(make):
    """A prompt file of one's own, whose table is asked for."""

    def given(folder):
        _, entry = make(folder)
        text = f"{RUN}prompts: {{mine: {entry}}}\ngood_seed: {{transfer_prompts: mine}}\n"
        return str(write(folder / "bad.yaml", text)), [PROMPTS]

    return given


def drawn_by(make):
    """A model of one's own, whose contact sheet is asked for."""

    def given(folder):
        family, source = make(folder)
        text = (
            f"{RUN}models: {{mine: {{family: {family}, source: {source}, steps: 2}}}}\n"
            "good_seed: {models: [mine], contact_sheet: {seeds: 1, prompts: 1}}\n"
            "lottery_ticket: {models: []}\n"
        )
        return str(write(folder / "bad.yaml", text)), [
            "results/bad/images/mine/contact_sheet.parquet"
        ]

    return given


def known_by(make):
    """A detector of one's own, that is asked what it knows."""

    def given(folder):
        _, entry = make(folder)
        text = (
            f"{RUN}detectors: {{mine: {entry}}}\nlottery_ticket: {{detectors: [mine]}}\n"
            "layouts: {storybook: {one: 60, two: 60}, held_out: {one: 2, two: 2}}\n"
        )
        return str(write(folder / "bad.yaml", text)), ["results/bad/detections/mine/knows.json"]

    return given


# Snakemake reads what --configfile names before any of our code runs; `make results` looks first.
BEFORE = cases(
    "before",
    {
        "no config": (lambda folder: (str(folder / "gone.yaml"), ["-n"]), "gone.yaml"),
        "config a list": (config("- a\n"), "Config file must be given"),
        "config a scalar": (config("run\n"), "Config file must be given"),
        "config empty": (config(""), "Config file must be given"),
        "config with a tab": (config("quality:\n\tseed: 1\n"), "Config file is not valid"),
        "config with a NUL": (config(b"run: a\0b\n"), "Config file is not valid"),
        "config latin-1": (config("run: é\n".encode("latin-1")), "can't decode byte 0xe9"),
        "config UTF-16": (config("run: a\n".encode("utf-16")), "can't decode byte 0xff"),
        "template": (
            config('__use_yte__: true\nrun: ?"a" + "b"\n'),
            "bad.yaml: line 1: __use_yte__: a template key",
        ),
    },
)


def _written(data, folder):
    return str(write(folder / "bad.yaml", data))


SNAKEMAKE = cases(
    "snakemake",
    {
        "config with a python tag": (config("run: !!python/name:os.system\n"), "bad.yaml"),
        "key twice": (config("run: a\nrun: b\n"), "bad.yaml: line 2: run: given twice"),
        "NaN": (config("good_seed: {golden_share: .nan}\n"), "golden_share: .nan is not a finite"),
        "unknown key": (config("modles: {}\n"), "config: modles: unknown key; did you mean"),
        "a thousand million jobs": (
            config("good_seed: {pool: {start: 0, stop: 1000000000}, seeds_per_job: 1}\n"),
            "config: good_seed.seeds_per_job: this run would plan",
        ),
        "scenes not there": (
            config("lottery_ticket: {scenes: nowhere.json}\n"),
            "config: lottery_ticket.scenes: nowhere.json: No such file",
        ),
        "training a list": (
            lambda folder: (
                str(write(folder / "bad.yaml", f"training: {write(folder / 't.yaml', '- a')}\n")),
                ["-n"],
            ),
            "t.yaml: the top level is no mapping",
        ),
        "prompt twice": (
            prompts(text_files.lines("a cat\nA cat\n")),
            "prompts.mine: ",
            "mine.txt: line 2: the prompt 'A cat' repeats line 1",
        ),
        "prompts latin-1": (
            prompts(text_files.lines("café\n".encode("latin-1"))),
            "prompts.mine: ",
            "mine.txt: line 1: byte 0xe9 is not UTF-8",
        ),
        "PartiPrompts a pipe": (
            prompts(text_files.parti_at(os.mkfifo)),
            "config: prompts.mine.local: ",
            "mine.tsv: not a regular file",
        ),
        "PartiPrompts of another digest": (
            prompts(text_files.parti(text_files.GOOD, "0" * 64)),
            "mine.tsv: sha256 is",
            "prompts.mine.local",
        ),
        "model without a tokenizer": (
            drawn_by(weight_files.pipeline(weight_files.drop("tokenizer"))),
            "mine/tokenizer: no such folder",
        ),
        "model NaN": (
            drawn_by(
                weight_files.pipeline(
                    weight_files.tensors(weight_files.UNET, weight_files.poison(float("nan")))
                )
            ),
            weight_files.UNET,
            "holds NaN or infinity",
        ),
        "model pickled": (
            drawn_by(weight_files.pipeline(weight_files.evil_pickle(weight_files.TEXT))),
            "text_encoder: its weights are pickled",
        ),
        "detector of text": (
            known_by(weight_files.yolo(lambda path: path.write_text("hello"))),
            "detectors.mine.source: ",
            "not the weights of an ultralytics model",
        ),
    },
)
MAKE = cases(
    "make",
    {
        "no config": (lambda folder: str(folder / "gone.yaml"), "gone.yaml: No such file"),
        "config a folder": (str, ": a folder, not a file"),
        **{
            name: (partial(_written, data), f"bad.yaml: {words}")
            for name, data, words in (
                ("config a list", "- a\n", "the top level is no mapping"),
                ("config a scalar", "run\n", "the top level is no mapping"),
                ("config empty", "", "empty; give the keys of a config"),
                ("config with a tab", "quality:\n\tseed: 1\n", "line 2: a tab in the indentation"),
                ("config with a NUL", b"run: a\0b\n", "line 1: a NUL byte"),
                ("config UTF-16", "run: a\n".encode("utf-16"), "UTF-16; save it as UTF-8"),
                (
                    "template",
                    '__use_yte__: true\nrun: ?__import__("os").mkdir("ran")\n',
                    "line 1: __use_yte__: a template key",
                ),
            )
        },
        "config latin-1": (lambda f: str(write(f / "bad.yaml", b"run: \xe9\n")), "not UTF-8"),
        "config without a run, but a fault": (
            lambda f: str(write(f / "bad.yaml", "quality: {seed: -1}\n")),
            "config: quality.seed: -1 is less than the minimum of 0",
        ),
        "name with blanks": (lambda f: str(f / "a b c.yaml"), "a b c.yaml: No such file"),
        "name with quotes": (lambda f: str(f / 'it\'s "a".yaml'), "No such file"),
        "name that the shell would run": (
            lambda _: "$(mkdir ran).yaml",
            "$(mkdir ran).yaml: No such",
        ),
        "name that make would run": (lambda _: "$(shell mkdir ran)", "$(shell mkdir ran): No such"),
        "name with a semicolon": (lambda _: '"; mkdir ran; "', "No such file"),
        "name of an option": (lambda _: "--help", "--help: No such file"),
    },
)


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Project:
    """A copy of the repository, with the environment of these tests as its own."""
    made = Project(tmp_path_factory.mktemp("inputs"))
    shutil.copy2(ROOT / "Makefile", made.folder)
    home = made.folder / ".venv"
    home.mkdir()
    for part in ("bin", "lib", "lib64", "include", "pyvenv.cfg"):
        if (Path(sys.prefix) / part).exists():
            (home / part).symlink_to(Path(sys.prefix) / part)
    return made


def run(project: Project, command: list[str]) -> subprocess.CompletedProcess:
    """A command in the project's folder, that must end in time."""
    hidden = ("MAKE", "MFLAGS", "OMP")
    environment = {k: v for k, v in project.environment().items() if not k.startswith(hidden)}
    return subprocess.run(
        command,
        cwd=project.folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )


def ends(project: Project, command: list[str], case: Case) -> None:
    """A command fails in time, says what it must in one line of its own, and runs nothing."""
    done = run(project, command)
    said = done.stdout + done.stderr
    assert done.returncode != 0, said
    assert "Traceback" not in said, said
    assert any(all(word in line for word in case.words) for line in said.splitlines()), said
    assert not list(project.folder.rglob("ran")), "what the input holds was run"


def snakemake(config: str, *more: str, cores: str = "1") -> list[str]:
    python = ".venv/bin/python"
    return [python, "-m", "snakemake", "--cores", cores, *more, "--configfile", config]


@pytest.mark.parametrize("case", SNAKEMAKE, ids=str)
def test_snakemake(case, project, tmp_path):
    path, more = case.given(tmp_path)
    ends(project, snakemake(path, *more), case)


@pytest.mark.parametrize("case", BEFORE, ids=str)
def test_before_any_of_our_code(case, project, tmp_path):
    """Snakemake's own words: only that it ends in time, and fails."""
    path, more = case.given(tmp_path)
    done = run(project, snakemake(path, *more))
    assert done.returncode != 0
    assert all(word in done.stdout + done.stderr for word in case.words)


def test_no_cores(project, tmp_path):
    path = str(write(tmp_path / "bad.yaml", RUN))
    ends(project, snakemake(path, cores="0"), Case("no cores", "snakemake", "", ("ores",)))


@pytest.mark.parametrize("case", MAKE, ids=str)
def test_make(case, project, tmp_path):
    command = ["make", "--old-file=.venv/.ready", "results", "CORES=1"]
    ends(project, [*command, f"CONFIG={case.given(tmp_path)}"], case)


@pytest.mark.parametrize("cores", ["0", "-1", "many", "1; mkdir ran", "$(shell mkdir ran)"])
def test_make_with_bad_cores(cores, project):
    command = ["make", "--old-file=.venv/.ready", "results", "CONFIG=configs/smoke.yaml"]
    ends(project, [*command, f"CORES={cores}"], Case(cores, "make", "", ("ores",)))
