"""Golden seeds against random and fresh ones, on prompts that chose none of them.

Inputs: golden seeds. Outputs: {run}/images/{model}/judging/*, {run}/seeds/{model}/{ranking}/*
"""


rule generate_arms:
    """One seed per test prompt, trial and arm: golden, random and fresh seeds."""
    input:
        prompts=RUN.split("{model}", "judging"),
        golden=rules.select_golden.output.golden,
    output:
        images=RUN.images(RUN.judging_shard("{model}", "{ranking}")),
        pairs=RUN.judging_pairs("{model}", "{ranking}"),
    log:
        RUN.log("images/{model}/judging/{ranking}"),
    benchmark:
        RUN.benchmark("images/{model}/judging/{ranking}")
    conda:
        "../../envs/seedbed.yaml"
    params:
        model=of_model,
        trial=trial_at_hand,
        made_by=drawn_by("good_seed/generate_arms"),
    script:
        "../../scripts/good_seed/generate_arms.py"


rule judge_golden:
    """Golden, random and fresh seeds on prompts that chose none of them (Good Seed, 4.1).

    The script refuses prompts that any golden seed was chosen on.
    """
    input:
        golden=rules.select_golden.output.golden,
        prompts=RUN.split("{model}", "judging"),
        pairs=rules.generate_arms.output.pairs,
        features=judged_features,
        scores=judged_scores,
    output:
        judged=[
            RUN.seeds("{model}", "{ranking}", "judged.parquet"),
            RUN.seeds("{model}", "{ranking}", "judged_differences.parquet"),
        ],
    log:
        RUN.log("seeds/{model}/{ranking}/judged"),
    benchmark:
        RUN.benchmark("seeds/{model}/{ranking}/judged")
    conda:
        "../../envs/seedbed.yaml"
    params:
        statistics=STATISTICS,
        made_by=behind("good_seed/judge_golden"),
    script:
        "../../scripts/good_seed/judge_golden.py"
