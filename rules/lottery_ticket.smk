"""Tables and figures of Lottery Ticket.

Inputs: layouts, tickets, images and scores of every arm. Outputs: {run}/lottery_ticket/*
"""

L_TABLES = f"{RUN}/lottery_ticket"
L_FIGURES = f"{L_TABLES}/figures"
L_LAYOUTS = f"{RUN}/layouts/{LOTTERY['layouts']}.parquet"
# What the captions of the tables say about the run.
L_ABOUT = {
    "model": LOTTERY["model"],
    "detector": LOTTERY["detector"],
    "confidences": LOTTERY["confidences"],
    "level": LOTTERY["interval"],
    "rule": LOTTERY["rule"],
    "score_mode": LOTTERY["score_mode"],
    "layer": LOTTERY["layer"],
    "noises": LOTTERY["noises"]["count"],
    "note": LOTTERY["note"],
    "stride": LOTTERY["sensitivity"]["stride"],
}
L_STATISTICS = {k: LOTTERY[k] for k in ("bootstrap", "interval", "statistics_seed")}


rule make_lottery_table:
    """Table 1: every method. Table 2: SemI with other settings."""
    input:
        layouts=L_LAYOUTS,
        levels=rules.score_layouts.output.levels,
        differences=rules.score_layouts.output.differences,
        tuned=expand(rules.tune_control.output.chosen, control=TUNED),
        constructions=constructions_of_table,
        paper="resources/paper/lottery_table{number}.csv",
    output:
        csv=report(
            f"{L_TABLES}/table{{number}}.csv",
            caption="../report/lottery_table.rst",
            category="Lottery Ticket",
            subcategory="Tables",
            labels={"table": "{number}", "shows": "control strength, IoU and R_suc"},
        ),
        markdown=f"{L_TABLES}/table{{number}}.md",
        latex=f"{L_TABLES}/table{{number}}.tex",
    log:
        log_of("lottery_ticket/table{number}"),
    benchmark:
        benchmark_of("lottery_ticket/table{number}")
    wildcard_constraints:
        number="1|2",
    conda:
        "../envs/seedbed.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        number="{number}",
        labels=labels_of_table,
        run=L_ABOUT,
        controls=TUNED,
        built_arms=built_arms_of_table,
        code=script_digest("make_lottery_table"),
    message:
        "Lottery Ticket, Table {wildcards.number}"
    script:
        "../scripts/make_lottery_table.py"


rule make_ticket_tables:
    """Property tests, cost of the collection, constants tried, SemI beside its rivals."""
    input:
        properties=rules.test_properties.output.rows,
        costs=expand(rules.collect_tickets.output.cost, noises=NOISES),
        tuning=expand(rules.tune_control.output.rows, control=TUNED),
        differences=rules.score_layouts.output.differences,
        paper="resources/paper/lottery_table1.csv",
    output:
        comparison=report(
            f"{L_TABLES}/comparison.csv",
            caption="../report/lottery_comparison.rst",
            category="Lottery Ticket",
            subcategory="Tables",
            labels={"table": "comparison", "shows": "SemI against Paint, Swap, Soft, BoxDiff"},
        ),
        comparison_md=f"{L_TABLES}/comparison.md",
        comparison_tex=f"{L_TABLES}/comparison.tex",
        properties=report(
            f"{L_TABLES}/properties.csv",
            caption="../report/lottery_properties.rst",
            category="Lottery Ticket",
            subcategory="Tables",
            labels={
                "table": "property tests",
                "shows": "tickets moved to other places, noises, prompts",
            },
        ),
        properties_md=f"{L_TABLES}/properties.md",
        properties_tex=f"{L_TABLES}/properties.tex",
        cost=report(
            f"{L_TABLES}/cost.csv",
            caption="../report/lottery_cost.rst",
            category="Lottery Ticket",
            subcategory="Tables",
            labels={"table": "cost", "shows": "what the ticket collection took"},
        ),
        cost_md=f"{L_TABLES}/cost.md",
        cost_tex=f"{L_TABLES}/cost.tex",
        tuning=report(
            f"{L_TABLES}/tuning.csv",
            caption="../report/lottery_tuning.rst",
            category="Lottery Ticket",
            subcategory="Tables",
            labels={"table": "tuning", "shows": "constants tried on held-out layouts"},
        ),
        tuning_md=f"{L_TABLES}/tuning.md",
        tuning_tex=f"{L_TABLES}/tuning.tex",
    log:
        log_of("lottery_ticket/ticket_tables"),
    benchmark:
        benchmark_of("lottery_ticket/ticket_tables")
    conda:
        "../envs/seedbed.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        statistics=L_STATISTICS,
        controls=TUNED,
        contrasts=contrasts_of(LAYOUT_ARMS),
        labels=ARM_TABLES["1"],
        about=L_ABOUT,
        code=script_digest("make_ticket_tables"),
    message:
        "Lottery Ticket, property tests, cost and tuning"
    script:
        "../scripts/make_ticket_tables.py"


