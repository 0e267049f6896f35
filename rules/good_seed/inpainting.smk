"""Text that seeds insert when a part of a picture is painted anew (Good Seed, 4.3).

Inputs: pictures with masks, a model that fills them. Outputs: {run}/images/{model}/inpainting/*
"""


rule ask_fillings:
    """What the model is asked of every picture: to remove what the mask hides, to complete it."""
    input:
        pairs=pairs_to_fill,
    output:
        prompts=RUN.split("{model}", "inpainting"),
    log:
        RUN.log("prompts/good_seed/{model}/inpainting"),
    benchmark:
        RUN.benchmark("prompts/good_seed/{model}/inpainting")
    conda:
        "../../envs/seedbed.yaml"
    params:
        modes=STUDY["inpainting"]["prompts"],
        made_by=behind("good_seed/ask_fillings"),
    script:
        "../../scripts/good_seed/ask_fillings.py"


rule inpaint_images:
    """Every seed of a range with every picture in every mode; a seed's noise is one for all."""
    input:
        pairs=pairs_to_fill,
        prompts=rules.ask_fillings.output.prompts,
    output:
        images=RUN.images(RUN.inpainting_shard("{model}", "{seeds}")),
    log:
        RUN.log("images/{model}/inpainting/{seeds}"),
    benchmark:
        RUN.benchmark("images/{model}/inpainting/{seeds}")
    conda:
        "../../envs/seedbed.yaml"
    params:
        model=of_model,
        seeds=seeds_at_hand,
        encoding=config["image_encoding"],
        made_by=drawn_by("good_seed/inpaint_images"),
    script:
        "../../scripts/good_seed/inpaint_images.py"


rule measure_text:
    """How much of what was filled in is text, and how much was there before (Good Seed, 4.3)."""
    input:
        pairs=pairs_to_fill,
        images=rules.inpaint_images.output.images,
    output:
        shares=RUN.text_shares("{detector}", RUN.inpainting_shard("{model}", "{seeds}")),
    log:
        RUN.log("text/{detector}/{model}/inpainting/{seeds}"),
    benchmark:
        RUN.benchmark("text/{detector}/{model}/inpainting/{seeds}")
    conda:
        "../../envs/seedbed.yaml"
    params:
        name="{detector}",
        entry=evaluator_of("detectors", "detector"),
        confidence=STUDY["inpainting"]["confidence"],
        made_by=measured_by("good_seed/measure_text", "detectors", "detector"),
    script:
        "../../scripts/good_seed/measure_text.py"


rule study_text:
    """Which seeds fill in text, in removal and in completion alike."""
    input:
        shares=filled_shares,
    output:
        seeds=RUN.text_of_seeds("{model}", "{detector}", "seeds.parquet"),
        evidence=RUN.text_of_seeds("{model}", "{detector}", "evidence.json"),
    log:
        RUN.log("seeds/{model}/text/{detector}"),
    benchmark:
        RUN.benchmark("seeds/{model}/text/{detector}")
    conda:
        "../../envs/seedbed.yaml"
    params:
        modes=list(STUDY["inpainting"]["prompts"]),
        statistics=STATISTICS,
        made_by=behind("good_seed/study_text"),
    script:
        "../../scripts/good_seed/study_text.py"
