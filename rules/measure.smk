"""Images to numbers: features and preference scores.

Inputs: image shards. Outputs: {run}/features/…, {run}/scores/…
"""


rule draw_reference:
    """Real pictures that the Fréchet distance compares with: held-out scenes of the world."""
    output:
        images=f"{RUN}/images/reference/world.parquet",
    log:
        log_of("images/reference/world"),
    benchmark:
        benchmark_of("images/reference/world")
    conda:
        "../envs/seedbed.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        n_images=STUDY["reference_images"],
        seed=config["quality"]["seed"],
        encoding=config["image_encoding"],
        code=script_digest("draw_reference"),
    message:
        "Draw {params.n_images} reference scenes"
    script:
        "../scripts/draw_reference.py"


rule extract_features:
    """Features of every image of a shard."""
    input:
        images=f"{RUN}/images/{{shard}}.parquet",
    output:
        features=f"{RUN}/features/{STUDY['extractor']}/{{shard}}.safetensors",
        index=f"{RUN}/features/{STUDY['extractor']}/{{shard}}.index.parquet",
    log:
        log_of(f"features/{STUDY['extractor']}/{{shard}}"),
    benchmark:
        benchmark_of(f"features/{STUDY['extractor']}/{{shard}}")
    wildcard_constraints:
        shard=SHARD,
    conda:
        "../envs/seedbed.yaml"
    threads: 1
    resources:
        mem_mb=2000,
    params:
        extractor=config["extractors"][STUDY["extractor"]],
        weights=weights_digest(config["extractors"][STUDY["extractor"]]["source"]),
        code=script_digest("extract_features"),
    message:
        "Features of {wildcards.shard}"
    script:
        "../scripts/extract_features.py"


rule score_preference:
    """How well every image of a shard agrees with its prompt."""
    input:
        images=f"{RUN}/images/{{model}}/{{part}}.parquet",
        prompts=prompts_of_part,
    output:
        scores=f"{RUN}/scores/{STUDY['preference']}/{{model}}/{{part}}.parquet",
    log:
        log_of(f"scores/{STUDY['preference']}/{{model}}/{{part}}"),
    benchmark:
        benchmark_of(f"scores/{STUDY['preference']}/{{model}}/{{part}}")
    wildcard_constraints:
        part=PART,
    conda:
        "../envs/seedbed.yaml"
    threads: 1
    resources:
        mem_mb=2000,
    params:
        scorer=config["preferences"][STUDY["preference"]],
        weights=weights_digest(config["preferences"][STUDY["preference"]]["source"]),
        code=script_digest("score_preference"),
    message:
        "Preference of {wildcards.model} {wildcards.part}"
    script:
        "../scripts/score_preference.py"
