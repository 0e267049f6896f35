"""The config's schema and checks: shipped configs pass, and a fault names its key in one line."""

import copy
import json
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from seedbed import config
from seedbed.storybook.prompts import HELD_OUT
from seedbed.storybook.world import MIX

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ["config.yaml", *sorted(f"configs/{p.name}" for p in (ROOT / "configs").glob("*.yaml"))]


def merge(base, other):
    """What --configfile does: tables are merged, everything else replaced."""
    both = base.keys() & other.keys()
    tables = {k: merge(base[k], other[k]) for k in both if isinstance(other[k], dict)}
    return {**base, **other, **tables}


def load(name):
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def shipped(name):
    return load(name) if name == "config.yaml" else merge(load("config.yaml"), load(name))


def changed(edits):
    """The default config with values put at dotted keys; ``...`` removes the key."""
    edited = copy.deepcopy(load("config.yaml"))
    for where, value in edits.items():
        *parents, last = where.split(".")
        table = edited
        for key in parents:
            table = table[key]
        if value is ...:
            del table[last]
        else:
            table[last] = value
    return edited


def faults(edited):
    with pytest.raises(config.ConfigError) as caught:
        config.check(edited)
    lines = str(caught.value).split("\n")
    assert all(line.startswith("config: ") for line in lines)
    return [line.removeprefix("config: ") for line in lines]


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_config_is_sound(name):
    config.check(shipped(name))


def test_shipped_configs_have_runs_of_their_own():
    runs = [shipped(name)["run"] for name in SHIPPED]
    assert len(set(runs)) == len(runs)


# The schema


def nodes(schema, where=""):
    """Every sub-schema with its place."""
    yield where, schema
    for name, sub in schema.get("properties", {}).items():
        yield from nodes(sub, f"{where}.{name}")
    for key in ("additionalProperties", "items"):
        if isinstance(schema.get(key), dict):
            yield from nodes(schema[key], f"{where}.{key}")
    for number, sub in enumerate(schema.get("oneOf", [])):
        yield from nodes(sub, f"{where}[{number}]")


NODES = dict(nodes(json.loads(config.SCHEMA.read_text(encoding="utf-8"))))


def test_schema_is_valid():
    Draft202012Validator.check_schema(NODES[""])
    assert NODES[""]["$schema"] == Draft202012Validator.META_SCHEMA["$id"]


# These alone have defaults, in seedbed.storybook.training.Schedule.
SCHEDULE = {"warmup", "decay", "ema", "weight_decay", "precision"}


def test_schema_lets_no_unknown_key_pass():
    objects = {where: node for where, node in NODES.items() if node.get("type") == "object"}
    assert len(objects) > 10
    for where, node in objects.items():
        if "properties" in node:
            assert node["additionalProperties"] is False, where
            optional = set(node["properties"]) - set(node["required"])
            assert optional <= (SCHEDULE if where.startswith(".training.") else set()), where
        else:
            assert isinstance(node["additionalProperties"], dict), where
            assert node["propertyNames"], where


def test_schema_describes_every_key():
    for where, node in NODES.items():
        if not where.endswith(".items"):
            assert len(node.get("description", "")) > 3, where
        if not where.endswith((".additionalProperties", ".items")):
            assert {"type", "enum", "const", "oneOf"} & set(node), where


def test_training_scenes_cannot_be_held_out_ones():
    for part in ("evaluators", "generator"):
        assert NODES[f".training.scenes.{part}.seed"]["maximum"] < HELD_OUT


def test_evaluators_learn_from_the_worlds_own_mix():
    assert tuple(load("config.yaml")["training"]["scenes"]["evaluators"]["mix"]) == MIX


# Faults, one line each

BASE = load("config.yaml")
SPLITS, SWAP = BASE["good_seed"]["splits"], BASE["good_seed"]["swap"]
REACH = max(span["stop"] for span in SPLITS.values())

