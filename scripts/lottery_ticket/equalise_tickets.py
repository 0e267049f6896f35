"""Take the place of a block in the frame out of the scores of a whole collection."""

from seedbed import job


def main(noises: list[int], tickets: list[str], equalised: str) -> None:
    from seedbed.lottery_ticket.tickets.collection_files import load_collection

    load_collection(tickets, noises).equalised.save(equalised)


if "snakemake" in globals():
    job.run(snakemake, main)
