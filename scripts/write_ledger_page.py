"""Set both papers' tables and figures beside the run's, with what it says of their claims."""

from seedbed import job, store


def main(run: str, shown: dict, claims: str, needed: list[str], ledger: str, page: str) -> None:
    import pandas as pd

    from seedbed.render import ledger_page

    if {path for paths in shown.values() for path in paths} != set(needed):
        raise ValueError("what the page shows is not what the rule waits for")
    rows = pd.read_csv(ledger, dtype=str, keep_default_na=False)
    store.write_text(ledger_page.page(run, rows, shown), page)


if "snakemake" in globals():
    job.run(snakemake, main)
