"""Move tickets to other places, noises and prompts, and score them again."""

from seedbed import logs, store


def main(
    entry: dict,
    study: dict,
    start: int,
    tests: dict,
    seed: int,
    layouts: str,
    output: str,
    threads: int,
) -> None:
    from seedbed.sampling.entry import load_entry
    from seedbed.tickets.collect import wanted_pairs
    from seedbed.tickets.properties import property_rows, spread

    model, sampler = load_entry(entry, threads)
    pairs = spread(wanted_pairs(store.read_table(layouts), study["pairs"]), tests["pairs"])
    rows = property_rows(
        model,
        sampler,
        pairs,
        tests["adjectives"],
        start,
        tests["moves"],
        seed,
        layer=study["layer"],
        mode=study["score_mode"],
        stream=entry["noise"],
    )
    store.write_table(rows, output)


if "snakemake" in globals():
    logs.setup(snakemake.log[0])
    main(
        snakemake.params.model,
        snakemake.params.study,
        snakemake.params.start,
        snakemake.params.tests,
        snakemake.params.seed,
        snakemake.input.layouts,
        snakemake.output.rows,
        snakemake.threads,
    )
