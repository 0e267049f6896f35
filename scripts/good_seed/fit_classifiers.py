"""Train a group of seed classifiers on one model's ranking images."""

from seedbed import job, store


def main(
    images: list[str], prompts: str, settings: dict, hits: str, curves: str, weights: list[str]
) -> None:
    import shutil
    from pathlib import Path

    from seedbed.good_seed.classifier.fits import fit_group
    from seedbed.good_seed.classifier.labelled import read

    study = settings["study"]
    ids = store.read_table(prompts, ["prompt_id"])["prompt_id"].tolist()[: study["prompts"]]
    checkpoints = Path(settings["checkpoints"])
    data = read(images, settings["seeds"], ids, study["input_size"], checkpoints)
    fitted = fit_group(data, settings["group"], study, checkpoints)
    store.write_table(fitted.hits, hits)
    store.write_table(fitted.curves, curves)
    arrays, digest = weights
    store.write_tensors(arrays, fitted.weights, {"network": study["network"]})
    store.write_json({"sha256": store.sha256_of(arrays), "pictures": data.digest}, digest)
    shutil.rmtree(checkpoints, ignore_errors=True)


if "snakemake" in globals():
    job.run(snakemake, main)
