"""Anyone's own model through both papers: untrained, but shaped like Stable Diffusion."""

import shutil
import sys

import pandas as pd
import pytest
import yaml
from own_model import save_detector, save_pipeline

FEW = {
    "pool": {"start": 0, "stop": 4},
    "seeds_per_job": 4,
    "golden_share": 0.5,
    "fresh_seeds": 4,
    "bootstrap": 20,
    "permutations": 20,
    "splits": {
        "set1": {"start": 0, "stop": 8},
        "set2": {"start": 8, "stop": 16},
        "test": {"start": 16, "stop": 24},
    },
    "swap": {"model": None, "pairs": 2, "steps": 4, "after_steps": [1, 3]},
    "kinds_figure": {"prompts": ["parti", "mine"], "seeds": 2},
    "extremes_figure": {"seeds": 2, "prompts": 2},
    "survey": {"prompts": "parti", "objects": 2, "modifiers": 2}
    | {"seeds": {"start": 0, "stop": 4}, "seeds_per_job": 4},
    "style": {"extractor": None},
    "habits": {"detector": None},
    "composition": {"segmenter": None, "depth": None},
    "inpainting": {"model": None, "pairs": None},
    "classifier": {"seeds": 4, "prompts": 16, "epochs": 1, "controls": [], "images_per_seed": []}
    | {"gradcam": {"prompts": 2, "shown_prompts": 1}},
    "particle_guidance": {"prompts": None},
    "contact_sheet": {"seeds": 2, "prompts": 2},
}
FEW_TICKETS = {
    "methods": ["sd", "paint", "swap", "boxdiff", "semi", "semi_soft_swap", "soft_swap"],
    "noises": {"count": 4, "per_job": 4},
    "sensitivity": {"noises": [2], "t_obj": [], "t_bg": [], "presets": []}
    | {"positions": [], "restandardise": False},
    "tuning": {
        "layouts": "others",
        "paint": {"weight": [0.4]},
        "soft": {"weight": [1.0], "width": [1.0]},
        "boxdiff": {"step_size": [10.0], "grid": [8], "max_refinements": [1]},
    },
    "properties": {"pairs": 2, "moves": 4},
    "layers": {"noises": 2, "layouts": 4},
    "single_prompts": {"noises": 2, "layouts": 4},
    "scenes": "resources/scenes/smoke.json",
    "bootstrap": 20,
}


def own_config(data, model, detector, prompts):
    """A config of one's own: PartiPrompts, lines, COCO's boxes and photos, two extractors."""
    coco = {"kind": "coco", "instances": str(data / "coco/instances_val2017_boxes.json")}
    coco |= {"captions": str(data / "coco/captions_val2017.json"), "one": 3, "two": 1}
    if not (data / "coco/instances_val2017_boxes.json").exists():
        pytest.skip("no COCO annotations among the real data")
    photos = {"kind": "folder", "path": str(data / "coco/photos"), "side": 128}
    net = {"kind": "storybook_net", "source": "resources/storybook/storybook-net"}
    return {
        "run": "own",
        "models": {"mine": {"family": "sd", "source": str(model), "steps": 3, "batch": 8}},
        "extractors": {"net-a": net, "net-b": net},
        "detectors": {"coco": {"kind": "ultralytics", "source": str(detector)}},
        "references": {"photos": photos},
        "prompts": {
            "parti": {"local": str(data / "prompts/PartiPrompts.tsv")},
            "mine": {"kind": "lines", "path": str(prompts)},
        },
        "layouts": {"coco": coco, "others": coco | {"exclude": "coco", "one": 2, "two": 0}},
        "good_seed": FEW
        | {"models": ["mine"], "extractors": ["net-a", "net-b"], "reference": "photos"}
        | {"prompts": "parti", "transfer_prompts": "mine"},
        "lottery_ticket": FEW_TICKETS
        | {"models": ["mine"], "detectors": ["coco"], "layouts": "coco"},
    }


@pytest.fixture(scope="module")
def own(tmp_path_factory, fresh_project_of, shared_data):
    """The project after a whole run of an own model, and the config that it ran."""
    project = fresh_project_of(tmp_path_factory)
    folder = tmp_path_factory.mktemp("own")
    model = save_pipeline(folder / "pipeline", shared_data / "clip_tokenizer")
    instances = shared_data / "coco/instances_val2017_boxes.json"
    prompts = folder / "prompts.txt"
    lines = pd.read_csv(shared_data / "prompts/PartiPrompts.tsv", sep="\t")["Prompt"][60:72]
    prompts.write_text("\n".join(lines) + "\n")
    settings = own_config(shared_data, model, save_detector(folder / "coco.pt", instances), prompts)
    (project.folder / "own.yaml").write_text(yaml.safe_dump(settings))
    project.own_output = run(project, "own.yaml")
    return project, settings, model


