"""Where seeds put objects, and what else of an image they decide (Figure 10).

Inputs: composition and attribute tables of a survey.
Outputs: {run}/seeds/{model}/composition_shares.parquet
"""


rule analyse_composition:
    """Shares of variance between seeds, beside seed labels permuted within prompts (3.4)."""
    input:
        composition=surveyed_composition,
        attributes=surveyed_attributes,
        prompts=RUN.split("{model}", "survey"),
    output:
        shares=RUN.seed_study("{model}", "composition_shares.parquet"),
    log:
        RUN.log("seeds/{model}/composition_shares"),
    benchmark:
        RUN.benchmark("seeds/{model}/composition_shares")
    conda:
        "../../envs/seedbed.yaml"
    params:
        statistics=STATISTICS,
        margin=STUDY["composition"]["least_share"],
        made_by=behind("good_seed/analyse_composition"),
    script:
        "../../scripts/good_seed/analyse_composition.py"
