"""What is asked for: prompt sets, layouts, pictures to fill, reference pictures.

Inputs: word lists, downloaded or local files, the Storybook world.
Outputs: {downloads}/*, {run}/prompts/*, {run}/layouts/*, {run}/pairs/*, {run}/images/reference/*
"""


# Where jobs run elsewhere, the network is here.
localrules:
    fetch_file,
    fetch_photos,


rule fetch_file:
    """A file from outside, accepted by its digest alone; goes on where it broke off."""
    output:
        target=f"{config['downloads']}/{{download}}",
    log:
        RUN.log("downloads/{download}"),
    benchmark:
        RUN.benchmark("downloads/{download}")
    conda:
        "../envs/seedbed.yaml"
    params:
        url=url_of,
        sha256=digest_of,
        key=key_of,
    script:
        "../scripts/inputs/fetch_file.py"


rule fetch_photos:
    """The photos of a set of pairs, one by one."""
    input:
        but_photos,
    output:
        photos=RUN.packed_photos("{pair_set}"),
    log:
        RUN.log("pairs/{pair_set}.photos"),
    benchmark:
        RUN.benchmark("pairs/{pair_set}.photos")
    conda:
        "../envs/seedbed.yaml"
    params:
        name="{pair_set}",
        entry=entry_of("pairs", "pair_set"),
        made_by=behind("inputs/fetch_photos"),
    script:
        "../scripts/inputs/fetch_photos.py"


rule caption_photos:
    """Dense captions of a range of photos (Good Seed, 3.2)."""
    input:
        captioned_photos,
    output:
        captions=RUN.captions("{prompt_set}", "{photos}"),
    log:
        RUN.log("prompts/captions/{prompt_set}/{photos}"),
    benchmark:
        RUN.benchmark("prompts/captions/{prompt_set}/{photos}")
    conda:
        "../envs/seedbed.yaml"
    params:
        name="{prompt_set}",
        entry=asked_of_photos,
        span=photos_at,
        made_by=captioned_by,
    script:
        "../scripts/inputs/caption_photos.py"


TABLES = {
    "prompts": RUN.prompts("{prompt_set}"),
    "layouts": RUN.layouts("{layout_set}"),
    "pairs": RUN.pairs("{pair_set}"),
}

for section, made in TABLES.items():
    wildcard = f"{section.removesuffix('s')}_set"
    job = f"{section}/{{{wildcard}}}"

    rule:
        name:
            f"make_{section}"
        input:
            local_files(section, wildcard),
            exclude=excluded_by(section, wildcard),
        output:
            table=made,
        log:
            RUN.log(job),
        benchmark:
            RUN.benchmark(job)
        conda:
            "../envs/seedbed.yaml"
        params:
            section=section,
            name=f"{{{wildcard}}}",
            entry=entry_of(section, wildcard),
            made_by=made_from("inputs/make_table", section, wildcard),
        script:
            "../scripts/inputs/make_table.py"


rule draw_reference:
    """Real pictures that the Fréchet distance compares with."""
    input:
        local_files("references", "reference"),
    output:
        images=RUN.images(RUN.reference("{reference}")),
    log:
        RUN.log("images/reference/{reference}"),
    benchmark:
        RUN.benchmark("images/reference/{reference}")
    conda:
        "../envs/seedbed.yaml"
    params:
        name="{reference}",
        entry=entry_of("references", "reference"),
        encoding=config["image_encoding"],
        made_by=made_from("inputs/draw_reference", "references", "reference"),
    script:
        "../scripts/inputs/draw_reference.py"


rule split_prompts:
    """Draw Set 1, Set 2 and the test set of Good Seed, as a model's design has them."""
    input:
        source=RUN.prompts(STUDY["prompts"]),
        transfer=RUN.prompts(STUDY["transfer_prompts"]),
    output:
        ranking=RUN.split("{model}", "ranking"),
        judging=RUN.split("{model}", "judging"),
    log:
        RUN.log("prompts/good_seed/{model}/split"),
    benchmark:
        RUN.benchmark("prompts/good_seed/{model}/split")
    conda:
        "../envs/seedbed.yaml"
    params:
        design=designed("splits", "transfer_count"),
        seed=STUDY["split_seed"],
        made_by=behind("inputs/split_prompts"),
    script:
        "../scripts/inputs/split_prompts.py"


rule library_prompts:
    """Prompts that every seed draws besides those of the ranking and the survey."""
    input:
        sources=[RUN.prompts(name) for name in STUDY["library"]["prompts"]],
        drawn=drawn_elsewhere,
    output:
        library=RUN.split("{model}", "library"),
    log:
        RUN.log("prompts/good_seed/{model}/library"),
    benchmark:
        RUN.benchmark("prompts/good_seed/{model}/library")
    conda:
        "../envs/seedbed.yaml"
    params:
        made_by=behind("inputs/library_prompts"),
    script:
        "../scripts/inputs/library_prompts.py"


rule survey_prompts:
    """The few prompts that many seeds draw: objects and modifiers spread over a set's."""
    input:
        source=survey_source,
    output:
        survey=RUN.split("{model}", "survey"),
    log:
        RUN.log("prompts/good_seed/{model}/survey"),
    benchmark:
        RUN.benchmark("prompts/good_seed/{model}/survey")
    conda:
        "../envs/seedbed.yaml"
    params:
        objects=surveyed("objects"),
        modifiers=surveyed("modifiers"),
        made_by=behind("inputs/survey_prompts"),
    script:
        "../scripts/inputs/survey_prompts.py"
