"""Diverse seeds against random ones and Particle Guidance (Table 2, Figure 11).

Inputs: the survey and what was measured on it.
Outputs: {run}/images/{model}/diversity/*, {run}/seeds/{model}/diverse.json, diversity/*
"""

TRIED = RUN.diversity_shard("{model}", "{aim}", "{arm}")


rule split_diversity:
    """Prompts for the trial of diverse seeds that chose none of them."""
    input:
        judging=RUN.split("{model}", "judging"),
        source=survey_source,
        survey=RUN.split("{model}", "survey"),
    output:
        prompts=RUN.split("{model}", "diversity"),
    log:
        RUN.log("prompts/good_seed/{model}/diversity"),
    benchmark:
        RUN.benchmark("prompts/good_seed/{model}/diversity")
    conda:
        "../../envs/seedbed.yaml"
    params:
        counts=diverse_counts,
        seed=STUDY["split_seed"],
        made_by=behind("good_seed/split_diversity"),
    script:
        "../../scripts/good_seed/split_diversity.py"


rule select_diverse:
    """Farthest-point sampling on style and on composition (4.2, equation 1)."""
    input:
        style=measured_survey("style"),
        composition=measured_survey("composition"),
        survey=RUN.split("{model}", "survey"),
    output:
        diverse=RUN.seed_study("{model}", "diverse.json"),
    log:
        RUN.log("seeds/{model}/diverse"),
    benchmark:
        RUN.benchmark("seeds/{model}/diverse")
    conda:
        "../../envs/seedbed.yaml"
    resources:
        mem_mb=style_mb,
    params:
        diversity=diverse_groups,
        seed=STUDY["statistics_seed"],
        made_by=behind("good_seed/select_diverse"),
    script:
        "../../scripts/good_seed/select_diverse.py"


rule generate_diverse:
    """Groups of images of each prompt: random, diverse or guided seeds (4.2)."""
    input:
        diverse=rules.select_diverse.output.diverse,
        prompts=rules.split_diversity.output.prompts,
        tuned=tuned_guidance,
    output:
        images=RUN.images(TRIED),
        groups=RUN.diversity_groups("{model}", "{aim}", "{arm}"),
    log:
        RUN.log(f"images/{TRIED}"),
    benchmark:
        RUN.benchmark(f"images/{TRIED}")
    wildcard_constraints:
        aim=AIM,
        arm="|".join(diversity_arms.ARMS),
    conda:
        "../../envs/seedbed.yaml"
    params:
        model=of_model,
        trial=diverse_trial,
        made_by=trial_made_by,
    script:
        "../../scripts/good_seed/generate_diverse.py"


rule judge_diversity:
    """How alike the images of a group are, against random groups (4.2, equation 2)."""
    input:
        groups=diverse_files(RUN.diversity_groups),
        measured=measured_groups,
        scores=scored_groups,
    output:
        judged=RUN.seed_study("{model}", "diversity/{aim}.parquet"),
    log:
        RUN.log("seeds/{model}/diversity/{aim}"),
    benchmark:
        RUN.benchmark("seeds/{model}/diversity/{aim}")
    wildcard_constraints:
        aim=AIM,
    conda:
        "../../envs/seedbed.yaml"
    resources:
        mem_mb=groups_mb,
    params:
        aim="{aim}",
        settings=judged_diversity,
        made_by=behind("good_seed/judge_diversity"),
    script:
        "../../scripts/good_seed/judge_diversity.py"


rule crossfit_diverse:
    """Diverse seeds chosen on half of the survey and judged on the other, from every first seed."""
    input:
        measured=surveyed_by_aim,
        survey=RUN.split("{model}", "survey"),
    output:
        crossfitted=RUN.seed_study("{model}", "diversity/{aim}_survey.parquet"),
    log:
        RUN.log("seeds/{model}/diversity/{aim}_survey"),
    benchmark:
        RUN.benchmark("seeds/{model}/diversity/{aim}_survey")
    wildcard_constraints:
        aim=AIM,
    conda:
        "../../envs/seedbed.yaml"
    resources:
        mem_mb=style_mb,
    params:
        aim="{aim}",
        settings=judged_diversity,
        made_by=behind("good_seed/crossfit_diverse"),
    script:
        "../../scripts/good_seed/crossfit_diverse.py"
