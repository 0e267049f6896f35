"""Run the artefact tests on the finished run, and say so in a file."""

import contextlib
import os
import sys
from pathlib import Path

from seedbed import logs, store


def main(models: list[str], log: str, output: str) -> None:
    import pytest

    run = str(Path(output).parent)
    os.environ["SEEDBED_RUN"] = run
    os.environ["SEEDBED_MODELS"] = ",".join(models)
    with open(log, "a", encoding="utf-8") as handle, contextlib.redirect_stdout(handle):
        status = pytest.main(["tests/artefacts", "-p", "no:cacheprovider"])
    if status != 0:
        sys.exit(f"the tables or figures of {run} fail their checks; see {log}")
    store.write_text(f"tables and figures of {run} checked\n", output)


if "snakemake" in globals():
    logs.setup(snakemake.log[0])
    main(snakemake.params.models, snakemake.log[0], snakemake.output[0])
