"""The house keeps its order: arrows point down, names are told apart, scripts fit their rules."""

import ast
import inspect
import re
import runpy
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "seedbed"
FLOORS = (
    {*"archives card_schema choices download job locks logs noise outside partials".split()}
    | {"progress", "provenance", "run", "seals", "stamps", "store"},
    {*"coco_photos layouts masked_photos models open_images photos pipes prompts".split()},
    {"attention", "evaluators", "sampling"},
    {"guidance", "ledger", "statistics"},
    {"good_seed", "lottery_ticket"},
    {"config", "inputs", "plan", "planning", "render", "storybook"},
    {"card", "cards", "placing"},
)
"""Folders and modules of the package, lowest floor first."""
FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
MOST_PARAMETERS = 7


def modules():
    for path in sorted(PACKAGE.rglob("*.py")):
        yield path, ".".join(path.relative_to(ROOT).with_suffix("").parts)


def imports(path):
    """Modules of the package that a file imports anywhere in it, also late."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def arrows():
    """(room, other room, file) for every import across rooms."""
    for path, name in modules():
        parts = name.split(".")
        if len(parts) < 2 or parts[1] == "__init__":
            continue
        for target in imports(path):
            pieces = target.split(".")
            if pieces[0] == "seedbed" and len(pieces) > 1 and pieces[1] != parts[1]:
                yield parts[1], pieces[1], path.relative_to(ROOT)


def test_every_room_has_its_floor():
    rooms = {p.stem if p.is_file() else p.name for p in PACKAGE.iterdir()}
    assert rooms - {"__init__", "__pycache__"} == set(FLOOR_OF)


def test_arrows_point_down():
    up = [
        f"{path}: {room} -> {other}"
        for room, other, path in arrows()
        if FLOOR_OF.get(other, 0) > FLOOR_OF[room]
    ]
    assert not up


def test_no_two_rooms_import_each_other():
    pairs = {(room, other) for room, other, _ in arrows()}
    assert not {pair for pair in pairs if pair[::-1] in pairs}


def test_the_world_is_a_guest():
    """Nothing but what stands on its own floor or above knows Storybook."""
    knows = {room for room, other, _ in arrows() if other == "storybook"}
    assert not {room for room in knows if FLOOR_OF[room] < FLOOR_OF["storybook"]}


def test_no_library_module_imports_snakemake():
    assert not [name for path, name in modules() if "snakemake" in set(imports(path))]


def test_names_of_modules_are_told_apart():
    """One name, one thing; what every folder has of its own kind is the exception."""
    # A package's protocol, registry or table; what config and catalog say of one section.
    shared = {"__init__", "base", "registry", "table", "good_seed", "lottery_ticket", "training"}
    # A kind of evaluator may serve several roles.
    shared |= {"ultralytics"}
    places = defaultdict(list)
    for path, _ in modules():
        places[path.stem].append(path)
    shared |= {name for name in places if name.startswith("good_seed_")}
    assert not {name for name, paths in places.items() if len(paths) > 1} - shared


def scripts():
    return sorted(p for p in (ROOT / "scripts").rglob("*.py"))


def test_no_script_is_mistaken_for_a_test():
    assert not [p for p in scripts() if p.name.startswith("test_")]


@pytest.fixture(scope="module")
def rules():
    """The rules of the smoke run, as Snakemake reads them."""
    from snakemake.api import SnakemakeApi
    from snakemake.settings.types import ConfigSettings, OutputSettings, Quietness, ResourceSettings

    quiet = OutputSettings(quiet={Quietness.ALL})
    with SnakemakeApi(quiet) as api:
        workflow = api.workflow(
            resource_settings=ResourceSettings(cores=1),
            config_settings=ConfigSettings(configfiles=[ROOT / "configs" / "smoke.yaml"]),
            snakefile=ROOT / "Snakefile",
            workdir=ROOT,
        )._workflow
        yield {rule.name: rule for rule in workflow.rules}


def script_of(rule):
    if not rule.script:
        return None
    folder = Path(rule.basedir.get_path_or_uri(secret_free=True))
    return (folder / rule.script).resolve()


def main_of(script):
    return runpy.run_path(str(script), run_name="script")["main"]


def test_every_script_belongs_to_a_rule(rules):
    assert {script_of(rule) for rule in rules.values() if rule.script} == set(scripts())


def test_every_script_takes_what_its_rule_passes(rules):
    checked = 0
    for rule in rules.values():
        if not rule.script:
            continue
        parameters = inspect.signature(main_of(script_of(rule))).parameters
        assert len(parameters) <= MOST_PARAMETERS, rule.name
        names = {key for part in (rule.params, rule.input, rule.output) for key in part.keys()}
        given = names - {"made_by"}
        assert given <= set(parameters), rule.name
        assert set(parameters) - given <= set(rule.wildcard_names), rule.name
        checked += 1
    assert checked > 20


def test_every_rule_carries_the_digest_of_its_own_script(rules):
    digest = r'(?:behind|drawn_by|detected_by|made_from|measured_by)\(\s*"([\w/]+)"'
    folders = [ROOT / "rules", *(p for p in (ROOT / "rules").iterdir() if p.is_dir())]
    for folder in folders:
        texts = {p: p.read_text(encoding="utf-8") for p in folder.glob("*.smk")}
        # Training is asked for by name and resumes from checkpoints, which know their schedule.
        run = {
            script
            for path, text in texts.items()
            for script in re.findall(r'"(?:\.\./)+scripts/([\w/]+)\.py"', text)
            if path.stem != "training" and script != "inputs/fetch_file"
        }
        every = "".join(texts.values())
        carried = set(re.findall(digest, every)) | set(re.findall(r'script = "([\w/]+)"', every))
        assert carried == run, folder.name
    for rule in rules.values():
        # What is downloaded is accepted by its digest, whatever code fetched it.
        if rule.script and rule.name not in ("train_model", "publish_storybook", "fetch_file"):
            assert "made_by" in rule.params.keys(), rule.name


def test_every_rule_has_log_benchmark_and_environment(rules):
    for rule in rules.values():
        if rule.script:
            assert rule.log and rule.benchmark and rule.conda_env, rule.name


def test_rules_are_not_mostly_boilerplate():
    """Lines of log, benchmark, conda, threads, resources, message and digests: a fifth at most."""
    repeated, total = 0, 0
    names = ("log", "benchmark", "conda", "threads", "resources", "message")
    for path in (ROOT / "rules").rglob("*.smk"):
        inside = False
        for line in path.read_text(encoding="utf-8").splitlines():
            total += 1
            directive = re.match(r"\s+(\w+):", line)
            if directive:
                inside = directive[1] in names
            elif not line.startswith("        "):
                inside = False
            repeated += inside or "made_by=" in line
    assert repeated / total <= 0.2, f"{repeated} of {total} lines"
