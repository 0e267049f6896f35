"""The catalog of final tables and figures: complete, consistent, light."""

import inspect
import subprocess
import sys
from copy import deepcopy
from importlib import import_module
from pathlib import Path
from string import Formatter

import pytest

from seedbed import config
from seedbed.plan import Plan
from seedbed.render import catalog
from seedbed.render.catalog import CATALOG, caption, renderings

ROOT = Path(__file__).resolve().parents[2]


def plan_with(**sections):
    """The default run with some keys replaced: ``good_seed={"reference": None}``."""
    entries = config.load(ROOT / "config.yaml")
    for section, values in deepcopy(sections).items():
        entries[section] = {**entries[section], **values}
    return Plan(config.complete(entries))


@pytest.fixture(scope="module")
def plan():
    return plan_with()


@pytest.fixture(scope="module")
def wide():
    """Several models, extractors, scorers and detectors, so that every rendering applies."""
    entries = config.load(ROOT / "config.yaml")
    for section in ("extractors", "scorers", "detectors"):
        entry = next(iter(entries[section].values()))
        other = {key: value for key, value in entry.items() if key not in ("paper", "metric")}
        entries[section][f"other-{section}"] = other
    entries["models"]["own"] = {"family": "sd", "source": "someone/own", "revision": "main"}
    study, tickets = entries["good_seed"], entries["lottery_ticket"]
    study["models"] = [*study["models"], "own"]
    study["extractors"] = [name for name in entries["extractors"] if name != "storybook-gram"]
    study["scorers"] = list(entries["scorers"])
    tickets["models"], tickets["detectors"] = ["storybook-sd", "own"], list(entries["detectors"])
    return Plan(config.complete(entries))


def names(plan):
    return {rendering.name for rendering in renderings(plan)}


def everywhere(plan):
    return [(rendering, at) for rendering in renderings(plan) for at in rendering.over(plan)]


def flat(sources):
    return [p for paths in sources.values() for p in ([paths] if isinstance(paths, str) else paths)]


class TestRecords:
    def test_names_and_places_are_unique(self, wide):
        assert len({r.name for r in CATALOG}) == len({r.place for r in CATALOG}) == len(CATALOG)
        assert names(wide) == {r.name for r in CATALOG}
        files = [path for r in renderings(wide) for path in r.all_files(wide)]
        assert len(set(files)) == len(files) and not any("{" in path for path in files)
        labels = [r.latex_label(at) for r, at in everywhere(wide) if r.kind == "table"]
        assert len(set(labels)) == len(labels)

    @pytest.mark.parametrize("rendering", CATALOG, ids=lambda r: r.name)
    def test_a_function_takes_exactly_its_sources_and_settings(self, wide, rendering):
        module, _, function = rendering.draw.partition(":")
        assert module == rendering.module
        wanted = set(inspect.signature(getattr(import_module(module), function)).parameters)
        assert rendering.kind in ("table", "figure") and rendering.over(wide)
        for at in rendering.over(wide):
            sources, settings = rendering.sources(wide, at), rendering.settings(wide, at)
            assert not set(sources) & set(settings)
            assert wanted == set(sources) | set(settings)
            assert set(at) == {name for _, name, _, _ in Formatter().parse(rendering.place) if name}

    def test_what_is_read_lies_in_the_run_or_is_shipped(self, wide):
        for rendering, at in everywhere(wide):
            found = flat(rendering.sources(wide, at))
            assert len(set(found)) == len(found), rendering.name
            for path in found:
                shipped = path.startswith(("configs/", "resources/")) and (ROOT / path).is_file()
                assert shipped or path.startswith(wide.run.folder + "/"), path
                assert "{" not in path

    def test_one_evaluator_each_leaves_out_further_rankings_only(self, plan):
        left = {f"fig{name}_further" for name in ("6_ranking_fd", "6b_ranking_mmd")}
        left.add("fig7_ranking_preference_further")
        assert names(plan) == {r.name for r in CATALOG} - left

    def test_further_evaluators_have_figures_of_their_own(self, wide):
        files = [path for r in renderings(wide) for path in r.all_files(wide)]
        places = {Path(path).stem for path in files if "ranking" in path}
        assert places == {
            "fig6_ranking_fd",
            "fig6_ranking_fd_other-extractors",
            "fig6b_ranking_mmd",
            "fig6b_ranking_mmd_other-extractors",
            "fig7_ranking_preference",
            "fig7_ranking_preference_other-scorers",
        }
        (further,) = [r for r in renderings(wide) if r.name == "fig7_ranking_preference_further"]
        (at,) = further.over(wide)
        settings = further.settings(wide, at)
        assert settings["metric_name"] == "other-scorers"
        scores = further.sources(wide, at)["scores"]
        assert all("storybook-net+other-scorers" in path for path in scores)

    def test_the_tables_stand_under_every_ranking(self, wide):
        by_name = {r.name: r for r in renderings(wide)}
        table = by_name["table1_golden_vs_random"]
        studies = table.settings(wide, {})["studies"]
        assert len(studies) == 3 * 4 == len(table.sources(wide, {})["trials"])
        own = next(s for s in studies if s["model"] == "own")
        assert own["paper"] == {"column": None, "same": False}
        assert by_name["lottery_layers"].over(wide)[0]["detector"] == wide.detectors[0]
        assert len(by_name["lottery_layers"].over(wide)) == 2
        assert len(by_name["lottery_table1"].over(wide)) == 4

    def test_the_catalog_is_light(self):
        code = (
            "import sys, seedbed.plan, seedbed.render.catalog\n"
            "import seedbed.render.dataset.pieces, seedbed.render.explorer.page_files\n"
            "assert not {'torch', 'pandas', 'matplotlib', 'numpy'} & set(sys.modules)"
        )
        subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


