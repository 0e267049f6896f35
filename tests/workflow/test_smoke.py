"""The whole DAG on the smoke config: it runs, and then runs again only what must."""

import re

import pandas as pd
import pytest
import yaml

CHECKS = {"check_artefacts": 1, "tell_provenance": 1, "describe_run": 1}


def test_every_rule_ran(project):
    assert (project.run / "artefacts_checked.txt").exists()
    assert (project.run / "good_seed" / "table1_golden_vs_random.csv").exists()
    found = project.run / "lottery_ticket" / "storybook-sd" / "storybook-yolo"
    assert (found / "table1.csv").exists()
    assert (project.run / "made_by.csv").exists()


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
    expected = {"render_golden_evidence": 1, "write_ledger_page": 1, **CHECKS}
    assert project.planned() == expected
    project.snakemake()
    assert victim.read_bytes() == before
    assert project.planned() == {}


@pytest.mark.parametrize("name", ["config.json", "explorer.html", "ledger.html"])
def test_what_a_killed_job_took_along_is_made_again(project, name):
    """Though what was made of it stands: equal bytes of an input are no reason to go on."""
    page = project.run / name
    away = page.rename(page.with_suffix(".away"))
    try:
        assert project.planned()
    finally:
        away.rename(page)


def test_new_scores_of_one_range_rerun_only_what_reads_them(project):
    scores = sorted((project.run / "scores").rglob("storybook-sd/ranking/*.parquet"))
    planned = project.planned("--forcerun", str(scores[0].relative_to(project.folder)))
    # The second score_images and the features are those of newly chosen golden seeds.
    assert planned["score_seeds"] == planned["generate_arms"] == planned["extract_features"] == 1
    assert planned["crossfit_golden"] == 1
    assert planned["score_images"] == 2
    others = {"generate_images", "swap_seeds", "measure_quality", "render_fig2_seed_swap"}
    assert not others & set(planned)


ALL_DRAWING = {"generate_images", "generate_arms", "swap_seeds", "draw_plain", "collect_tickets"}
# What is edited, in what way, what must rerun and what must not.
EDITS = [
    # Nothing that can change a result
    ("seedbed/store/files.py", "comment", set(), ALL_DRAWING | {"score_seeds"}),
    ("seedbed/sampling/denoise.py", "comment", set(), ALL_DRAWING),
    ("seedbed/sampling/denoise.py", "docstring", set(), ALL_DRAWING),
    ("seedbed/sampling/generate.py", "log line", set(), ALL_DRAWING),
    ("seedbed/progress.py", "code", set(), ALL_DRAWING),
    ("seedbed/logs.py", "code", set(), ALL_DRAWING),
    ("pyproject.toml", "version", set(), ALL_DRAWING | {"score_seeds", "check_artefacts"}),
    # No import shows them
    ("tests/artefacts/test_tables.py", "code", {"check_artefacts"}, ALL_DRAWING | {"score_seeds"}),
    # Another family's, evaluator's, method's module
    ("seedbed/models/sdxl.py", "code", set(), ALL_DRAWING),
    ("seedbed/guidance/paint.py", "code", set(), ALL_DRAWING | {"draw_boxdiff", "draw_soft"}),
    ("seedbed/prompts/parti.py", "code", set(), {"make_prompts", *ALL_DRAWING}),
    # What uses it, and nothing else
    ("seedbed/guidance/soft.py", "code", {"draw_soft", "tune_control"}, ALL_DRAWING),
    (
        "seedbed/guidance/boxdiff.py",
        "code",
        {"draw_boxdiff", "tune_control"},
        ALL_DRAWING | {"draw_soft"},
    ),
    (
        "seedbed/lottery_ticket/comparison/methods.py",
        "code",
        set(),
        ALL_DRAWING | {"draw_soft", "tune_control", "detect_objects"},
    ),
    (
        "seedbed/evaluators/scorers/clip.py",
        "code",
        {"score_images", "score_seeds"},
        # Newly chosen golden seeds are drawn and measured by the extractor too.
        {"generate_images", "collect_tickets", "detect_objects"},
    ),
    (
        "seedbed/statistics/per_seed.py",
        "code",
        {"score_seeds", "judge_golden", "crossfit_golden", "render_table1_golden_vs_random"},
        {"generate_images", "swap_seeds", "measure_quality", "render_fig3_prompt_kinds"},
    ),
    (
        "seedbed/sampling/seed_swap.py",
        "code",
        {"swap_seeds", "render_fig2_seed_swap"},
        {"generate_images", "generate_arms", "score_seeds", "render_fig3_prompt_kinds"},
    ),
    (
        "seedbed/lottery_ticket/tickets/construct.py",
        "code",
        {"draw_plain_tickets", "draw_soft_tickets", "draw_scenes", "render_lottery_table1"},
        {"collect_tickets", "make_layouts", "generate_images", "score_seeds"},
    ),
    ("seedbed/models/sd.py", "code", {"generate_images", "collect_tickets"}, {"make_prompts"}),
]


def edited(source: str, how: str) -> str:
    """A source file after an edit of a kind."""
    if how == "comment":
        return source + "\n# an edit\n"
    if how == "docstring":
        return source.replace('"""', '"""Edited. ', 1)
    if how == "log line":
        return source.replace("    position = {", '    log.info("an edit")\n    position = {', 1)
    if how == "version":
        return re.sub(r'^version = ".*"', 'version = "9.9.9"', source, flags=re.MULTILINE)
    return source + "\nEDITED = True\n"


