"""Profiles of clusters ask for what every rule needs, and for more after a failure."""

import re
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from snakemake.api import SnakemakeApi
from snakemake.cli import parse_set_resources
from snakemake.profiles import ProfileConfigFileParser
from snakemake.resources import Resources
from snakemake.settings.types import ConfigSettings, OutputSettings, Quietness, ResourceSettings

ROOT = Path(__file__).resolve().parents[2]
RULES = "\n".join(path.read_text(encoding="utf-8") for path in ROOT.glob("rules/**/*.smk"))
NETWORKS = re.compile(
    r"Drawing\.of\(|registry\.load\(|classifier\.(fits|explanation)|captioner|from_pretrained"
)
BRIEF = {"check_layouts", "check_reader"}
"""Rules that load a detector only to ask what it knows."""
CONFIGS = {
    "default": (),
    "smoke": ("configs/smoke.yaml",),
    "pilot": ("configs/pilot.yaml",),
    "paper": ("configs/paper.yaml",),
}


def profile(name):
    return yaml.safe_load((ROOT / "profiles" / name / "config.yaml").read_text(encoding="utf-8"))


def options(name):
    """The profile's options as Snakemake's command line has them."""
    with (ROOT / "profiles" / name / "config.yaml").open(encoding="utf-8") as stream:
        return ProfileConfigFileParser().parse(stream)


@cache
def read(files, name="default"):
    """Every rule with a script, as Snakemake reads it under a profile."""
    found = options(name)
    return rules_under(files, found["default-resources"], found.get("set-resources"))


def rules_under(files, default_resources=(), set_resources=()):
    """Every rule with a script, by what the command line says of resources."""
    with SnakemakeApi(OutputSettings(quiet={Quietness.ALL})) as api:
        workflow = api.workflow(
            resource_settings=ResourceSettings(
                cores=4,
                default_resources=Resources.parse(default_resources, allow_expressions=True),
                overwrite_resources=parse_set_resources(set_resources),
            ),
            config_settings=ConfigSettings(configfiles=[ROOT / file for file in files]),
            snakefile=ROOT / "Snakefile",
            workdir=ROOT,
        )._workflow
        return {rule.name: rule for rule in workflow.rules if rule.script}


def runs_network(rule):
    folder = Path(rule.basedir.get_path_or_uri(secret_free=True))
    return bool(NETWORKS.search((folder / rule.script).read_text(encoding="utf-8")))


def resource(rule, key, attempt=1, **wildcards):
    """What a job of a rule asks for."""
    found, at_hand = rule.resources.get(key), SimpleNamespace(**wildcards)
    if not found.is_evaluable():
        return found.value
    more = {"threads": 1, "rulename": rule.name, "async_run": None}
    return found.evaluate(at_hand, input=[], attempt=attempt, **more).value


@pytest.fixture(scope="module", params=CONFIGS)
def files(request):
    return CONFIGS[request.param]


@pytest.fixture(scope="module", params=["slurm", "kubernetes"])
def cluster(request):
    return request.param


@pytest.fixture(scope="module")
def rules(files, cluster):
    return read(files, cluster)


def test_what_runs_a_network_gets_a_gpu_and_nothing_else_does(rules, cluster):
    on_gpu = {name for name, rule in rules.items() if resource(rule, "gpu")}
    networks = {name for name, rule in rules.items() if runs_network(rule)} - BRIEF
    assert len(networks) > 30 and on_gpu == networks
    for name in networks:
        assert resource(rules[name], "gpu") == 1
        if cluster == "kubernetes":
            # Without it the plugin refuses the job.
            assert resource(rules[name], "gpu_manufacturer") == "nvidia", name


def test_time_and_partition_of_every_rule(files):
    rules = read(files, "slurm")
    for name, rule in rules.items():
        expected = "gpu" if resource(rule, "gpu") else "cpu"
        assert resource(rule, "slurm_partition") == expected, name
        if name != "train_model":
            assert resource(rule, "runtime", 2) == 2 * resource(rule, "runtime", 1) > 0, name
    draws = [name for name in rules if name.startswith("draw_") and "gpu" in rules[name].resources]
    assert len(draws) > 3
    assert {resource(rules[name], "runtime") for name in draws} == {90}