class TestWhatApplies:
    def test_without_detectors_no_boxes(self):
        left = names(plan_with(lottery_ticket={"detectors": []}))
        assert {"lottery_cost", "lottery_properties", "lottery_fig1_concept"} <= left
        assert not left & {
            *("lottery_table1", "lottery_table2", "lottery_comparison", "lottery_failures"),
            *("lottery_tuning", "lottery_layers", "lottery_methods", "lottery_non_gaussian"),
            "lottery_fig8_failures",
        }

    def test_without_a_reference_preference_alone_ranks(self):
        plan = plan_with(good_seed={"reference": None, "extractors": []})
        assert "fig6_ranking_fd" not in names(plan)
        assert {"fig7_ranking_preference", "fig5_best_and_worst"} <= names(plan)
        (table,) = [r for r in renderings(plan) if r.name == "table1_golden_vs_random"]
        assert all(set(s["metrics"]) == {"preference"} for s in table.settings(plan, {})["studies"])

    def test_without_scores_no_seed_is_golden(self):
        bare = {"reference": None, "extractors": [], "scorers": []}
        left = names(plan_with(good_seed=bare))
        assert {"fig2_seed_swap", "fig3_prompt_kinds", "contact_sheet"} <= left
        assert not any(
            name.startswith(("fig5", "fig6", "fig7", "table1", "golden")) for name in left
        )

    def test_without_a_world_no_truth(self):
        entries = config.load(ROOT / "config.yaml")
        for entry in entries["models"].values():
            entry.pop("world", None)
        plan = Plan(config.complete(entries))
        assert "quality" not in names(plan)
        trained = "only those at 8×8 were trained so"
        assert not any(trained in caption(r, plan, at) for r, at in everywhere(plan))

    def test_one_step_models_swap_nothing(self):
        plan = plan_with(
            good_seed={"models": ["storybook-turbo"], "swap": {"pairs": 6, "prompts": 2}},
        )
        assert not any(name.startswith("fig2") for name in names(plan))

    def test_without_models_of_a_paper_nothing_of_it(self):
        papers = {r.paper for r in renderings(plan_with(lottery_ticket={"models": []}))}
        assert papers == {"Good Seed", "Ledger", "Storybook"}
        papers = {r.paper for r in renderings(plan_with(good_seed={"models": []}))}
        assert papers == {"Ledger", "Lottery Ticket", "Storybook"}


