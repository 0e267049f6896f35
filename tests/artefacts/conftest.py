"""Fixtures: the plan of the finished run that these tests look at, by its complete config.

The workflow's rule ``check_artefacts`` sets SEEDBED_CONFIG to the run's ``config.json``; without
it the tests skip.
"""

import os

import pandas as pd
import pytest

from seedbed import store
from seedbed.plan import Plan


@pytest.fixture(scope="session")
def plan() -> Plan:
    if "SEEDBED_CONFIG" not in os.environ:
        pytest.skip("no finished run is named: set SEEDBED_CONFIG, or let the workflow do it")
    return Plan(store.read_json(os.environ["SEEDBED_CONFIG"]))


@pytest.fixture(scope="session")
def ranking(plan):
    """The first ranking of the run."""
    if not plan.rankings:
        pytest.skip("no score ranks seeds in this run")
    return next(iter(plan.rankings.values()))


@pytest.fixture(scope="session")
def table1(plan, ranking) -> pd.DataFrame:
    return pd.read_csv(plan.run.table("good_seed/table1_golden_vs_random")[0])


@pytest.fixture(scope="session")
def evidence(plan, ranking) -> pd.DataFrame:
    return pd.read_csv(plan.run.table("good_seed/golden_evidence")[0])


@pytest.fixture(scope="session")
def judged_layouts(plan) -> tuple[str, str]:
    """(model, detector) of the first layout comparison."""
    if not plan.ticket_models or not plan.detectors:
        pytest.skip("no layouts are compared in this run: no model or no detector")
    return plan.ticket_models[0], plan.detectors[0]
