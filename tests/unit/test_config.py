"""Config files: shipped ones pass, the loader is strict, and a fault names its key in one line."""

import copy
import json
import math
import os
from dataclasses import MISSING, fields
from itertools import pairwise

import pytest
import yaml
from jsonschema import Draft202012Validator

from seedbed import config
from seedbed.config import docs, limits, names, schema
from seedbed.config.registries import registries
from seedbed.config.training import schedules
from seedbed.evaluators.extractors import storybook_net
from seedbed.evaluators.registry import width_of
from seedbed.lottery_ticket.comparison.methods import METHODS, controls
from seedbed.plan import Plan
from seedbed.storybook.prompts import HELD_OUT
from seedbed.storybook.training import Schedule
from seedbed.storybook.world import MIX

ROOT = schema.FOLDER.parent
RUNS = ["config.yaml", "configs/own_model.yaml", "configs/smoke.yaml"]
FILES = sorted(str(p.relative_to(schema.FOLDER)) for p in schema.FOLDER.rglob("*.yaml"))


def merge(base, other):
    """What --configfile does: tables are merged, everything else replaced."""
    both = base.keys() & other.keys()
    tables = {k: merge(base[k], other[k]) for k in both if isinstance(other[k], dict)}
    return {**base, **other, **tables}


def load(name):
    return config.load(ROOT / name)


def shipped(name):
    return load(name) if name == "config.yaml" else merge(load("config.yaml"), load(name))


def put(table, edits):
    """A copy with values put at dotted keys; ``...`` removes the key."""
    edited = copy.deepcopy(table)
    for where, value in edits.items():
        *parents, last = where.split(".")
        inner = edited
        for key in parents:
            inner = inner[int(key)] if isinstance(inner, list) else inner[key]
        if value is ...:
            del inner[last]
        else:
            inner[int(last) if isinstance(inner, list) else last] = value
    return edited


def changed(edits):
    return put(load("config.yaml"), edits)


def lines_of(check, edited, prefix):
    with pytest.raises(config.ConfigError) as caught:
        check(edited)
    lines = str(caught.value).split("\n")
    assert all(line.startswith(prefix) for line in lines)
    return [line.removeprefix(prefix) for line in lines]


def faults(edited):
    return lines_of(config.complete, edited, "config: ")


# Shipped files


@pytest.mark.parametrize("name", RUNS)
def test_shipped_config_is_sound(name):
    config.complete(shipped(name))


def test_every_shipped_file_is_known():
    found = {f"configs/{path.name}" for path in (ROOT / "configs").glob("*.yaml")}
    # tests/unit/test_paper_configs.py holds those of the papers' models.
    others = {f"configs/{name}.yaml" for name in ("training", "paper", "pilot", "real_models")}
    assert found == {*RUNS, *others} - {"config.yaml"}
    for name in ("config.yaml", *found):
        # Snakemake reads the same.
        assert load(name) == yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def test_shipped_configs_have_runs_of_their_own():
    runs = [shipped(name)["run"] for name in RUNS]
    assert len(set(runs)) == len(runs)


def test_own_model_is_short_and_its_files_are_there():
    assert len((ROOT / "configs/own_model.yaml").read_text(encoding="utf-8").splitlines()) <= 25
    full = config.complete(shipped("configs/own_model.yaml"))
    study, prompts = full["good_seed"], full["prompts"][full["good_seed"]["prompts"]]
    texts = (ROOT / prompts["path"]).read_text(encoding="utf-8").splitlines()
    assert len(set(texts)) == len(texts) == max(s["stop"] for s in study["splits"].values())
    assert study["swap"]["model"] == "my-model"
    assert full["models"]["my-model"]["world"] is None
    assert (ROOT / full["models"]["my-model"]["source"]).is_dir()
    assert (ROOT / full["lottery_ticket"]["scenes"]).is_file()


def test_page_is_what_the_schemas_say():
    assert docs.PAGE.read_text(encoding="utf-8") == docs.markdown()


# The loader


def at(tmp_path, data):
    path = tmp_path / "bad.yaml"
    path.write_bytes(data if isinstance(data, bytes) else data.encode("utf-8"))
    return path


BAD = {
    "empty": ("", "empty"),
    "comments alone": ("# nothing\n", "empty"),
    "list": ("- a\n", "the top level is no mapping"),
    "scalar": ("run\n", "the top level is no mapping"),
    "null": ("null\n", "the top level is no mapping"),
    "UTF-16": ("run: a\n".encode("utf-16"), "UTF-16"),
    "UTF-16 without a mark": ("run: a\n".encode("utf-16-le"), "line 1: a NUL byte"),
    "latin-1": ("a: 1\nrun: é\n".encode("latin-1"), "line 2: not UTF-8"),
    "NUL": (b"a: 1\nb: \0\n", "line 2: a NUL byte"),
    "NUL escaped": ('run: "a\\0b"\n', "line 1: run: 'a\\x00b' holds a character"),
    "surrogate": ('run: "\\ud800"\n', "line 1: run: '\\ud800' holds a character"),
    "control character": ("a: 1\nb: \x01\n", "line 2: the character '\\x01'"),
    "tab": ("a:\n\tb: 1\n", "line 2: a tab in the indentation"),
    "tab before a comment": ("a: 1\n\t# b\n", "line 2: a tab in the indentation"),
    "tab after spaces": ("a:\n  b: 1\n  \tc: 2\n", "line 3: a tab in the indentation"),
    "open bracket": ("a: [1, 2\nb: 3\n", "line 2: not YAML: "),
    "bad indentation": ("a: 1\n  b: 2\n", "line 2: not YAML: "),
    "two documents": ("a: 1\n---\nb: 2\n", "line 2: not YAML: but found another document"),
    "undefined alias": ("a: *b\n", "line 1: not YAML: found undefined alias 'b'"),
    "python tag": ("a: !!python/object/apply:os.getcwd []\n", "line 1: the tag 'tag:yaml.org"),
    "own tag": ("a: !env HOME\n", "line 1: the tag '!env'"),
    "core tag": ("a: !!str 1\n", "line 1: the tag 'tag:yaml.org,2002:str'"),
    "duplicate": ("a: 1\nb: 2\na: 3\n", "line 3: a: given twice"),
    "duplicate deep": ("a:\n  - b: {c: 1, c: 1}\n", "line 2: a.0.b.c: given twice"),
    "duplicate in another style": ('"a": 1\na: 3\n', "line 2: a: given twice"),
    "number as key": ("a: {7: 1}\n", "line 1: a: the key 7 is not text"),
    "truth as key": ("no: 1\n", "line 1: (top level): the key no is not text"),
    "null as key": ("~: 1\n", "line 1: (top level): the key ~ is not text"),
    "list as key": ("? [a]\n: 1\n", "line 1: (top level): the key a collection is not text"),
    "merge key": ("a: &a {b: 1}\nc: {<<: *a}\n", "line 2: c: a merge key"),
    "nan": ("a: {b: .nan}\n", "line 1: a.b: .nan is not a finite number"),
    "inf": ("a: [1, -.inf]\n", "line 1: a.1: -.inf is not a finite number"),
    "overflow": ("a: 1.0e+999\n", "line 1: a: 1.0e+999 is not a finite number"),
    "overflow as text": ("a: 1e999\n", "line 1: a: 1e999 is not a finite number"),
    "date": ("a: 2024-01-01\n", "line 1: a: YAML reads 2024-01-01 as a date"),
    "no date": ("a: 2024-99-99\n", "line 1: a: YAML reads 2024-99-99 as a date"),
    "huge integer": ("a: " + "9" * 5000 + "\n", "line 1: a: 999"),
    "equals": ("a: =\n", "line 1: a: = cannot be read"),
    "yte": ("__use_yte__: true\nrun: a\n", "line 1: __use_yte__: a template key"),
    "yte definitions": ("a:\n  __definitions__: []\n", "line 2: a.__definitions__: a template"),
    "yte condition": ("a:\n  ?if True:\n    b: 1\n", "line 2: a.?if True: a template key"),
    "recursion": ("a: &a [*a]\n", "line 1: a.0.0: an alias that contains itself"),
    "bomb": (
        "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
        + "".join(f"{b}: &{b} [{', '.join([f'*{a}'] * 10)}]\n" for a, b in pairwise("abcdefghi")),
        "an alias that contains itself or multiplies",
    ),
    "deep": ("a: " + "[" * 60 + "]" * 60 + "\n", "line 1: nested deeper than 50"),
    "very deep": ("a: " + "[" * 100_000, "line 1: nested deeper than 50"),
    "large": ("# " + "x" * 2_000_000, "2,000,002 bytes, more than the 1,000,000 it may have"),
}