class TestCaptions:
    def test_every_text_belongs_to_a_rendering(self, wide):
        used = {
            f"{rendering.folder}/{name}"
            for rendering, at in everywhere(wide)
            for name in rendering.caption_files(wide, at)
        }
        there = catalog.CAPTIONS.rglob("*.md")
        assert used == {str(p.relative_to(catalog.CAPTIONS).with_suffix("")) for p in there}

    def test_every_placeholder_is_filled(self, plan, wide):
        for of in (plan, wide):
            for rendering, at in everywhere(of):
                text = caption(rendering, of, at)
                assert text and "{" not in text and "\n" not in text and "  " not in text
                assert "None" not in text

    def test_a_placeholder_that_nothing_fills_is_refused(self, plan, tmp_path, monkeypatch):
        (tmp_path / "storybook").mkdir()
        (tmp_path / "storybook" / "quality.md").write_text("Of {nobody}.")
        monkeypatch.setattr(catalog, "CAPTIONS", tmp_path)
        (rendering,) = [r for r in CATALOG if r.name == "quality"]
        with pytest.raises(ValueError, match="nothing fills the placeholder 'nobody' for quality"):
            caption(rendering, plan, {})

    def test_what_is_true_of_one_model_is_said_of_no_other(self, wide):
        for rendering, at in everywhere(wide):
            if rendering.paper == "Lottery Ticket":
                text, particular = caption(rendering, wide, at), at["model"] == "storybook-sd"
                assert ("cross-attention of storybook-sd" in text) == particular
                assert f"Model: {at['model']}." in text
                trained = rendering.name == "lottery_layers" and particular
                assert ("Of the layers, only those at 8×8" in text) == trained

    def test_texts_name_no_thing_of_the_config(self):
        for path in (catalog.CAPTIONS / "lottery_ticket").glob("*.md"):
            assert "storybook" not in path.read_text(), path
        for path in (catalog.CAPTIONS / "good_seed").glob("*.md"):
            assert "storybook" not in path.read_text(), path

    def test_conditions_of_the_run_are_named(self, plan):
        (table,) = [r for r in renderings(plan) if r.name == "lottery_table1"]
        text = caption(table, plan, table.over(plan)[0])
        for part in (
            "confidence ≥ 0.25",
            "counts detections from 0.001",
            "95 % bootstrap",
            "SemI (paper): eqs. 2 to 5",
            "SemI (places equalised, ours)",
            "10,000 resamples",
            "the 90 % interval lies within ±0.035 IoU and 5 points of R_suc",
            "Scores are “minmax” per map",
            "100 noises",
            "layer down_blocks.1.attentions.0",
            "Model: storybook-sd.",
            "Detector: storybook-yolo.",
        ):
            assert part in text

    def test_every_figure_of_tickets_says_which_semi_it_shows(self):
        rule = {"preset": "code", "t_obj": 0.4}
        for plan, expected in (
            (plan_with(), "SemI (paper)"),
            (plan_with(lottery_ticket={"rule": rule}), "SemI (authors' code, T_obj 0.4)"),
        ):
            said = {
                r.name: caption(r, plan, r.over(plan)[0])
                for r in renderings(plan)
                if r.paper == "Lottery Ticket"
            }
            silent = {"cost", "properties", "properties_figure", "methods", "tuning"}
            silent |= {"table1", "comparison"}
            for name, text in said.items():
                assert (expected in text) or name.removeprefix("lottery_") in silent, name
            drawn = [r for r in renderings(plan) if r.name in ("lottery_table1", "lottery_methods")]
            for each in drawn:
                labels = each.settings(plan, each.over(plan)[0])["labels"].values()
                assert expected in labels and "SemI" not in labels
