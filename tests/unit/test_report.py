"""Tables and figures from made-up numbers."""

import re
from html import unescape
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from PIL import Image

from seedbed import config, store
from seedbed.render import escape, style, summary
from seedbed.render.good_seed import picture_grid
from seedbed.render.good_seed.contact_sheet import contact_sheet
from seedbed.render.good_seed.evidence_table import evidence_table
from seedbed.render.good_seed.golden_table import table1
from seedbed.render.made_by_table import provenance_table
from seedbed.render.quality_table import estimate, quality_table
from seedbed.render.summary import summarize
from seedbed.render.tables import Cells, Table, percent, to_latex, to_markdown, write

ROOT = Path(__file__).resolve().parents[2]
METRICS = {
    "fd": {"name": "FD (toy)", "column": "FID", "same": False},
    "preference": {"name": "agreement", "column": "HPS v2", "same": False},
}
STUDY = {
    "model": "toy",
    "ranking": "net+clip",
    "paper": {"column": "SD 2.0", "same": False},
    "metrics": METRICS,
}
PARTS = {"test": "dense", "transfer": "short", "crossfit": "dense, cross-fitted"}
NOWHERE = {"column": None, "same": False}
PAPER = pd.DataFrame(
    [
        ("SD 2.0", "random", "FID", "test", 20.0, 0.2, 10000, 1024, 2.0),
        ("SD 2.0", "golden", "FID", "test", 19.0, 0.1, 10000, 65, 2.0),
    ],
    columns=["model", "arm", "metric", "part", "mean", "sd", "n", "pool", "sd_seeds"],
)


def toy_judged():
    trials, differences = [], []
    for part, with_fd in (("test", True), ("transfer", False), ("crossfit", True)):
        shifts = {"golden": -1.0, "random_k": 0.5, "pool": 0.0, "fresh": 0.0, "best_fd": -0.5}
        for arm, shift in shifts.items():
            for trial in range(3):
                fd = 10 + shift + trial if with_fd else np.nan
                trials.append((part, arm, trial, fd, 0.3 - 0.1 * shift, 50, 4))
            if arm != "pool":
                differences += toy_differences(part, arm, "pool", shift, with_fd)
        differences += toy_differences(part, "golden", "random_k", -1.5, with_fd)
    columns = ["part", "arm", "trial", "fd", "preference", "n", "n_seeds"]
    return pd.DataFrame(trials, columns=columns), pd.DataFrame(differences)


def toy_differences(part, arm, against, shift, with_fd):
    for metric, value in [("preference", -0.1 * shift)] + [("fd", shift)] * with_fd:
        yield {
            **{"part": part, "arm": arm, "against": against, "metric": metric},
            **{"difference": value, "low": value - 0.5, "high": value + 0.5, "n": 50},
            **{"p_value": 0.01, "p_adjusted": 0.04, "effect": value / 2, "margin": 0.5},
            **{"narrow_low": value - 0.4, "narrow_high": value + 0.4},
            "verdict": "lower" if value < -0.5 else "undecided",
        }


@pytest.mark.parametrize("same", [False, True])
def test_delta_only_beside_the_papers_own_model_and_metric(same):
    metrics = {k: v | {"same": same} for k, v in METRICS.items()}
    study = STUDY | {"paper": {"column": "SD 2.0", "same": same}, "metrics": metrics}
    table = table1([study], PARTS, [toy_judged()], PAPER)
    full = table.full
    assert ("Δ" in table.printed.columns) == same
    golden = full[(full["arm"] == "golden") & (full["measure"] == "fd")].iloc[0]
    assert golden["ours"] == pytest.approx(10.0) and golden["ours_sd"] == pytest.approx(1.0)
    assert golden["effect"] == pytest.approx(-1 / 2) and golden["chance"] == 0
    assert golden["paper_difference"] == pytest.approx(-1)
    assert golden["paper_effect"] == pytest.approx(-1 / 2) and golden["paper_pool"] == 65
    assert len(full) == 5 * 6  # FD on test and cross-fitted; preference on all three
    # Golden seeds against as many at random stand beside no number of the paper.
    of_few = full[(full["against"] == "random_k") & (full["measure"] == "fd")]
    assert (of_few["difference"] == -1.5).all() and of_few["paper"].isna().all()


