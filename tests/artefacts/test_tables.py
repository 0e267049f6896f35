"""The finished tables of Good Seed say what they must and nothing they must not."""

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from seedbed import store
from seedbed.evaluators import registry

REAL_METRICS = {"FID": ("extractors", "inception"), "HPS": ("scorers", "hps")}
"""Names that only evaluators of these kinds may bear."""


def studies(table1):
    """The rows of each model, metric and prompt set, by ranking where there are several."""
    keys = ["model", "measure", "prompts", *(["ranking"] if "ranking" in table1 else [])]
    return table1.groupby(keys)


def test_table1_has_every_model_metric_and_arm(table1, plan):
    assert set(table1["model"]) == set(plan.seeds_of_models)
    for _, part in studies(table1):
        arms = list(part["arm"])
        # Two rankings may share no seed; then there is no golden row.
        assert arms[0] == "pool" and arms.count("golden") in (0, 2)
        assert ("fresh" in arms) == (part["part"].iloc[0] != "crossfit")
        assert ("random_k" in arms) == ("golden" in arms)
    assert table1["ours"].notna().all()


def test_table1_intervals_hold_their_difference(table1):
    judged = table1[table1["difference"].notna()]
    tolerance = 1e-9
    assert (judged["low"] <= judged["difference"] + tolerance).all()
    assert (judged["difference"] <= judged["high"] + tolerance).all()
    assert (judged["p_value"] <= judged["p_adjusted"] + tolerance).all()
    # The difference is the difference of the printed means; cross-fitted, of those of directions.
    for _, part in studies(table1):
        means = part.drop_duplicates("arm").set_index("arm")["ours"]
        rows = part[part["difference"].notna() & (part["n_trials"] > 1)]
        for row in rows.itertuples():
            if part["n_trials"].nunique() == 1:
                assert row.difference == pytest.approx(row.ours - means[row.against], abs=1e-9)


def test_table1_verdicts_follow_from_what_stands_beside_them(table1, plan):
    alpha = 1 - plan.good_seed["interval"]
    for row in table1[table1["difference"].notna()].itertuples():
        apart = row.p_value < alpha and (row.low > 0 or row.high < 0)
        assert (row.verdict in ("higher", "lower")) == apart
        if apart:
            assert row.verdict == ("higher" if row.difference > 0 else "lower")


def test_crossfitted_rows_cost_no_picture(table1, plan):
    crossfit = table1[table1["part"] == "crossfit"]
    for model, part in crossfit.groupby("model"):
        splits = plan.design(model)["splits"]
        sizes = {s["stop"] - s["start"] for s in (splits["set1"], splits["set2"])}
        assert set(part["n_prompts"]) <= sizes


def test_one_seed_for_all_prompts_costs_no_mean_of_pictures(plan, ranking):
    for model in plan.seeds_of_models:
        cost = store.read_table(plan.run.seeds(model, ranking.name, "fixed_seed.parquet"))
        assert (cost["low"] <= cost["cost"]).all() and (cost["cost"] <= cost["high"]).all()
        assert (cost.loc[cost["metric"] == "preference", "cost"] == 0).all()
        assert (cost["n_seeds"] == len(plan.pool(model))).all()


def test_every_claim_is_decided_or_said_to_be_open(plan):
    if not (plan.seeds_of_models or plan.ticket_models):
        pytest.skip("nothing is studied in this run")
    claims = pd.read_csv(plan.run.table("ledger")[0])
    ids = [f"G{i}" for i in range(1, 23)] + [f"L{i}" for i in range(1, 16)]
    assert list(dict.fromkeys(claims["id"])) == ids
    verdicts = {"holds", "fails", "cannot be told", "not in this run"}
    assert set(claims["verdict"]) <= verdicts
    decided = claims[claims["verdict"] != "not in this run"]
    assert decided[["source", "chance"]].notna().all(axis=None)
    known = decided[decided["verdict"] != "cannot be told"]
    assert known[["ours", "n"]].notna().all(axis=None)


def test_the_page_shows_every_exhibit_and_needs_no_network(plan):
    from seedbed.ledger.claim_files import exhibits

    with open(plan.run.path("ledger.html"), encoding="utf-8") as handle:
        page = handle.read()
    assert page.count("<article ") == len(exhibits())
    assert "http://" not in page and "https://" not in page and "<script" not in page
    assert page.count("<img ") <= page.count("data:image/webp;base64,")


def test_no_stand_in_bears_the_name_of_a_real_metric(plan):
    """By the kind of the evaluator: a real metric of the user's own may bear its real name."""
    for role in ("extractors", "scorers"):
        for name in plan.good_seed[role]:
            entry = plan.config[role][name]
            for metric, (its_role, kind) in REAL_METRICS.items():
                if metric in entry["metric"]:
                    assert (role, entry["kind"]) == (its_role, kind), f"{name} is no {metric}"


def test_a_difference_to_the_paper_needs_the_papers_model_and_metric(table1, plan):
    same = [
        entry["paper"] and entry["paper"]["same"]
        for section in ("models", "extractors", "scorers")
        for entry in plan.config[section].values()
    ]
    if not any(same):
        assert table1["delta"].isna().all()


def test_table1_names_stand_beside_the_papers_numbers(table1):
    golden = table1[(table1["arm"] == "golden") & (table1["measure"] == "fd")]
    assert set(golden["paper"].dropna()) <= {19.045, 24.209}


