"""The Storybook world: quality of its models, a contact sheet, their training.

Inputs: resources/storybook, the config. Outputs: {run}/storybook/*; training/* on demand.
"""

STORYBOOK = f"{RUN}/storybook"
TRAINED = "training"


rule measure_quality:
    """Are the right objects there, in the right colours? Judged against the world's truth."""
    output:
        rows=f"{STORYBOOK}/quality_{{model}}.parquet",
    log:
        log_of("storybook/quality_{model}"),
    benchmark:
        benchmark_of("storybook/quality_{model}")
    conda:
        "../envs/seedbed.yaml"
    threads: 1
    resources:
        mem_mb=4000,
    params:
        model=model_entry,
        weights=model_weights,
        quality=config["quality"],
        judge=config["extractors"][STUDY["extractor"]]["source"],
        judge_weights=weights_digest(config["extractors"][STUDY["extractor"]]["source"]),
        code=script_digest("measure_quality"),
    message:
        "{wildcards.model}: quality on {params.quality[prompts_per_kind]} prompts of each kind"
    script:
        "../scripts/measure_quality.py"


rule measure_evaluators:
    """How far the evaluators themselves can be trusted, on held-out scenes."""
    output:
        rows=f"{STORYBOOK}/quality_evaluators.parquet",
    log:
        log_of("storybook/quality_evaluators"),
    benchmark:
        benchmark_of("storybook/quality_evaluators")
    conda:
        "../envs/seedbed.yaml"
    threads: 1
    resources:
        mem_mb=4000,
    params:
        quality=config["quality"],
        net=config["extractors"][STUDY["extractor"]]["source"],
        net_weights=weights_digest(config["extractors"][STUDY["extractor"]]["source"]),
        weights=weights_digest(config["models"][STUDIED[0]]["source"]),
        clip=config["preferences"][STUDY["preference"]]["source"],
        clip_weights=weights_digest(config["preferences"][STUDY["preference"]]["source"]),
        vae=config["models"][STUDIED[0]]["source"],
        detector=DETECTOR,
        detector_weights=DETECTOR_WEIGHTS,
        code=script_digest("measure_evaluators"),
    message:
        "Quality of VAE, evaluators and detector on {params.quality[scenes]} held-out scenes"
    script:
        "../scripts/measure_evaluators.py"


rule make_quality_table:
    """The quality of all Storybook models beside the goals they were trained for."""
    input:
        models=expand(rules.measure_quality.output.rows, model=STUDIED),
        evaluators=rules.measure_evaluators.output.rows,
        goals="resources/storybook/goals.csv",
    output:
        csv=report(
            f"{STORYBOOK}/quality.csv",
            caption="../report/quality.rst",
            category="Storybook",
            subcategory="Tables",
            labels={"table": "quality", "shows": "the embedded models against the world's truth"},
        ),
        markdown=f"{STORYBOOK}/quality.md",
        latex=f"{STORYBOOK}/quality.tex",
    log:
        log_of("storybook/quality"),
    benchmark:
        benchmark_of("storybook/quality")
    conda:
        "../envs/seedbed.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        code=script_digest("make_quality_table"),
    message:
        "Quality of the Storybook models"
    script:
        "../scripts/make_quality_table.py"


rule plot_contact_sheet:
    """Seeds down, prompts across."""
    input:
        prompts=f"{RUN}/prompts/{STUDY['transfer_prompts']}.parquet",
    output:
        png=report(
            f"{STORYBOOK}/contact_sheet_{{model}}.png",
            caption="../report/contact_sheet.rst",
            category="Storybook",
            subcategory="Figures",
            labels={"figure": "contact sheet", "shows": "{model}: seeds down, prompts across"},
        ),
        pdf=f"{STORYBOOK}/contact_sheet_{{model}}.pdf",
    log:
        log_of("storybook/contact_sheet_{model}"),
    benchmark:
        benchmark_of("storybook/contact_sheet_{model}")
    conda:
        "../envs/seedbed.yaml"
    threads: 1
    resources:
        mem_mb=4000,
    params:
        model=model_entry,
        weights=model_weights,
        sheet=STUDY["contact_sheet"],
        code=script_digest("plot_contact_sheet"),
    message:
        "{wildcards.model}: contact sheet"
    script:
        "../scripts/plot_contact_sheet.py"


rule storybook:
    """Everything about the Storybook models."""
    input:
        rules.make_quality_table.output,
        expand(rules.plot_contact_sheet.output, model=STUDIED),


rule check_artefacts:
    """Checks on the finished tables and figures of this run."""
    input:
        rules.good_seed.input,
        rules.lottery_ticket.input,
        rules.storybook.input,
    output:
        f"{RUN}/artefacts_checked.txt",
    log:
        log_of("artefacts_checked"),
    benchmark:
        benchmark_of("artefacts_checked")
    conda:
        "../envs/seedbed.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        models=STUDIED,
        code=script_digest("check_artefacts"),
    message:
        "Check the finished tables and figures"
    script:
        "../scripts/check_artefacts.py"
