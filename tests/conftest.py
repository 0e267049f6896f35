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


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data beside the checkout, or ``SEEDBED_SHARED``; skips without it."""
    folder = Path(os.environ.get("SEEDBED_SHARED") or ROOT.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"no real data at {folder}: SEEDBED_SHARED can name another folder")
    return folder
