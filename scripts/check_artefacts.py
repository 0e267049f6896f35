"""Run the artefact tests on the finished run, and say so in a file."""

import contextlib
import os
import sys

from seedbed import job, store


def main(written: str, log: str, said: str) -> None:
    import pytest

    from seedbed.run import shipped

    os.environ["SEEDBED_CONFIG"] = written
    with open(log, "a", encoding="utf-8") as handle, contextlib.redirect_stdout(handle):
        status = pytest.main([shipped("tests/artefacts"), "-p", "no:cacheprovider"])
    if status != 0:
        sys.exit(f"the tables or figures of this run fail their checks; see {log}")
    run = store.read_json(written)["run"]
    store.write_text(f"tables and figures of {run} checked\n", said)


if "snakemake" in globals():
    job.run(snakemake, main)
