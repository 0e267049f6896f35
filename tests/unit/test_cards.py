"""Seed cards: what is written of a run's tables, what is read of it, and what is refused."""

import copy
import json
import warnings
from pathlib import Path

import jsonschema
import pandas as pd
import pytest
import small_run
import yaml

from seedbed import config, store
from seedbed.card import Card, CardError, CardWarning
from seedbed.card_schema import JSON_SCHEMA, REFUTED, SUPPORTED, UNDECIDED, fault
from seedbed.cards.card_sources import carded_models, files_of, sources_of
from seedbed.cards.folder import content
from seedbed.cards.golden_list import golden_list
from seedbed.cards.habit_lists import reliability
from seedbed.cards.origins import devices_of, latent_shape
from seedbed.cards.text_list import text_list
from seedbed.plan import Plan

STORYBOOK = Path(__file__).resolve().parents[2] / "resources" / "storybook" / "storybook-sd"
LISTS = ["golden", "diverse_style", "diverse_composition"]
LISTS += ["avoid_greyscale", "avoid_border", "avoid_text"]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """(folder of the card, the tables that it was made from)."""
    folder = tmp_path_factory.mktemp("small-run") / "card"
    return folder, small_run.write_card(folder)


@pytest.fixture
def card(made):
    return Card.load(made[0])


@pytest.fixture
def raw(made):
    return json.loads((made[0] / "card.json").read_text())


def one(rows, **wanted):
    (row,) = (row for row in rows if all(row[k] == v for k, v in wanted.items()))
    return row


class TestWritten:
    def test_it_reads_as_it_was_written(self, made, card, raw):
        assert card.content == raw
        assert card.names == LISTS
        jsonschema.Draft202012Validator.check_schema(JSON_SCHEMA)
        jsonschema.validate(raw, json.loads((made[0] / "card.schema.json").read_text()))

    def test_golden_numbers_are_the_tables(self, made, card):
        _, sources = made
        files = sources["golden"][small_run.RANKING]
        judged = pd.read_parquet(files["judged"])
        rows = judged[(judged["arm"] == "golden") & (judged["against"] == "pool")]
        for row in rows.itertuples():
            where = "test prompts" if row.part == "test" else "prompts of another kind"
            what = f"golden seeds against the whole pool, on {where}"
            found = one(card.evidence("golden"), what=what, measure=row.metric)
            for key, column in {"value": "difference"}.items() | {(k, k) for k in _ENDS}:
                assert found[key] == getattr(row, column)
            assert found["n"] == {"prompts": row.n, "pool": 8} and found["chance"] == 0
            assert found["verdict"] == row.verdict and found["level"] == 0.95
        assert one(card.evidence("golden"), measure="k")["chance"] == 2

    def test_golden_gain_is_shrunken_and_held_out(self, card):
        entry = card.entry("golden")
        # Half of how far seeds 3, 1 and 2 lie below the mean, by hand.
        mean, golden = (41 + 39 + 40 + 31 + 42 + 35 + 43 + 44) / 8, (31 + 39 + 40) / 3
        shrunken = one(entry["gain"], measure="fd", kind="shrunken")
        assert (
            shrunken["value"] == pytest.approx((golden - mean) / 2)
            and shrunken["better"] == "lower"
        )
        assert one(entry["gain"], measure="preference", kind="held out")["value"] == 0.125
        scores = entry["rows"][0]
        assert scores["seed"] == 3 and scores["set2_preference_shrunk"] == pytest.approx(0.6875)

    def test_who_follows_has_the_next_rank_sums(self, card):
        # Best by fd 3 5 1 2 0 4 6 7, by preference 3 1 2 0 4 5 6 7.
        entry = card.entry("golden")
        assert entry["seeds"] == [3, 1, 2] and entry["next"] == [5, 0, 4, 6]

    def test_diverse_sets_and_their_trial(self, card):
        entry = card.entry("diverse_style")
        assert entry["sets"] == [[4, 0, 7], [2, 6, 1]] and entry["seeds"] == [4, 0, 7]
        assert [row["value"] for row in entry["evidence"]] == [-0.02, -0.02]
        assert entry["evidence"][0]["n"] == {"prompts": 6, "trials": 2}
        assert (card.verdict("diverse_style"), card.verdict("diverse_composition")) == (
            SUPPORTED,
            UNDECIDED,
        )

    def test_habits_are_listed_with_their_rates(self, card):
        entry = card.entry("avoid_border")
        assert entry["seeds"] == [6] and {row["habit"] for row in entry["rows"]} == {
            "border_left",
            "frame",
        }
        trust = reliability(0.5, 4)
        assert trust == pytest.approx(0.8)
        shrunk = 0.09375 + trust * (0.75 - 0.09375)
        assert entry["rows"][0]["rate_shrunk"] == pytest.approx(shrunk)
        share = one(
            entry["evidence"], measure="share", value=0.5, what=entry["evidence"][0]["what"]
        )
        assert share["chance"] == 0.125 and share["p_adjusted"] == 0.04
        assert card.avoid == {6: ["border_left", "frame"]}

    @pytest.mark.parametrize(
        ("name", "verdict"),
        [("avoid_border", SUPPORTED), ("avoid_greyscale", UNDECIDED), ("avoid_text", REFUTED)],
    )
    def test_a_list_without_evidence_is_there_and_says_so(self, card, made, name, verdict):
        assert card.verdict(name) == verdict
        page = (made[0] / "README.md").read_text()
        part = page.split(f"## {name}")[1].split("\n## ")[0]
        assert ("No evidence behind it" in part) == (verdict != SUPPORTED)

    def test_tickets_are_the_runs_own(self, made, card):
        found, whole = card.tickets, small_run.collection()
        assert (found.scores == whole.scores).all() and found.seeds == whole.seeds
        entry = card.content["tickets"]
        assert entry["words"] == list(small_run.WORDS) and entry["rule"] == small_run.RULE
        assert [row["value"] for row in entry["evidence"]] == [0.05, 0.05]
        assert entry["evidence"][0]["n"] == {"objects": 30, "images": 20}

    def test_the_page_is_a_model_card(self, made):
        from huggingface_hub import ModelCard

        data = ModelCard.load(made[0] / "README.md").data
        assert data.base_model == "a/tiny" and data.library_name == "seedbed"
        assert data.pipeline_tag == "text-to-image"
        front = (made[0] / "README.md").read_text().split("---\n")[1]
        assert yaml.safe_load(front) == data.to_dict()


