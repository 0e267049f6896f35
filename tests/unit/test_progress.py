"""Progress as log lines, and the log that they go to."""

import logging
import subprocess
import sys
from pathlib import Path

import pytest

from seedbed import progress
from seedbed.progress import Progress, clock

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def clockwork(monkeypatch):
    """A clock that stands still until it is set."""

    class Clock:
        now = 100.0

    monkeypatch.setattr(progress.time, "monotonic", lambda: Clock.now)
    return Clock


@pytest.fixture
def lines(caplog):
    caplog.set_level(logging.INFO, "seedbed.test")
    return lambda: [record.getMessage() for record in caplog.records]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0:00"),
        (9.4, "0:09"),
        (59.7, "1:00"),
        (125, "2:05"),
        (3599.6, "1:00:00"),
        (3723, "1:02:03"),
        (90061, "25:01:01"),
    ],
)
def test_clock(seconds, text):
    assert clock(seconds) == text


def test_a_line_says_done_total_rate_and_time_left(clockwork):
    bar = Progress(200, "images", logging.getLogger("seedbed.test"))
    bar.add(50)
    assert bar.line(10.0) == (
        "[#####...............] 50/200 images, 5.0/s, 0:10 elapsed, 0:30 left"
    )


def test_nothing_done_yet_is_no_division_by_zero(clockwork):
    bar = Progress(4, "images", logging.getLogger("seedbed.test"))
    assert bar.line(0.0) == f"[{'.' * 20}] 0/4 images, 0.0/s, 0:00 elapsed, 0:00 left"
    empty = Progress(0, "images", logging.getLogger("seedbed.test"))
    assert "0/0 images" in empty.line(0.0)


def test_lines_come_every_few_seconds_and_at_the_end(clockwork, lines):
    bar = Progress(10, "images", logging.getLogger("seedbed.test"), every=5.0)
    for _ in range(10):
        clockwork.now += 2.0
        bar.add(1)
    counts = [line.split("] ")[1].split(" ")[0] for line in lines()]
    assert counts == ["3/10", "6/10", "9/10", "10/10"]
    assert lines()[-1] == f"[{'#' * 20}] 10/10 images, 0.5/s, 0:20 elapsed, 0:00 left"


def test_a_quick_job_logs_its_last_line_only(clockwork, lines):
    bar = Progress(64, "images", logging.getLogger("seedbed.test"))
    for _ in range(4):
        clockwork.now += 0.1
        bar.add(16)
    assert [line.split("] ")[1].split(",")[0] for line in lines()] == ["64/64 images"]


SCRIPT = """
import logging, sys
from seedbed import logs
from seedbed.progress import Progress

logs.setup(sys.argv[1])
Progress(3, "images", logging.getLogger("seedbed.test")).add(3)
logging.getLogger("httpx").info("noise")
logging.getLogger("seedbed.test").warning("größer")
raise ValueError("models.x: lower batch")
"""


def test_log_file_and_stderr_hold_progress_and_the_uncaught_error(tmp_path):
    path = tmp_path / "logs" / "job.log"
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(path)], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stdout == ""
    for text in (path.read_text(encoding="utf-8"), done.stderr):
        assert "INFO seedbed.test: [####################] 3/3 images" in text
        assert "WARNING seedbed.test: größer" in text
        assert "CRITICAL seedbed: models.x: lower batch" in text
        assert "noise" not in text
    assert path.read_text(encoding="utf-8").count("Traceback") == 1
    assert path.read_text(encoding="utf-8").splitlines()[-1] == "ValueError: models.x: lower batch"
    assert done.stderr.splitlines()[-1].endswith("CRITICAL seedbed: models.x: lower batch")
