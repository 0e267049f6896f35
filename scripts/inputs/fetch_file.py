"""Download one file from outside and accept it by its digest."""

from seedbed import job


def main(url: str, sha256: str | None, key: str, target: str) -> None:
    from seedbed.download import fetch

    fetch(url, sha256, target, key=key)


if "snakemake" in globals():
    job.run(snakemake, main)
