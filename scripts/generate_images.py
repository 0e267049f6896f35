"""Generate the images of a range of seeds for every ranking prompt."""

from seedbed import logs, store


def main(
    entry: dict, seeds: list[int], encoding: str, prompts: str, output: str, threads: int
) -> None:
    from seedbed.sampling.entry import load_entry
    from seedbed.sampling.generate import generate, grid_pairs

    table = store.read_table(prompts)
    model, sampler = load_entry(entry, threads)
    pairs = grid_pairs(seeds, table["prompt_id"])
    generate(
        model,
        sampler,
        pairs,
        table,
        output,
        stream=entry["noise"],
        encoding=encoding,
        batch=entry["batch"],
    )


if "snakemake" in globals():
    logs.setup(snakemake.log[0])
    main(
        snakemake.params.model,
        snakemake.params.seeds,
        snakemake.params.encoding,
        snakemake.input.prompts,
        snakemake.output.images,
        snakemake.threads,
    )