@pytest.mark.parametrize(("data", "expected"), BAD.values(), ids=BAD)
def test_bad_file_is_refused_in_one_line(data, expected, tmp_path):
    path = at(tmp_path, data)
    (line,) = lines_of(config.load, path, f"{path}: ")
    assert expected in line
    assert len(line) < 200


def test_what_is_no_regular_file_is_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for name, expected in (
        ("nothing.yaml", "No such file or directory"),
        ("", "a folder, not a file"),
        ("pipe", "not a regular file"),
        ("a\nb", "No such file or directory"),
        ("a\0b", "embedded null byte"),
    ):
        with pytest.raises(config.ConfigError) as caught:
            config.load(tmp_path / name)
        assert str(caught.value).endswith(f"{expected}; name a config file that can be read")
        assert "\n" not in str(caught.value)


def test_what_is_plain_data_is_read(tmp_path):
    text = "\ufeff{a: 1, b: [1.5, null, true, ünï], c: {}, d: '1e999', e: &e {f: g}, h: *e}"
    read = config.load(at(tmp_path, text))
    assert read == {
        **{"a": 1, "b": [1.5, None, True, "ünï"], "c": {}, "d": "1e999"},
        **{"e": {"f": "g"}, "h": {"f": "g"}},
    }
    assert read["e"] is not read["h"]
    assert config.load(at(tmp_path, json.dumps({"a": [1, {"b": 0.5}]}, indent=1))) == {
        "a": [1, {"b": 0.5}]
    }


# The schemas


def nodes(node, where=""):
    """Every sub-schema with its place."""
    yield where, node
    for name, sub in node.get("properties", {}).items():
        yield from nodes(sub, f"{where}.{name}")
    for key in ("additionalProperties", "items"):
        if isinstance(node.get(key), dict):
            yield from nodes(node[key], f"{where}.{key}")
    for number, sub in enumerate(node.get("oneOf", [])):
        yield from nodes(sub, f"{where}[{number}]")


NODES = {
    f"{name}{where}": node
    for name in ("run", "training")
    for where, node in nodes(schema.schema(name))
}


