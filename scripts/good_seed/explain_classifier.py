"""Grad-CAM of the seed classifier that was split by prompt."""

from seedbed import job, store


def main(
    images: list[str], prompts: str, weights: list[str], settings: dict, shown: str, areas: str
) -> None:
    from pathlib import Path
    from tempfile import TemporaryDirectory

    from seedbed.good_seed.classifier.explanation import explain
    from seedbed.good_seed.classifier.labelled import read

    study = settings["study"]
    ids = store.read_table(prompts, ["prompt_id"])["prompt_id"].tolist()[: study["prompts"]]
    with TemporaryDirectory(dir=Path(shown).parent) as scratch:
        data = read(images, settings["seeds"], ids, study["input_size"], Path(scratch))
        found = explain(data, store.read_tensors(weights[0])[0], study)
    store.write_arrays(shown, found.shown)
    store.write_table(found.areas, areas)


if "snakemake" in globals():
    job.run(snakemake, main)
