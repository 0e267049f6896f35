"""What a run would cost and what it could see, before it runs: snakemake --cores 1 plan.

Inputs: none. Outputs: none, a page on the screen.
"""


rule plan:
    """Jobs, pictures, GPU-hours, storage, price; what seeds × prompts can show; a budget's counts."""
    log:
        RUN.log("plan"),
    benchmark:
        RUN.benchmark("plan")
    conda:
        "../envs/seedbed.yaml"
    params:
        config=config,
        asked=ASKED,
        made_by=behind("plan_run"),
    script:
        "../scripts/plan_run.py"
