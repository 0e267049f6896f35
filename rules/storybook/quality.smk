"""How good the Storybook models are, against the world's truth.

Inputs: resources/storybook. Outputs: {run}/storybook/*
"""


rule measure_quality:
    """Are the right objects there, in the right colours? Judged by storybook-net."""
    output:
        rows=RUN.path("storybook", "quality_{model}.parquet"),
    log:
        RUN.log("storybook/quality_{model}"),
    benchmark:
        RUN.benchmark("storybook/quality_{model}")
    conda:
        "../../envs/seedbed.yaml"
    params:
        name="{model}",
        model=of_model,
        quality=config["quality"],
        judge=JUDGES["net"]["source"],
        made_by=judged_by,
    script:
        "../../scripts/storybook/measure_quality.py"


rule measure_filling:
    """Is an object gone, or back, where a mask hid it? Judged by storybook-yolo."""
    output:
        rows=RUN.path("storybook", "filling_{model}.parquet"),
    log:
        RUN.log("storybook/filling_{model}"),
    benchmark:
        RUN.benchmark("storybook/filling_{model}")
    conda:
        "../../envs/seedbed.yaml"
    params:
        name="{model}",
        model=of_model,
        modes=STUDY["inpainting"]["prompts"],
        quality=config["quality"],
        judge=JUDGES["detector"],
        made_by=filled_by,
    script:
        "../../scripts/storybook/measure_filling.py"


rule measure_backgrounds:
    """How much of the regions of Figure 6 is the setting that they were built for.

    Only for models of the Storybook world: a pixel's setting is told by the colours that the
    world draws it in.
    """
    input:
        images=RUN.path("images", "{model}", "scenes.npz"),
        objects=RUN.path("images", "{model}", "scenes.parquet"),
    output:
        rows=RUN.path("storybook", "backgrounds_{model}.parquet"),
    log:
        RUN.log("storybook/backgrounds_{model}"),
    benchmark:
        RUN.benchmark("storybook/backgrounds_{model}")
    conda:
        "../../envs/seedbed.yaml"
    params:
        figure="6",
        arms=["sd", "semi"],
        made_by=behind("storybook/measure_backgrounds"),
    script:
        "../../scripts/storybook/measure_backgrounds.py"


rule measure_evaluators:
    """How far the evaluators themselves can be trusted, on held-out scenes."""
    output:
        rows=RUN.path("storybook", "quality_evaluators.parquet"),
    log:
        RUN.log("storybook/quality_evaluators"),
    benchmark:
        RUN.benchmark("storybook/quality_evaluators")
    conda:
        "../../envs/seedbed.yaml"
    params:
        quality=config["quality"],
        judges=JUDGES,
        made_by=behind("storybook/measure_evaluators", JUDGING, **JUDGES),
    script:
        "../../scripts/storybook/measure_evaluators.py"
