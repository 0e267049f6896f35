"""A run's configuration, checked and with every default in its place."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from seedbed.config import (
    checkpoints,
    good_seed,
    limits,
    lottery_ticket,
    names,
    schema,
    sources,
    streams,
)
from seedbed.config.messages import ConfigError
from seedbed.evaluators import metric_names
from seedbed.run import shipped

SHIPPED = ("configs/", "resources/")
"""Values that begin so name what comes with the workflow."""


def complete(config: Mapping) -> dict:
    """A copy of a run's config with every default filled in; what is given is not changed.

    Args:
        config: as Snakemake merged it from ``config.yaml`` and what ``--configfile`` names.

    Raises:
        ConfigError: one line for each faulty key: what the schema does not allow, or, if there is
            nothing of that kind, names of nothing, ranges and counts that do not fit each other,
            files that are not there, or a run beyond its own limits.
    """
    copy = schema.plain(config)
    faults = schema.faults(copy, "run")
    if not faults:
        copy = _located(schema.filled(copy, schema.schema("run")))
        for table in ("extractors", "scorers"):
            for name, entry in copy[table].items():
                if entry["metric"] is None:
                    entry["metric"] = metric_names.real_name(table, entry) or name
        study = copy["good_seed"]
        study["swap"]["model"] = good_seed.swap_model(copy)
        study["classifier"]["arguments"] = study["classifier"]["arguments"] or {}
        parts = (
            names.name_faults,
            names.layout_faults,
            _paper_faults,
            good_seed.faults,
            names.quality_faults,
            lottery_ticket.faults,
            streams.faults,
            sources.faults,
            checkpoints.faults,
            _misnamed,
        )
        # What is not sound cannot be measured.
        faults = [line for part in parts for line in part(copy)] or limits.faults(copy)
    if faults:
        raise ConfigError("\n".join(f"config: {line}" for line in faults))
    return copy


def _misnamed(config: Mapping) -> list[str]:
    return list(metric_names.faults(config))


def merged(base: Mapping, over: Mapping) -> dict:
    """A config with another over it, as Snakemake merges them.

    Args:
        base: below.
        over: its tables are merged key by key, its lists and values replace those below.
    """
    found = dict(base)
    for key, value in over.items():
        both = isinstance(value, Mapping) and isinstance(found.get(key), Mapping)
        found[key] = merged(found[key], value) if both else value
    return found


def _located(value):
    """The config with shipped files where they are seen from the working folder."""
    if isinstance(value, Mapping):
        return {key: _located(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_located(each) for each in value]
    if isinstance(value, str) and value.startswith(SHIPPED) and not Path(value).exists():
        return shipped(value)
    return value


def _paper_faults(config: Mapping) -> list[str]:
    if config["good_seed"]["models"] or config["lottery_ticket"]["models"]:
        return []
    return ["good_seed.models: empty, as lottery_ticket.models is; name a model in one of the two"]
