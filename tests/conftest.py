"""What every test shares: no network, and the real data where it is present."""

import os
from pathlib import Path

import pytest

# Read by the libraries at import, so they are set before any test module is.
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_DATASETS_OFFLINE"] = "1"
os.environ["YOLO_OFFLINE"] = "true"
os.environ["YOLO_AUTOINSTALL"] = "false"
os.environ["TOKENIZERS_PARALLELISM"] = "false"

ROOT = Path(__file__).resolve().parents[1]
OF_SMOKE_RUN = (
    "test_explorer_in_browser.py",
    "test_kills.py",
    "test_report_page.py",
    "test_smoke.py",
)
"""Whose fixture ``project`` is one whole run: its tests share it, and change it in turn."""


def _side_by_side(config: pytest.Config) -> bool:
    """Is this one of several processes of tests, as ``make test`` starts them?"""
    return hasattr(config, "workerinput")


def pytest_configure(config: pytest.Config) -> None:
    """With a process for each core, the threads of torch would wait for one another."""
    if _side_by_side(config):
        os.environ.setdefault("OMP_NUM_THREADS", "1")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Side by side, whole runs of the workflow come first: they take longest."""
    if _side_by_side(config):
        items.sort(key=lambda item: "workflow" not in item.path.parts)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log):
    """Side by side, what uses the one smoke run stays in one process; all other tests go file by
    file to the process that is free."""
    from xdist.scheduler import LoadScopeScheduling

    class ByRun(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            path = nodeid.split("::")[0]
            return "the smoke run" if Path(path).name in OF_SMOKE_RUN else path

    return ByRun(config, log)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data beside the checkout, or ``SEEDBED_SHARED``; skips without it."""
    folder = Path(os.environ.get("SEEDBED_SHARED") or ROOT.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"no real data at {folder}: SEEDBED_SHARED can name another folder")
    return folder
