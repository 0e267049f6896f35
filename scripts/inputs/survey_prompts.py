"""Choose the prompts of a survey: objects and modifiers spread over those of a set."""

from seedbed import job, store
from seedbed.prompts.table import read


def main(source: str, objects: int, modifiers: int, survey: str) -> None:
    from seedbed.prompts.survey import survey_prompts

    store.write_table(survey_prompts(read(source), objects, modifiers), survey)


if "snakemake" in globals():
    job.run(snakemake, main)
