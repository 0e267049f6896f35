"""What features say of seeds, range by range: no job holds those of all ranking images.

Inputs: features of ranking images and of real ones.
Outputs: {run}/pool/{extractor}/{model}/*
"""


rule gather_pool:
    """Statistics of the images of a range of seeds, and those that others are held against."""
    input:
        prompts=RUN.split("{model}", "ranking"),
        features=features_of_range,
    output:
        gathered=RUN.pool("{model}", "{extractor}", "gathered_{seeds}"),
    log:
        RUN.log("pool/{extractor}/{model}/gathered_{seeds}"),
    benchmark:
        RUN.benchmark("pool/{extractor}/{model}/gathered_{seeds}")
    conda:
        "../../envs/seedbed.yaml"
    resources:
        mem_mb=seed_mb,
    params:
        seeds=seeds_at_hand,
        study=ranked_how,
        made_by=behind("good_seed/gather_pool"),
    script:
        "../../scripts/good_seed/gather_pool.py"


rule join_pool:
    """Statistics of all ranking images, and those that others are held against."""
    input:
        gathered=gathered_ranges,
        reference=RUN.features("{extractor}", RUN.reference(STUDY["reference"])),
    output:
        pool=RUN.pool("{model}", "{extractor}", "joined"),
    log:
        RUN.log("pool/{extractor}/{model}/joined"),
    benchmark:
        RUN.benchmark("pool/{extractor}/{model}/joined")
    conda:
        "../../envs/seedbed.yaml"
    resources:
        mem_mb=seed_mb,
    params:
        made_by=behind("good_seed/join_pool"),
    script:
        "../../scripts/good_seed/join_pool.py"


rule measure_seeds:
    """Distance, discrepancy and influence of a range of seeds on Set 1 and Set 2."""
    input:
        prompts=RUN.split("{model}", "ranking"),
        features=features_of_range,
        reference=RUN.features("{extractor}", RUN.reference(STUDY["reference"])),
        pool=rules.join_pool.output.pool,
    output:
        measured=RUN.pool("{model}", "{extractor}", "{seeds}"),
    log:
        RUN.log("pool/{extractor}/{model}/{seeds}"),
    benchmark:
        RUN.benchmark("pool/{extractor}/{model}/{seeds}")
    conda:
        "../../envs/seedbed.yaml"
    resources:
        mem_mb=seed_mb,
    params:
        seeds=seeds_at_hand,
        study=ranked_how,
        made_by=behind("good_seed/measure_seeds"),
    script:
        "../../scripts/good_seed/measure_seeds.py"


rule exchange_seeds:
    """The gap between best and worst seed by distance, beside exchanged labels."""
    input:
        prompts=RUN.split("{model}", "ranking"),
        features=exchanged_features,
        reference=RUN.features("{extractor}", RUN.reference(STUDY["reference"])),
    output:
        gaps=RUN.seed_gaps("{model}", "{extractor}"),
    log:
        RUN.log("pool/{extractor}/{model}/gaps"),
    benchmark:
        RUN.benchmark("pool/{extractor}/{model}/gaps")
    conda:
        "../../envs/seedbed.yaml"
    resources:
        mem_mb=exchange_mb,
    params:
        study=ranked_how,
        made_by=behind("good_seed/exchange_seeds"),
    script:
        "../../scripts/good_seed/exchange_seeds.py"
