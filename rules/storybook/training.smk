"""Training of the Storybook models, on demand: snakemake --cores all train_storybook

Inputs: configs/training.yaml and the world. Outputs: marks under training/, and

resources/storybook, which is not declared as an output so that no ordinary run ever retrains.

Checkpoints resume.
"""


rule train_model:
    """One stage of training; resumes from its checkpoint."""
    input:
        marks_before,
    output:
        mark=f"{TRAINED}/{{stage}}.done",
    log:
        f"{TRAINED}/logs/{{stage}}.log",
    benchmark:
        f"{TRAINED}/benchmarks/{{stage}}.tsv"
    wildcard_constraints:
        stage="|".join(STAGES),
    conda:
        "../../envs/seedbed.yaml"
    threads: TRAINING["workers"]
    resources:
        mem_mb=12000,
    params:
        entry=TRAINING,
    script:
        "../../scripts/storybook/train_model.py"


rule publish_storybook:
    """Write resources/storybook from what was trained."""
    input:
        expand(f"{TRAINED}/{{stage}}.done", stage=STAGES),
    output:
        mark=f"{TRAINED}/published.done",
    log:
        f"{TRAINED}/logs/publish.log",
    benchmark:
        f"{TRAINED}/benchmarks/publish.tsv"
    conda:
        "../../envs/seedbed.yaml"
    params:
        target="resources/storybook",
    script:
        "../../scripts/storybook/publish_storybook.py"


rule train_storybook:
    """Retrain every Storybook model."""
    input:
        rules.publish_storybook.output,
