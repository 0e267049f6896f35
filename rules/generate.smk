"""Images.

Inputs: prompt tables, model folders, golden seeds.
Outputs: {run}/images/{model}/…/*.parquet, one shard per range of seeds or per arm.
"""


rule generate_images:
    """Every seed of a range with every ranking prompt."""
    input:
        prompts=rules.split_prompts.output.ranking,
    output:
        images=f"{RUN}/images/{{model}}/ranking/{{seeds}}.parquet",
    log:
        log_of("images/{model}/ranking/{seeds}"),
    benchmark:
        benchmark_of("images/{model}/ranking/{seeds}")
    conda:
        "../envs/seedbed.yaml"
    threads: 1
    resources:
        mem_mb=4000,
    params:
        model=model_entry,
        weights=model_weights,
        seeds=seeds_of,
        encoding=config["image_encoding"],
        code=script_digest("generate_images"),
    message:
        "{wildcards.model}: images of {wildcards.seeds}"
    script:
        "../scripts/generate_images.py"


rule generate_arms:
    """One seed per test prompt, trial and arm: golden, random and fresh seeds."""
    input:
        prompts=rules.split_prompts.output.judging,
        golden=f"{RUN}/seeds/{{model}}/golden.json",
    output:
        images=f"{RUN}/images/{{model}}/judging/arms.parquet",
        pairs=f"{RUN}/images/{{model}}/judging/pairs.parquet",
    log:
        log_of("images/{model}/judging/arms"),
    benchmark:
        benchmark_of("images/{model}/judging/arms")
    conda:
        "../envs/seedbed.yaml"
    threads: 1
    resources:
        mem_mb=4000,
    params:
        model=model_entry,
        weights=model_weights,
        arms=ARMS,
        pool=STUDY["pool"],
        fresh=STUDY["fresh_seeds"],
        trials=STUDY["trials"],
        seed=STUDY["statistics_seed"],
        encoding=config["image_encoding"],
        code=script_digest("generate_arms"),
    message:
        "{wildcards.model}: test prompts with golden, random and fresh seeds, {params.trials} trials"
    script:
        "../scripts/generate_arms.py"


rule generate_examples:
    """The first seeds with one prompt of each kind, for Figure 3."""
    input:
        prompts=expand(
            f"{RUN}/prompts/{{prompt_set}}.parquet", prompt_set=STUDY["kinds_figure"]["prompts"]
        ),
    output:
        images=f"{RUN}/images/{{model}}/examples.parquet",
        prompts=f"{RUN}/images/{{model}}/examples_prompts.parquet",
    log:
        log_of("images/{model}/examples"),
    benchmark:
        benchmark_of("images/{model}/examples")
    conda:
        "../envs/seedbed.yaml"
    threads: 1
    resources:
        mem_mb=4000,
    params:
        model=model_entry,
        weights=model_weights,
        n_seeds=STUDY["kinds_figure"]["seeds"],
        encoding=config["image_encoding"],
        code=script_digest("generate_examples"),
    message:
        "{wildcards.model}: examples of each kind of prompt"
    script:
        "../scripts/generate_examples.py"


rule swap_seeds:
    """Restart the generator with another seed in the middle of denoising (Figure 2)."""
    input:
        prompts=f"{RUN}/prompts/{STUDY['transfer_prompts']}.parquet",
    output:
        rows=f"{RUN}/images/{STUDY['swap']['model']}/swap_rows.parquet",
        images=f"{RUN}/images/{STUDY['swap']['model']}/swap_images.npz",
    log:
        log_of("images/swap"),
    benchmark:
        benchmark_of("images/swap")
    conda:
        "../envs/seedbed.yaml"
    threads: 1
    resources:
        mem_mb=4000,
    params:
        model=config["models"][STUDY["swap"]["model"]],
        weights=weights_digest(config["models"][STUDY["swap"]["model"]]["source"]),
        swap=STUDY["swap"],
        code=script_digest("swap_seeds"),
    message:
        "Seed swap, DDIM {params.swap[steps]} steps, after {params.swap[after_steps]}, eta {params.swap[etas]}"
    script:
        "../scripts/swap_seeds.py"
