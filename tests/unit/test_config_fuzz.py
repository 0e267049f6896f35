"""Mutated configs: any edit of a shipped one passes, or each line of the refusal names a key."""

import copy
from functools import cache
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from seedbed import config
from seedbed.config import merged
from seedbed.plan import Plan

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = 60

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([0, -1, 1, 2**32, 2**63, 10**10, 10**400]),
    st.floats(allow_nan=True, allow_infinity=True),
    st.text(max_size=12),
    st.sampled_from(
        ["", "a", "../x", "all", "evaluators", "storybook-sd", "a\n", "a b", "{model}"]
    ),
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


@cache
def shipped(name: str) -> dict:
    found = config.load(ROOT / "config.yaml")
    return found if name == "config.yaml" else merged(found, config.load(ROOT / "configs" / name))


def places(node, path=()):
    """The path of everything in a config, tables and lists among it."""
    if path:
        yield path
    items = node.items() if isinstance(node, dict) else enumerate(node)
    for key, entry in items:
        if isinstance(entry, dict | list):
            yield from places(entry, (*path, key))
        else:
            yield (*path, key)


@st.composite
def mutated(draw):
    """A shipped config with one to four keys removed, renamed, replaced or added."""
    found = copy.deepcopy(shipped(draw(st.sampled_from(["config.yaml", "smoke.yaml"]))))
    for _ in range(draw(st.integers(1, 4))):
        *parents, last = draw(st.sampled_from(list(places(found)) or [("run",)]))
        inner = found
        for key in parents:
            inner = inner[key]
        how = draw(st.sampled_from(["remove", "rename", "replace", "replace", "add"]))
        if how == "remove" and last in (inner if isinstance(inner, dict) else range(len(inner))):
            del inner[last]
        elif how == "rename" and isinstance(inner, dict) and last in inner:
            inner[draw(st.text(min_size=1, max_size=10))] = inner.pop(last)
        elif how == "add" and isinstance(inner, dict):
            inner[draw(st.text(min_size=1, max_size=10))] = draw(values)
        else:
            inner[last] = draw(values)
        if not found:
            return found
    return found


def check(edited, folder) -> str | None:
    """Load, complete, plan; what it is refused with."""
    path, read = folder / "edited.yaml", edited
    try:
        data = yaml.safe_dump(edited, allow_unicode=True).encode("utf-8")
    except ValueError:  # a lone surrogate or 5,000 digits, which no file can hold
        data = None
    if data is not None:
        path.write_bytes(data)
        try:
            read = config.load(path)
        except config.ConfigError as fault:
            # What the loader refuses may still come by another way, so that is checked too.
            assert str(fault).startswith(f"{path}: ")
    try:
        plan = Plan(config.complete(read))
        assert plan.arms is not None and plan.noises is not None and plan.left_out is not None
        assert len(plan.all_seed_ranges) <= plan.config["limits"]["jobs"]
    except config.ConfigError as fault:
        return str(fault)
    return None


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("fuzz")


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(edited=mutated())
@example(edited={})
@example(edited={"run": 10**5000})
def test_a_mutated_config_passes_or_names_its_keys(edited, folder):
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        said = check(edited, folder)
    if said is None:
        return
    for line in said.split("\n"):
        head, _, rest = line.removeprefix("config: ").partition(": ")
        assert line.startswith("config: ") and head and rest, line
        assert line.isprintable() and len(line) < 1000, line