def test_schemas_are_valid_and_short():
    lines = 0
    for file in FILES:
        text = (schema.FOLDER / file).read_text(encoding="utf-8")
        lines += text.count("\n")
        assert max(map(len, text.split("\n"))) <= 100, file
        Draft202012Validator.check_schema(schema.source(file))
        assert schema.source(file)["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
    # 900 were allowed before the second half of Good Seed had its sections, 1350 before models had
    # types of weights, devices and checksums, 1450 before files from outside had addresses, 1650
    # before what a plan is asked for.
    assert lines <= 1700
    # Below a ``$schema`` the validator would take 8.0 for an integer.
    assert not any("$schema" in node for node in NODES.values())
    for name in ("run", "training"):
        Draft202012Validator.check_schema(schema.schema(name))


def test_schema_lets_no_unknown_key_pass():
    objects = {w: n for w, n in NODES.items() if "object" in n.get("type", ())}
    assert len(objects) > 30
    for where, node in objects.items():
        if node["additionalProperties"] is not False:
            assert isinstance(node["additionalProperties"], dict), where
            assert node["propertyNames"], where


def test_every_key_is_described_and_required_or_has_a_default():
    for where, node in NODES.items():
        if not where.endswith(("items", "additionalProperties")):
            assert len(node.get("description", "")) > 3, where
            assert {"type", "enum", "const", "oneOf"} & set(node), where
        required = node.get("required", [])
        assert set(required) <= set(node.get("properties", {})), where
        for key, spec in node.get("properties", {}).items():
            assert (key in required) + ("default" in spec) + ("optional" in spec) == 1, (where, key)


def test_every_default_is_allowed():
    for where, node in NODES.items():
        if "default" in node:
            Draft202012Validator(node).validate(node["default"])
            full = schema.filled(node["default"], node)
            assert not list(Draft202012Validator(node).iter_errors(full)), where


def registry_names(node):
    if isinstance(node, dict):
        yield from [node["registry"]] if isinstance(node.get("registry"), str) else []
        for sub in node.values():
            yield from registry_names(sub)
    elif isinstance(node, list):
        for sub in node:
            yield from registry_names(sub)


def kinds_of(table):
    options = NODES[f"run.{table}.additionalProperties"]["oneOf"]
    specs = [option["properties"]["kind"] for option in options]
    return [kind for spec in specs for kind in spec.get("enum", [spec.get("const")])]


def test_every_enum_is_a_registry_of_the_code():
    names = registries()
    used = {name for file in FILES for name in registry_names(schema.source(file))}
    by_kind = {"prompt_kinds", "layout_kinds", "reference_kinds", "pair_kinds"}
    assert used | by_kind == set(names)
    assert all(names.values())
    for table, name in (
        ("prompts", "prompt_kinds"),
        ("layouts", "layout_kinds"),
        ("references", "reference_kinds"),
        ("pairs", "pair_kinds"),
    ):
        assert sorted(kinds_of(table)) == sorted(names[name])
    # Those of no registry: an enum that only the config and its reader know.
    written = [
        n["enum"] for w, n in NODES.items() if "enum" in n and n["enum"] not in names.values()
    ]
    assert written == [
        ["storybook", None],
        ["train2017", "val2017"],
        ["storybook_dense", "storybook_short"],
        ["train2017", "val2017"],
        ["train2017", "val2017"],
        ["all", "occurring"],
    ]
    assert names["methods"] == list(METHODS)
    assert names["tuning"] == ["layouts", "widen", *controls()]


def test_training_scenes_cannot_be_held_out_ones():
    for part in ("evaluators", "generator"):
        assert NODES[f"training.scenes.{part}.seed"]["maximum"] < HELD_OUT
    assert NODES["training.yolo.scene_seed"]["maximum"] < HELD_OUT


def test_evaluators_learn_from_the_worlds_own_mix():
    assert tuple(load("configs/training.yaml")["scenes"]["evaluators"]["mix"]) == MIX


def test_schedules_have_the_codes_defaults():
    specs = NODES["training.net"]["properties"]
    assert set(specs) == {field.name for field in fields(Schedule)}
    for field in fields(Schedule):
        assert specs[field.name].get("default", MISSING) == field.default, field.name


# Defaults

FILLED = {
    "image_encoding": "png",
    "training": "configs/training.yaml",
    "models.storybook-sd.revision": None,
    "models.storybook-sd.resolution": None,
    "models.storybook-sd.scheduler": "ddim",
    "models.storybook-sd.eta": 0.0,
    "models.storybook-sd.precision": "float32",
    "models.storybook-sd.noise": "cpu",
    "models.storybook-sd.batch": 32,
    "models.storybook-sd.paper": {"column": "SD 2.0", "same": False},
    "models.storybook-turbo.scheduler": "own",
    "models.storybook-turbo.ticket_layer": "down_blocks.1.attentions.0",
    "models.storybook-turbo.note": "",
    "extractors.storybook-net.metric": "FD (storybook-net)",
    "detectors.storybook-yolo.nms_iou": 0.65,
    "detectors.storybook-yolo.batch": 64,
    "prompts.parti": {
        "kind": "parti",
        "url": "https://raw.githubusercontent.com/google-research/parti/main/PartiPrompts.tsv",
        "sha256": "fab29e41bb512a169b56acab4cf2a41dcb675e285df2efcde6640c7dd3c440eb",
        "local": None,
    },
    "layouts.coco": {
        "kind": "coco",
        "url": "https://s3.amazonaws.com/images.cocodataset.org/annotations/"
        "annotations_trainval2017.zip",
        "sha256": "113a836d90195ee1f884e704da6304dfaaecff1f023f49b6ca93c4aaae470268",
        "local": None,
        "part": "train2017",
        "instances": None,
        "captions": None,
        "synonyms": True,
        "exclude": None,
        "one": 3000,
        "two": 3000,
        "seed": 301,
    },
    "good_seed.split_seed": 7,
    "good_seed.golden_share": 0.25,
    "good_seed.trials": 3,
    "good_seed.interval": 0.95,
    "good_seed.statistics_seed": 2024,
    "good_seed.swap": {
        "model": "storybook-sd",
        "pairs": 24,
        "base_seed": 0,
        "steps": 40,
        "after_steps": [4, 20, 36],
        "etas": [0.0, 0.5, 1.0],
        "prompts": 1,
    },
    "good_seed.particle_guidance": {
        "prompts": "aside",
        "count": 24,
        "particles": 4,
        "coefficients": [8, 16, 24, 32, 48, 64],
        "max_cost": 0.01,
        "extractor": None,
        "features": None,
        "base_seed": 700000,
    },
    "good_seed.contact_sheet": {"seeds": 6, "prompts": 8},
    "good_seed.kinds_figure": {"prompts": ["dense", "short", "synthetic"], "seeds": 4},
    "good_seed.extremes_figure": {"seeds": 3, "prompts": 4},
    "lottery_ticket.score_mode": "minmax",
    "lottery_ticket.article": "literal",
    "lottery_ticket.fixed_positions": False,
    "lottery_ticket.rule": {
        "preset": "paper",
        "positions": "as_read",
        "t_obj": None,
        "t_bg": None,
    },
    "lottery_ticket.pairs": "all",
    "lottery_ticket.base_seed": 0,
    "lottery_ticket.sensitivity": {
        "noises": [10, 50],
        "t_obj": [0.3, 0.7],
        "t_bg": [0.05, 0.2],
        "presets": ["code"],
        "positions": ["equalised"],
        "restandardise": True,
    },
    "lottery_ticket.confidences": [0.25, 0.001],
    "lottery_ticket.properties": {
        "pairs": 12,
        "moves": 200,
        "adjectives": ["red", "large", "striped", "blue"],
    },
    "lottery_ticket.layers": {"noises": 24, "layouts": 40},
    "lottery_ticket.single_prompts": {"noises": 24, "layouts": 120},
    "lottery_ticket.bootstrap": 10000,
    "lottery_ticket.margins": {"iou": 0.035, "success": 5},
    "lottery_ticket.interval": 0.95,
    "lottery_ticket.statistics_seed": 2024,
}


def value_at(table, where):
    for key in where.split("."):
        table = table[key]
    return table


def covers(full, given):
    """What is given stands in the full config as it is."""
    if isinstance(given, dict):
        return all(key in full and covers(full[key], given[key]) for key in given)
    return full == given


def test_default_config_completes_to_the_papers_values():
    given, full = load("config.yaml"), config.complete(load("config.yaml"))
    assert {where: value_at(full, where) for where in FILLED} == FILLED
    assert covers(full, given)
    assert config.complete(full) == full


def test_model_with_family_and_source_alone_completes():
    full = config.complete(changed({"models.mine": {"family": "sd", "source": "a/b"}}))
    assert full["models"]["mine"] == {
        "family": "sd",
        "source": "a/b",
        "revision": None,
        "variant": None,
        "architecture": None,
        "sha256": None,
        "weights": "float32",
        "device": "auto",
        "resolution": None,
        "world": None,
        "scheduler": "own",
        "steps": 50,
        "guidance": 7.5,
        "eta": 0.0,
        "precision": "float32",
        "noise": "cpu",
        "batch": 16,
        "decode_batch": None,
        "tf32": False,
        "memory_format": "contiguous",
        "compile": False,
        "ticket_layer": "down_blocks.2.attentions.1",
        "paper": None,
        "note": "",
    }


def test_missing_tables_are_filled_too():
    edited = changed(dict.fromkeys(["quality", "good_seed.swap"], ...))
    edited["lottery_ticket"].pop("tuning")
    edited["lottery_ticket"]["methods"] = ["sd", "semi"]
    full = config.complete(edited)
    assert full["quality"] == load("config.yaml")["quality"]
    assert full["good_seed"]["swap"] == FILLED["good_seed.swap"]
    assert full["lottery_ticket"]["tuning"] == {"layouts": None, "widen": 4}
    assert full["lottery_ticket"]["rule"]["positions"] == "as_read"
    # Defaults are copies: a change in one config reaches no other.
    full["lottery_ticket"]["sensitivity"]["noises"].append(99)
    assert config.complete(edited)["lottery_ticket"]["sensitivity"]["noises"] == [10, 50]


def test_metric_without_a_name_bears_the_evaluators():
    full = config.complete(changed({"scorers.storybook-clip.metric": ...}))
    assert full["scorers"]["storybook-clip"]["metric"] == "storybook-clip"


@pytest.mark.parametrize(
    ("models", "expected"),
    [
        (["storybook-turbo", "storybook-sd"], "storybook-sd"),
        (["storybook-turbo"], None),
        ([], None),
    ],
)
def test_swap_takes_the_first_model_with_steps(models, expected):
    edited = changed({"good_seed.models": models, "good_seed.swap.model": None})
    assert config.complete(edited)["good_seed"]["swap"]["model"] == expected


@pytest.mark.parametrize("name", ["config.yaml", "configs/own_model.yaml"])
def test_a_config_above_gets_rid_of_the_networks_arguments(name):
    above = {"good_seed": {"classifier": {"network": "resnet18", "arguments": None}}}
    full = config.complete(config.merged(shipped(name), above))
    assert full["good_seed"]["classifier"]["arguments"] == {}
    assert config.complete(full) == full


def test_own_models_swap_seeds_of_their_own():
    own = {"models": {"mine": {"family": "sd", "source": "a/b"}}}
    own["good_seed"] = {"models": ["mine"]}
    own["lottery_ticket"] = {"models": []}
    full = config.complete(config.merged(load("config.yaml"), own))
    assert full["good_seed"]["swap"]["model"] == Plan(full).swap_model == "mine"
    full["models"]["mine"]["steps"] = 1
    full["good_seed"]["swap"]["model"] = None
    assert "not in this run: Figure 2: " in "\n".join(Plan(config.complete(full)).left_out)


# Of Storybook: every evaluator and set of inputs that the default run uses, and its key.
STORYBOOK = {
    "good_seed.reference storybook are pictures",
    "good_seed.prompts dense are captions",
    "good_seed.transfer_prompts short are captions",
    "good_seed.kinds_figure.prompts dense are captions",
    "good_seed.kinds_figure.prompts short are captions",
    "good_seed.kinds_figure.prompts synthetic are captions",
    "good_seed.survey.prompts synthetic are captions",
    "good_seed.particle_guidance.prompts aside are captions",
    "good_seed.extractors storybook-net was trained",
    "good_seed.scorers storybook-clip was trained",
    "good_seed.style.extractor storybook-gram was trained",
    "good_seed.habits.detector storybook-yolo was trained",
    "good_seed.composition.segmenter storybook-seg was trained",
    "good_seed.composition.depth storybook-depth was trained",
    "lottery_ticket.layouts storybook are layouts",
    "lottery_ticket.tuning.layouts held_out are layouts",
    "lottery_ticket.detectors storybook-yolo was trained",
}


def notes(full):
    lines = [line for line in Plan(full).left_out if line.startswith("note: ")]
    return [line.removeprefix("note: ") for line in lines]


def test_what_is_storybooks_is_said_of_other_models():
    default = load("config.yaml")
    assert not notes(config.complete(default))
    del default["models"]["storybook-sd"]["world"]
    found = notes(config.complete(default))
    assert {line.partition(" of the Storybook")[0].partition(" on the ")[0] for line in found} == (
        STORYBOOK
    )
    assert len(found) == len(STORYBOOK)
    assert all("storybook-sd" in line and "storybook-turbo" not in line for line in found)
    # What no stage draws or measures is not spoken of.
    found = notes(config.complete(shipped("configs/own_model.yaml")))
    assert len(found) == 4 and all("my-model" in line for line in found)


def test_checking_changes_nothing():
    given = load("config.yaml")
    config.complete(given)
    assert given == load("config.yaml")


@pytest.mark.parametrize(
    "edits",
    [
        {"good_seed.models": []},
        {"lottery_ticket.models": []},
        {"good_seed.reference": None},
        {"good_seed.extractors": [], "good_seed.scorers": []},
        {
            "detectors": ...,
            "good_seed.inpainting.reader": None,
            "good_seed.habits": {},
            "lottery_ticket.detectors": [],
            "lottery_ticket.tuning": ...,
        },
        {"good_seed.inpainting": ...},
        {"segmenters": ..., "depths": ..., "good_seed.composition": ...},
        {"lottery_ticket.tuning": ..., "lottery_ticket.methods": ["sd", "semi"]},
        # Constants of a control that no method uses are no fault.
        {"lottery_ticket.methods": ["sd", "semi"], "lottery_ticket.tuning.paint": {}},
        {"references.mine": {"kind": "folder", "path": "pictures"}},
        {"models.Mine": {"family": "sdxl", "source": "a/b"}},
    ],
    ids=lambda edits: ",".join(edits),
)
def test_what_may_be_left_out(edits):
    config.complete(changed(edits))


# Faults, one line each

BASE = load("config.yaml")
SPLITS = BASE["good_seed"]["splits"]
SWAP = config.complete(BASE)["good_seed"]["swap"]
SD, SOFT = BASE["models"]["storybook-sd"], BASE["lottery_ticket"]["tuning"]["soft"]

FILLING = "good_seed.inpainting"
FAULTS = [
    # Sources of all that measures
    *(
        (
            {f"{table}.{name}.source": "wieghts/mine.pt"},
            f"{table}.{name}.source: wieghts/mine.pt: no such file or folder; correct it",
        )
        for table, name in (
            ("extractors", "storybook-net"),
            ("extractors", "storybook-gram"),
            ("scorers", "storybook-clip"),
            ("detectors", "storybook-yolo"),
            ("segmenters", "storybook-seg"),
            ("depths", "storybook-depth"),
        )
    ),
    (
        {
            "detectors.reader": {"kind": "ultralytics", "source": "resources/x/y.pt"},
            f"{FILLING}.reader": "reader",
        },
        "detectors.reader.source: resources/x/y.pt: no such file or folder; correct it",
    ),
    *(
        (
            {
                "extractors.mine": {"kind": "dinov2", "source": "./nowhere"},
                f"good_seed.particle_guidance.{key}": "mine",
            },
            "extractors.mine.source: ./nowhere: no such file or folder; correct it",
        )
        for key in ("extractor", "features")
    ),
    *(
        (
            {"prompts.mine": {"kind": "lines", "path": "nowhere.txt"}, f"good_seed.{key}": value},
            "prompts.mine.path: nowhere.txt: ",
        )
        for key, value in (
            ("survey.prompts", "mine"),
            ("library", {"prompts": ["mine"]}),
            ("particle_guidance.prompts", "mine"),
        )
    ),
    # Models that fill masks
    ({f"{FILLING}.model": "inpant"}, "good_seed.inpainting.model: unknown name 'inpant'"),
    (
        {f"{FILLING}.pairs": "mine"},
        "good_seed.inpainting.pairs: unknown name 'mine'; known: storybook",
    ),
    ({f"{FILLING}.pairs": None}, "good_seed.inpainting: one of model and pairs alone; name both"),
    (
        {f"{FILLING}.model": "storybook-sd"},
        "good_seed.inpainting.model: 'storybook-sd' is of family 'sd', which fills no masks; name",
    ),
    (
        {"good_seed.models": ["storybook-inpaint"], "good_seed.designs": {}},
        "good_seed.models: 'storybook-inpaint' fills masks and draws nothing without one; name it",
    ),
    (
        {f"{FILLING}.seeds": {"start": 4, "stop": 4}},
        "good_seed.inpainting.seeds: stop must be above start; raise it",
    ),
    (
        {f"{FILLING}.seeds": {"start": 0, "stop": 2**32 + 1}, f"{FILLING}.seeds_per_job": 10**6},
        "good_seed.inpainting.seeds.stop: reaches seed 4294967296",
    ),
    (
        {"pairs.storybook": {"kind": "folder", "path": "no/such"}},
        "pairs.storybook.path: no/such is no folder; name one of pictures and masks",
    ),
    # Types, ranges and names that the schema holds
    ({"run": "my run"}, "run: 'my run' is not a name (1 to 64 letters, digits, _ or -"),
    ({"run": "a\n"}, "run: 'a\\n' is not a name"),
    ({"run": "../a"}, "run: '../a' is not a name"),
    ({"run": "a" * 65}, "run: 'aaa"),
    ({"run": ...}, "run: missing; add it"),
    ({"models.a\n": SD}, "models: 'a\\n' is not a name"),
    ({"models.a model": SD}, "models: 'a model' is not a name"),
    ({"layouts.-a": BASE["layouts"]["storybook"]}, "layouts: '-a' is not a name"),
    ({"image_encoding": "jpg"}, "image_encoding: 'jpg' is not one of png, jpeg75"),
    ({"modles": {}}, "modles: unknown key; did you mean 'models'?"),
    (
        {"zzz": 1},
        "zzz: unknown key; known: depths, detectors, downloads, extractors, good_seed",
    ),
    ({"good_seed.bootstraps": 9}, "good_seed.bootstraps: unknown key; did you mean 'bootstrap'?"),
    (
        {"models.storybook-sd.guidence": 9},
        "models.storybook-sd.guidence: unknown key; did you mean 'guidance'?",
    ),
    ({"models.storybook-sd.steps": "20"}, "models.storybook-sd.steps: '20' is not of type integer"),
    ({"models.storybook-sd.steps": 0}, "models.storybook-sd.steps: 0 is less than the minimum"),
    ({"models.storybook-sd.resolution": "own"}, "models.storybook-sd.resolution: 'own' is not of"),
    ({"models.storybook-sd.noise": "gpu"}, "models.storybook-sd.noise: 'gpu' is not one of cpu, c"),
    ({"models.storybook-sd.world": "x"}, "models.storybook-sd.world: 'x' is not one of storybook,"),
    ({"models.storybook-sd.source": ""}, "models.storybook-sd.source: '' is not a line of 1"),
    ({"models.storybook-sd.family": ...}, "models.storybook-sd.family: missing; add it"),
    (
        {"models.storybook-sd.family": "dit"},
        "models.storybook-sd.family: 'dit' is not one of sd, s",
    ),
    ({"models.storybook-sd.paper": {}}, "models.storybook-sd.paper.column: missing; add it"),
    ({"models.storybook-sd.compile": 1}, "models.storybook-sd.compile: 1 is not of type boolean"),
    ({"models": {}}, "models: {} "),
    ({"quality": None}, "quality: None is not of type object"),
    ({"good_seed.pool.stop": 8.0}, "good_seed.pool.stop: 8.0 is not of type integer"),
    ({"good_seed.pool.start": True}, "good_seed.pool.start: True is not of type integer"),
    ({"good_seed.pool.start": -1}, "good_seed.pool.start: -1 is less than the minimum"),
    ({"good_seed.models": "storybook-sd"}, "good_seed.models: 'storybook-sd' is not of type array"),
    ({"good_seed.swap.after_steps": [4, 4]}, "good_seed.swap.after_steps: [4, 4] has non-unique"),
    ({"good_seed.swap.etas": [0.0, 2.0]}, "good_seed.swap.etas.1: 2.0 is greater than"),
    ({"good_seed.swap.pairs": 1}, "good_seed.swap.pairs: 1 is less than the minimum of 2"),
    ({"good_seed.splits.set3": {}}, "good_seed.splits.set3: unknown key; did you mean 'set"),
    ({"extractors.storybook-net.kind": "vgg"}, "extractors.storybook-net.kind: 'vgg' is not one"),
    ({"lottery_ticket.methods": ["sd", "semy"]}, "lottery_ticket.methods.1: 'semy' is not one of"),
    # Numbers that are none
    ({"models.storybook-sd.guidance": math.nan}, "models.storybook-sd.guidance: nan is not a fini"),
    ({"good_seed.interval": math.inf}, "good_seed.interval: inf is not a finite number"),
    ({"lottery_ticket.confidences": [math.nan]}, "lottery_ticket.confidences.0: nan is not a fin"),
    ({"lottery_ticket.tuning.soft.width.1": math.inf}, "lottery_ticket.tuning.soft.width.1: inf"),
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
    ({"prompts.p": {"kind": "parti", "sha256": "12"}}, "prompts.p.sha256: '12' is not a SHA-256"),
    ({"prompts.p": {"kind": "parti", "sha256": None}}, "prompts.p.sha256: None is not of type str"),
    ({"prompts.p": {"kind": "lines"}}, "prompts.p.path: missing; add it"),
    ({"layouts.coco.sha256": "a" * 64 + "\n"}, "layouts.coco.sha256: 'aaa"),
    ({"references.storybook.count": 1}, "references.storybook.count: 1 is less than the minimum"),
    ({"references.mine": {"kind": "folder"}}, "references.mine.path: missing; add it"),
    ({"layouts.coco.exclude": "cocoo"}, "layouts.coco.exclude: unknown name 'cocoo'; did you mean"),
    ({"layouts.coco.exclude": "coco"}, "layouts.coco.exclude: 'coco' must be another set that"),
    (
        {"references.mine": {"kind": "zip"}},
        "references.mine.kind: 'zip' is not one of storybook, f",
    ),
    # Names
    *(({"run": name}, f"run: the name {name!r} is reserved") for name in names.RESERVED),
    ({"models.all": SD}, "models.all: the name 'all' is reserved; choose another"),
    ({"models.Reference": SD}, "models.Reference: the name 'Reference' is reserved"),
    ({"layouts.layouts": BASE["layouts"]["coco"]}, "layouts.layouts: the name 'layouts' is reser"),
    ({"models.Storybook-SD": SD}, "models.Storybook-SD: the same name as models.storybook-sd, let"),
    ({"prompts.DENSE": {"kind": "parti"}}, "prompts.DENSE: the same name as prompts.dense, letter"),
    (
        {"scorers.Storybook-Net": BASE["scorers"]["storybook-clip"]},
        "scorers.Storybook-Net: the same name as extractors.storybook-net, letter case aside",
    ),
    # What refers to something that is not there
    (
        {"good_seed.models": ["storybook-sd", "storybok-turbo"]},
        "good_seed.models: unknown name 'storybok-turbo'; did you mean 'storybook-turbo'? (see mod",
    ),
    ({"good_seed.prompts": "coco"}, "good_seed.prompts: unknown name 'coco'; known: "),
    ({"good_seed.transfer_prompts": "coco"}, "good_seed.transfer_prompts: unknown name 'coco'"),
    ({"good_seed.extractors": ["inception"]}, "good_seed.extractors: unknown name 'inception'"),
    ({"good_seed.scorers": ["hps"]}, "good_seed.scorers: unknown name 'hps'"),
    ({"good_seed.reference": "coco"}, "good_seed.reference: unknown name 'coco'"),
    ({"good_seed.swap.model": "sd2"}, "good_seed.swap.model: unknown name 'sd2'"),
    ({"good_seed.kinds_figure.prompts": ["long"]}, "good_seed.kinds_figure.prompts: unknown name"),
    (
        {"good_seed.models": [], "lottery_ticket.models": []},
        "good_seed.models: empty, as lottery_ticket.models is; name a model in one of the two",
    ),
    ({"lottery_ticket.models": ["sd3"]}, "lottery_ticket.models: unknown name 'sd3'"),
    ({"lottery_ticket.detectors": ["yolor"]}, "lottery_ticket.detectors: unknown name 'yolor'"),
    ({"lottery_ticket.layouts": "vg"}, "lottery_ticket.layouts: unknown name 'vg'"),
    ({"lottery_ticket.tuning.layouts": "vg"}, "lottery_ticket.tuning.layouts: unknown name 'vg'"),
    # Ranges
    (
        {"good_seed.pool": {"start": 9, "stop": 9}, "good_seed.golden_share": 0.5},
        "good_seed.pool: empty range, stop 9 must be above start 9",
    ),
    (
        {"good_seed.splits.set1.stop": 0, "good_seed.classifier.seeds": 0},
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
    (
        {"good_seed.golden_share": 0.04},
        "good_seed.golden_share: the top share of the pool holds fewer than 2 seeds; raise it or "
        "enlarge good_seed.pool",
    ),
    # Designs
    (
        {"good_seed.designs": {"storybok-turbo": {}}},
        "good_seed.designs: unknown name 'storybok-turbo'; did you mean 'storybook-turbo'?",
    ),
    (
        {
            "good_seed.designs.storybook-turbo.pool": {"start": 9, "stop": 14},
            "good_seed.golden_share": 0.5,
            "good_seed.classifier.seeds": 0,
        },
        "good_seed.extremes_figure.seeds: 3 best and 3 worst seeds of a pool of 5; lower it or "
        "enlarge good_seed.designs.storybook-turbo.pool",
    ),
    (
        {"good_seed.designs.storybook-turbo.splits.test.stop": 700},
        "prompts.dense.count: 640 prompts, but good_seed.designs.storybook-turbo.splits reach up",
    ),
    (
        {"good_seed.designs.storybook-turbo.survey.prompts": "long"},
        "good_seed.designs.storybook-turbo.survey.prompts: unknown name 'long'; known: ",
    ),
    (
        {"good_seed.survey.seeds": {"start": 3, "stop": 3}},
        "good_seed.survey.seeds: empty range, stop 3 must be above start 3; raise it",
    ),
    (
        {"good_seed.survey.prompts": "short", "good_seed.survey.objects": 40},
        "good_seed.survey: asks for 160 prompts and prompts.short.count is 128; lower survey.obj",
    ),
    ({"good_seed.designs.storybook-turbo.poll": {}}, "good_seed.designs.storybook-turbo.poll: unk"),
    # Counts
    (
        {"prompts.dense.count": 639},
        "prompts.dense.count: 639 prompts, but good_seed.designs.storybook-turbo.splits reach up "
        "to 640; raise it",
    ),
    (
        {"prompts.dense.count": 239, "good_seed.designs": {}},
        "prompts.dense.count: 239 prompts, but the splits reach up to 240; raise it",
    ),
    (
        {"prompts.short.count": 5, "good_seed.contact_sheet": {"prompts": 5}}
        | {"good_seed.designs": {}, "good_seed.transfer_count": None},
        "prompts.short.count: 5 prompts, but good_seed.swap.pairs and prompts reach up to 24",
    ),
    (
        {"quality.clip_choices": BASE["quality"]["scenes"] + 1},
        f"quality.clip_choices: {BASE['quality']['scenes'] + 1} captions to choose from, but ",
    ),
    (
        {"good_seed.extremes_figure": {"seeds": 17}},
        "good_seed.extremes_figure.seeds: 17 best and 17 worst seeds of a pool of 32; lower it",
    ),
    # The swap
    ({"good_seed.swap.model": "storybook-turbo"}, "good_seed.swap.model: a one-step model has no"),
    (
        {"models.other": SD, "good_seed.swap.model": "other"},
        "good_seed.swap.model: 'other' is not among good_seed.models, so Figure 2 would be of a",
    ),
    # Networks
    (
        {"good_seed.classifier.network": "efficientformer_l3"},
        "good_seed.classifier.arguments: those of config.yaml for efficientformer_l1, and network "
        "is 'efficientformer_l3'; give its own, or null for none",
    ),
    (
        {"good_seed.swap.after_steps": [SWAP["steps"]]},
        "good_seed.swap.after_steps: must stay below good_seed.swap.steps",
    ),
    ({"good_seed.swap.base_seed": -3}, "good_seed.swap.base_seed: -3 is less than the minimum"),
    # Particle Guidance
    (
        {"good_seed.particle_guidance.prompts": "short"},
        "good_seed.particle_guidance.prompts: the same set as good_seed.transfer_prompts; its "
        "strength must be chosen on prompts that nothing is judged on",
    ),
    (
        {"good_seed.particle_guidance.prompts": "beside"},
        "good_seed.particle_guidance.prompts: unknown name 'beside'",
    ),
    (
        {"good_seed.particle_guidance.features": "dino"},
        "good_seed.particle_guidance.features: unknown name 'dino'",
    ),
    (
        {"good_seed.particle_guidance.count": 25},
        "good_seed.particle_guidance.count: 25 prompts, but prompts.aside.count is 24; lower it",
    ),
    (
        {"good_seed.particle_guidance.coefficients": [0]},
        "good_seed.particle_guidance.coefficients.0: 0 is less than or equal to the minimum of 0",
    ),
    # Lottery Ticket
    (
        {"models.storybook-sd.family": "sdxl"},
        "lottery_ticket.models: 'storybook-sd' is of family 'sdxl'; first-step maps are read from "
        "family 'sd' only",
    ),
    (
        {"lottery_ticket.methods": ["sd", "semi", "semi_swap"]},
        "lottery_ticket.methods: 'swap' is missing, against which 'semi_swap' is tested",
    ),
    ({"lottery_ticket.methods": ["sd", "swap"]}, "lottery_ticket.methods: 'semi' is missing, whic"),
    ({"lottery_ticket.confidences": [0.1, 0.2]}, "lottery_ticket.confidences: give them in fallin"),
    (
        {"lottery_ticket.sensitivity": {"t_obj": [0.3, 0.30000001]}},
        "lottery_ticket.sensitivity.t_obj: 2 values would all be called 0.3; keep one",
    ),
    (
        {"lottery_ticket.sensitivity": {"noises": [101]}},
        "lottery_ticket.sensitivity.noises: 101 noises, but lottery_ticket.noises.count is 100",
    ),
    (
        {"lottery_ticket.layers": {"noises": 101}},
        "lottery_ticket.layers.noises: 101 noises, but lottery_ticket.noises.count is 100",
    ),
    (
        {"lottery_ticket.layers": {"layouts": 901}},
        "lottery_ticket.layers.layouts: 901 layouts, but layouts.storybook has 640",
    ),
    (
        {"layouts.held_out": {"kind": "storybook", "one": 0, "two": 0, "seed": 1}},
        "layouts.held_out: no layouts; raise one or two",
    ),
    (
        {"lottery_ticket.base_seed": 99_800},
        "lottery_ticket.base_seed: the noises of layouts.storybook (99800 to 100439) meet those of",
    ),
    (
        {"lottery_ticket.tuning.layouts": "storybook"},
        "lottery_ticket.tuning.layouts: the same set as lottery_ticket.layouts; constants must",
    ),
    ({"lottery_ticket.tuning.layouts": None}, "lottery_ticket.tuning.layouts: missing; name layou"),
    (
        {"lottery_ticket.tuning.soft.width": SOFT["width"][:2]},
        "lottery_ticket.tuning: every control needs the same number of choices, not paint 6, "
        "soft 5, boxdiff 6",
    ),
    ({"lottery_ticket.tuning.paint": {}}, "lottery_ticket.tuning.paint: no choices, but a method"),
    (
        {"lottery_ticket.tuning.pant": {}},
        "lottery_ticket.tuning.pant: unknown key; did you mean 'paint'?",
    ),
    (
        {"lottery_ticket.tuning.soft.wieght": [1.0]},
        "lottery_ticket.tuning.soft.wieght: unknown key; did you mean 'weight'?",
    ),
    ({"lottery_ticket.tuning.soft.width.0": -1}, "lottery_ticket.tuning.soft.width.0: -1 is less"),
    ({"lottery_ticket.tuning.soft.width.2": "1"}, "lottery_ticket.tuning.soft.width.2: '1' is not"),
    ({"lottery_ticket.tuning.soft.weight.0": 0}, "lottery_ticket.tuning.soft.weight.0: 0 is not a"),
    ({"lottery_ticket.tuning.boxdiff.grid": [8.5]}, "lottery_ticket.tuning.boxdiff.grid.0: 8.5 is"),
    (
        {"lottery_ticket.tuning.soft": {"weight": [0.1, 0.2, 0.4, 0.8, 1.6, 3.2]}},
        "lottery_ticket.tuning.soft: give exactly weight, width; this has weight",
    ),
    (
        {"lottery_ticket.tuning.soft.width": [0.5, 2.0, 1.0]},
        "lottery_ticket.tuning.soft.width: give the values in rising order, each once",
    ),
    ({"lottery_ticket.tuning.widen": -1}, "lottery_ticket.tuning.widen: -1 is less than"),
    # One reading of the rule, one arm
    (
        {"lottery_ticket.rule": {"preset": "code"}, "lottery_ticket.sensitivity": {"presets": []}}
        | {"lottery_ticket.methods": ["sd", "semi", "semi_code"]},
        "lottery_ticket.methods: 'semi_code' draws what lottery_ticket.rule makes 'semi' draw",
    ),
    (
        {"lottery_ticket.sensitivity": {"positions": ["as_read"]}},
        "lottery_ticket.sensitivity.positions: 'as_read' is lottery_ticket.rule's own; Table 2",
    ),
    ({"lottery_ticket.article": "an"}, "lottery_ticket.article: 'an' is not one of literal, "),
    ({"lottery_ticket.margins": {"iou": 0}}, "lottery_ticket.margins.iou: 0 is less than or equal"),
    ({"lottery_ticket.interval": 0.5}, "lottery_ticket.interval: 0.5 is less than the minimum"),
]


@pytest.mark.parametrize(("edits", "expected"), FAULTS, ids=[e for _, e in FAULTS])
def test_fault_is_named_in_one_line(edits, expected):
    lines = faults(changed(edits))
    assert lines[0].startswith(expected)
    # An empty pool has no top share either.
    assert len(lines) == (2 if "good_seed.pool" in edits else 1)


def test_every_fault_has_its_line():
    edited = changed(
        {
            "models.storybook-sd.family": ...,
            "models.storybook-sd.source": ...,
            "models.storybook-sd.a": 1,
            "models.storybook-sd.b": 1,
            "prompts.dense": {"kind": "storybook_dense", "size": 3},
            "runn": "x",
        }
    )
    assert {line.split(";")[0] for line in faults(edited)} == {
        "models.storybook-sd.family: missing",
        "models.storybook-sd.source: missing",
        "models.storybook-sd.a: unknown key",
        "models.storybook-sd.b: unknown key",
        "prompts.dense.size: unknown key",
        "prompts.dense.count: missing",
        "prompts.dense.seed: missing",
        "runn: unknown key",
    }
    edited = changed({"good_seed.prompts": "x", "good_seed.models": ["y"]})
    edited["good_seed"]["swap"].update(steps=2)
    assert len(faults(edited)) == 3


def test_what_the_loader_refuses_is_refused_in_a_merged_config_too():
    edited = load("config.yaml") | {False: 1, 7: 2}
    assert faults(edited) == [
        "False: the key is not text; put it in quotes",
        "7: the key is not text; put it in quotes",
    ]
    assert faults([1]) == ["(top level): [1] is not of type object; write one"]
    assert faults(None) == ["(top level): None is not of type object; write one"]
    deep = {}
    for _ in range(60):
        deep = {"a": deep}
    assert faults(load("config.yaml") | {"quality": deep}) == [
        "quality: nested deeper than 50; write it flatter"
    ]


def test_without_a_detector_nothing_is_tuned_or_checked():
    tuning = {"layouts": "vg", "soft": {"weight": [0]}, "paint": {}}
    config.complete(changed({"lottery_ticket.detectors": [], "lottery_ticket.tuning": tuning}))


@pytest.mark.parametrize("name", RUNS)
def test_limits_are_worked_out_as_the_plan_lists(name):
    plan = Plan(config.complete(shipped(name)))
    found = {part.key: part.amount for part in limits._jobs(plan.config)}
    extractors = {ranking.extractor for ranking in plan.rankings.values()} - {None}
    scorers = {ranking.scorer for ranking in plan.rankings.values()} - {None}
    for model in plan.seeds_of_models:
        own = model in plan.good_seed["designs"]
        where = f"good_seed.designs.{model}" if own else "good_seed"
        shards = len(plan.ranking_shards(model))
        assert found[f"{where}.seeds_per_job"] == shards * (1 + len(extractors) + len(scorers))
        if model in plan.surveyed_models:
            shards = len(plan.survey_ranges(model))
            assert found[f"{where}.survey.seeds_per_job"] == shards * limits.PER_SURVEY
    jobs = len(plan.arm_groups) + len(plan.detectors)
    shards = len(plan.ticket_models) * len(plan.layout_ranges)
    assert found["lottery_ticket.layouts_per_job"] == shards * jobs
    assert found["lottery_ticket.noises.per_job"] == len(plan.ticket_models) * len(plan.noises)
    assert max(part.amount for part in limits._memory(plan.config)) < 2 * limits.GIGABYTE


def test_many_small_shards_of_layouts_are_refused():
    edits = {"lottery_ticket.layouts_per_job": 1, "models.storybook-sd.batch": 1}
    (line,) = faults(changed(edits | {"limits": {"jobs": 2000}}))
    assert line.startswith("lottery_ticket.layouts_per_job: this run would plan ")
    assert "for 640 shards of layouts.storybook" in line and "limits.jobs allows 2,000" in line


def test_widths_are_what_extractors_state():
    assert width_of("storybook_net") == storybook_net.STAGES[-1][-1] == storybook_net.WIDTH


# Training

TRAINING_FAULTS = [
    ({"workers": 0}, "workers: 0 is less than the minimum of 1"),
    ({"nett": {}}, "nett: unknown key; did you mean 'net'?"),
    ({"net.lr": ...}, "net.lr: missing; add it"),
    ({"net.lr": math.nan}, "net.lr: nan is not a finite number"),
    (
        {"scenes.generator.seed": 1000000},
        "scenes.generator.seed: 1000000 is greater than the maximum of 999999",
    ),
    (
        {"scenes.generator.mix": [0.5, 0.5, 0.5]},
        "scenes.generator.mix: the shares add up to 1.5, not to 1",
    ),
    (
        {"turbo.pairs": 120001},
        "turbo.pairs: 120001 pairs, each with a caption of its own, but scenes.generator.count is",
    ),
    ({"turbo.teacher.scheduler": "x"}, "turbo.teacher.scheduler: 'x' is not one of own, ddim, "),
    ({"net.precision": "bfloat16"}, "net.precision: this recipe computes in float32 only"),
]


@pytest.mark.parametrize(
    ("edits", "expected"), TRAINING_FAULTS, ids=[e for _, e in TRAINING_FAULTS]
)
def test_training_fault_is_named_in_one_line(edits, expected):
    edited = put(load("configs/training.yaml"), edits)
    (line,) = lines_of(config.complete_training, edited, "training: ")
    assert line.startswith(expected)


def test_training_config_completes_to_what_the_code_would_take():
    given = load("configs/training.yaml")
    full = config.complete_training(given)
    assert given == load("configs/training.yaml")
    assert covers(full, given)
    assert dict(schedules(given)).keys() == dict(schedules(full)).keys()
    assert len(dict(schedules(full))) == 11
    for where, entry in schedules(given):
        assert Schedule(**value_at(full, where)) == Schedule(**entry)
