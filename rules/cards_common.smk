"""Functions and constants of the rules of seed cards.

Inputs and outputs: none.
"""

from seedbed.cards import card_sources

CARDED = card_sources.carded_models(PLAN)
CARDS = [RUN.card(model, name) for model in CARDED for name in ("card.json", "README.md")]


def card_from(wildcards):
    """The tables that the card of the model at hand is made from, by part and role."""
    return card_sources.sources_of(PLAN, wildcards.model)


def card_tables(wildcards):
    """All of them."""
    return card_sources.files_of(card_from(wildcards))


def card_tickets(wildcards):
    """The card's file of tickets, for a model that has them."""
    has_tickets = wildcards.model in PLAN.ticket_models
    return [RUN.card(wildcards.model, "tickets.safetensors")] if has_tickets else []


def card_about(wildcards):
    """The model at hand and what its seeds were measured under."""
    model = wildcards.model
    entry = config["models"][model]
    under = ("scheduler", "steps", "guidance", "eta", "precision", "weights")
    return {
        "model": {"name": model, "weights": behind("make_card", model=entry)["weights"]["model"]}
        | {key: entry[key] for key in ("family", "source", "revision")},
        "measured_under": {"stream": entry["noise"]} | {key: entry[key] for key in under},
        "tickets": {
            "rule": LOTTERY["rule"],
            "reading": PLAN.reading(model),
            "noises": PLAN.all_noises,
        },
        "share": STUDY["golden_share"],
        "level": STUDY["interval"],
    }