def run(project, config, *arguments, fails=False):
    command = [sys.executable, "-m", "snakemake", "--cores", "2", *arguments]
    done = project.start([*command, "--configfile", config])
    output = done.stdout + done.stderr
    assert (done.returncode != 0) == fails, output[-6000:]
    return output


def test_both_papers_run_to_the_end(own):
    project, _, _ = own
    results = project.folder / "results/own"
    assert (results / "artefacts_checked.txt").exists()
    for place in (
        "good_seed/table1_golden_vs_random.csv",
        "good_seed/figures/fig6_ranking_fd_net-b.png",
        "lottery_ticket/mine/coco/table1.csv",
        "lottery_ticket/mine/coco/figures/fig8_failures.png",
        "lottery_ticket/mine/figures/fig1_concept.png",
    ):
        assert (results / place).exists(), place
    table = pd.read_csv(results / "good_seed/table1_golden_vs_random.csv")
    assert table["paper"].isna().all(), "no paper's column was named"
    text = (results / "lottery_ticket/mine/coco/table1.md").read_text()
    assert "storybook" not in text.lower(), "what is said of Storybook is not said of others"


def test_what_does_not_apply_is_said_in_a_line(own):
    project, _, _ = own
    line = "not in this run: quality against the truth: no studied model has world: storybook"
    assert line in project.own_output
    assert not (project.folder / "results/own/storybook").exists()


def test_evaluators_stand_side_by_side(own):
    project, _, _ = own
    results = project.folder / "results/own"
    for extractor in ("net-a", "net-b"):
        assert list((results / "features" / extractor / "mine/ranking").glob("*.safetensors"))
    rankings = sorted(p.name for p in (results / "seeds/mine").glob("*+*"))
    assert rankings == ["net-a+storybook-clip", "net-b+storybook-clip"]


def test_retrained_in_place_is_drawn_anew(own):
    project, _, model = own
    assert "Nothing to be done" in run(project, "own.yaml", "-n")
    weights = model / "unet/diffusion_pytorch_model.safetensors"
    kept = weights.read_bytes()
    try:
        from safetensors.torch import load_file, save_file

        state = load_file(weights)
        first = next(iter(state))
        save_file({**state, first: state[first] + 1}, weights)
        planned = run(project, "own.yaml", "-n")
    finally:
        weights.write_bytes(kept)
    for rule in ("generate_images", "collect_tickets", "draw_plain", "swap_seeds"):
        assert f"{rule} " in planned


def test_without_detector_reference_and_scorer_the_rest_is_planned(own):
    project, settings, _ = own
    bare = {**settings, "run": "bare"}
    bare["good_seed"] = settings["good_seed"] | {"reference": None}
    bare["lottery_ticket"] = settings["lottery_ticket"] | {"detectors": []}
    (project.folder / "bare.yaml").write_text(yaml.safe_dump(bare))
    output = run(project, "bare.yaml", "-n")
    assert "not in this run: Fréchet distance: good_seed.reference names no real pictures" in output
    assert "not in this run: IoU, R_suc" in output
    assert "detect_objects" not in output and "extract_features" not in output
    assert "collect_tickets" in output and "score_seeds" in output


def test_a_category_that_the_detector_does_not_know_stops_before_drawing(own):
    project, settings, _ = own
    wrong = {**settings, "run": "wrong"}
    wrong["lottery_ticket"] = settings["lottery_ticket"] | {"detectors": ["storybook-yolo"]}
    (project.folder / "wrong.yaml").write_text(yaml.safe_dump(wrong))
    target = "results/wrong/images/mine/layouts/sd/layouts_0000-0003.parquet"
    output = run(project, "wrong.yaml", target, fails=True)
    assert "detector 'storybook-yolo' does not know" in output
    assert not (project.folder / "results/wrong/images").exists()


def test_the_shipped_example_plans_as_it_is(own):
    project, _, _ = own
    output = run(project, "configs/own_model.yaml", "-n")
    assert "draw_scenes" in output and "measure_quality" not in output
    shutil.rmtree(project.folder / "results/own-model", ignore_errors=True)
