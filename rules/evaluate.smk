"""Pictures to numbers, by the evaluator's name; a shard is known by its place below images/.

Inputs: image shards. Outputs: {run}/features/{extractor}/*, {run}/scores/{scorer}/*,
{run}/detections/{detector}/{model}/survey/*
"""


rule extract_features:
    """Features of every image of a shard."""
    input:
        images=RUN.images("{shard}"),
    output:
        features=RUN.features("{extractor}", "{shard}"),
        index=RUN.features("{extractor}", "{shard}").replace(".safetensors", ".index.parquet"),
    log:
        RUN.log("features/{extractor}/{shard}"),
    benchmark:
        RUN.benchmark("features/{extractor}/{shard}")
    wildcard_constraints:
        shard=ANY_SHARD,
    conda:
        "../envs/seedbed.yaml"
    params:
        name="{extractor}",
        entry=evaluator_of("extractors", "extractor"),
        made_by=measured_by("evaluate/extract_features", "extractors", "extractor"),
    script:
        "../scripts/evaluate/extract_features.py"


rule score_images:
    """How well every image of a shard agrees with its prompt (Good Seed, 3.4).

    Whatever lies below a model's folder and has a prompt table of its first folder's name.
    """
    input:
        images=RUN.images("{shard}"),
        prompts=prompts_of_shard,
    output:
        scores=RUN.scores("{scorer}", "{shard}"),
    log:
        RUN.log("scores/{scorer}/{shard}"),
    benchmark:
        RUN.benchmark("scores/{scorer}/{shard}")
    wildcard_constraints:
        shard=ANY_SHARD,
    conda:
        "../envs/seedbed.yaml"
    params:
        name="{scorer}",
        entry=evaluator_of("scorers", "scorer"),
        made_by=measured_by("evaluate/score_images", "scorers", "scorer"),
    script:
        "../scripts/evaluate/score_images.py"


rule detect_in_survey:
    """Objects and lettering in every image of a range of the survey."""
    input:
        images=RUN.images(RUN.survey_shard("{model}", "{seeds}")),
    output:
        detections=RUN.detections("{detector}", RUN.survey_shard("{model}", "{seeds}")),
        looked_at=RUN.looked_at("{detector}", RUN.survey_shard("{model}", "{seeds}")),
    log:
        RUN.log("detections/{detector}/{model}/survey/{seeds}"),
    benchmark:
        RUN.benchmark("detections/{detector}/{model}/survey/{seeds}")
    conda:
        "../envs/seedbed.yaml"
    params:
        name="{detector}",
        entry=evaluator_of("detectors", "detector"),
        made_by=measured_by("evaluate/detect_objects", "detectors", "detector"),
    script:
        "../scripts/evaluate/detect_objects.py"


rule measure_composition:
    """Where, how large and how near the object of every image of a shard is (Good Seed, 3.4)."""
    input:
        images=RUN.images("{shard}"),
        prompts=prompts_of_shard,
    output:
        composition=RUN.composition("{segmenter}", "{shard}"),
    log:
        RUN.log("composition/{segmenter}/{shard}"),
    benchmark:
        RUN.benchmark("composition/{segmenter}/{shard}")
    wildcard_constraints:
        shard=ANY_SHARD,
    conda:
        "../envs/seedbed.yaml"
    params:
        segmenter=looking("segmenters"),
        depth=looking("depths"),
        confidence=STUDY["composition"]["confidence"],
        made_by=composed_by,
    script:
        "../scripts/evaluate/measure_composition.py"
