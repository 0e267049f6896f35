"""Generate the test images of all arms of the golden-seed trial, each picture once."""

from seedbed import job, store


def main(model: dict, drawn: dict, prompts: str, states: str, pairs: str, images: str) -> None:
    from seedbed.good_seed.trial_seeds import pictures_of
    from seedbed.sampling.drawing import Drawing
    from seedbed.sampling.generate import generate
    from seedbed.sampling.text_states import map_states

    table = store.read_table(prompts, ["prompt_id", "text"])
    arms = store.read_table(pairs, ["seed", "prompt_id"])
    once = pictures_of(arms, table["prompt_id"].tolist(), drawn["places"])
    condition = map_states(states, len(table))
    generate(Drawing.of(model), once, table, images, drawn["encoding"], condition)


if "snakemake" in globals():
    job.run(snakemake, main)
