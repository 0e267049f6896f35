"""Write one file of a run's data set: pictures of one shard with all that was measured of them."""

from seedbed import job


def main(piece: dict, columns: dict, needed: list[str], joined: str) -> None:
    from seedbed.render.dataset.join import join

    join(piece, columns, joined)


if "snakemake" in globals():
    job.run(snakemake, main)
