"""Write the README of a run's data set, by which Hugging Face ``datasets`` loads it."""

from seedbed import job, store


def main(run: str, files: list[dict], columns: dict, needed: list[str], readme: str) -> None:
    from seedbed.render.dataset import description

    store.write_text(description.readme(run, files, columns), readme)


if "snakemake" in globals():
    job.run(snakemake, main)
