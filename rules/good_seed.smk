"""Tables and figures of Good Seed (Xu, Zhang, Shi).

Inputs: per-seed scores, judged trials, images. Outputs: {run}/good_seed/*
"""

STUDIED = STUDY["models"]
TABLES = f"{RUN}/good_seed"
FIGURES = f"{RUN}/good_seed/figures"
METRICS = {
    "fd": config["extractors"][STUDY["extractor"]]["metric"],
    "preference": config["preferences"][STUDY["preference"]]["metric"],
}
BESIDE = {
    "models": {m: config["paper"][m] for m in STUDIED},
    "metrics": {
        "fd": {"name": METRICS["fd"]} | config["paper"][STUDY["extractor"]],
        "preference": {"name": METRICS["preference"]} | config["paper"][STUDY["preference"]],
    },
}


rule make_table1:
    """Table 1: golden against random seeds."""
    input:
        trials=expand(rules.judge_golden.output.trials, model=STUDIED),
        differences=expand(rules.judge_golden.output.differences, model=STUDIED),
        paper="resources/paper/good_seed_table1.csv",
    output:
        csv=report(
            f"{TABLES}/table1_golden_vs_random.csv",
            caption="../report/table1.rst",
            category="Good Seed",
            subcategory="Tables",
            labels={"table": "1", "shows": "golden against random seeds"},
        ),
        markdown=f"{TABLES}/table1_golden_vs_random.md",
        latex=f"{TABLES}/table1_golden_vs_random.tex",
    log:
        log_of("good_seed/table1"),
    benchmark:
        benchmark_of("good_seed/table1")
    conda:
        "../envs/seedbed.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        beside=BESIDE,
        parts={"test": STUDY["prompts"], "transfer": STUDY["transfer_prompts"]},
        level=STUDY["interval"],
        code=script_digest("make_table1"),
    message:
        "Good Seed, Table 1"
    script:
        "../scripts/make_table1.py"


rule make_evidence_table:
    """What stands behind the golden seeds: overlap, reliability, permutation nulls."""
    input:
        golden=expand(rules.select_golden.output.golden, model=STUDIED),
        evidence=expand(rules.score_seeds.output.evidence, model=STUDIED),
        seeds=expand(rules.score_seeds.output.seeds, model=STUDIED),
        paper="resources/paper/good_seed_evidence.csv",
    output:
        csv=report(
            f"{TABLES}/golden_evidence.csv",
            caption="../report/golden_evidence.rst",
            category="Good Seed",
            subcategory="Tables",
            labels={"table": "evidence", "shows": "golden seeds beside what chance gives"},
        ),
        markdown=f"{TABLES}/golden_evidence.md",
        latex=f"{TABLES}/golden_evidence.tex",
    log:
        log_of("good_seed/golden_evidence"),
    benchmark:
        benchmark_of("good_seed/golden_evidence")
    conda:
        "../envs/seedbed.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        beside=BESIDE,
        code=script_digest("make_evidence_table"),
    message:
        "Good Seed, evidence behind the golden seeds"
    script:
        "../scripts/make_evidence_table.py"


rule plot_swap:
    """Figure 2: swapping the seed in the middle of denoising."""
    input:
        rows=rules.swap_seeds.output.rows,
        images=rules.swap_seeds.output.images,
    output:
        grid=report(
            f"{FIGURES}/fig2_seed_swap.png",
            caption="../report/fig2.rst",
            category="Good Seed",
            subcategory="Figures",
            labels={"figure": "2", "shows": "seed swap, pictures"},
        ),
        grid_pdf=f"{FIGURES}/fig2_seed_swap.pdf",
        curve=report(
            f"{FIGURES}/fig2_seed_swap_difference.png",
            caption="../report/fig2_difference.rst",
            category="Good Seed",
            subcategory="Figures",
            labels={"figure": "2", "shows": "seed swap, difference by step"},
        ),
        curve_pdf=f"{FIGURES}/fig2_seed_swap_difference.pdf",
    log:
        log_of("good_seed/fig2"),
    benchmark:
        benchmark_of("good_seed/fig2")
    conda:
        "../envs/seedbed.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        swap=STUDY["swap"],
        code=script_digest("plot_swap"),
    message:
        "Good Seed, Figure 2"
    script:
        "../scripts/plot_swap.py"