FAULTS = [
    # Types, ranges and names that the schema holds
    ({"run": "my run"}, "run: 'my run' does not match"),
    ({"image_encoding": "jpg"}, "image_encoding: 'jpg' is not one of png, jpeg75"),
    ({"modles": {}}, "modles: unknown key; did you mean 'models'?"),
    ({"zzz": 1}, "zzz: unknown key; known: detectors, extractors, good_seed, image_encoding"),
    (
        {"good_seed.bootstraps": 9},
        "good_seed.bootstraps: unknown key; did you mean 'bootstrap'?",
    ),
    (
        {"models.storybook-sd.guidence": 9},
        "models.storybook-sd.guidence: unknown key; did you mean 'guidance'?",
    ),
    ({"models.storybook-sd.steps": "20"}, "models.storybook-sd.steps: '20' is not of type integer"),
    ({"models.storybook-sd.steps": 0}, "models.storybook-sd.steps: 0 is less than the minimum"),
    ({"models.storybook-sd.resolution": "own"}, "models.storybook-sd.resolution: 'own' is not of"),
    ({"models.storybook-sd.noise": "gpu"}, "models.storybook-sd.noise: 'gpu' is not one of cpu, c"),
    ({"models.storybook-sd.eta": ...}, "models.storybook-sd.eta: missing; add it"),
    (
        {"models.a model": load("config.yaml")["models"]["storybook-sd"]},
        "models: 'a model' does not match",
    ),
    ({"models": {}}, "models: {} "),
    (
        {"training.scenes.generator.seed": 1000000},
        "training.scenes.generator.seed: 1000000 is greater than the maximum of 999999",
    ),
    ({"quality": None}, "quality: None is not of type object"),
    ({"good_seed.pool.stop": 8.0}, "good_seed.pool.stop: 8.0 is not of type integer"),
    ({"good_seed.pool.start": True}, "good_seed.pool.start: True is not of type integer"),
    ({"good_seed.pool.start": -1}, "good_seed.pool.start: -1 is less than the minimum"),
    ({"good_seed.models": "storybook-sd"}, "good_seed.models: 'storybook-sd' is not of type array"),
    ({"good_seed.models": []}, "good_seed.models: [] "),
    ({"good_seed.swap.after_steps": [4, 4]}, "good_seed.swap.after_steps: [4, 4] has non-unique"),
    ({"good_seed.swap.etas": [0.0, 2.0]}, "good_seed.swap.etas.1: 2.0 is greater than"),
    ({"good_seed.swap.seeds": [0]}, "good_seed.swap.seeds: [0] is too short"),
    ({"good_seed.splits.set3": {}}, "good_seed.splits.set3: unknown key; did you mean 'set"),
    ({"extractors.storybook-net.kind": "vgg"}, "extractors.storybook-net.kind: 'vgg' is not one"),
    # Entries told apart by their kind
    (
        {"prompts.dense": {"kind": "storybook_dense", "cuont": 3, "count": 256, "seed": 1}},
        "prompts.dense.cuont: unknown key; did you mean 'count'?",
    ),
    ({"prompts.dense.count": "many"}, "prompts.dense.count: 'many' is not of type integer"),
    ({"prompts.dense.seed": ...}, "prompts.dense.seed: missing; add it"),
    ({"prompts.dense.kind": ...}, "prompts.dense.kind: missing; add it"),
    (
        {"prompts.dense.kind": "storybook"},
        "prompts.dense.kind: 'storybook' is not one of storybook_dense, storybook_short, "
        "storybook_synthetic, parti, synthetic, lines",
    ),
    ({"prompts.synthetic.seed": 3}, "prompts.synthetic.seed: unknown key; known: kind"),
    ({"prompts.short": 5}, "prompts.short: 5 is not of type object"),
    (
        {"prompts.p": {"kind": "parti", "url": "u", "sha256": "12", "local": None}},
        "prompts.p.sha256: '12' does not match",
    ),
    # What refers to something that is not there
    (
        {"good_seed.models": ["storybook-sd", "storybok-turbo"]},
        "good_seed.models: unknown name 'storybok-turbo'; did you mean 'storybook-turbo'? (see mod",
    ),
    (
        {"good_seed.prompts": "coco"},
        "good_seed.prompts: unknown name 'coco'; known: ",
    ),
    ({"good_seed.transfer_prompts": "coco"}, "good_seed.transfer_prompts: unknown name 'coco'"),
    ({"good_seed.extractor": "inception"}, "good_seed.extractor: unknown name 'inception'"),
    ({"good_seed.preference": "hps"}, "good_seed.preference: unknown name 'hps'"),
    (
        {"paper.storybook-net": ...},
        "paper.storybook-net: missing; say what it stands beside in the paper's tables",
    ),
    ({"good_seed.swap.model": "sd2"}, "good_seed.swap.model: unknown name 'sd2'"),
    ({"good_seed.kinds_figure.prompts": ["long"]}, "good_seed.kinds_figure.prompts: unknown name"),
    # Ranges
    (
        {"good_seed.pool": {"start": 9, "stop": 9}, "good_seed.golden_share": 0.5},
        "good_seed.pool: empty range, stop 9 must be above start 9",
    ),
    (
        {"good_seed.splits.set1.stop": 0},
        "good_seed.splits.set1: empty range, stop 0 must be above start 0",
    ),
    (
        {"good_seed.splits.test.start": SPLITS["set2"]["stop"] - 1},
        "good_seed.splits.test: overlaps good_seed.splits.set2; golden seeds must not be chosen "
        "and judged on the same prompts",
    ),
    (
        {"good_seed.splits.set1": SPLITS["test"]},
        "good_seed.splits.test: overlaps good_seed.splits.set1; golden seeds must not be chosen",
    ),
    (
        {"good_seed.transfer_prompts": BASE["good_seed"]["prompts"]},
        "good_seed.transfer_prompts: the same set as good_seed.prompts; golden seeds must not be",
    ),
    ({"good_seed.golden_share": 0.001}, "good_seed.golden_share: the top share of the pool holds"),
    # Counts
    (
        {"prompts.dense.count": REACH - 1},
        f"prompts.dense.count: {REACH - 1} prompts, but the splits reach up to {REACH}",
    ),
    (
        {"prompts.short.count": SWAP["prompts"] - 1},
        f"prompts.short.count: {SWAP['prompts'] - 1} prompts, but good_seed.swap.prompts reaches",
    ),
    (
        {"quality.clip_choices": BASE["quality"]["scenes"] + 1},
        f"quality.clip_choices: {BASE['quality']['scenes'] + 1} captions to choose from, but ",
    ),
    (
        {"good_seed.extremes_figure.seeds": 25},
        "good_seed.extremes_figure.seeds: 25 best and 25 worst seeds of a pool of 48; lower it",
    ),
    # Training
    (
        {"training.scenes.generator.mix": [0.5, 0.5, 0.5]},
        "training.scenes.generator.mix: the shares add up to 1.5, not to 1",
    ),
    (
        {"training.turbo.pairs": BASE["training"]["scenes"]["generator"]["count"] + 1},
        "training.turbo.pairs: 120001 pairs, each with a caption of its own, but training.scenes.",
    ),
    # The swap
    ({"good_seed.swap.model": "storybook-turbo"}, "good_seed.swap.model: a one-step model has no"),
    (
        {"good_seed.swap.after_steps": [SWAP["steps"]]},
        "good_seed.swap.after_steps: must stay below good_seed.swap.steps",
    ),
    ({"good_seed.swap.seeds": [0, -3]}, "good_seed.swap.seeds: -3 is negative"),
]
IDS = [",".join(edits) for edits, _ in FAULTS]


