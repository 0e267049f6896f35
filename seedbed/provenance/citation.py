"""What a result says of itself, so that it can be cited: run, commit, config, device.

None of it decides a result, so none is a trigger: results of another commit are not made anew. No
times: two equal runs make the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from seedbed.provenance.made import device_name

ENVIRONMENT = "SEEDBED_COMMIT"
"""Names the commit where there is no repository, as in an image of a container."""
_REF = re.compile(r"ref: (refs/[\w./-]+)")
_ID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


@cache
def commit_of(folder: Path) -> str:
    """The commit that is checked out in a folder, from git's own files; ``unknown`` without one.

    Args:
        folder: of the repository; ``.git`` may be a file that names another folder.
    """
    given = os.environ.get(ENVIRONMENT, "").strip()
    if _ID.fullmatch(given):
        return given
    git = folder / ".git"
    try:
        if git.is_file():
            git = (
                folder / git.read_text(encoding="utf-8").removeprefix("gitdir:").strip()
            ).resolve()
        head = (git / "HEAD").read_text(encoding="utf-8").strip()
        found = _REF.fullmatch(head)
        text = _resolved(git, found[1]) if found else head
    except (OSError, ValueError):
        return "unknown"
    return text if _ID.fullmatch(text) else "unknown"


def _resolved(git: Path, name: str) -> str:
    """The commit of a branch: a file of its own, or a line of the packed ones."""
    common = git / "commondir"
    folders = [git]
    if common.is_file():
        folders.append((git / common.read_text(encoding="utf-8").strip()).resolve())
    for folder in folders:
        if (folder / name).is_file():
            return (folder / name).read_text(encoding="utf-8").strip()
        packed = folder / "packed-refs"
        if packed.is_file():
            for line in packed.read_text(encoding="utf-8").splitlines():
                if line.endswith(f" {name}"):
                    return line.split()[0]
    return ""


def config_digest(config: Mapping) -> str:
    """Sixteen digits of the sha256 of a complete config as JSON with sorted keys."""
    text = json.dumps(config, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def citation(run: str, config: str, base: Path) -> dict[str, str]:
    """What is said of a result.

    Args:
        run: its name.
        config: digest of the complete config.
        base: the workflow's own folder.

    Returns:
        ``run``, ``commit``, ``config``, ``device`` in this order.
    """
    return {"run": run, "commit": commit_of(base), "config": config, "device": device_name()}


def line_of(cited: Mapping[str, str]) -> str:
    """``run default, commit 0123…, config 4567…, on AMD EPYC``."""
    return (
        f"run {cited['run']}, commit {cited['commit'][:12]}, config {cited['config']}, "
        f"on {cited['device']}"
    )