def test_groups_of_arms_have_numbers_at_the_papers_size():
    assert "draw_soft_1" in read(CONFIGS["paper"]) and "draw_soft" not in read(CONFIGS["paper"])


def test_what_loads_a_network_says_what_memory_it_takes(files):
    """No profile gives a default here, so what is there is the rule's own."""
    found = rules_under(files)
    assert not [n for n, r in found.items() if runs_network(r) and "mem_mb" not in r.resources]


def test_small_networks_ask_for_4_gb_and_for_more_after_a_failure():
    """As much as a job that says nothing gets, so that a laptop runs as many at once as ever."""
    names = {"model": "storybook-sd", "shard": "storybook-sd/survey/x", "arm": "guided"}
    names |= {"extractor": "storybook-net", "scorer": "storybook-clip", "aim": "style"}
    names |= {"detector": "storybook-yolo", "segmenter": "storybook-seg", "prompt_set": "dense"}
    # Read anew: functions of rules know the plan of the workflow that was read last.
    found = {n: rule for n, rule in rules_under(CONFIGS["default"]).items() if runs_network(rule)}
    for name in set(found) - {"caption_photos"}:
        assert resource(found[name], "mem_mb", **names) == 4000, name
        assert resource(found[name], "mem_mb", 2, **names) == 8000, name
    large = rules_under(CONFIGS["paper"])["caption_photos"]
    assert resource(large, "mem_mb", prompt_set="captions") > 30_000


def test_an_entry_of_a_rule_counts_before_its_stages():
    own = ["draws:gpu_model=a100", "draws:runtime=9", "generate_images:runtime=5"]
    found = rules_under(CONFIGS["smoke"], set_resources=own)
    assert resource(found["generate_images"], "runtime") == 5
    assert resource(found["draw_plain"], "runtime") == 9
    assert resource(found["draw_plain"], "gpu_model") == "a100"
    assert "gpu_model" not in found["extract_features"].resources


def test_gpus_are_counted_where_resources_say_so_and_hinder_nobody_else():
    found = read(CONFIGS["default"])
    assert {resource(found[name], "gpu") for name in ("generate_images", "score_images")} == {1}
    assert resource(found["score_seeds"], "gpu") is None
    assert "resources" not in profile("default")


@pytest.mark.parametrize("name", ["slurm", "kubernetes"])
def test_every_entry_of_a_profile_is_of_a_stage_or_a_rule(name):
    stages = set(re.findall(r'^    "(\w+)": \{$', RULES, flags=re.MULTILINE))
    assert stages >= {"draws", "tunes", "trains", "looks"}
    assert set(profile(name)["set-resources"]) <= stages | set(read(CONFIGS["default"]))


@pytest.mark.parametrize("name", ["slurm", "kubernetes"])
def test_more_is_asked_for_after_a_failure(name):
    found = profile(name)
    assert found["retries"] >= 2
    stages = [found["default-resources"], *found["set-resources"].values()]
    values = [value for stage in stages for key, value in stage.items() if key.endswith("_mb")]
    assert values and all("* attempt" in value for value in values)
    functions = set(re.findall(r"mem_mb=([a-z_]+)|: (\w+_mb|memory_at_hand),", RULES))
    functions = {a or b for a, b in functions}
    assert len(functions) > 10
    for function in functions:
        assert f"def {function}(wildcards, attempt):" in RULES, function
    # Snakemake would cut every job's memory down to it, at every attempt.
    assert not {"mem_mb", "mem", "mem_mib"} & set(found["resources"])


@pytest.mark.parametrize("name", ["slurm", "kubernetes"])
def test_nothing_of_the_default_profile_is_lost(name):
    default, found = profile("default"), profile(name)
    kept = ("rerun-triggers", "rerun-incomplete", "show-failed-logs", "printshellcmds")
    assert {key: found[key] for key in kept} == {key: default[key] for key in kept}
    assert set(default) <= set(found)
    assert found["latency-wait"] >= default["latency-wait"]


def test_jobs_of_slurm_are_asked_after_and_requeued():
    found = profile("slurm")
    assert found["slurm-status-command"] == "squeue" and found["slurm-requeue"] is True
