"""A run's pictures with all that was measured of them, as a Hugging Face data set folder.

Asked for by name: snakemake --cores all dataset. It holds every picture once more.

Inputs: image shards, their prompts, scores, habits, compositions. Outputs: {run}/dataset/*
"""


rule join_pictures:
    """The pictures of one shard and prompt set, a row each with prompt and numbers."""
    input:
        needed=joined_files,
    output:
        joined=RUN.dataset("{piece}.parquet"),
    log:
        RUN.log("dataset/{piece}"),
    benchmark:
        RUN.benchmark("dataset/{piece}")
    wildcard_constraints:
        piece="|".join(map(re.escape, PIECES)) or "none",
    conda:
        "../envs/seedbed.yaml"
    params:
        piece=piece_at_hand,
        columns=numbers_at_hand,
        made_by=behind("dataset/join_pictures"),
    script:
        "../scripts/dataset/join_pictures.py"


rule describe_dataset:
    """The README by which ``datasets`` finds a configuration for each model."""
    input:
        needed=[RUN.dataset(f"{place}.parquet") for place in PIECES],
    output:
        readme=RUN.dataset("README.md"),
    log:
        RUN.log("dataset"),
    benchmark:
        RUN.benchmark("dataset")
    conda:
        "../envs/seedbed.yaml"
    params:
        run=config["run"],
        files=DESCRIBED,
        columns=labels(PIECES.values()),
        made_by=behind("dataset/describe_dataset"),
    script:
        "../scripts/dataset/describe_dataset.py"


rule dataset:
    """Every picture of the run's seeds, to be loaded by Hugging Face ``datasets``."""
    input:
        rules.describe_dataset.output.readme if PIECES else [],
