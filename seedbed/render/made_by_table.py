"""The records that jobs leave of what made their outputs, as one table."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from seedbed import store

LATER = ("made_by", "ro-crate")
"""Records of the jobs that come after the table: they would be in it of a second run alone."""


def provenance_table(folder: str | Path) -> pd.DataFrame:
    """A row per job.

    Args:
        folder: of the records (``seedbed.job``).

    Returns:
        ``job``, ``code``, ``weights`` (role and digest), ``lock``, ``seedbed``, ``python``,
        ``torch``, ``device``, ``outputs`` (number of files), by job. Without the jobs that write
        this table and describe it, whose records are there only if they have run before.
    """
    rows = []
    later = {Path(folder) / f"{name}.json" for name in LATER}
    for path in sorted(set(Path(folder).rglob("*.json")) - later):
        record = store.read_json(path)
        weights = record.get("weights") or {}
        rows.append(
            {
                "job": path.relative_to(folder).with_suffix("").as_posix(),
                "code": record.get("code"),
                "weights": ", ".join(f"{role} {digest}" for role, digest in weights.items()),
                **{key: record.get(key) for key in ("lock", "seedbed", "python", "torch")},
                "device": record.get("device"),
                "outputs": len(record["outputs"]),
            }
        )
    return pd.DataFrame(rows)
