"""Write the float16 Storybook models that ship, with their digests."""

from pathlib import Path

from seedbed import logs, store


def main(target: str, mark: str) -> None:
    from seedbed.storybook.recipes import publish

    sums = publish(Path(mark).parent, Path(target))
    store.write_json(sums, mark)


if "snakemake" in globals():
    logs.setup(snakemake.log[0])
    main(target=snakemake.params.target, mark=snakemake.output.mark)
