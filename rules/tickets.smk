"""Layouts and lottery tickets.

Inputs: the config, the model. Outputs: {run}/layouts/*, {run}/tickets/*
"""

LOTTERY_MODEL = config["models"][LOTTERY["model"]]
LOTTERY_WEIGHTS = weights_digest(LOTTERY_MODEL["source"])
TICKETS = expand(f"{RUN}/tickets/{{noises}}.safetensors", noises=NOISES)
READING = {k: LOTTERY[k] for k in ("layer", "score_mode", "fixed_positions", "pairs")}


rule make_layouts:
    """One set of captioned boxes."""
    output:
        table=f"{RUN}/layouts/{{layout_set}}.parquet",
    log:
        log_of("layouts/{layout_set}"),
    benchmark:
        benchmark_of("layouts/{layout_set}")
    conda:
        "../envs/seedbed.yaml"
    threads: 1
    resources:
        mem_mb=4000,
    params:
        entry=layouts_entry,
        code=script_digest("make_layouts"),
    message:
        "Make layouts {wildcards.layout_set}"
    script:
        "../scripts/make_layouts.py"


rule collect_tickets:
    """Scores of every block of a range of noises for pairs of categories."""
    input:
        layouts=f"{RUN}/layouts/{LOTTERY['layouts']}.parquet",
    output:
        tickets=f"{RUN}/tickets/{{noises}}.safetensors",
        cost=f"{RUN}/tickets/{{noises}}.json",
    log:
        log_of("tickets/{noises}"),
    benchmark:
        benchmark_of("tickets/{noises}")
    conda:
        "../envs/seedbed.yaml"
    threads: 1
    resources:
        mem_mb=4000,
    params:
        name=LOTTERY["model"],
        model=LOTTERY_MODEL,
        weights=LOTTERY_WEIGHTS,
        study=READING,
        seeds=noises_of,
        code=script_digest("collect_tickets"),
    message:
        "{params.name}: tickets of {wildcards.noises}"
    script:
        "../scripts/collect_tickets.py"


rule test_properties:
    """Do tickets keep their scores in another place, noise and prompt?"""
    input:
        layouts=f"{RUN}/layouts/{LOTTERY['layouts']}.parquet",
    output:
        rows=f"{RUN}/tickets/properties.parquet",
    log:
        log_of("tickets/properties"),
    benchmark:
        benchmark_of("tickets/properties")
    conda:
        "../envs/seedbed.yaml"
    threads: 1
    resources:
        mem_mb=4000,
    params:
        model=LOTTERY_MODEL,
        weights=LOTTERY_WEIGHTS,
        study=READING,
        start=LOTTERY["noises"]["start"],
        tests=LOTTERY["properties"],
        seed=LOTTERY["statistics_seed"],
        code=script_digest("test_properties"),
    message:
        "Move tickets to other places, noises and prompts"
    script:
        "../scripts/test_properties.py"


rule compare_layers:
    """Every cross-attention layer as the source of scores."""
    input:
        layouts=f"{RUN}/layouts/{LOTTERY['layouts']}.parquet",
    output:
        objects=f"{RUN}/tickets/layers.parquet",
    log:
        log_of("tickets/layers"),
    benchmark:
        benchmark_of("tickets/layers")
    conda:
        "../envs/seedbed.yaml"
    threads: 1
    resources:
        mem_mb=6000,
    params:
        model=LOTTERY_MODEL,
        weights=LOTTERY_WEIGHTS,
        detector=DETECTOR,
        detector_weights=DETECTOR_WEIGHTS,
        study={
            k: LOTTERY[k]
            for k in ("score_mode", "fixed_positions", "rule", "noises", "base_seed", "layers")
        },
        confidences=LOTTERY["confidences"],
        code=script_digest("compare_layers"),
    message:
        "Tickets from every cross-attention layer"
    script:
        "../scripts/compare_layers.py"


rule draw_scenes:
    """The scenes of Figures 1 and 4 to 7, tickets collected on the fly."""
    input:
        scenes=LOTTERY["scenes"],
    output:
        images=f"{RUN}/tickets/scenes.npz",
        objects=f"{RUN}/tickets/scenes.parquet",
    log:
        log_of("tickets/scenes"),
    benchmark:
        benchmark_of("tickets/scenes")
    conda:
        "../envs/seedbed.yaml"
    threads: 1
    resources:
        mem_mb=4000,
    params:
        model=LOTTERY_MODEL,
        weights=LOTTERY_WEIGHTS,
        detector=DETECTOR,
        detector_weights=DETECTOR_WEIGHTS,
        study={
            k: LOTTERY[k]
            for k in ("layer", "score_mode", "fixed_positions", "rule", "noises", "base_seed")
        },
        confidences=LOTTERY["confidences"],
        code=script_digest("draw_scenes"),
    message:
        "Scenes with tickets collected on the fly"
    script:
        "../scripts/draw_scenes.py"
