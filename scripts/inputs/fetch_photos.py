"""Download the photos of a set of pairs, one by one."""

from seedbed import job


def main(name: str, entry: dict, photos: str) -> None:
    from seedbed.open_images import fetch_photos

    fetch_photos(entry, name, photos)


if "snakemake" in globals():
    job.run(snakemake, main)
