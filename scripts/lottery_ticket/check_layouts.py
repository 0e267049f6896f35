"""Before anything is drawn: can these layouts be judged, and are held-out ones held out?"""

from seedbed import job, store


def main(name: str, entry: dict, layouts: list[str], told: str) -> None:
    from seedbed.evaluators import registry
    from seedbed.lottery_ticket.comparison.objects import check_known

    detector = registry.load("detectors", entry, name)
    tables = [store.read_table(path) for path in layouts]
    for path, table in zip(layouts, tables, strict=True):
        check_known(table, detector.names, f"{path}: detector {name!r}")
    first, *others = (set(table["layout_id"]) for table in tables)
    for path, other in zip(layouts[1:], others, strict=True):
        if first & other:
            raise ValueError(
                f"{path}: {len(first & other)} layouts are also in {layouts[0]}, on which methods "
                "are compared; give its entry `exclude` with the name of that set"
            )
    store.write_json({"detector": name, "classes": list(detector.names)}, told)


if "snakemake" in globals():
    job.run(snakemake, main)