@pytest.mark.parametrize(
    ("path", "how", "rerun", "left_alone"), EDITS, ids=[f"{e[0]}: {e[1]}" for e in EDITS]
)
def test_an_edit_reruns_its_users_and_nothing_else(project, path, how, rerun, left_alone):
    target = project.folder / path
    source = target.read_bytes()
    changed = edited(source.decode(), how)
    assert changed != source.decode()
    target.write_text(changed)
    try:
        planned = set(project.planned())
    finally:
        target.write_bytes(source)
    assert rerun <= planned
    assert not left_alone & planned
    if not rerun and how != "code":
        assert not planned


def test_another_profile_in_place_of_the_default_one_is_told_what_it_lacks(project, tmp_path):
    """A workflow cannot set rerun triggers by itself, so a run says which line a profile needs."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "config.yaml").write_text("printshellcmds: false\n")
    victim = project.run / "made_by.csv"
    victim.unlink()
    said = project.snakemake("--workflow-profile", str(tmp_path / "mine"))
    assert victim.exists() and "rerun-triggers: [mtime, input, params]" in said
    victim.unlink()
    assert "rerun-triggers" not in project.snakemake()


def test_weights_of_the_users_own_that_change_in_place_redraw(project):
    """The worst fault of the first house: a retrained model whose pictures stayed the old ones."""
    config = project.folder / "resources/storybook/storybook-turbo/vae/config.json"
    source = config.read_text()
    sums = project.folder / "resources/storybook/SHA256SUMS"
    listed = sums.read_text()
    try:
        config.write_text(source + "\n")
        refused = project.fails("-n")
        assert "vae/config.json" in refused and "SHA256SUMS" in refused
        sums.unlink()  # an own folder has none
        planned = project.planned()
    finally:
        config.write_text(source)
        sums.write_text(listed)
    assert planned["generate_images"] == 2 and "swap_seeds" not in planned
    assert project.planned() == {}


def test_more_noises_keep_the_tickets_that_are_there(project, tmp_path):
    overlay = tmp_path / "more.yaml"
    overlay.write_text(yaml.safe_dump({"lottery_ticket": {"noises": {"count": 12}}}))
    done = project.start([*project.command(), str(overlay), "-n"])
    assert done.returncode == 0, done.stderr
    planned = re.search(r"^collect_tickets +(\d+)", done.stdout + done.stderr, re.MULTILINE)
    assert planned and planned[1] == "1", "8 of 12 noises are there"


def test_one_detector_more_looks_at_the_pictures_that_are_there(project, tmp_path):
    config = yaml.safe_load((project.folder / "config.yaml").read_text())
    again = config["detectors"]["storybook-yolo"]
    both = {"detectors": ["storybook-yolo", "again"]}
    overlay = tmp_path / "both.yaml"
    overlay.write_text(yaml.safe_dump({"detectors": {"again": again}, "lottery_ticket": both}))
    planned = project.planned("--configfile", "configs/smoke.yaml", str(overlay))
    assert planned["detect_objects"] and planned["check_layouts"]
    drawing = {rule for rule in planned if rule.startswith(("draw_", "tune_", "collect_"))}
    assert drawing <= {"draw_explorer"}


def test_partial_target_builds_just_what_it_needs(project):
    target = "results/smoke/good_seed/table1_golden_vs_random.csv"
    planned = project.planned("--forceall", target)
    assert "render_table1_golden_vs_random" in planned
    others = {"swap_seeds", "generate_examples", "measure_quality", "check_artefacts"}
    assert not others & set(planned)


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
    done = project.start([*project.command(), str(overlay), "-n"])
    assert done.returncode != 0
    assert message in done.stdout + done.stderr


def test_a_run_without_a_core_is_refused_rather_than_waiting_for_ever(project):
    assert "--cores 0: no job can start" in project.fails("--cores", "0")


def test_shards_load_as_pictures(project):
    from datasets import load_dataset
    from PIL import Image

    shard = next((project.run / "images" / "storybook-sd" / "ranking").glob("*.parquet"))
    data = load_dataset(
        "parquet", data_files=str(shard), split="train", cache_dir=str(project.folder / "cache")
    )
    assert isinstance(data[0]["image"], Image.Image) and data[0]["image"].size == (64, 64)


def test_the_run_loads_as_a_data_set(project):
    """Asked for by name: a configuration for each model, a split for each prompt set."""
    from datasets import load_dataset
    from PIL import Image

    project.snakemake("--", "dataset")
    folder, cache = project.run / "dataset", str(project.folder / "cache")
    found = load_dataset(str(folder), "storybook-turbo", cache_dir=cache)
    assert set(found) == {"dense", "short", "synthetic"}
    survey = found["synthetic"].filter(lambda study: study == "survey", input_columns="study")
    of_seed = survey.filter(lambda seed: seed == 3, input_columns="seed")
    assert len(survey) == 16 * len(of_seed)
    for row in of_seed:
        assert isinstance(row["image"], Image.Image) and row["image"].size == (64, 64)
        assert row["sky"] in (True, False) and 0 < row["preference_storybook_clip"] < 1


def test_one_seed_has_one_latent_for_all_prompts(project):
    shard = next((project.run / "images" / "storybook-sd" / "ranking").glob("*.parquet"))
    frame = pd.read_parquet(shard, columns=["seed", "latent_sha256"])
    assert (frame.groupby("seed")["latent_sha256"].nunique() == 1).all()
    assert frame["latent_sha256"].nunique() == frame["seed"].nunique()
