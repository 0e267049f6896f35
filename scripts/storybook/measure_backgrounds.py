"""Measure how much of each background region of the scenes is drawn as what it was built for."""

from seedbed import job, store


def main(figure: str, arms: list[str], images: str, objects: str, rows: str) -> None:
    from seedbed.storybook.backgrounds import background_shares

    pictures = store.read_arrays(images, arms)
    found = background_shares(
        store.read_table(objects), {arm: pictures[arm] for arm in arms}, figure
    )
    store.write_table(found, rows)


if "snakemake" in globals():
    job.run(snakemake, main)
