"""Make the seed card of a model from the run's tables."""

from seedbed import job, store
from seedbed.run import BASE


def main(
    about: dict,
    sources: dict,
    written: str,
    tickets: list[str],
    card: str,
    schema: str,
    readme: str,
) -> None:
    from seedbed.cards.folder import content, maker, write_card
    from seedbed.cards.origins import devices_of, latent_shape
    from seedbed.provenance.citation import citation, config_digest

    config = store.read_json(written, ["run", "models"])
    name = about["model"]["name"]
    entry = config["models"][name]
    about["model"]["latent_shape"] = latent_shape(entry)
    cited = citation(config["run"], config_digest(config), BASE)
    about["made_by"] = maker(cited, devices_of(config["run"], name))
    write_card(content(about, sources, *tickets or [None]), card, schema, readme)


if "snakemake" in globals():
    job.run(snakemake, main)
