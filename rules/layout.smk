"""Captioned layouts drawn by every method, and what a detector finds in them.

Inputs: layouts, tickets. Outputs: {run}/lottery_ticket/tuning/*, {run}/images/{model}/layouts/*,
{run}/detections/*, {run}/scores/layouts/*
"""


rule tune_control:
    """Constants of Paint, Soft or BoxDiff, chosen on held-out layouts."""
    input:
        layouts=f"{RUN}/layouts/{LOTTERY['tuning']['layouts']}.parquet",
    output:
        rows=f"{TUNING}/{{control}}.parquet",
        chosen=f"{TUNING}/{{control}}.json",
    log:
        log_of("lottery_ticket/tuning/{control}"),
    benchmark:
        benchmark_of("lottery_ticket/tuning/{control}")
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
        choices=choices_of,
        study={k: LOTTERY[k] for k in ("layer", "base_seed", "confidences")},
        code=script_digest("tune_control"),
    message:
        "Tune {wildcards.control}: {params.choices}"
    script:
        "../scripts/tune_control.py"


rule draw_layouts:
    """Every layout with one arm."""
    input:
        layouts=f"{RUN}/layouts/{LOTTERY['layouts']}.parquet",
        tickets=tickets_of_arm,
        constants=constants_of_arm,
    output:
        images=f"{LAYOUT_IMAGES}/{{arm}}.parquet",
        construction=f"{LAYOUT_IMAGES}/{{arm}}.construction.parquet",
    log:
        log_of("images/layouts/{arm}"),
    benchmark:
        benchmark_of("images/layouts/{arm}")
    conda:
        "../envs/seedbed.yaml"
    threads: 1
    resources:
        mem_mb=4000,
    params:
        model=LOTTERY_MODEL,
        weights=LOTTERY_WEIGHTS,
        arm=arm_entry,
        study={k: LOTTERY[k] for k in ("layer", "base_seed")},
        noises=noises_of_arm,
        encoding=config["image_encoding"],
        code=script_digest("draw_layouts"),
    message:
        "Draw layouts: {wildcards.arm}"
    script:
        "../scripts/draw_layouts.py"


rule detect_objects:
    """Boxes, classes and confidences in the images of every arm."""
    input:
        images=expand(rules.draw_layouts.output.images, arm=LAYOUT_ARMS),
    output:
        detections=expand(f"{RUN}/detections/{{arm}}.parquet", arm=LAYOUT_ARMS),
        images=expand(f"{RUN}/detections/{{arm}}.images.parquet", arm=LAYOUT_ARMS),
        about=f"{RUN}/detections/detector.json",
    log:
        log_of("detections/layouts"),
    benchmark:
        benchmark_of("detections/layouts")
    conda:
        "../envs/seedbed.yaml"
    threads: 1
    resources:
        mem_mb=2000,
    params:
        name=LOTTERY["detector"],
        detector=DETECTOR,
        weights=DETECTOR_WEIGHTS,
        code=script_digest("detect_objects"),
    message:
        "Detect objects in the images of every arm"
    script:
        "../scripts/detect_objects.py"


rule score_layouts:
    """IoU and success of every guidance box, means of every arm, differences to its partner."""
    input:
        layouts=f"{RUN}/layouts/{LOTTERY['layouts']}.parquet",
        detections=rules.detect_objects.output.detections,
        images=rules.detect_objects.output.images,
        about=rules.detect_objects.output.about,
    output:
        objects=f"{RUN}/scores/layouts/objects.parquet",
        levels=f"{RUN}/scores/layouts/levels.parquet",
        differences=f"{RUN}/scores/layouts/differences.parquet",
    log:
        log_of("scores/layouts"),
    benchmark:
        benchmark_of("scores/layouts")
    conda:
        "../envs/seedbed.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        strides=ARM_STRIDES,
        pairs=ARM_PAIRS,
        confidences=LOTTERY["confidences"],
        statistics={k: LOTTERY[k] for k in ("bootstrap", "interval", "statistics_seed")},
        code=script_digest("score_layouts"),
    message:
        "Score the layouts of every arm"
    script:
        "../scripts/score_layouts.py"
