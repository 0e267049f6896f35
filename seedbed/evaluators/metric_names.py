"""What a measure may be called: a metric's real name is for the real metric alone.

The module of a kind that measures a published metric states, as plain constants,

- ``METRIC``: its name, in which ``{key}`` stands for what the config entry says;
- ``SHA256``: digest of the published weights, or ``ORIGIN``: the repository of the hub that has
  them, where their digest is nowhere published;
- ``REAL``: what keys of an entry must be.

An entry is the real one if its weights are the published ones, by digest or by repository, and its
keys are as they must be. Torch-free.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from seedbed.evaluators.registry import kinds, stated
from seedbed.evaluators.weight_files import UNCHECKED

SAID = {True: "on", False: "off"}


def real_name(role: str, entry: Mapping) -> str | None:
    """The name of the published metric that an entry measures, ``None`` if it measures none."""
    found = stated(role, entry["kind"])
    name, keys = found.get("METRIC"), found.get("REAL", {})
    if name is None or any(entry.get(key) != value for key, value in keys.items()):
        return None
    if not _published(found, entry):
        return None
    return name.format(**{k: SAID[v] if isinstance(v, bool) else v for k, v in entry.items()})


def _published(found: Mapping, entry: Mapping) -> bool:
    digest = entry.get("sha256")
    if "SHA256" in found:
        return digest in (None, found["SHA256"])
    # Whoever gives a digest has it from where the weights are published.
    return digest not in (None, UNCHECKED) or (
        digest is None and entry["source"].startswith(found["ORIGIN"])
    )


def reserved() -> dict[str, str]:
    """First words of the names of published metrics, with the kind that measures each."""
    return {
        stated(role, kind)["METRIC"].split()[0]: kind
        for role in ("extractors", "scorers")
        for kind in kinds(role)
        if "METRIC" in stated(role, kind)
    }


def faults(config: Mapping) -> Iterator[str]:
    """One line for each entry that takes the name of a metric that it does not measure."""
    for role in ("extractors", "scorers"):
        for name, entry in config[role].items():
            real, key = real_name(role, entry), f"{role}.{name}"
            for word, kind in reserved().items():
                if word in entry["metric"].split() and not entry["metric"].startswith(real or "?"):
                    yield (
                        f"{key}.metric: {entry['metric']!r}, but "
                        + (
                            f"it must begin with {real!r}; leave it out"
                            if real
                            else f"{word} is what kind {kind} measures with the published weights; "
                            "choose another name"
                        )
                    )
                paper = entry["paper"] or {"same": False, "column": ""}
                if paper["same"] and word in paper["column"].split() and real is None:
                    yield (
                        f"{key}.paper.same: true, but this is not {word} (kind {kind} with the "
                        "published weights is); set it to false"
                    )
