"""Move tickets to other places, noises and prompts, and score them again."""

from seedbed import job, store


def main(
    model: dict, reading: dict, start: int, tests: dict, seed: int, layouts: str, rows: str
) -> None:
    from seedbed.lottery_ticket.tickets.collect import wanted_pairs
    from seedbed.lottery_ticket.tickets.properties import property_rows, spread
    from seedbed.lottery_ticket.tickets.reading import Reading
    from seedbed.sampling.drawing import Drawing

    pairs = spread(wanted_pairs(store.read_table(layouts), reading["pairs"]), tests["pairs"])
    found = property_rows(
        Drawing.of(model),
        Reading.of(reading),
        pairs,
        tests["adjectives"],
        start,
        tests["moves"],
        seed,
    )
    store.write_table(found, rows)


if "snakemake" in globals():
    job.run(snakemake, main)