rule plot_tickets:
    """Figures 1 to 3: a noise and its tickets, the collection, its scores."""
    input:
        images=rules.draw_scenes.output.images,
        scenes=rules.draw_scenes.output.objects,
        tickets=TICKETS,
    output:
        concept=report(
            f"{L_FIGURES}/fig1_concept.png",
            caption="../report/lottery_fig1.rst",
            category="Lottery Ticket",
            subcategory="Figures",
            labels={"figure": "1", "shows": "a noise, its tickets, what they become"},
        ),
        concept_pdf=f"{L_FIGURES}/fig1_concept.pdf",
        collection=report(
            f"{L_FIGURES}/fig2_collection.png",
            caption="../report/lottery_fig2.rst",
            category="Lottery Ticket",
            subcategory="Figures",
            labels={"figure": "2", "shows": "the ticket collection"},
        ),
        collection_pdf=f"{L_FIGURES}/fig2_collection.pdf",
        scores=report(
            f"{L_FIGURES}/fig3_scores.png",
            caption="../report/lottery_fig3.rst",
            category="Lottery Ticket",
            subcategory="Figures",
            labels={"figure": "3", "shows": "score distributions and thresholds"},
        ),
        scores_pdf=f"{L_FIGURES}/fig3_scores.pdf",
    log:
        log_of("lottery_ticket/fig1_to_3"),
    benchmark:
        benchmark_of("lottery_ticket/fig1_to_3")
    conda:
        "../envs/seedbed.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        study={k: LOTTERY[k] for k in ("rule", "sensitivity")},
        noises=ALL_NOISES,
        code=script_digest("plot_tickets"),
    message:
        "Lottery Ticket, Figures 1 to 3"
    script:
        "../scripts/plot_tickets.py"


rule plot_scenes:
    """Figures 4 to 7: scenes from random and from constructed noise."""
    input:
        images=rules.draw_scenes.output.images,
        scenes=rules.draw_scenes.output.objects,
    output:
        fig4=report(
            f"{L_FIGURES}/fig4_on_the_fly.png",
            caption="../report/lottery_fig4_7.rst",
            category="Lottery Ticket",
            subcategory="Figures",
            labels={"figure": "4", "shows": "three objects, other prompts"},
        ),
        fig4_pdf=f"{L_FIGURES}/fig4_on_the_fly.pdf",
        fig5=report(
            f"{L_FIGURES}/fig5_regions.png",
            caption="../report/lottery_fig4_7.rst",
            category="Lottery Ticket",
            subcategory="Figures",
            labels={"figure": "5", "shows": "the same prompt, other regions"},
        ),
        fig5_pdf=f"{L_FIGURES}/fig5_regions.pdf",
        fig6=report(
            f"{L_FIGURES}/fig6_background.png",
            caption="../report/lottery_fig4_7.rst",
            category="Lottery Ticket",
            subcategory="Figures",
            labels={"figure": "6", "shows": "background regions"},
        ),
        fig6_pdf=f"{L_FIGURES}/fig6_background.pdf",
        fig7=report(
            f"{L_FIGURES}/fig7_prompts.png",
            caption="../report/lottery_fig4_7.rst",
            category="Lottery Ticket",
            subcategory="Figures",
            labels={"figure": "7", "shows": "one noise, several prompts"},
        ),
        fig7_pdf=f"{L_FIGURES}/fig7_prompts.pdf",
    log:
        log_of("lottery_ticket/fig4_to_7"),
    benchmark:
        benchmark_of("lottery_ticket/fig4_to_7")
    conda:
        "../envs/seedbed.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        code=script_digest("plot_scenes"),
    message:
        "Lottery Ticket, Figures 4 to 7"
    script:
        "../scripts/plot_scenes.py"


