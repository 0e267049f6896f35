"""Map seeds by the style of their pictures; compare the maps of different prompts."""

from seedbed import job, store


def main(
    settings: dict, statistics: dict, features: list[str], prompts: str, maps: str, agreement: str
) -> None:
    from seedbed.good_seed.style_maps import analyse

    ids = store.read_table(prompts, ["prompt_id"])["prompt_id"].tolist()
    drawn, agreed = analyse(features, ids, settings, statistics)
    store.write_table(drawn, maps)
    store.write_table(agreed, agreement)


if "snakemake" in globals():
    job.run(snakemake, main)
