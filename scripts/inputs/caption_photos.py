"""Describe a range of photos."""

from seedbed import job


def main(name: str, entry: dict, span: list[int], captions: str) -> None:
    from seedbed.prompts.captioner import caption

    caption(entry, name, range(*span), captions)


if "snakemake" in globals():
    job.run(snakemake, main)
