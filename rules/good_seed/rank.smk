"""Per-seed scores and golden seeds, for every ranking: an extractor, a scorer, or both.

Inputs: features and scores. Outputs: {run}/seeds/{model}/{ranking}/*
"""


rule score_seeds:
    """Scores of every seed on Set 1 and Set 2, with intervals, components of variance, nulls."""
    input:
        prompts=RUN.split("{model}", "ranking"),
        ranked=ranked_seeds_and_gaps,
        scores=ranked_scores,
    output:
        seeds=RUN.seeds("{model}", "{ranking}", "scores.parquet"),
        per_image=RUN.seeds("{model}", "{ranking}", "per_image.parquet"),
        evidence=RUN.seeds("{model}", "{ranking}", "evidence.json"),
    log:
        RUN.log("seeds/{model}/{ranking}/scores"),
    benchmark:
        RUN.benchmark("seeds/{model}/{ranking}/scores")
    conda:
        "../../envs/seedbed.yaml"
    resources:
        mem_mb=pictures_mb,
    params:
        study=study_at_hand,
        made_by=behind("good_seed/score_seeds"),
    script:
        "../../scripts/good_seed/score_seeds.py"


rule select_golden:
    """Seeds in the top share of every ranking on Set 1."""
    input:
        seeds=rules.score_seeds.output.seeds,
        prompts=RUN.split("{model}", "ranking"),
    output:
        golden=RUN.seeds("{model}", "{ranking}", "golden.json"),
    log:
        RUN.log("seeds/{model}/{ranking}/golden"),
    benchmark:
        RUN.benchmark("seeds/{model}/{ranking}/golden")
    conda:
        "../../envs/seedbed.yaml"
    params:
        share=STUDY["golden_share"],
        made_by=behind("good_seed/select_golden"),
    script:
        "../../scripts/good_seed/select_golden.py"
