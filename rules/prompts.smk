"""Prompt sets and their splits.

Inputs: word lists, downloaded or local files, the Storybook world.
Outputs: {run}/prompts/<set>.parquet, {run}/prompts/good_seed.parquet.
"""


rule make_prompts:
    output:
        table=f"{RUN}/prompts/{{prompt_set}}.parquet",
    log:
        log_of("prompts/{prompt_set}"),
    benchmark:
        benchmark_of("prompts/{prompt_set}")
    conda:
        "../envs/seedbed.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        entry=prompt_entry,
        code=script_digest("make_prompts"),
    message:
        "Prompt set {wildcards.prompt_set}"
    script:
        "../scripts/make_prompts.py"


rule split_prompts:
    """Draw Set 1, Set 2 and the test set, once for all models."""
    input:
        source=f"{RUN}/prompts/{STUDY['prompts']}.parquet",
        transfer=f"{RUN}/prompts/{STUDY['transfer_prompts']}.parquet",
    output:
        ranking=f"{RUN}/prompts/good_seed/ranking.parquet",
        judging=f"{RUN}/prompts/good_seed/judging.parquet",
    log:
        log_of("prompts/good_seed/split"),
    benchmark:
        benchmark_of("prompts/good_seed/split")
    conda:
        "../envs/seedbed.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        splits=STUDY["splits"],
        seed=STUDY["split_seed"],
        code=script_digest("split_prompts"),
    message:
        "Draw disjoint splits from {input.source} with seed {params.seed}"
    script:
        "../scripts/split_prompts.py"
