"""Images of Good Seed: prompts encoded, ranking, survey, examples, contact sheets.

Inputs: prompt tables, models.
Outputs: {run}/states/{model}/*, {run}/images/{model}/*, one shard per range of seeds and prompts
"""


rule encode_prompts:
    """The prompts of a part as a model's networks read them, once for all of its jobs."""
    input:
        prompts=RUN.split("{model}", "{part}"),
    output:
        states=RUN.states("{model}", "{part}"),
    log:
        RUN.log("states/{model}/{part}"),
    benchmark:
        RUN.benchmark("states/{model}/{part}")
    wildcard_constraints:
        part="ranking|survey|library|judging",
    conda:
        "../envs/seedbed.yaml"
    params:
        model=of_model,
        made_by=drawn_by("good_seed/encode_prompts"),
    script:
        "../scripts/good_seed/encode_prompts.py"


for job, part, shard in (
    ("generate_images", "ranking", RUN.ranking_shard("{model}", "{seeds}", "{prompts}")),
    ("generate_survey", "survey", RUN.survey_shard("{model}", "{seeds}")),
    ("generate_library", "library", RUN.library_shard("{model}", "{seeds}")),
):

    rule:
        """Every seed of a range with every prompt of a part, or of a range of the ranking (3.4).

        The model is loaded once, and each seed's latent drawn once.
        """
        name:
            job
        input:
            prompts=RUN.split("{model}", part),
            states=RUN.states("{model}", part),
        output:
            images=RUN.images(shard) if part == "library" else kept(RUN.images(shard)),
        log:
            RUN.log(f"images/{shard}"),
        benchmark:
            RUN.benchmark(f"images/{shard}")
        conda:
            "../envs/seedbed.yaml"
        params:
            model=of_model,
            seeds=seeds_at_hand,
            places=prompts_at_hand,
            encoding=config["image_encoding"],
            made_by=drawn_by("good_seed/generate_images"),
        script:
            "../scripts/good_seed/generate_images.py"


rule generate_examples:
    """The first seeds with one prompt of each kind, for Figure 3."""
    input:
        prompts=expand(RUN.prompts("{prompt_set}"), prompt_set=STUDY["kinds_figure"]["prompts"]),
    output:
        images=RUN.images("{model}/examples"),
        chosen=RUN.path("images", "{model}", "examples_prompts.parquet"),
    log:
        RUN.log("images/{model}/examples"),
    benchmark:
        RUN.benchmark("images/{model}/examples")
    conda:
        "../envs/seedbed.yaml"
    params:
        model=of_model,
        n_seeds=STUDY["kinds_figure"]["seeds"],
        encoding=config["image_encoding"],
        made_by=drawn_by("good_seed/generate_examples"),
    script:
        "../scripts/good_seed/generate_examples.py"


rule generate_contact_sheet:
    """The first seeds with the first prompts of the transfer set."""
    input:
        prompts=RUN.prompts(STUDY["transfer_prompts"]),
    output:
        images=RUN.images("{model}/contact_sheet"),
    log:
        RUN.log("images/{model}/contact_sheet"),
    benchmark:
        RUN.benchmark("images/{model}/contact_sheet")
    conda:
        "../envs/seedbed.yaml"
    params:
        model=of_model,
        sheet=STUDY["contact_sheet"],
        made_by=drawn_by("good_seed/generate_contact_sheet"),
    script:
        "../scripts/good_seed/generate_contact_sheet.py"
