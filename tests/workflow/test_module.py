"""Seedbed as a module of another workflow, in a folder that holds nothing else."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from seedbed import store

ROOT = Path(__file__).resolve().parents[2]
SNAKEFILE = f"""
configfile: "mine.yaml"


module seedbed:
    snakefile:
        "{ROOT}/workflow/Snakefile"
    config:
        config


use rule * from seedbed as seeds_*


rule mine:
    input:
        rules.seeds_write_config.output,
        rules.seeds_make_prompts.output.table.format(prompt_set="short"),
"""


@pytest.fixture
def elsewhere(tmp_path):
    smoke = (ROOT / "configs" / "smoke.yaml").read_text(encoding="utf-8")
    (tmp_path / "mine.yaml").write_text(smoke.replace("run: smoke", "run: elsewhere"))
    (tmp_path / "Snakefile").write_text(SNAKEFILE)
    return tmp_path


def snakemake(folder, *arguments):
    command = [sys.executable, "-m", "snakemake", "--cores", "1", *arguments]
    flags = ["--rerun-triggers", "mtime", "input", "params"]
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    ran = subprocess.run(
        [*command, *flags], cwd=folder, env=environment, capture_output=True, text=True, timeout=600
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout + ran.stderr


def test_all_of_it_is_planned_there(elsewhere):
    said = snakemake(elsewhere, "-n", "seeds_all")
    assert "seeds_generate_images" in said and "seeds_render_ledger" in said
    assert "seeds_check_artefacts" in said


def test_cheap_rules_run_there(elsewhere):
    snakemake(elsewhere, "mine")
    run = elsewhere / "results" / "elsewhere"
    written = store.read_json(run / "config.json")
    assert written["run"] == "elsewhere"
    source = written["models"]["storybook-sd"]["source"]
    assert Path(source) == ROOT / "resources" / "storybook" / "storybook-sd"
    assert len(store.read_table(run / "prompts" / "short.parquet"))
    made = store.read_json(run / "made_by" / "config.json")
    assert made["outputs"] == ["results/elsewhere/config.json"]