rule find_failures:
    """Figure 8 and failure rates, found by rule among all images of SD and SemI."""
    input:
        layouts=L_LAYOUTS,
        objects=rules.score_layouts.output.objects,
        images=expand(rules.draw_layouts.output.images, arm=["sd", "semi"]),
        detections=expand(f"{RUN}/detections/{{arm}}.parquet", arm=["sd", "semi"]),
        construction=f"{LAYOUT_IMAGES}/semi.construction.parquet",
    output:
        rows=f"{RUN}/scores/layouts/failures.parquet",
        csv=report(
            f"{L_TABLES}/failures.csv",
            caption="../report/lottery_failures.rst",
            category="Lottery Ticket",
            subcategory="Tables",
            labels={"table": "failures", "shows": "failure rates of SD and SemI"},
        ),
        markdown=f"{L_TABLES}/failures.md",
        latex=f"{L_TABLES}/failures.tex",
        png=report(
            f"{L_FIGURES}/fig8_failures.png",
            caption="../report/lottery_fig8.rst",
            category="Lottery Ticket",
            subcategory="Figures",
            labels={"figure": "8", "shows": "failures found by rule"},
        ),
        pdf=f"{L_FIGURES}/fig8_failures.pdf",
    log:
        log_of("lottery_ticket/failures"),
    benchmark:
        benchmark_of("lottery_ticket/failures")
    conda:
        "../envs/seedbed.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        labels={"sd": "SD", "semi": "SemI"},
        about=L_ABOUT,
        shown="semi",
        examples=4,
        confidence=LOTTERY["confidences"][0],
        statistics=L_STATISTICS,
        code=script_digest("find_failures"),
    message:
        "Lottery Ticket, Figure 8 and failure rates"
    script:
        "../scripts/find_failures.py"


rule plot_layouts:
    """Methods by size, layers as the source of scores, property tests, non-Gaussian latents."""
    input:
        objects=rules.score_layouts.output.objects,
        levels=rules.score_layouts.output.levels,
        layers=rules.compare_layers.output.objects,
        properties=rules.test_properties.output.rows,
        properties_table=rules.make_ticket_tables.output.properties,
        construction=f"{LAYOUT_IMAGES}/semi.construction.parquet",
        paper="resources/paper/lottery_table1.csv",
    output:
        methods=report(
            f"{L_FIGURES}/methods.png",
            caption="../report/lottery_methods.rst",
            category="Lottery Ticket",
            subcategory="Figures",
            labels={"figure": "methods", "shows": "R_suc of every method by size"},
        ),
        methods_pdf=f"{L_FIGURES}/methods.pdf",
        layers=report(
            f"{L_FIGURES}/layers.png",
            caption="../report/lottery_layers.rst",
            category="Lottery Ticket",
            subcategory="Figures",
            labels={
                "figure": "layers",
                "shows": "every cross-attention layer as the source of scores",
            },
        ),
        layers_pdf=f"{L_FIGURES}/layers.pdf",
        properties=report(
            f"{L_FIGURES}/properties.png",
            caption="../report/lottery_properties_figure.rst",
            category="Lottery Ticket",
            subcategory="Figures",
            labels={"figure": "properties", "shows": "scores before and after a move"},
        ),
        properties_pdf=f"{L_FIGURES}/properties.pdf",
        moments=report(
            f"{L_FIGURES}/non_gaussian.png",
            caption="../report/lottery_moments.rst",
            category="Lottery Ticket",
            subcategory="Figures",
            labels={"figure": "non-Gaussian noise", "shows": "IoU against the latents' moments"},
        ),
        moments_pdf=f"{L_FIGURES}/non_gaussian.pdf",
    log:
        log_of("lottery_ticket/layout_figures"),
    benchmark:
        benchmark_of("lottery_ticket/layout_figures")
    conda:
        "../envs/seedbed.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        labels=ARM_TABLES["1"],
        layer=LOTTERY["layer"],
        statistics=L_STATISTICS,
        code=script_digest("plot_layouts"),
    message:
        "Lottery Ticket, methods, layers, property tests, latents"
    script:
        "../scripts/plot_layouts.py"


rule lottery_ticket:
    """Everything of Lottery Ticket."""
    input:
        expand(rules.make_lottery_table.output, number=["1", "2"]),
        rules.make_ticket_tables.output,
        rules.plot_tickets.output,
        rules.plot_scenes.output,
        rules.find_failures.output,
        rules.plot_layouts.output,
