"""Initial latents and step noise exchanged between seeds, for Figure 2.

Inputs: prompts, a model. Outputs: {run}/images/{model}/swap_*
"""


rule swap_seeds:
    """The initial latent, the step noise or both from another seed (Good Seed, 3.1).

    DDIM with its own number of steps, at every eta; the paper's swap restarts the generator after
    every step that the config's swap names.
    """
    input:
        prompts=RUN.prompts(STUDY["transfer_prompts"]),
    output:
        rows=RUN.path("images", "{model}", "swap_rows.parquet"),
        images=RUN.path("images", "{model}", "swap_images.npz"),
    log:
        RUN.log("images/{model}/swap"),
    benchmark:
        RUN.benchmark("images/{model}/swap")
    conda:
        "../../envs/seedbed.yaml"
    params:
        model=of_model,
        swap=STUDY["swap"],
        made_by=drawn_by("good_seed/swap_seeds"),
    script:
        "../../scripts/good_seed/swap_seeds.py"


rule measure_swap:
    """How far the pictures move, and what share of their variance latent and step noise have.

    In grey levels, and in the features of the first extractor where there is one.
    """
    input:
        rows=rules.swap_seeds.output.rows,
        images=rules.swap_seeds.output.images,
    output:
        effects=RUN.path("images", "{model}", "swap_effects.parquet"),
    log:
        RUN.log("images/{model}/swap_effects"),
    benchmark:
        RUN.benchmark("images/{model}/swap_effects")
    conda:
        "../../envs/seedbed.yaml"
    params:
        evaluator=SWAP_EXTRACTOR,
        statistics=STATISTICS,
        made_by=behind(
            "good_seed/measure_swap", modules_of(SWAP_EXTRACTOR), **entries_of(SWAP_EXTRACTOR)
        ),
    script:
        "../../scripts/good_seed/measure_swap.py"