def test_printed_forms_exist_and_agree_with_the_csv(plan, table1):
    paths = plan.run.table("good_seed/table1_golden_vs_random")
    markdown, latex = (open(path, encoding="utf-8").read() for path in paths[1:])
    assert markdown.count("\n|") == len(table1) + 1
    assert latex.count(r"\\") == len(table1) + 1
    for value in table1.loc[table1["measure"] == "fd", "ours"]:
        assert f"{value:.2f}" in markdown and f"{value:.2f}" in latex


def test_golden_seeds_are_judged_on_other_prompts(plan, ranking):
    for model in plan.seeds_of_models:
        golden = store.read_json(plan.run.seeds(model, ranking.name, "golden.json"))
        judged = store.read_table(plan.run.split(model, "judging"))
        assert not set(golden["selection_prompts"]) & set(judged["prompt_id"])
        papers = [golden["tops"].get(score) for score in ("fd", "preference")]
        tops = [set(top) for top in papers if top]
        assert set(golden["seeds"]) == set.intersection(*tops)
        assert golden["k"] == len(golden["seeds"])


def ranking_shards(plan, model):
    if not plan.config["keep_images"]:
        pytest.skip("pictures of seeds are removed once they are measured (keep_images)")
    return [plan.run.images(shard) for shard in plan.ranking_shards(model)]


def test_one_number_walks_back_to_its_pixels(plan, ranking):
    """The best seed's distance in the scores, recomputed from the stored pictures."""
    from seedbed.good_seed.halves import ranking_half
    from seedbed.statistics import frechet

    if ranking.extractor is None:
        pytest.skip("no extractor ranks seeds in this run")
    model = plan.seeds_of_models[0]
    scores = store.read_table(plan.run.seeds(model, ranking.name, "scores.parquet"))
    row = scores[scores["split"] == "set1"].sort_values("fd").iloc[0]
    prompts = store.read_table(plan.run.split(model, "ranking"))
    ids = set(prompts.loc[prompts["split"] == "set1", "prompt_id"])
    entry = plan.evaluator("extractors", ranking.extractor)
    extractor = registry.load("extractors", entry, ranking.extractor)
    mine = []
    for shard in ranking_shards(plan, model):
        for columns, images in store.read_images(shard):
            keep = [
                s == row["seed"] and p in ids
                for s, p in zip(columns["seed"], columns["prompt_id"], strict=True)
            ]
            if any(keep):
                mine.append(extractor(images[np.array(keep)]))
    real = plan.run.images(plan.run.reference(plan.good_seed["reference"]))
    real = np.concatenate([extractor(images) for _, images in store.read_images(real)])
    real = ranking_half(real)
    found = frechet.distance(np.concatenate(mine), frechet.Reference.from_features(real))
    assert len(np.concatenate(mine)) == row["n_prompts"]
    assert found == pytest.approx(row["fd"], rel=1e-4)


def test_no_image_is_missing(plan, ranking):
    for model in plan.seeds_of_models:
        prompts = store.read_table(plan.run.split(model, "ranking"))
        scores = store.read_table(plan.run.seeds(model, ranking.name, "scores.parquet"))
        shards = ranking_shards(plan, model)
        rows = sum(pq.ParquetFile(s).metadata.num_rows for s in shards)
        assert rows == scores["seed"].nunique() * len(prompts)


def test_evidence_sets_chance_beside_every_claim(evidence, plan):
    metrics = sum(bool(r.extractor) + bool(r.scorer) for r in plan.rankings.values())
    for model in plan.seeds_of_models:
        part = evidence[evidence["model"] == model]
        assert (part["quantity"] == "golden seeds k").sum() == len(plan.rankings)
        assert part["quantity"].str.contains("gap best to worst").sum() == 2 * metrics
        gaps = part[part["quantity"].str.contains("gap|Spearman")]
        assert gaps["chance"].notna().all()
        # One score alone has a top list and no overlap that chance could give.
        overlaps = sum(bool(r.extractor and r.scorer) for r in plan.rankings.values())
        golden = part[part["quantity"] == "golden seeds k"]
        assert golden["chance"].notna().sum() == overlaps
        rho = part[part["quantity"].str.contains("Spearman Set 1")]
        assert ((rho["low"] <= rho["ours"]) & (rho["ours"] <= rho["high"])).all()


def test_seed_effects_have_their_n_interval_and_verdict(plan, ranking):
    table = pd.read_csv(plan.run.table("good_seed/seed_effects")[0])
    assert set(table["model"]) == set(plan.seeds_of_models)
    for row in table.to_dict("records"):
        assert row["n_seeds"] == len(plan.pool(row["model"]))
        for key in ("reliability", "covariance"):
            assert row[f"{key}_low"] <= row[key] <= row[f"{key}_high"]
        assert row["reliability"] == pytest.approx(1 - 1 / row["f"])
        apart = row["covariance_low"] > 0 and row["covariance_p_value"] < 0.05
        if plan.good_seed["interval"] == 0.95:
            assert (row["verdict"] != "undecided") == apart
        # What an image adds to a pool says nothing of a seed alone.
        if row["metric"] in ("fdi", "mmd"):
            assert row["verdict"] in ("undecided", "carries over")


def test_scores_of_seeds_are_means_of_their_images(plan, ranking):
    for model in plan.seeds_of_models:
        images = store.read_table(plan.run.seeds(model, ranking.name, "per_image.parquet"))
        scores = store.read_table(plan.run.seeds(model, ranking.name, "scores.parquet"))
        metrics = [m for m in ("fdi", "mmd", "preference") if m in images]
        means = images.groupby(["split", "seed"])[metrics].mean()
        told = scores.set_index(["split", "seed"])[metrics].loc[means.index]
        np.testing.assert_allclose(means, told, rtol=1e-9, atol=1e-12)
