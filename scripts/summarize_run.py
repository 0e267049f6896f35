"""Say where the results of a run are and how long each stage took."""

import argparse
from pathlib import Path

import yaml

from seedbed.report.summary import summarize


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--configfile", type=Path, default=Path("config.yaml"))
    run = yaml.safe_load(parser.parse_args().configfile.read_text(encoding="utf-8"))["run"]
    print(summarize(Path("results") / run))


if __name__ == "__main__":
    main()
