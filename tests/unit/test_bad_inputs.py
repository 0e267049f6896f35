"""A hostile but realistic user: every input ends, with the right exit and one clear line."""

from collections import Counter
from pathlib import Path

import pytest

from tests.inputs.campaign import CASES
from tests.inputs.entrances import ENTRANCES, faults_of, said_by

ROOT = Path(__file__).resolve().parents[2]


def test_the_campaign_is_whole():
    assert len(CASES) >= 220
    assert {case.where for case in CASES} == set(ENTRANCES)
    names = Counter(map(str, CASES))
    assert max(names.values()) == 1, names.most_common(3)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_it_ends_with_a_clear_line(case, tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)  # the paths of config.yaml begin here
    faults = faults_of(said_by(case, tmp_path), case)
    assert not faults, "\n".join(faults)
    assert not list(tmp_path.rglob("ran")), "what it holds was run"
