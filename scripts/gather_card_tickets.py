"""Put a model's tickets into one file of its card."""

from seedbed import job


def main(shards: list[str], noises: list[int], tickets: str) -> None:
    from seedbed.cards.ticket_entry import write_tickets

    write_tickets(shards, noises, tickets)


if "snakemake" in globals():
    job.run(snakemake, main)
