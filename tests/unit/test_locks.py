"""A dead Snakemake's lock is removed, a live one's never; processes here are real ones."""

import os
import subprocess
import sys
import time
from collections import namedtuple
from pathlib import Path

import psutil
import pytest

from seedbed import locks, partials, store

ROOT = Path(__file__).resolve().parents[2]
RUN = "results/mine"
HOLD = (
    "import sys, time; from seedbed import locks; locks.hold(sys.argv[1]); "
    "print('held', flush=True); time.sleep(60)"
)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A project's folder, whose run is locked, as the working directory."""
    monkeypatch.chdir(tmp_path)
    lock(RUN)
    return tmp_path


@pytest.fixture
def start():
    """Starts processes that end with the test."""
    started = []

    def begin(command, cwd="."):
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        process = subprocess.Popen(command, cwd=cwd, env=environment, stdout=subprocess.PIPE)
        started.append(process)
        assert process.stdout.readline()
        return process

    yield begin
    for process in started:
        process.kill()
        process.communicate()


def lock(run, number=0):
    locks.LOCKS.mkdir(parents=True, exist_ok=True)
    (locks.LOCKS / f"{number}.input.lock").write_text(f"resources/a.json\n{run}/a\n")
    (locks.LOCKS / f"{number}.output.lock").write_text(f"{run}/b\n")


def script(path):
    """A program that says so and waits."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("import time\nprint('here', flush=True)\ntime.sleep(60)\n")
    return [sys.executable, str(path)]


def names():
    return sorted(path.name for path in locks.LOCKS.glob("*"))


def test_nothing_is_said_where_nothing_is_locked(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert locks.release(RUN) is None


def test_a_dead_snakemakes_lock_is_removed(folder, start):
    process = start([sys.executable, "-c", HOLD, RUN])
    with pytest.raises(locks.HeldError, match=rf"in use by pid {process.pid} \(snakemake\)"):
        locks.release(RUN)
    process.kill()
    process.wait()
    said = locks.release(RUN)
    assert said == f"{RUN} was locked by a Snakemake (pid {process.pid}) that is gone: unlocked"
    assert names() == []
    assert locks.release(RUN) is None


def test_one_that_died_before_it_could_record_itself(folder):
    assert locks.release(RUN).endswith("unlocked")


def test_one_whose_id_another_process_has_got(folder):
    store.write_json(
        {"host": partials.host(), "pid": os.getpid(), "started": 0.0, "elsewhere": False},
        locks.RECORDS / f"mine.{partials.host()}.json",
    )
    assert "unlocked" in locks.release(RUN)


def test_a_zombie_is_dead(folder, start):
    process = start([sys.executable, "-c", HOLD, RUN])
    process.kill()
    while psutil.Process(process.pid).status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.01)
    assert "unlocked" in locks.release(RUN)


@pytest.mark.parametrize(
    ("path", "arguments", "what"),
    [
        ("bin/snakemake", ["--cores", "1"], "snakemake"),
        (".snakemake/scripts/tmpx3f_9k2a.generate_images.py", [], "generate_images.py"),
    ],
)
def test_snakemake_and_the_jobs_that_outlive_it_hold_the_folder(
    folder, start, path, arguments, what
):
    process = start([*script(folder / path), *arguments])
    with pytest.raises(locks.HeldError, match=rf"in use by pid {process.pid} \({what}\): wait"):
        locks.release(RUN)
    assert names()
    process.kill()
    process.wait()
    assert "unlocked" in locks.release(RUN)


def test_who_only_looks_or_works_in_another_folder_holds_nothing(folder, start):
    (folder / "elsewhere").mkdir()
    start([*script(folder / "bin" / "snakemake"), "-n"])
    start(script(folder / "bin" / "snakemake"), cwd=folder / "elsewhere")
    start(script(folder / "bin" / "editor"))
    assert "unlocked" in locks.release(RUN)


def test_another_run_of_the_same_folder_keeps_its_lock_and_is_not_in_the_way(folder, start):
    lock("results/mine_too", 1)
    process = start([sys.executable, "-c", HOLD, "results/mine_too"])
    assert "unlocked" in locks.release(RUN)
    assert names() == ["1.input.lock", "1.output.lock"]
    with pytest.raises(locks.HeldError, match=f"pid {process.pid}"):
        locks.release("results/mine_too")


def test_another_machines_lock_stays(folder, monkeypatch):
    with monkeypatch.context() as there:
        there.setattr("platform.node", lambda: "node-7")
        locks.hold(RUN)
    with pytest.raises(locks.HeldError, match=rf"by pid {os.getpid()} on node-7 since .*--unlock"):
        locks.release(RUN)
    # A lock younger than the record is another Snakemake's.
    for path in locks.LOCKS.iterdir():
        os.utime(path, (time.time() + 60,) * 2)
    assert "unlocked" in locks.release(RUN)


def test_jobs_on_a_cluster_may_live_on(folder, start):
    process = start([sys.executable, "-c", HOLD.replace("argv[1]", "argv[1], True"), RUN])
    process.kill()
    process.wait()
    with pytest.raises(locks.HeldError, match="other machines: once none of them runs"):
        locks.release(RUN)


def test_a_network_drives_lock_without_a_record_stays(folder, monkeypatch):
    mount = namedtuple("mount", "mountpoint fstype")
    drives = [mount("/", "ext4"), mount(str(folder), "nfs4")]
    monkeypatch.setattr("psutil.disk_partitions", lambda all: drives)
    with pytest.raises(locks.HeldError, match="perhaps from another machine"):
        locks.release(RUN)
    drives.append(mount(str(folder.parent), "xfs"))
    assert locks.on_network_drive(folder) and not locks.on_network_drive(folder.parent)
    locks.hold(RUN)
    (record,) = locks.RECORDS.iterdir()
    stored = store.read_json(record)
    store.write_json(stored | {"started": 0.0}, record)
    assert "unlocked" in locks.release(RUN)


def test_the_command_says_one_line(folder, start):
    command = [sys.executable, "-m", "seedbed.locks", RUN]
    process = start(script(folder / "bin" / "snakemake"))
    environment = os.environ | {"PYTHONPATH": str(ROOT)}

    def call():
        return subprocess.run(command, capture_output=True, text=True, env=environment)

    refused = call()
    assert refused.returncode == 1 and f"pid {process.pid} (snakemake)" in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
    process.kill()
    process.wait()
    done = call()
    assert done.returncode == 0 and len(done.stdout.splitlines()) == 1 and not done.stderr
