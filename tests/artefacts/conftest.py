"""Fixtures: the finished run that these tests look at, named in the environment.

The workflow's rule ``check_artefacts`` sets SEEDBED_RUN and SEEDBED_MODELS; without
them the tests skip.
"""

import os
from pathlib import Path

import pandas as pd
import pytest


@pytest.fixture(scope="session")
def run() -> Path:
    if "SEEDBED_RUN" not in os.environ:
        pytest.skip("no finished run is named: set SEEDBED_RUN, or let the workflow do it")
    return Path(os.environ["SEEDBED_RUN"])


@pytest.fixture(scope="session")
def models() -> list[str]:
    return os.environ["SEEDBED_MODELS"].split(",")


@pytest.fixture(scope="session")
def table1(run) -> pd.DataFrame:
    return pd.read_csv(run / "good_seed" / "table1_golden_vs_random.csv")


@pytest.fixture(scope="session")
def evidence(run) -> pd.DataFrame:
    return pd.read_csv(run / "good_seed" / "golden_evidence.csv")
