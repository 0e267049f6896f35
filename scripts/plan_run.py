"""Print what a run would cost and what it could see."""

from seedbed import job


def main(config: dict, asked: dict) -> None:
    from seedbed.planning.printed import Asked, page

    print(page(config, Asked.of(asked)), flush=True)


if "snakemake" in globals():
    job.run(snakemake, main)