rule plot_kinds:
    """Figure 3: the kinds of prompts, with the first seeds."""
    input:
        images=expand(rules.generate_examples.output.images, model=STUDIED),
        prompts=expand(rules.generate_examples.output.prompts, model=STUDIED),
    output:
        png=report(
            f"{FIGURES}/fig3_prompt_kinds.png",
            caption="../report/fig3.rst",
            category="Good Seed",
            subcategory="Figures",
            labels={"figure": "3", "shows": "kinds of prompts"},
        ),
        pdf=f"{FIGURES}/fig3_prompt_kinds.pdf",
    log:
        log_of("good_seed/fig3"),
    benchmark:
        benchmark_of("good_seed/fig3")
    conda:
        "../envs/seedbed.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        models=STUDIED,
        code=script_digest("plot_kinds"),
    message:
        "Good Seed, Figure 3"
    script:
        "../scripts/plot_kinds.py"


rule plot_extremes:
    """Figure 5: the best and worst seeds by each score on Set 1."""
    input:
        seeds=rules.score_seeds.output.seeds,
        prompts=rules.split_prompts.output.ranking,
        images=expand(rules.generate_images.output.images, seeds=RANGES, allow_missing=True),
    output:
        png=report(
            f"{FIGURES}/fig5_best_and_worst_{{model}}.png",
            caption="../report/fig5.rst",
            category="Good Seed",
            subcategory="Figures",
            labels={"figure": "5", "shows": "best and worst seeds, {model}"},
        ),
        pdf=f"{FIGURES}/fig5_best_and_worst_{{model}}.pdf",
    log:
        log_of("good_seed/fig5_{model}"),
    benchmark:
        benchmark_of("good_seed/fig5_{model}")
    conda:
        "../envs/seedbed.yaml"
    threads: 1
    resources:
        mem_mb=2000,
    params:
        figure=STUDY["extremes_figure"],
        metrics=METRICS,
        code=script_digest("plot_extremes"),
    message:
        "Good Seed, Figure 5, {wildcards.model}"
    script:
        "../scripts/plot_extremes.py"


rule plot_ranking:
    """Figures 6 and 7: per-seed scores sorted on Set 1, on both prompt sets."""
    input:
        seeds=expand(rules.score_seeds.output.seeds, model=STUDIED),
        evidence=expand(rules.score_seeds.output.evidence, model=STUDIED),
    output:
        png=report(
            f"{FIGURES}/{{figure}}.png",
            caption="../report/fig6_7.rst",
            category="Good Seed",
            subcategory="Figures",
            labels={"figure": "{figure}", "shows": "sorted seeds, Set 1 against Set 2"},
        ),
        pdf=f"{FIGURES}/{{figure}}.pdf",
    log:
        log_of("good_seed/{figure}"),
    benchmark:
        benchmark_of("good_seed/{figure}")
    wildcard_constraints:
        figure="fig6_ranking_fd|fig7_ranking_preference",
    conda:
        "../envs/seedbed.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        models=STUDIED,
        metrics=METRICS,
        code=script_digest("plot_ranking"),
    message:
        "Good Seed, {wildcards.figure}"
    script:
        "../scripts/plot_ranking.py"


rule good_seed:
    """Everything of Good Seed that is built so far."""
    input:
        rules.make_table1.output,
        rules.make_evidence_table.output,
        rules.plot_swap.output,
        rules.plot_kinds.output,
        expand(rules.plot_extremes.output, model=STUDIED),
        expand(rules.plot_ranking.output, figure=["fig6_ranking_fd", "fig7_ranking_preference"]),