def test_table1_speaks_of_better_and_worse():
    printed = table1([STUDY], PARTS, [toy_judged()], PAPER).printed
    by = printed.set_index(["Metric (prompts)", "Seeds"])
    golden = by.loc[("FD (toy) (dense)", "Golden seeds (4)")]
    assert golden["Verdict"] == "better" and golden["p (Holm)"] == "0.010 (0.040)"
    assert golden["Paper"] == "19.00 ± 0.10 (SD 2.0, FID; n = 10,000, 65 seeds)"
    assert golden["Paper's difference"] == "-1.00 (-0.50 sd)"
    few = by.loc[("FD (toy) (dense)", "Golden seeds (4) against as many at random")]
    assert few["Difference [interval]"] == "-1.50 [-2.00, -1.00]"
    assert by.loc[("agreement (short)", "Best by FD (toy) (4)"), "Verdict"] == "undecided"
    # Two directions are no repetitions, and have no sd.
    assert by.loc[("FD (toy) (dense, cross-fitted)", "Random seeds (4)"), "Ours"] == "11.00"


def test_one_ranking_needs_no_name_and_several_do():
    one = table1([STUDY], PARTS, [toy_judged()], PAPER)
    assert "ranking" not in one.full and "Ranked by" not in one.printed
    other = STUDY | {"ranking": "clip", "metrics": {"preference": METRICS["preference"]}}
    two = table1([STUDY, other], PARTS, [toy_judged(), toy_judged()], PAPER)
    assert list(two.full.columns)[:2] == ["model", "ranking"]
    assert list(two.printed["Ranked by"].unique()) == ["net+clip", "clip"]
    by_clip = two.full[two.full["ranking"] == "clip"]
    assert set(by_clip["measure"]) == {"preference"} and len(by_clip) == 3 * 6


@pytest.mark.parametrize("key", ["paper", "metrics"])
def test_what_stands_nowhere_in_the_paper_has_no_value_beside_it(key):
    metrics = {k: v | NOWHERE for k, v in METRICS.items()}
    study = STUDY | ({"paper": NOWHERE} if key == "paper" else {"metrics": metrics})
    table = table1([study], PARTS, [toy_judged()], PAPER)
    assert table.full["paper"].isna().all() and table.full["paper_effect"].isna().all()
    assert set(table.printed["Paper"]) == {"–"}


def toy_facts(metrics):
    scores = pd.concat(
        [
            pd.DataFrame({m: [1.0, 2.0, 4.0] for m in metrics}).assign(seed=range(3), split=split)
            for split in ("set1", "set2")
        ]
    )
    rho = {"rho": 0.5, "low": 0.1, "high": 0.8}
    gap = {"gap": 3.0, "gap_null_95": 2.0, "gap_p_value": 0.01}
    evidence = {
        "n_seeds": 3,
        "n_prompts": {"set1": 5, "set2": 6},
        **{split: {m: gap for m in metrics} for split in ("set1", "set2")},
        "set1_against_set2": {m: {"correlation": rho, "both_sets": 0.6} for m in metrics},
    }
    golden = {"k": 2, "k_expected": None, "k_sd": None, "p_at_least_k": None}
    if len(metrics) == 2:
        evidence["fd_against_preference"] = {"set1": rho}
        golden |= {"k_expected": 1.0, "k_sd": 0.5, "p_at_least_k": 0.3}
    costs = [(m, 1.5, 1.0, 2.0, 0.1, 0.01, 3, 11) for m in metrics]
    columns = ["metric", "cost", "low", "high", "null_sd", "p_value", "n_seeds", "n_prompts"]
    return evidence, golden, scores, pd.DataFrame(costs, columns=columns)


EVIDENCE = pd.DataFrame(
    [("SD 2.0", "golden_k", 65.0), ("SD 2.0", "fd_best", 21.6)],
    columns=["model", "quantity", "value"],
)


def test_evidence_of_both_metrics_stands_beside_the_papers():
    full = evidence_table([STUDY], [toy_facts(METRICS)], EVIDENCE).full
    assert len(full) == 1 + 2 * 2 * 3 + 2 * 2 + 1 + 2 and "ranking" not in full
    by = full.set_index("quantity")
    assert by.loc["golden seeds k", "paper"] == 65
    assert by.loc["FD (toy), best seed, Set 1", ["ours", "paper"]].tolist() == [1.0, 21.6]
    assert by.loc["agreement, best seed, Set 1", "ours"] == 4.0
    assert full["paper"].notna().sum() == 2


def test_evidence_of_one_ranking_alone_has_no_overlap():
    metrics = {"preference": METRICS["preference"]}
    table = evidence_table([STUDY | {"metrics": metrics}], [toy_facts(metrics)], EVIDENCE)
    row = table.printed[table.printed["Quantity"] == "golden seeds k"].iloc[0]
    assert (row["Ours"], row["Chance alone"], row["Paper"]) == ("2", "–", "–")
    assert not table.full["quantity"].str.contains("FD|two metrics").any()


