"""Generate the first seeds with one prompt of each kind."""

from seedbed import logs, store


def main(
    entry: dict,
    tables: list[str],
    n_seeds: int,
    encoding: str,
    images: str,
    prompts: str,
    threads: int,
) -> None:
    import pandas as pd

    from seedbed.sampling.entry import load_entry
    from seedbed.sampling.generate import generate, grid_pairs

    chosen = pd.concat([store.read_table(t).tail(1) for t in tables], ignore_index=True)
    model, sampler = load_entry(entry, threads)
    generate(
        model,
        sampler,
        grid_pairs(range(n_seeds), chosen["prompt_id"]),
        chosen,
        images,
        stream=entry["noise"],
        encoding=encoding,
        batch=entry["batch"],
    )
    store.write_table(chosen, prompts)


if "snakemake" in globals():
    logs.setup(snakemake.log[0])
    main(
        snakemake.params.model,
        snakemake.input.prompts,
        snakemake.params.n_seeds,
        snakemake.params.encoding,
        snakemake.output.images,
        snakemake.output.prompts,
        snakemake.threads,
    )
