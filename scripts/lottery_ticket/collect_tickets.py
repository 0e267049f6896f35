"""Score the blocks of a range of noises for pairs of categories."""

from dataclasses import asdict

from seedbed import job, store
from seedbed.provenance import weights_digest


def main(
    name: str,
    model: dict,
    reading: dict,
    seeds: list[int],
    layouts: str,
    tickets: str,
    cost: str,
) -> None:
    from seedbed.lottery_ticket.tickets.collect import collect, wanted_pairs
    from seedbed.lottery_ticket.tickets.reading import Reading
    from seedbed.sampling.drawing import Drawing

    (collection,), spent = collect(
        Drawing.of(model),
        Reading.of(reading),
        wanted_pairs(store.read_table(layouts), reading["pairs"]),
        seeds,
        origin={"model": name, "weights": weights_digest(model["source"], model["revision"])},
    )
    collection.save(tickets)
    store.write_json(asdict(spent) | {"skipped": spent.skipped}, cost)


if "snakemake" in globals():
    job.run(snakemake, main)
