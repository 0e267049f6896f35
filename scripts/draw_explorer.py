"""Draw the page on which a run's seeds are browsed."""

from seedbed import job, store, version


def main(models: list[dict], needed: list[str], written: str, page: str) -> None:
    from seedbed.provenance import device_name
    from seedbed.render.explorer import whole as explorer
    from seedbed.render.explorer.explored import files

    # Snakemake waits for what lies under `needed`; the page reads the same files by name.
    if set(files(models)) != set(needed):
        raise ValueError("what the explorer reads is not what its rule waits for")
    made = {
        "run": store.read_json(written, ["run"])["run"],
        "Seedbed": version(),
        "config": store.sha256_of(written)[:16],
        "drawn on": device_name(),
    }
    explorer.write(models, made, page)


if "snakemake" in globals():
    job.run(snakemake, main)
