"""First-step maps as tickets: their collection, and whether they keep their scores.

Inputs: layouts, models. Outputs: {run}/tickets/{model}/*
"""


rule collect_tickets:
    """Scores of every block of a range of noises for pairs of categories.

    A batch of the model's is in memory at a time, however many pairs there are.
    """
    input:
        layouts=RUN.layouts(LOTTERY["layouts"]),
    output:
        tickets=RUN.tickets("{model}", "{noises}.safetensors"),
        cost=RUN.tickets("{model}", "{noises}.json"),
    log:
        RUN.log("tickets/{model}/{noises}"),
    benchmark:
        RUN.benchmark("tickets/{model}/{noises}")
    conda:
        "../../envs/seedbed.yaml"
    params:
        name="{model}",
        model=of_model,
        reading=reading_of_model,
        seeds=noises_at_hand,
        made_by=drawn_by("lottery_ticket/collect_tickets"),
    script:
        "../../scripts/lottery_ticket/collect_tickets.py"


rule equalise_tickets:
    """The whole collection with the place of a block taken out of its scores.

    Once for all that draw from it or show it, and over all noises: arms with fewer of them differ
    in nothing else.
    """
    input:
        tickets=PLAN.ticket_files("{model}", ["as_read"]),
    output:
        equalised=RUN.tickets("{model}", "equalised.safetensors"),
    log:
        RUN.log("tickets/{model}/equalised"),
    benchmark:
        RUN.benchmark("tickets/{model}/equalised")
    conda:
        "../../envs/seedbed.yaml"
    params:
        noises=PLAN.all_noises,
        made_by=behind("lottery_ticket/equalise_tickets"),
    script:
        "../../scripts/lottery_ticket/equalise_tickets.py"


rule move_tickets:
    """Do tickets keep their scores in another place, noise and prompt?"""
    input:
        layouts=RUN.layouts(LOTTERY["layouts"]),
    output:
        rows=RUN.tickets("{model}", "properties.parquet"),
    log:
        RUN.log("tickets/{model}/properties"),
    benchmark:
        RUN.benchmark("tickets/{model}/properties")
    conda:
        "../../envs/seedbed.yaml"
    params:
        model=of_model,
        reading=reading_of_model,
        start=LOTTERY["noises"]["start"],
        tests=LOTTERY["properties"],
        seed=LOTTERY["statistics_seed"],
        made_by=drawn_by("lottery_ticket/move_tickets"),
    script:
        "../../scripts/lottery_ticket/move_tickets.py"


rule draw_scenes:
    """The scenes of Figures 1 and 4 to 7, tickets collected on the fly."""
    input:
        scenes=LOTTERY["scenes"],
    output:
        images=RUN.path("images", "{model}", "scenes.npz"),
        objects=RUN.path("images", "{model}", "scenes.parquet"),
    log:
        RUN.log("images/{model}/scenes"),
    benchmark:
        RUN.benchmark("images/{model}/scenes")
    conda:
        "../../envs/seedbed.yaml"
    params:
        model=of_model,
        detector=DETECTOR,
        reading=reading_of_model,
        study={k: LOTTERY[k] for k in ("rule", "noises", "confidences")},
        made_by=scene_code,
    script:
        "../../scripts/lottery_ticket/draw_scenes.py"
