"""The whole DAG on the smoke config: it runs, and then runs again only what must."""

import os
import re
import signal
import subprocess
import time

import numpy as np
import pandas as pd
import pytest
import yaml

from seedbed import store


def test_every_rule_ran(project):
    assert (project.run / "artefacts_checked.txt").exists()
    assert (project.run / "good_seed" / "table1_golden_vs_random.csv").exists()
    assert (project.run / "lottery_ticket" / "table1.csv").exists()


def test_logs_say_what_happened(project):
    assert all(log.stat().st_size for log in (project.run / "logs").rglob("*.log"))
    logs = sorted((project.run / "logs").rglob("seeds_*.log"))
    generation = [log.read_text() for log in logs if "images" in log.parts]
    assert generation
    for text in generation:
        assert re.search(r"\] \d+/\d+ images, [\d.]+/s, \d+:\d\d elapsed, 0:00 left", text)


def test_second_run_does_nothing(project):
    assert "Nothing to be done" in project.snakemake()


def test_deleted_file_rebuilds_only_its_descendants(project):
    victim = project.run / "good_seed" / "golden_evidence.csv"
    before = victim.read_bytes()
    victim.unlink()
    assert project.planned() == {"make_evidence_table": 1, "check_artefacts": 1}
    project.snakemake()
    assert victim.read_bytes() == before
    assert project.planned() == {}


def test_new_scores_of_one_range_rerun_only_what_reads_them(project):
    scores = sorted((project.run / "scores").rglob("storybook-sd/ranking/*.parquet"))
    planned = project.planned("--forcerun", str(scores[0].relative_to(project.folder)))
    # The second score_preference and the features are those of newly chosen golden seeds.
    assert planned["score_seeds"] == planned["generate_arms"] == planned["extract_features"] == 1
    assert planned["score_preference"] == 2
    assert not {"generate_images", "swap_seeds", "measure_quality", "plot_swap"} & set(planned)


@pytest.mark.parametrize(
    ("module", "rerun", "left_alone"),
    [
        (
            "seedbed/report/ranking_figures.py",
            {"plot_ranking", "check_artefacts"},
            {"plot_swap", "make_table1", "score_seeds", "generate_images"},
        ),
        (
            "seedbed/metrics/preference.py",
            {"score_seeds", "judge_golden", "make_table1", "plot_ranking", "check_artefacts"},
            {"generate_images", "swap_seeds", "plot_swap", "measure_quality", "plot_kinds"},
        ),
        (
            "seedbed/sampling/swap.py",
            {"swap_seeds", "plot_swap", "check_artefacts"},
            {"generate_images", "generate_arms", "score_seeds", "plot_kinds"},
        ),
        (
            "seedbed/report/layout_figures.py",
            {"plot_layouts", "check_artefacts"},
            {"plot_scenes", "make_lottery_table", "score_layouts", "draw_layouts"},
        ),
        (
            "seedbed/tickets/construct.py",
            {"draw_layouts", "draw_scenes", "make_lottery_table", "find_failures"},
            {"collect_tickets", "make_layouts", "generate_images", "make_table1"},
        ),
    ],
)
def test_library_edit_reruns_only_its_users(project, module, rerun, left_alone):
    path = project.folder / module
    source = path.read_bytes()
    path.write_bytes(source + b"\n# an edit\n")
    planned = set(project.planned())
    path.write_bytes(source)
    assert rerun <= planned
    assert not left_alone & planned
    assert project.planned() == {}


def test_more_noises_keep_the_tickets_that_are_there(project, tmp_path):
    overlay = tmp_path / "more.yaml"
    overlay.write_text(yaml.safe_dump({"lottery_ticket": {"noises": {"count": 12}}}))
    done = subprocess.run(
        [*project.command(), str(overlay), "-n"],
        cwd=project.folder,
        env=project.environment(),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    planned = re.search(r"^collect_tickets +(\d+)", done.stdout + done.stderr, re.MULTILINE)
    assert planned and planned[1] == "1", "8 of 12 noises are there"


def test_partial_target_builds_just_what_it_needs(project):
    target = "results/smoke/good_seed/table1_golden_vs_random.csv"
    planned = project.planned("--forceall", target)
    assert "make_table1" in planned
    assert not {"plot_swap", "plot_kinds", "measure_quality", "check_artefacts"} & set(planned)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"trails": 3}, "good_seed.trails: unknown key; did you mean 'trials'?"),
        ({"trials": "many"}, "good_seed.trials: 'many' is not of type integer"),
        ({"models": ["storybook"]}, "good_seed.models: unknown name 'storybook'"),
        ({"pool": {"stop": 0}}, "good_seed.pool: empty range"),
        ({"splits": {"test": {"start": 0}}}, "good_seed.splits.test: overlaps"),
    ],
)
def test_bad_config_is_one_clear_line_before_anything_runs(project, tmp_path, setting, message):
    overlay = tmp_path / "bad.yaml"
    overlay.write_text(yaml.safe_dump({"good_seed": setting}))
    done = subprocess.run(
        [*project.command(), str(overlay), "-n"],
        cwd=project.folder,
        env=project.environment(),
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0
    assert message in done.stdout + done.stderr


def test_killed_generation_ends_in_the_same_bytes(project):
    """Kill -9 at ten random moments: whole shards or none, and the same bytes at the end."""
    targets = sorted((project.run / "images" / "storybook-turbo" / "ranking").glob("*.parquet"))
    assert len(targets) == 2
    expected = {path: store.sha256_of(path) for path in targets}
    for path in targets:
        path.unlink()
    names = [str(path.relative_to(project.folder)) for path in targets]
    rng = np.random.default_rng(5)
    kills = 0
    while kills < 10:
        running = subprocess.Popen(
            project.command("--rerun-incomplete", *names),
            cwd=project.folder,
            env=project.environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            running.wait(timeout=rng.uniform(2.0, 14.0))
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGKILL)
            running.wait()
        kills += 1
        time.sleep(0.2)
        for path in targets:
            if path.exists():
                assert store.sha256_of(path) == expected[path], "a partial shard"
                path.unlink()  # so that the next round has something to be killed in
        project.snakemake("--unlock")
    project.snakemake("--rerun-incomplete", *names)
    assert {path: store.sha256_of(path) for path in targets} == expected


def test_shards_load_as_pictures(project):
    from datasets import load_dataset
    from PIL import Image

    shard = next((project.run / "images" / "storybook-sd" / "ranking").glob("*.parquet"))
    data = load_dataset(
        "parquet", data_files=str(shard), split="train", cache_dir=str(project.folder / "cache")
    )
    assert isinstance(data[0]["image"], Image.Image) and data[0]["image"].size == (64, 64)


def test_one_seed_has_one_latent_for_all_prompts(project):
    shard = next((project.run / "images" / "storybook-sd" / "ranking").glob("*.parquet"))
    frame = pd.read_parquet(shard, columns=["seed", "latent_sha256"])
    assert (frame.groupby("seed")["latent_sha256"].nunique() == 1).all()
    assert frame["latent_sha256"].nunique() == frame["seed"].nunique()
