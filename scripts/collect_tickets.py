"""Score the blocks of a range of noises for pairs of categories."""

from dataclasses import asdict

from seedbed import logs, store


def main(
    entry: dict,
    name: str,
    weights: str,
    study: dict,
    seeds: list[int],
    layouts: str,
    tickets: str,
    cost: str,
    threads: int,
) -> None:
    from seedbed.sampling.entry import load_entry
    from seedbed.tickets.collect import collect, wanted_pairs

    model, sampler = load_entry(entry, threads)
    (collection,), spent = collect(
        model,
        sampler,
        wanted_pairs(store.read_table(layouts), study["pairs"]),
        seeds,
        [study["layer"]],
        mode=study["score_mode"],
        fixed_positions=study["fixed_positions"],
        stream=entry["noise"],
        origin={"model": name, "weights": weights},
    )
    collection.save(tickets)
    store.write_json(asdict(spent) | {"skipped": spent.skipped}, cost)


if "snakemake" in globals():
    logs.setup(snakemake.log[0])
    main(
        snakemake.params.model,
        snakemake.params.name,
        snakemake.params.weights,
        snakemake.params.study,
        snakemake.params.seeds,
        snakemake.input.layouts,
        snakemake.output.tickets,
        snakemake.output.cost,
        snakemake.threads,
    )