def test_cells():
    cells = Cells(2)
    assert cells.with_sd(1.234, 0.056) == "1.23 ± 0.06"
    assert cells.with_sd(float("nan"), 1.0) == "–"
    assert cells.interval(-0.5, 0.25) == "[-0.50, +0.25]"
    assert percent(-0.0123) == "-1.2 %"


def test_table_is_written_three_times_and_latex_is_escaped(tmp_path):
    full = pd.DataFrame({"a": [0.123456789]})
    printed = pd.DataFrame({"Model": ["a_b"], "Share": ["12 %"], "±": ["1 ± 2"]})
    paths = [tmp_path / name for name in ("t.csv", "t.md", "t.tex")]
    write(Table(full, printed, "Of two."), "A caption.", "tab:x", paths)
    assert "0.123456789" in paths[0].read_text()
    assert "| a_b" in paths[1].read_text() and paths[1].read_text().endswith("A caption. Of two.\n")
    assert r"a\_b & 12 \% & 1 $\pm$ 2 \\" in paths[2].read_text()
    assert to_latex(printed, "c", "l").count(r"\\") == 2


NASTY = r"\input{x} $a^b$ ~ 50 % & #1 a_b_ `c` *d* | <e> [f](g) ![h](i) \"j\" &lt; 'k'"


def test_latex_prints_every_character_and_runs_none():
    said = escape.latex(NASTY)
    assert said.startswith(
        r"\textbackslash{}input\{x\} \$a\textasciicircum{}b\$ \textasciitilde{} 50 \% \&"
    )
    # What is left of active characters belongs to commands of the table itself.
    rest = re.sub(r"\\text[a-z]+\{\}|\\[{}$%&#_]|\$[<>|]\$", "", said)
    assert not re.search(r"[\\{}$^~%&#_]", rest)
    assert escape.latex("a\nb\x00\u202ec") == "a bc"
    assert escape.latex_label(r"tab:a_b}\input{x") == "tab:a-b--input-x"


def test_markdown_shows_the_text_and_nothing_else():
    table = to_markdown(pd.DataFrame({"a|b": [NASTY, "R_suc, FD (storybook-net)"]}))
    assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}) == 1
    assert r"\<e> " not in table and r"\<e\>" in table and r"\`c\`" in table and r"[f\](g)" in table
    assert "R_suc, FD (storybook-net)" in table and r"a_b\_" in table and r"\&lt;" in table
    renderer = pytest.importorskip("markdown_it", reason="no Markdown renderer here")
    html = renderer.MarkdownIt().render(escape.markdown(NASTY))
    assert unescape(html) == f"<p>{NASTY}</p>\n"


def test_estimate_of_shares_and_means():
    mean, low, high = estimate(np.array([1.0] * 45 + [0.0] * 5))
    assert mean == pytest.approx(0.9)
    # Clopper-Pearson for 45 of 50: 0.7819 to 0.9667.
    assert (low, high) == (pytest.approx(0.7819, abs=1e-4), pytest.approx(0.9667, abs=1e-4))
    values = np.array([1.0, 2.0, 3.0])
    mean, low, high = estimate(values)
    assert (mean - low) == pytest.approx(4.302653 / np.sqrt(3), rel=1e-5)


def test_goal_of_the_student_is_the_teachers_value_less_ten_points():
    rows = pd.DataFrame(
        {
            "model": ["storybook-sd"] * 10 + ["storybook-turbo"] * 10,
            "measure": ["one_object_objects"] * 20,
            "value": [1.0] * 10 + [1.0] * 8 + [0.0] * 2,
        }
    )
    goals = pd.DataFrame(
        {
            "model": ["storybook-sd", "storybook-turbo"],
            "measure": ["one_object_objects"] * 2,
            "goal": [0.9, np.nan],
            "unit": ["share", "share"],
        }
    )
    table = quality_table(rows, goals)
    assert table.full["goal"].tolist() == pytest.approx([0.9, 0.9])
    assert table.printed["Reached"].tolist() == ["yes", "no"]
    alone = quality_table(rows[rows["model"] == "storybook-turbo"], goals)
    assert alone.printed["Goal"].tolist() == ["–"], "without the teacher there is no goal"
    teacher = quality_table(rows[rows["model"] == "storybook-sd"], goals)
    assert teacher.printed["Reached"].tolist() == ["yes"], "and a teacher needs no student"


def test_figures_are_equal_files_for_equal_data(tmp_path):
    images = np.random.default_rng(0).integers(0, 255, (2, 3, 8, 8, 3)).astype(np.uint8)
    files = []
    for name in ("a", "b"):
        figure = picture_grid.picture_grid(images, ["r1", "r2"], ["x", "y", "z"], title="t")
        png, pdf = tmp_path / f"{name}.png", tmp_path / f"{name}.pdf"
        style.save(figure, png, pdf)
        files.append((store.sha256_of(png), store.sha256_of(pdf)))
        assert np.asarray(Image.open(png)).std() > 10
    assert files[0] == files[1]


