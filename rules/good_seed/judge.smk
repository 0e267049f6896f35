"""Golden seeds against random and fresh ones, on prompts that chose none of them.

Inputs: golden seeds, measured ranking images. Outputs: {run}/images/{model}/judging/*, {run}/seeds/{model}/{ranking}/*
"""


rule draw_arms:
    """Which seed every arm has for every test prompt, trial by trial."""
    input:
        prompts=RUN.split("{model}", "judging"),
        golden=rules.select_golden.output.golden,
    output:
        pairs=RUN.judging_pairs("{model}", "{ranking}"),
    log:
        RUN.log("images/{model}/judging/{ranking}"),
    benchmark:
        RUN.benchmark("images/{model}/judging/{ranking}")
    conda:
        "../../envs/seedbed.yaml"
    params:
        trial=trial_at_hand,
        made_by=behind("good_seed/draw_arms"),
    script:
        "../../scripts/good_seed/draw_arms.py"


rule generate_arms:
    """A range of the test prompts with their seeds; a picture that arms share is drawn once."""
    input:
        prompts=RUN.split("{model}", "judging"),
        states=RUN.states("{model}", "judging"),
        pairs=rules.draw_arms.output.pairs,
    output:
        images=RUN.images(RUN.judging_shard("{model}", "{ranking}", "{tests}")),
    log:
        RUN.log("images/{model}/judging/{ranking}/{tests}"),
    benchmark:
        RUN.benchmark("images/{model}/judging/{ranking}/{tests}")
    conda:
        "../../envs/seedbed.yaml"
    params:
        model=of_model,
        drawn=drawn_how,
        made_by=drawn_by("good_seed/generate_arms"),
    script:
        "../../scripts/good_seed/generate_arms.py"


rule judge_golden:
    """All arms on prompts that chose none of their seeds (Good Seed, 4.1).

    The script refuses prompts that any golden seed was chosen on.
    """
    input:
        golden=rules.select_golden.output.golden,
        prompts=RUN.split("{model}", "judging"),
        pairs=rules.draw_arms.output.pairs,
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
        statistics=JUDGEMENT,
        made_by=behind("good_seed/judge_golden"),
    script:
        "../../scripts/good_seed/judge_golden.py"


rule crossfit_golden:
    """Golden seeds chosen on Set 1 and judged on Set 2, and back.

    From the ranking images themselves: nothing is drawn.
    """
    input:
        prompts=RUN.split("{model}", "ranking"),
        seeds=rules.score_seeds.output.seeds,
        features=ranked_and_reference_features,
        ranked=ranked_seeds,
        scores=ranked_scores,
    output:
        judged=[
            RUN.seeds("{model}", "{ranking}", "crossfit.parquet"),
            RUN.seeds("{model}", "{ranking}", "crossfit_differences.parquet"),
        ],
    log:
        RUN.log("seeds/{model}/{ranking}/crossfit"),
    benchmark:
        RUN.benchmark("seeds/{model}/{ranking}/crossfit")
    conda:
        "../../envs/seedbed.yaml"
    resources:
        mem_mb=crossfit_mb,
    params:
        study=crossfit_at_hand,
        made_by=behind("good_seed/crossfit_golden"),
    script:
        "../../scripts/good_seed/crossfit_golden.py"


rule price_fixed_seed:
    """The cost of one seed for all prompts, from the ranking images themselves."""
    input:
        prompts=RUN.split("{model}", "ranking"),
        features=exchanged_and_reference_features,
        scores=exchanged_scores,
    output:
        cost=RUN.seeds("{model}", "{ranking}", "fixed_seed.parquet"),
    log:
        RUN.log("seeds/{model}/{ranking}/fixed_seed"),
    benchmark:
        RUN.benchmark("seeds/{model}/{ranking}/fixed_seed")
    conda:
        "../../envs/seedbed.yaml"
    resources:
        mem_mb=exchange_mb,
    params:
        study=priced_how,
        made_by=behind("good_seed/price_fixed_seed"),
    script:
        "../../scripts/good_seed/price_fixed_seed.py"
