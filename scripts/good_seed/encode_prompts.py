"""Encode the prompts of a part with a model, once for all jobs that draw them."""

from seedbed import job, store


def main(model: dict, prompts: str, states: str) -> None:
    from seedbed.sampling.drawing import Drawing
    from seedbed.sampling.text_states import write_states

    texts = store.read_table(prompts, ["text"])["text"].tolist()
    write_states(Drawing.of(model).model, texts, states)


if "snakemake" in globals():
    job.run(snakemake, main)