_ENDS = ("low", "high", "p_value", "p_adjusted")
JUDGED = [
    ({}, SUPPORTED),
    ({"as_many": ("undecided", "undecided")}, UNDECIDED),  # as many random ones are as good
    ({"as_many": ("undecided", "higher")}, SUPPORTED),
    ({"verdicts": ("undecided", "higher")}, SUPPORTED),
    ({"verdicts": ("level", "level")}, REFUTED),
    ({"verdicts": ("level", "higher")}, SUPPORTED),
    ({"verdicts": ("higher", "higher")}, REFUTED),  # a higher distance is a worse one
    ({"verdicts": ("undecided", "level")}, UNDECIDED),
]


@pytest.mark.parametrize(("found", "verdict"), JUDGED)
def test_golden_seeds_are_supported_by_test_prompts_alone(made, tmp_path, found, verdict):
    files = made[1]["golden"][small_run.RANKING] | {"judged": str(tmp_path / "judged.parquet")}
    store.write_table(small_run.differences("test", "transfer", **found), files["judged"])
    assert golden_list(files, small_run.RANKING, 0.5, 0.95)["verdict"] == verdict


@pytest.mark.parametrize("low, verdict", [(0.1, SUPPORTED), (-0.1, UNDECIDED)])
def test_text_of_inpainting_needs_modes_that_agree(tmp_path, low, verdict):
    means = {"removal": [0.0, 0.0, 0.3], "completion": [0.0, 0.0, 0.6]}
    rows = [
        {"mode": mode, "seed": seed, "mean": mean, "low": mean * 0.8, "high": mean, "n": 4}
        for mode, values in means.items()
        for seed, mean in enumerate(values)
    ]
    about = {"n_pairs": 4, "n_images": 12, "gap": 0.3, "gap_null_95": 0.2, "p_value": 0.01}
    modes = {mode: about | {"mean": sum(v) / 3} for mode, v in means.items()}
    between = {"rho": 0.5, "low": low, "high": 1.0, "p_value": 0.03}
    files = {"seeds": str(tmp_path / "t.parquet"), "evidence": str(tmp_path / "e.json")}
    store.write_table(pd.DataFrame(rows), files["seeds"])
    store.write_json({"modes": modes, "n_seeds": 3, "between": between}, files["evidence"])
    found = text_list(files, 0.95)
    assert found["seeds"] == [2] and found["verdict"] == verdict
    # Half of how far the seed lies above the mean: the modes agree by 0.5.
    assert one(found["gain"], measure="text share, removal")["value"] == pytest.approx(0.1)
    assert one(found["evidence"], measure="rho")["value"] == 0.5


