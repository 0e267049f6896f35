"""Run one stage of the training of the Storybook models."""

from pathlib import Path

from seedbed import logs, store


def main(stage: str, entry: dict, mark: str) -> None:
    from seedbed.storybook.recipes import RECIPES

    RECIPES[stage](Path(mark).parent, entry)
    store.write_text(f"{stage}\n", mark)


# Training starts processes of its own, which import this file again under another name.
if "snakemake" in globals() and __name__ == "__main__":
    logs.setup(snakemake.log[0])
    main(
        stage=snakemake.wildcards.stage,
        entry=snakemake.params.entry,
        mark=snakemake.output.mark,
    )
