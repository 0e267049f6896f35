"""Training of the Storybook models, on demand: snakemake --cores all train_storybook

Inputs: the world alone. Outputs: marks under training/, and resources/storybook, which is
not declared as an output so that no ordinary run ever retrains. Checkpoints resume.
"""


rule train_model:
    """One stage of training; resumes from its checkpoint."""
    input:
        marks_before,
    output:
        mark=f"{TRAINING}/{{stage}}.done",
    log:
        f"{TRAINING}/logs/{{stage}}.log",
    benchmark:
        f"{TRAINING}/benchmarks/{{stage}}.tsv"
    wildcard_constraints:
        stage="|".join(TRAINING_ORDER),
    conda:
        "../envs/seedbed.yaml"
    threads: workflow.cores
    resources:
        mem_mb=12000,
    params:
        entry=config["training"],
    message:
        "Train the Storybook models: {wildcards.stage}"
    script:
        "../scripts/train_model.py"


rule publish_storybook:
    """Write resources/storybook from what was trained."""
    input:
        expand(rules.train_model.output.mark, stage=TRAINING_ORDER),
    output:
        mark=f"{TRAINING}/published.done",
    log:
        f"{TRAINING}/logs/publish.log",
    benchmark:
        f"{TRAINING}/benchmarks/publish.tsv"
    conda:
        "../envs/seedbed.yaml"
    threads: 1
    resources:
        mem_mb=4000,
    params:
        target="resources/storybook",
    message:
        "Publish the Storybook models to {params.target}"
    script:
        "../scripts/publish_storybook.py"


rule train_storybook:
    """Retrain every Storybook model."""
    input:
        rules.publish_storybook.output,
