"""Functions and constants of the rules of seed cards.

Inputs and outputs: none.
"""

from seedbed.cards import sources as card_sources
from seedbed.provenance import weights_digest

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
    reading = {k: v for k, v in PLAN.reading(model).items()}
    return {
        "model": {"name": model}
        | {k: entry[k] for k in ("family", "source", "revision")}
        | {"weights": weights_digest(entry["source"], entry["revision"])},
        "measured_under": {"stream": entry["noise"]}
        | {k: entry[k] for k in ("scheduler", "steps", "guidance", "eta", "precision")},
        "tickets": {"rule": LOTTERY["rule"], "reading": reading, "noises": PLAN.all_noises},
        "share": STUDY["golden_share"],
        "level": STUDY["interval"],
    }