class TestRead:
    def test_a_list_with_evidence_is_silent(self, card):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert card.seeds("golden") == [3, 1, 2]
            assert card.seeds("diverse_style", 2) == [4, 0]
            assert card.tickets.names == list(small_run.WORDS)

    @pytest.mark.parametrize("name", ["diverse_composition", "avoid_greyscale", "avoid_text"])
    def test_a_list_without_evidence_warns_once(self, card, name):
        with pytest.warns(CardWarning, match=f"list '{name}' of tiny has no evidence"):
            card.seeds(name)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            card.seeds(name)

    def test_more_golden_seeds_than_there_are_warns_and_fills_up(self, card):
        with pytest.warns(CardWarning, match="only 3 seeds"):
            assert card.seeds("golden", 4) == [3, 1, 2, 5]

    @pytest.mark.parametrize(
        ("ask", "line"),
        [
            (lambda card: card.seeds("gold"), "has no list 'gold'; use one of golden, "),
            (lambda card: card.seeds("golden", 9), "has 7 seeds in the list 'golden', not 9"),
            (lambda card: card.seeds("golden", 0), "has 7 seeds in the list 'golden', not 0"),
        ],
    )
    def test_what_is_not_there_is_one_line(self, card, ask, line):
        with pytest.raises(CardError, match=r"card\.json: ") as raised:
            ask(card)
        assert line in str(raised.value) and "\n" not in str(raised.value)

    def test_an_absent_list_says_why(self, raw):
        raw["lists"]["golden"] |= {"state": "absent", "why": "no score ranks seeds"}
        with pytest.raises(CardError, match="no list 'golden': no score ranks seeds; use one of"):
            Card(raw).seeds("golden")

    def test_a_card_of_a_file_and_of_its_folder_are_one(self, made, card):
        assert Card.load(made[0] / "card.json").content == card.content


BROKEN = [
    (lambda c: c.pop("format"), "is no seed card"),
    (lambda c: c.update(version=2), "is of version 2, this Seedbed reads 1; update Seedbed"),
    (lambda c: c.update(version="1"), "version: is '1', not 1"),
    (lambda c: c.pop("lists"), "lists: is lacking"),
    (lambda c: c.update(more=1), "more: is unknown"),
    (lambda c: c["model"].pop("name"), "model.name: is lacking"),
    (lambda c: c["model"].update(latent_shape=[4, 8]), "model.latent_shape: has 2 items, not 3"),
    (lambda c: c["measured_under"].update(steps=0), "measured_under.steps: is 0, below 1"),
    (lambda c: c["measured_under"].update(steps=True), "is True, not a whole number"),
    (lambda c: c["lists"]["golden"].update(seeds=[-1]), "lists.golden.seeds[0]: is -1, below 0"),
    (lambda c: c["lists"]["golden"].update(seeds=[2**64]), "above 18446744073709551615"),
    (lambda c: c["lists"]["golden"].update(seeds=["3"]), "is '3', not a whole number"),
    (lambda c: c["lists"]["golden"].update(seeds=[3, 3]), "golden.seeds: holds a seed twice"),
    (lambda c: c["lists"]["golden"].update(verdict="yes"), "golden.verdict: is 'yes', not one of"),
    (lambda c: c["lists"]["golden"].update(verdict=None), "golden.verdict: is lacking of what is"),
    (lambda c: c["lists"]["golden"].update(state="absent"), "golden.why: is lacking of what is ab"),
    (lambda c: c["lists"]["golden"]["evidence"][0].pop("n"), "evidence[0].n: is lacking"),
    (lambda c: c["tickets"].update(file="../../secret"), "tickets.file: is no file name"),
]


@pytest.mark.parametrize(("edit", "line"), BROKEN)
def test_a_broken_card_is_refused_in_one_line(raw, edit, line):
    broken = copy.deepcopy(raw)
    edit(broken)
    with pytest.raises(CardError) as raised:
        Card(broken)
    assert line in str(raised.value) and "\n" not in str(raised.value)


@pytest.mark.parametrize(("edit", "_"), BROKEN)
def test_the_check_says_what_a_validator_says(raw, edit, _):
    broken = copy.deepcopy(raw)
    edit(broken)
    validator = jsonschema.Draft202012Validator(JSON_SCHEMA)
    assert (fault(broken) is None) == validator.is_valid(broken)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("{", "not JSON"),
        ("[]", "is no seed card"),
        ('{"format": NaN}', "not a finite number"),
    ],
)
def test_a_file_that_is_no_card(tmp_path, text, line):
    (tmp_path / "card.json").write_text(text)
    with pytest.raises(CardError, match=line):
        Card.load(tmp_path)