@pytest.mark.parametrize(("edits", "expected"), FAULTS, ids=IDS)
def test_fault_is_named_in_one_line(edits, expected):
    lines = faults(changed(edits))
    assert lines[0].startswith(expected)
    # An empty pool has no top share either.
    assert len(lines) == (2 if "good_seed.pool" in edits else 1)


def test_every_fault_has_its_line():
    edited = changed(
        {
            "models.storybook-sd.eta": ...,
            "models.storybook-sd.steps": ...,
            "models.storybook-sd.a": 1,
            "models.storybook-sd.b": 1,
            "prompts.dense": {"kind": "storybook_dense", "size": 3},
            "runn": "x",
        }
    )
    assert {line.split(";")[0] for line in faults(edited)} == {
        "models.storybook-sd.eta: missing",
        "models.storybook-sd.steps: missing",
        "models.storybook-sd.a: unknown key",
        "models.storybook-sd.b: unknown key",
        "prompts.dense.size: unknown key",
        "prompts.dense.count: missing",
        "prompts.dense.seed: missing",
        "runn: unknown key",
    }
    edited = changed({"good_seed.prompts": "x", "good_seed.models": ["y"]})
    edited["good_seed"]["swap"].update(seeds=[-1, 0], steps=2)
    assert len(faults(edited)) == 4


def test_a_key_that_yaml_reads_as_a_number_or_truth_is_named_too():
    edited = load("config.yaml") | yaml.safe_load("{no: 1, 7: 2}")
    assert [line.split(";")[0] for line in faults(edited)] == [
        "False: unknown key",
        "7: unknown key",
    ]


def test_checking_changes_nothing():
    given = load("config.yaml")
    config.check(given)
    assert given == load("config.yaml")


# Ranges of seeds


@pytest.mark.parametrize(
    ("start", "stop", "per_job", "names"),
    [
        (0, 64, 32, ["seeds_0000-0031", "seeds_0032-0063"]),
        (0, 8, 3, ["seeds_0000-0002", "seeds_0003-0005", "seeds_0006-0007"]),
        (5, 6, 64, ["seeds_0005-0005"]),
        (9990, 10010, 15, ["seeds_9990-10004", "seeds_10005-10009"]),
    ],
)
def test_seed_ranges_are_named_by_first_and_last(start, stop, per_job, names):
    ranges = config.seed_ranges({"start": start, "stop": stop}, per_job)
    assert list(ranges) == names
    for name, seeds in ranges.items():
        assert name == f"seeds_{seeds[0]:04d}-{seeds[-1]:04d}"


@pytest.mark.parametrize("per_job", [1, 7, 32, 100, 1024, 5000])
def test_seed_ranges_cover_the_pool_once(per_job):
    ranges = config.seed_ranges({"start": 3, "stop": 1027}, per_job)
    assert [seed for seeds in ranges.values() for seed in seeds] == list(range(3, 1027))
    assert all(len(seeds) == per_job for seeds in list(ranges.values())[:-1])
    assert all(a.stop == b.start for a, b in pairwise(ranges.values()))
    # Sorted by name is sorted by seed, so that listings read well.
    assert sorted(ranges) == list(ranges)
