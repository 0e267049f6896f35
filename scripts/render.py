"""Draw one final table or figure with the function that the catalog names, and write it."""

from importlib import import_module

from seedbed import job


def main(
    draw: str,
    sources: dict,
    settings: dict,
    caption: str,
    label: str,
    needed: list[str],
    files: list[str],
) -> None:
    from seedbed.render import style, tables

    # Snakemake waits for what lies under `needed`; the function gets the same files by name.
    lists = [[paths] if isinstance(paths, str) else paths for paths in sources.values()]
    if {path for paths in lists for path in paths} != set(needed):
        raise ValueError(f"{draw}: what it reads is not what the rule waits for")
    module, _, function = draw.partition(":")
    drawn = getattr(import_module(module), function)(**sources, **settings)
    if isinstance(drawn, tables.Table):
        tables.write(drawn, caption, label, files)
    else:
        style.save(drawn, *files)


if "snakemake" in globals():
    job.run(snakemake, main)
