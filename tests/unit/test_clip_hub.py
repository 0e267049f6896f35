"""The scorer ``clip`` from the hub: a repository in its cache is read as its folder is."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from seedbed.evaluators.registry import EvaluatorError, load
from seedbed.evaluators.scorers.clip import ClipScorer
from seedbed.provenance import weights_digest

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "resources/storybook/storybook-clip"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
SCORED = """
import sys
import numpy as np
from seedbed.evaluators.registry import load
entry = {"kind": "clip", "source": "me/mine", "revision": sys.argv[1]}
scorer = load("scorers", entry, "x")
scorer.prepare(["a red apple", "a boat"])
images = np.random.default_rng(0).integers(0, 256, (4, 64, 64, 3), dtype=np.uint8)
print(scorer.score(images, [0, 1, 0, 1]).tolist(), scorer.metadata)
"""


@pytest.fixture
def home(tmp_path):
    """A hub's cache that holds the shipped scorer as me/mine, at one commit."""
    repository = tmp_path / "hub" / "models--me--mine"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "v1").write_text(COMMIT)
    (repository / "snapshots").mkdir()
    (repository / "snapshots" / COMMIT).symlink_to(FOLDER)
    return tmp_path


def scored(home, revision):
    return subprocess.run(
        [sys.executable, "-c", SCORED, revision],
        cwd=ROOT,
        env=os.environ | {"HF_HOME": str(home), "HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
    )


def test_it_scores_as_the_folder_does(home):
    scorer = ClipScorer(str(FOLDER), "x")
    scorer.prepare(["a red apple", "a boat"])
    images = np.random.default_rng(0).integers(0, 256, (4, 64, 64, 3), dtype=np.uint8)
    wanted = scorer.score(images, [0, 1, 0, 1]).tolist()
    for revision in ("v1", COMMIT):
        done = scored(home, revision)
        assert done.returncode == 0, done.stderr[-2000:]
        metadata = {"scorer": "x", "weights": weights_digest("me/mine", revision)}
        found, _, said = done.stdout.strip().rpartition(" {")
        assert "{" + said == str(metadata)
        np.testing.assert_allclose(json.loads(found), wanted, rtol=0, atol=1e-6)


def test_another_revision_is_not_there(home):
    done = scored(home, "v2")
    assert done.returncode != 0 and "scorers.x.source: me/mine: " in done.stderr


def test_what_is_no_hub_id_is_a_folder_that_is_missing():
    with pytest.raises(EvaluatorError, match=r"nowhere/at/all: no such folder"):
        load("scorers", {"kind": "clip", "source": "nowhere/at/all"}, "x")
