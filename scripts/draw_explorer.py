"""Draw the page on which a run's seeds are browsed."""

from seedbed import job, store, version
from seedbed.run import BASE


def main(models: list[dict], needed: list[str], written: str, page: str) -> None:
    from seedbed.provenance.citation import citation, config_digest
    from seedbed.render.explorer import whole as explorer
    from seedbed.render.explorer.explored import files

    # Snakemake waits for what lies under `needed`; the page reads the same files by name.
    if set(files(models)) != set(needed):
        raise ValueError("what the explorer reads is not what its rule waits for")
    config = store.read_json(written, ["run"])
    cited = citation(config["run"], config_digest(config), BASE)
    made = {
        "run": cited["run"],
        "Seedbed": version(),
        "commit": cited["commit"][:12],
        "config": cited["config"],
        "drawn on": cited["device"],
    }
    explorer.write(models, made, page)


if "snakemake" in globals():
    job.run(snakemake, main)
