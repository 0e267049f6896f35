"""Captioned layouts drawn by every arm, and what detectors find in them.

Inputs: layouts, tickets. Outputs: {run}/tuning/{model}/*, {run}/images/{model}/layouts/*,
{run}/detections/{detector}/{model}/*, {run}/scores/layouts/{detector}/{model}/*
"""


rule check_layouts:
    """Before anything is drawn: the detector knows every category, held-out layouts are others."""
    input:
        known_to_others,
        layouts=[RUN.layouts(LOTTERY["layouts"]), *TUNING_LAYOUTS],
    output:
        told=RUN.path("detections", "{detector}", "knows.json"),
    log:
        RUN.log("detections/{detector}/knows"),
    benchmark:
        RUN.benchmark("detections/{detector}/knows")
    conda:
        "../../envs/seedbed.yaml"
    resources:
        mem_mb=detector_mb,
    params:
        name="{detector}",
        entry=evaluator_of("detectors", "detector"),
        made_by=measured_by("lottery_ticket/check_layouts", "detectors", "detector"),
    script:
        "../../scripts/lottery_ticket/check_layouts.py"


rule tune_control:
    """Constants of Paint, Soft or BoxDiff, which the papers leave open.

    Chosen by mean IoU on held-out layouts and other noises; every control starts from as many
    choices, and its grid is widened while the best is at an edge.
    """
    input:
        KNOWN,
        layouts=TUNING_LAYOUTS,
    output:
        rows=RUN.tuning("{model}", "{control}.parquet"),
        chosen=RUN.tuning("{model}", "{control}.json"),
    log:
        RUN.log("tuning/{model}/{control}"),
    benchmark:
        RUN.benchmark("tuning/{model}/{control}")
    conda:
        "../../envs/seedbed.yaml"
    params:
        model=of_model,
        detector=DETECTOR,
        tuning=tuning_at_hand,
        study=STUDIED_BOXES,
        made_by=tuned_by,
    script:
        "../../scripts/lottery_ticket/tune_control.py"


# Arms that share control and tickets share a process: a model is loaded once for them.
for group, arms in PLAN.arm_groups.items():

    rule:
        name:
            f"draw_{group}"
        input:
            KNOWN,
            layouts=RUN.layouts(LOTTERY["layouts"]),
            tickets=tickets_for(arms),
            constants=(
                [RUN.tuning("{model}", f"{arms[0].how.control}.json")]
                if arms[0].how.control
                else []
            ),
        output:
            images=[pictures_at(arm.name, "{part}") for arm in arms],
            constructions=[RUN.construction("{model}", arm.name, "{part}") for arm in arms],
        log:
            RUN.log(f"images/{{model}}/layouts/{group}/{{part}}"),
        benchmark:
            RUN.benchmark(f"images/{{model}}/layouts/{group}/{{part}}")
        conda:
            "../../envs/seedbed.yaml"
        params:
            model=of_model,
            study=arms_from(arms),
            made_by=drawn_by("lottery_ticket/draw_layouts", PLAN.control_code(arms[0].how.control)),
        script:
            "../../scripts/lottery_ticket/draw_layouts.py"


rule detect_objects:
    """Boxes, classes and confidences in the images of every arm, a range of the layouts."""
    input:
        images=[pictures_at(arm, "{part}") for arm in PLAN.arms],
    output:
        detections=[boxes_at(arm, "{part}") for arm in PLAN.arms],
        looked_at=[seen_at(arm, "{part}") for arm in PLAN.arms],
        about=RUN.path("detections", "{detector}", "{model}", "{part}.json"),
    log:
        RUN.log("detections/{detector}/{model}/{part}"),
    benchmark:
        RUN.benchmark("detections/{detector}/{model}/{part}")
    conda:
        "../../envs/seedbed.yaml"
    params:
        name="{detector}",
        entry=evaluator_of("detectors", "detector"),
        made_by=measured_by("lottery_ticket/detect_objects", "detectors", "detector"),
    script:
        "../../scripts/lottery_ticket/detect_objects.py"


