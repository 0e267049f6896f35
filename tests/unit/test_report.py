"""Tables and figures from made-up numbers."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from seedbed import store
from seedbed.report import image_figures, style
from seedbed.report.golden_tables import table1
from seedbed.report.quality_table import estimate, quality_table
from seedbed.report.summary import summarize
from seedbed.report.tables import Cells, percent, to_latex, write

BESIDE = {"toy": {"column": "SD 2.0", "same": False}}
METRICS = {
    "fd": {"name": "FD (toy)", "column": "FID", "same": False},
    "preference": {"name": "agreement", "column": "HPS v2", "same": False},
}
PAPER = pd.DataFrame(
    [
        ("SD 2.0", "random", "FID", "test", 20.0, 0.2),
        ("SD 2.0", "golden", "FID", "test", 19.0, 0.1),
    ],
    columns=["model", "arm", "metric", "part", "mean", "sd"],
)


def toy_judged():
    trials, differences = [], []
    for part in ("test", "transfer"):
        for arm, shift in (("golden", -1.0), ("random", 0.0), ("fresh", 0.0)):
            for trial in range(3):
                fd = 10 + shift + trial if part == "test" else np.nan
                trials.append((part, arm, trial, fd, 0.3 - 0.1 * shift, 50, 4))
            if arm != "random":
                differences.append((part, arm, "preference", -0.1 * shift, -0.2, 0.2, 50))
                if part == "test":
                    differences.append((part, arm, "fd", shift, shift - 0.5, shift + 0.5, 50))
    return (
        pd.DataFrame(trials, columns=["part", "arm", "trial", "fd", "preference", "n", "n_seeds"]),
        pd.DataFrame(
            differences, columns=["part", "arm", "metric", "difference", "low", "high", "n"]
        ),
    )


@pytest.mark.parametrize("same", [False, True])
def test_delta_only_beside_the_papers_own_model_and_metric(same):
    models = {"toy": {"column": "SD 2.0", "same": same}}
    metrics = {k: v | {"same": same} for k, v in METRICS.items()}
    parts = {"test": "dense", "transfer": "short"}
    full, printed = table1(models, metrics, parts, {"toy": toy_judged()}, PAPER)
    assert ("Δ" in printed.columns) == same
    golden = full[(full["arm"] == "golden") & (full["measure"] == "fd")].iloc[0]
    assert golden["ours"] == pytest.approx(10.0) and golden["ours_sd"] == pytest.approx(1.0)
    assert golden["effect"] == pytest.approx(-1 / 11)
    assert golden["paper_effect"] == pytest.approx(-1 / 20)
    assert len(full) == 3 * 3  # FD on test; preference on test and transfer


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
    write(full, printed, "A caption.", "tab:x", *paths)
    assert "0.123456789" in paths[0].read_text()
    assert "| a_b" in paths[1].read_text() and paths[1].read_text().endswith("A caption.\n")
    assert r"a\_b & 12 \% & 1 $\pm$ 2 \\" in paths[2].read_text()
    assert to_latex(printed, "c", "l").count(r"\\") == 2


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
    full, printed = quality_table(rows, goals)
    assert full["goal"].tolist() == pytest.approx([0.9, 0.9])
    assert printed["Reached"].tolist() == ["yes", "no"]


def test_figures_are_equal_files_for_equal_data(tmp_path):
    images = np.random.default_rng(0).integers(0, 255, (2, 3, 8, 8, 3)).astype(np.uint8)
    files = []
    for name in ("a", "b"):
        figure = image_figures.picture_grid(images, ["r1", "r2"], ["x", "y", "z"], title="t")
        png, pdf = tmp_path / f"{name}.png", tmp_path / f"{name}.pdf"
        style.save(figure, png, pdf)
        files.append((store.sha256_of(png), store.sha256_of(pdf)))
        assert np.asarray(Image.open(png)).std() > 10
    assert files[0] == files[1]


def test_summary_names_files_and_times(tmp_path):
    run = tmp_path / "results" / "r"
    (run / "benchmarks" / "images" / "m").mkdir(parents=True)
    (run / "benchmarks" / "images" / "m" / "x.tsv").write_text("s\th:m:s\n61.5\t0:01:01\n")
    (run / "good_seed").mkdir()
    (run / "good_seed" / "table1.md").write_text("x")
    text = summarize(run)
    assert "table1.md" in text and "1:02" in text and "1 jobs" in text
    with pytest.raises(FileNotFoundError, match="run snakemake first"):
        summarize(tmp_path / "results" / "none")
