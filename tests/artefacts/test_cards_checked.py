"""The finished seed cards say what the run's own tables say."""

import pytest

from seedbed import store
from seedbed.card import Card
from seedbed.cards.card_sources import carded_models, sources_of


@pytest.fixture(scope="module")
def cards(plan):
    return {m: Card.load(plan.run.path("cards", m)) for m in carded_models(plan)}


def test_every_studied_model_has_one_that_names_its_run(cards, plan):
    assert set(plan.seeds_of_models) | set(plan.ticket_models) <= set(cards)
    for model, card in cards.items():
        entry = plan.config["models"][model]
        assert card.model == model and card.stream == entry["noise"]
        assert card.content["made_by"]["run"] == plan.run.name


def test_what_a_card_lacks_the_run_lacks(cards, plan):
    for model, card in cards.items():
        why = sources_of(plan, model)["absent"]
        lists = card.content["lists"].items()
        absent = {name: entry["why"] for name, entry in lists if entry["state"] == "absent"}
        assert absent == {name: said for name, said in why.items() if name != "tickets"}
        assert (card.content["tickets"]["state"] == "absent") == ("tickets" in why)


def test_golden_seeds_and_their_evidence_are_the_tables(cards, plan, ranking):
    for model in plan.seeds_of_models:
        card = cards[model]
        golden = store.read_json(plan.run.seeds(model, ranking.name, "golden.json"))
        assert card.entry("golden")["seeds"] == golden["seeds"]
        judged = store.read_table(plan.run.seeds(model, ranking.name, "judged_differences.parquet"))
        arm = judged[(judged["arm"] == "golden") & (judged["against"] == "pool")]
        told = {(row["measure"], row["value"], row["low"]) for row in card.evidence("golden")}
        assert told >= set(zip(arm["metric"], arm["difference"], arm["low"], strict=True))


def test_habits_are_the_tables(cards, plan):
    for model in plan.surveyed_models:
        table = store.read_table(plan.run.habits(model, "seeds.parquet"))
        flagged = table[table["flagged"] | table["confirmed"]].set_index(["seed", "habit"])
        for name in cards[model].names:
            for row in cards[model].entry(name)["rows"] if name.startswith("avoid_") else ():
                assert row["rate"] == flagged.loc[(row["seed"], row["habit"]), "rate"]


def test_tickets_are_the_runs(cards, plan):
    from seedbed.lottery_ticket.tickets.collection_files import load_collection

    for model in plan.ticket_models:
        whole = load_collection(plan.ticket_files(model, ["as_read"]), plan.all_noises)
        path = plan.run.path("cards", model, cards[model].content["tickets"]["file"])
        found = load_collection([path], plan.all_noises)
        assert (found.scores == whole.scores).all() and found.pairs == whole.pairs