rule score_layouts:
    """IoU and success of every guidance box, means of every arm, differences to its partner."""
    input:
        layouts=RUN.layouts(LOTTERY["layouts"]),
        detections=every_range(boxes_at, PLAN.arms),
        looked_at=every_range(seen_at, PLAN.arms),
        about=ancient(RUN.path("detections", "{detector}", "knows.json")),
    output:
        scores=[
            RUN.layout_scores("{detector}", "{model}", name)
            for name in ("objects", "levels", "differences")
        ],
    log:
        RUN.log("scores/layouts/{detector}/{model}"),
    benchmark:
        RUN.benchmark("scores/layouts/{detector}/{model}")
    conda:
        "../../envs/seedbed.yaml"
    params:
        study={
            "arms": list(PLAN.arms),
            "tests": [astuple(each) for each in PLAN.arm_contrasts],
            "confidences": LOTTERY["confidences"],
        },
        statistics=L_STATISTICS,
        made_by=behind("lottery_ticket/score_layouts"),
    script:
        "../../scripts/lottery_ticket/score_layouts.py"


rule judge_failures:
    """Every guidance box of SD and SemI judged by fixed rules (Figure 8)."""
    input:
        layouts=RUN.layouts(LOTTERY["layouts"]),
        objects=RUN.layout_scores("{detector}", "{model}", "objects"),
        images=every_range(pictures_at, FAILING),
        detections=every_range(boxes_at, FAILING),
    output:
        rows=RUN.layout_scores("{detector}", "{model}", "failures"),
    log:
        RUN.log("scores/layouts/{detector}/{model}_failures"),
    benchmark:
        RUN.benchmark("scores/layouts/{detector}/{model}_failures")
    conda:
        "../../envs/seedbed.yaml"
    params:
        arms=FAILING,
        confidence=LOTTERY["confidences"][0],
        made_by=behind("lottery_ticket/judge_failures"),
    script:
        "../../scripts/lottery_ticket/judge_failures.py"


rule compare_layers:
    """Every cross-attention layer as the source of scores, and what its maps know of places."""
    input:
        layouts=RUN.layouts(LOTTERY["layouts"]),
    output:
        objects=RUN.layout_scores("{detector}", "{model}", "layers"),
        agreement=RUN.layout_scores("{detector}", "{model}", "agreement"),
    log:
        RUN.log("scores/layouts/{detector}/{model}_layers"),
    benchmark:
        RUN.benchmark("scores/layouts/{detector}/{model}_layers")
    conda:
        "../../envs/seedbed.yaml"
    params:
        model=of_model,
        detector=DETECTOR,
        reading=reading_of_model,
        study={k: LOTTERY[k] for k in (*STUDIED_PROMPTS, "layers")},
        made_by=detected_by("lottery_ticket/compare_layers"),
    script:
        "../../scripts/lottery_ticket/compare_layers.py"


rule compare_prompts:
    """Scores from prompts of two objects against those from prompts of one."""
    input:
        layouts=RUN.layouts(LOTTERY["layouts"]),
    output:
        objects=RUN.layout_scores("{detector}", "{model}", "single_prompts"),
    log:
        RUN.log("scores/layouts/{detector}/{model}_single_prompts"),
    benchmark:
        RUN.benchmark("scores/layouts/{detector}/{model}_single_prompts")
    conda:
        "../../envs/seedbed.yaml"
    params:
        model=of_model,
        detector=DETECTOR,
        reading=reading_of_model,
        study={k: LOTTERY[k] for k in (*STUDIED_PROMPTS, "single_prompts")},
        made_by=detected_by("lottery_ticket/compare_prompts"),
    script:
        "../../scripts/lottery_ticket/compare_prompts.py"
