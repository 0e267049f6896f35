"""What chosen seeds cost at inference (Good Seed, 1 and 5).

Inputs: golden and diverse seeds. Outputs: {run}/seeds/{model}/{ranking}/seconds.json
"""


rule time_seeds:
    """Seconds per image with golden, diverse and random seeds, in batches that take turns."""
    input:
        golden=rules.select_golden.output.golden,
        diverse=diverse_seeds,
        prompts=RUN.split("{model}", "judging"),
    output:
        seconds=RUN.seeds("{model}", "{ranking}", "seconds.json"),
    log:
        RUN.log("seeds/{model}/{ranking}/seconds"),
    benchmark:
        RUN.benchmark("seeds/{model}/{ranking}/seconds")
    conda:
        "../../envs/seedbed.yaml"
    params:
        model=of_model,
        study=timed_at_hand,
        made_by=drawn_by("good_seed/time_seeds"),
    script:
        "../../scripts/good_seed/time_seeds.py"