def test_a_contact_sheet_reads_seeds_down_and_prompts_across(tmp_path, monkeypatch):
    prompts = pd.DataFrame({"prompt_id": ["a", "b", "c"], "text": ["x", "y", "z"]})
    store.write_table(prompts, tmp_path / "p.parquet")
    pixels = np.arange(4, dtype=np.uint8)[:, None, None, None] * np.ones((1, 8, 8, 3), np.uint8)
    path = tmp_path / "s.parquet"
    with store.atomic(path) as partial, store.ImageShardWriter(partial, "png") as shard:
        shard.add([0, 0, 1, 1], ["a", "b", "a", "b"], pixels, ["x"] * 4)
    shown = {}
    monkeypatch.setattr(
        "seedbed.render.good_seed.contact_sheet.picture_grid",
        lambda grid, rows, columns, title: shown.update(grid=grid, labels=(rows, columns, title)),
    )
    contact_sheet("m", 2, 2, str(path), str(tmp_path / "p.parquet"))
    assert shown["grid"][:, :, 0, 0, 0].tolist() == [[0, 1], [2, 3]]
    assert shown["labels"] == (["seed 0", "seed 1"], ["x", "y"], "m")


def test_summary_names_files_times_and_what_is_left_out(tmp_path):
    run = tmp_path / "results" / "r"
    (run / "benchmarks" / "images" / "m").mkdir(parents=True)
    (run / "benchmarks" / "images" / "m" / "x.tsv").write_text("s\th:m:s\n61.5\t0:01:01\n")
    (run / "benchmarks" / "images" / "m" / "killed.tsv").write_text("")
    (run / "benchmarks" / "other").mkdir()
    (run / "benchmarks" / "other" / "y.tsv").write_text("s\th:m:s\n-\t-\n")
    (run / "lottery_ticket" / "m" / "d").mkdir(parents=True)
    (run / "lottery_ticket" / "m" / "d" / "table1.md").write_text("x")
    text = summarize(run, ["not in this run: much"])
    assert "d/table1.md" in text and "1:02   2 jobs" in text and "not in this run: much" in text
    assert summary.stage_times(run)["stage"].tolist() == ["images", "other"]
    with pytest.raises(FileNotFoundError, match="run snakemake first"):
        summarize(tmp_path / "results" / "none")


def test_summary_tells_the_time_of_a_map(tmp_path, monkeypatch):
    plan = summary.plan_of([ROOT / "configs" / "smoke.yaml"])
    monkeypatch.chdir(tmp_path)
    assert summary.collection_times(plan) == []
    (model,), (part,) = plan.ticket_models, plan.noises
    store.write_json({"pairs": 5, "noises": 8}, plan.run.tickets(model, f"{part}.json"))
    store.write_text("s\th:m:s\n2.0\t0:00:02\n", plan.run.benchmark(f"tickets/{model}/{part}"))
    (line,) = summary.collection_times(plan)
    assert line.startswith(f"Tickets of {model}: 40 maps, 50 ms each")
    assert line in summarize(Path(plan.run.folder), [], [line])


def test_provenance_leaves_out_the_job_that_writes_it(tmp_path):
    """Its own record is there only where it has run before, and equal runs have equal tables."""
    for name in ("made_by", "images/m/x"):
        store.write_json({"code": "c", "outputs": ["a"]}, tmp_path / f"{name}.json")
    assert provenance_table(tmp_path)["job"].tolist() == ["images/m/x"]


def test_summary_merges_configs_as_snakemake_does(tmp_path, monkeypatch):
    from snakemake.utils import update_config

    base = {"run": "a", "t": {"x": 1, "y": [1, 2]}, "n": None}
    over = {"t": {"y": [3], "z": {"w": 0}}, "n": {"k": 1}}
    expected = {"run": "a", "t": {"x": 1, "y": [3], "z": {"w": 0}}, "n": {"k": 1}}
    assert config.merged(base, over) == expected
    theirs = {"run": "a", "t": {"x": 1, "y": [1, 2]}}
    update_config(theirs, {"t": over["t"]})
    assert theirs == {k: v for k, v in expected.items() if k != "n"}
    one = tmp_path / "one.yaml"
    one.write_text(yaml.safe_dump({"run": "mine", "lottery_ticket": {"models": []}}))
    plan = summary.plan_of([one])
    assert plan.run.name == "mine" and plan.left_out and plan.seeds_of_models
