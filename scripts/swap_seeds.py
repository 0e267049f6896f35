"""Run the seed-swap study on a few prompts."""

from dataclasses import replace

from seedbed import logs, store


def main(entry: dict, swap: dict, prompts: str, rows: str, images: str, threads: int) -> None:
    import numpy as np
    import pandas as pd

    from seedbed.sampling.entry import load_entry
    from seedbed.sampling.swap import swap_study

    table = store.read_table(prompts).head(swap["prompts"])
    model, sampler = load_entry(entry, threads)
    found, pictures = swap_study(
        model,
        table["text"].tolist(),
        replace(sampler, steps=swap["steps"], scheduler="ddim"),
        *swap["seeds"],
        swap["after_steps"],
        swap["etas"],
        entry["noise"],
    )
    with store.atomic(images) as partial, open(partial, "wb") as handle:
        np.savez_compressed(handle, images=pictures, texts=table["text"].to_numpy(str))
    store.write_table(pd.DataFrame(found), rows)


if "snakemake" in globals():
    logs.setup(snakemake.log[0])
    main(
        snakemake.params.model,
        snakemake.params.swap,
        snakemake.input.prompts,
        snakemake.output.rows,
        snakemake.output.images,
        snakemake.threads,
    )
