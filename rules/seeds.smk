"""Per-seed scores, golden seeds and how they are judged.

Inputs: features and preference scores. Outputs: {run}/seeds/{model}/…
"""

FEATURES = f"{RUN}/features/{STUDY['extractor']}"
SCORES = f"{RUN}/scores/{STUDY['preference']}"
STATISTICS = {
    "bootstrap": STUDY["bootstrap"],
    "permutations": STUDY["permutations"],
    "level": STUDY["interval"],
    "seed": STUDY["statistics_seed"],
}


rule score_seeds:
    """Fréchet distance and preference of every seed on Set 1 and Set 2, with intervals and nulls."""
    input:
        prompts=rules.split_prompts.output.ranking,
        features=expand(f"{FEATURES}/{{{{model}}}}/ranking/{{seeds}}.safetensors", seeds=RANGES),
        scores=expand(f"{SCORES}/{{{{model}}}}/ranking/{{seeds}}.parquet", seeds=RANGES),
        reference=f"{FEATURES}/reference/world.safetensors",
    output:
        seeds=f"{RUN}/seeds/{{model}}/scores.parquet",
        evidence=f"{RUN}/seeds/{{model}}/evidence.json",
    log:
        log_of("seeds/{model}/scores"),
    benchmark:
        benchmark_of("seeds/{model}/scores")
    conda:
        "../envs/seedbed.yaml"
    threads: 1
    resources:
        mem_mb=4000,
    params:
        statistics=STATISTICS,
        code=script_digest("score_seeds"),
    message:
        "{wildcards.model}: score every seed on Set 1 and Set 2"
    script:
        "../scripts/score_seeds.py"


rule select_golden:
    """Seeds in the top share of both rankings on Set 1."""
    input:
        seeds=rules.score_seeds.output.seeds,
        prompts=rules.split_prompts.output.ranking,
    output:
        golden=f"{RUN}/seeds/{{model}}/golden.json",
    log:
        log_of("seeds/{model}/golden"),
    benchmark:
        benchmark_of("seeds/{model}/golden")
    conda:
        "../envs/seedbed.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        share=STUDY["golden_share"],
        code=script_digest("select_golden"),
    message:
        "{wildcards.model}: golden seeds, top {params.share} by both scores on Set 1"
    script:
        "../scripts/select_golden.py"


rule judge_golden:
    """Golden, random and fresh seeds on prompts that chose none of them."""
    input:
        golden=rules.select_golden.output.golden,
        prompts=rules.split_prompts.output.judging,
        pairs=rules.generate_arms.output.pairs,
        features=f"{FEATURES}/{{model}}/judging/arms.safetensors",
        scores=f"{SCORES}/{{model}}/judging/arms.parquet",
        reference=f"{FEATURES}/reference/world.safetensors",
    output:
        trials=f"{RUN}/seeds/{{model}}/judged.parquet",
        differences=f"{RUN}/seeds/{{model}}/judged_differences.parquet",
    log:
        log_of("seeds/{model}/judged"),
    benchmark:
        benchmark_of("seeds/{model}/judged")
    conda:
        "../envs/seedbed.yaml"
    threads: 1
    resources:
        mem_mb=4000,
    params:
        arms=ARMS,
        statistics=STATISTICS,
        code=script_digest("judge_golden"),
    message:
        "{wildcards.model}: judge golden seeds against random and fresh ones"
    script:
        "../scripts/judge_golden.py"
