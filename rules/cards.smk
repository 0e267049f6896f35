"""Seed cards: what the run found out about each model's seeds, for one's own program.

Inputs: tables of Good Seed and Lottery Ticket. Outputs: {run}/cards/{model}/*
"""


rule gather_card_tickets:
    """A model's whole collection of tickets as one file."""
    input:
        shards=PLAN.ticket_files("{model}", ["as_read"]),
    output:
        tickets=RUN.card("{model}", "tickets.safetensors"),
    log:
        RUN.log("cards/{model}/tickets"),
    benchmark:
        RUN.benchmark("cards/{model}/tickets")
    conda:
        "../envs/seedbed.yaml"
    params:
        noises=PLAN.all_noises,
        made_by=behind("gather_card_tickets"),
    script:
        "../scripts/gather_card_tickets.py"


rule make_card:
    """Seeds to take and to leave, each list with its evidence (card.json and its page)."""
    input:
        card_tables,
        tickets=card_tickets,
        written=RUN.path("config.json"),
    output:
        card=RUN.card("{model}", "card.json"),
        schema=RUN.card("{model}", "card.schema.json"),
        readme=RUN.card("{model}", "README.md"),
    log:
        RUN.log("cards/{model}/card"),
    benchmark:
        RUN.benchmark("cards/{model}/card")
    conda:
        "../envs/seedbed.yaml"
    params:
        about=card_about,
        sources=card_from,
        made_by=behind("make_card"),
    script:
        "../scripts/make_card.py"


rule cards:
    """The seed card of every model that the run studied."""
    input:
        CARDS,
