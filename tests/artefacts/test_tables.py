"""The finished tables say what they must and nothing they must not."""

import json

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from seedbed import store


def test_table1_has_every_model_metric_and_arm(table1, models):
    assert set(table1["model"]) == set(models)
    for _, part in table1.groupby(["model", "measure", "prompts"]):
        assert list(part["arm"]) == ["random", "golden", "fresh"]
    assert table1["ours"].notna().all() and (table1["ours_sd"] >= 0).all()


def test_table1_intervals_hold_their_difference(table1):
    judged = table1[table1["difference"].notna()]
    assert (judged["low"] <= judged["difference"]).all()
    assert (judged["difference"] <= judged["high"]).all()
    # The difference is the difference of the printed means.
    for _, part in table1.groupby(["model", "measure", "prompts"]):
        means = part.set_index("arm")["ours"]
        for row in part[part["difference"].notna()].itertuples():
            assert row.difference == pytest.approx(row.ours - means["random"], abs=1e-9)


def test_no_stand_in_bears_the_name_of_a_real_metric(table1, evidence):
    ours = set(table1["metric"]) | set(evidence["quantity"])
    assert not any("FID" in name or "HPS" in name for name in ours)
    assert table1["delta"].isna().all(), "Δ is only for the paper's own model and metric"


def test_table1_names_stand_beside_the_papers_numbers(table1):
    golden = table1[(table1["arm"] == "golden") & (table1["measure"] == "fd")]
    assert set(golden["paper"].dropna()) <= {19.045, 24.209}


def test_printed_forms_exist_and_agree_with_the_csv(run, table1):
    markdown = (run / "good_seed" / "table1_golden_vs_random.md").read_text()
    latex = (run / "good_seed" / "table1_golden_vs_random.tex").read_text()
    assert markdown.count("\n|") == len(table1) + 1
    assert latex.count(r"\\") == len(table1) + 1
    for value in table1.loc[table1["measure"] == "fd", "ours"]:
        assert f"{value:.2f}" in markdown and f"{value:.2f}" in latex


def test_golden_seeds_are_judged_on_other_prompts(run, models):
    for model in models:
        golden = json.loads((run / "seeds" / model / "golden.json").read_text())
        judged = pd.read_parquet(run / "prompts" / "good_seed" / "judging.parquet")
        assert not set(golden["selection_prompts"]) & set(judged["prompt_id"])
        assert set(golden["seeds"]) <= set(golden["top_fd"]) & set(golden["top_preference"])
        assert golden["k"] == len(golden["seeds"])


def test_one_number_walks_back_to_its_pixels(run, models):
    """The best seed's distance in the scores, recomputed from the stored pictures."""
    from seedbed.features.extract import load_extractor
    from seedbed.metrics import frechet

    model = models[0]
    scores = pd.read_parquet(run / "seeds" / model / "scores.parquet")
    row = scores[scores["split"] == "set1"].sort_values("fd").iloc[0]
    prompts = pd.read_parquet(run / "prompts" / "good_seed" / "ranking.parquet")
    ids = set(prompts.loc[prompts["split"] == "set1", "prompt_id"])
    extractor = load_extractor("storybook_net", "resources/storybook/storybook-net")
    mine = []
    for shard in sorted((run / "images" / model / "ranking").glob("*.parquet")):
        for columns, images in store.read_images(shard):
            keep = [
                s == row["seed"] and p in ids
                for s, p in zip(columns["seed"], columns["prompt_id"], strict=True)
            ]
            if any(keep):
                mine.append(extractor(images[np.array(keep)]))
    world = run / "images" / "reference" / "world.parquet"
    real = np.concatenate([extractor(images) for _, images in store.read_images(world)])
    found = frechet.distance(np.concatenate(mine), frechet.Reference.from_features(real))
    assert len(np.concatenate(mine)) == row["n_prompts"]
    assert found == pytest.approx(row["fd"], rel=1e-4)


def test_no_image_is_missing(run, models):
    prompts = pd.read_parquet(run / "prompts" / "good_seed" / "ranking.parquet")
    for model in models:
        scores = pd.read_parquet(run / "seeds" / model / "scores.parquet")
        shards = sorted((run / "images" / model / "ranking").glob("*.parquet"))
        rows = sum(pq.ParquetFile(s).metadata.num_rows for s in shards)
        assert rows == scores["seed"].nunique() * len(prompts)


def test_evidence_sets_chance_beside_every_claim(evidence, models):
    for model in models:
        part = evidence[evidence["model"] == model]
        assert (part["quantity"] == "golden seeds k").sum() == 1
        assert part["quantity"].str.contains("gap best to worst").sum() == 4
        gaps = part[part["quantity"].str.contains("gap|Spearman|golden")]
        assert gaps["chance"].notna().all()
        rho = part[part["quantity"].str.contains("Spearman Set 1")]
        assert ((rho["low"] <= rho["ours"]) & (rho["ours"] <= rho["high"])).all()


def test_swap_without_eta_changes_no_pixel(run):
    found = sorted((run / "images").glob("*/swap_rows.parquet"))
    assert len(found) == 1
    rows = pd.read_parquet(found[0])
    assert (rows.loc[rows["eta"] == 0, "rms_difference"] == 0).all()
    swapped = rows[(rows["eta"] == 1) & (rows["swap_step"] == rows["swap_step"].min())]
    assert (swapped["rms_difference"] > 0).all()