def test_a_folder_without_a_card(tmp_path):
    with pytest.raises(CardError, match=r"card\.json: cannot be read"):
        Card.load(tmp_path)
    with pytest.raises(CardError, match="no such folder; give a card's folder or a hub id"):
        Card.load(tmp_path / "none")


def test_tickets_of_another_card(made, raw, tmp_path):
    store.write_json(raw, tmp_path / "card.json")
    with pytest.raises(CardError, match="which is not there"):
        _ = Card.load(tmp_path).tickets
    small_run.collection(shape=(4, 16, 16)).save(tmp_path / "tickets.safetensors")
    with pytest.raises(CardError, match="was not made with this"):
        _ = Card.load(tmp_path).tickets


class TestHub:
    def test_a_hub_id_is_fetched(self, made, monkeypatch):
        asked = []

        def fetched(source, **options):
            asked.append((source, options["revision"]))
            return str(made[0])

        monkeypatch.setattr("huggingface_hub.snapshot_download", fetched)
        assert Card.load("someone/seeds", revision="v1").model == "tiny"
        assert asked == [("someone/seeds", "v1")]

    def test_what_the_hub_has_not_is_one_line(self, monkeypatch):
        def fetched(source, **options):
            raise OSError("no\nnetwork")

        monkeypatch.setattr("huggingface_hub.snapshot_download", fetched)
        with pytest.raises(
            CardError, match=r"someone/seeds: neither a folder here nor.*no network"
        ):
            Card.load("someone/seeds")

    def test_without_the_library(self, monkeypatch):
        monkeypatch.setitem(__import__("sys").modules, "huggingface_hub", None)
        with pytest.raises(CardError, match="a hub id needs huggingface_hub; install it"):
            Card.load("someone/seeds")


# Where a card comes from


def test_latents_are_told_by_the_configs_alone(tmp_path):
    entry = {"source": str(STORYBOOK), "revision": None, "resolution": None, "architecture": None}
    assert latent_shape(entry) == [4, 16, 16]
    assert latent_shape(entry | {"resolution": 128}) == [4, 32, 32]
    (tmp_path / "model.safetensors").touch()
    single = entry | {"source": str(tmp_path / "model.safetensors")}
    assert latent_shape(single) is None
    assert latent_shape(single | {"architecture": "sd_1"}) == [4, 64, 64]


def test_devices_are_those_of_the_records(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for job, device in (("images/m/a", "one"), ("tickets/m/b", "two"), ("images/n/a", "three")):
        store.write_json({"device": device}, f"results/r/made_by/{job}.json")
    assert devices_of("r", "m") == ["one", "two"] and devices_of("none", "m") == []


# Which tables


def plan_of(**good_seed):
    entries = config.load("config.yaml")
    entries["good_seed"] |= good_seed
    return Plan(config.complete(entries))


def test_every_studied_model_has_a_card_with_every_list():
    plan = plan_of()
    assert carded_models(plan) == ["storybook-sd", "storybook-turbo", "storybook-inpaint"]
    for model in carded_models(plan):
        sources = sources_of(plan, model)
        there = {"golden"} if sources["golden"] else set()
        there |= {f"diverse_{aim}" for aim in sources["diverse"]}
        there |= {"avoid_greyscale", "avoid_border", "avoid_text"} if "habits" in sources else set()
        there |= {"avoid_text"} if "text" in sources else set()
        there |= {"tickets"} if "tickets" in sources else set()
        assert there | set(sources["absent"]) == {*LISTS, "tickets"}, model
        assert not there & set(sources["absent"]), model
        assert all(path.startswith("results/default/") for path in files_of(sources))


def test_what_a_run_leaves_out_is_said():
    plan = plan_of(scorers=[], extractors=[], reference=None, style={"extractor": None})
    why = sources_of(plan, "storybook-sd")["absent"]
    assert why["golden"] == "no score ranks seeds in this run"
    assert why["diverse_style"] == "good_seed.style.extractor is null"
    assert "diverse_composition" not in why


def test_a_card_of_nothing_but_reasons_is_one():
    plan = plan_of()
    sources = sources_of(plan, "storybook-inpaint")
    del sources["text"]
    sources["absent"]["avoid_text"] = "no reader"
    card = Card(content(small_run.about(), sources, None))
    assert card.names == [] and set(card.content["lists"]) == set(LISTS)
    with pytest.raises(CardError, match=r"has no tickets: lottery_ticket\.models does not name"):
        _ = card.tickets
