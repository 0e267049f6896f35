"""What weights a result depends on: a digest of a model's files by their content.

Weights that are retrained in place rerun what they drew. A file is read once for each of its
states, since a checkpoint has gigabytes.
"""

from __future__ import annotations

import hashlib
import logging
import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from seedbed.provenance import kept

WEIGHTS_CACHE = Path(".snakemake", "seedbed", "weights.json")
"""Hashes of files' contents, below the working directory."""
SUMS = "SHA256SUMS"
JUST_NOW_S = 2.0

log = logging.getLogger(__name__)


class _Stamp(NamedTuple):
    """What tells one state of a file from another without reading it.

    The time of the last change of status goes with the modification time because the latter
    can be set: archives and ``rsync`` restore it, and weights of one architecture are all of
    one size.
    """

    path: str
    size: int
    mtime_ns: int
    ctime_ns: int


_hashes: dict[_Stamp, str] = {}


def file_sha256(path: str | Path) -> str:
    """Hex digest of a file's content."""
    with open(path, "rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def files_digest(files: Iterable[Path]) -> str:
    """16 hex digits over names and contents of files that no import shows, in their order."""
    digest = hashlib.sha256()
    for path in files:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _stamp(path: Path) -> _Stamp:
    # The real path: in a hub's cache all snapshots link to the same blobs.
    real = os.path.realpath(path)
    state = os.stat(real)
    return _Stamp(real, state.st_size, state.st_mtime_ns, state.st_ctime_ns)


def _just_changed(stamp: _Stamp) -> bool:
    """Whether the file may change once more without another stamp: clocks tick coarsely."""
    latest = max(stamp.mtime_ns, stamp.ctime_ns)
    return abs(time.time_ns() - latest) < JUST_NOW_S * 1e9


def _load_hashes() -> dict[_Stamp, str]:
    try:
        return {
            _Stamp(str(path), int(size), int(mtime), int(ctime)): bytes.fromhex(sha).hex()
            for path, (size, mtime, ctime, sha) in kept.read(WEIGHTS_CACHE).items()
        }
    except (ValueError, TypeError) as fault:
        log.debug("%s is passed over: %s", WEIGHTS_CACHE, fault)
        return {}


def _save_hashes(fresh: dict[_Stamp, str]) -> None:
    # Read again: every job of a run parses the workflow and may have written meanwhile.
    known = {stamp.path: (stamp, sha) for stamp, sha in (_load_hashes() | fresh).items()}
    stored = {
        path: [*stamp[1:], sha]
        for path, (stamp, sha) in sorted(known.items())
        if os.path.exists(path)
    }
    kept.write(stored, WEIGHTS_CACHE)


def _content_hashes(files: list[Path]) -> list[str]:
    """The sha256 of each file, read only where no earlier reading is known."""
    stamps = [_stamp(path) for path in files]
    if any(stamp not in _hashes for stamp in stamps):
        _hashes.update(_load_hashes())
    found: dict[_Stamp, str] = {}
    fresh: dict[_Stamp, str] = {}
    try:
        for stamp in stamps:
            if stamp in found:
                continue
            # Each reading is made anew until the file has rested.
            rests = not _just_changed(stamp)
            if rests and stamp in _hashes:
                found[stamp] = _hashes[stamp]
                continue
            found[stamp] = file_sha256(stamp.path)
            if rests:
                fresh[stamp] = found[stamp]
    finally:
        # Also where the user interrupts: what is hashed stays hashed.
        _hashes.update(fresh)
        if fresh:
            _save_hashes(fresh)
    return [found[stamp] for stamp in stamps]


def _counts(name: str) -> bool:
    """Whether a file or folder of that name can change what a model computes."""
    lower = name.lower()
    hidden = name.startswith(".")
    return not (hidden or lower.startswith("readme") or lower.endswith((".md", ".partial")))


def _files_in(folder: Path, above: tuple[str, ...] = ()) -> Iterator[Path]:
    """Regular files that count, links followed except back to a folder that holds them."""
    real = os.path.realpath(folder)
    if real in above:
        return
    for path in folder.iterdir():
        if not _counts(path.name):
            continue
        if path.is_dir():
            yield from _files_in(path, (*above, real))
        elif path.is_file():
            yield path


def _check_sums(folder: Path, files: dict[str, str]) -> None:
    """Hold files against the SHA256SUMS of a folder, where it has one.

    Args:
        folder: the one that may hold SHA256SUMS.
        files: sha256 by name, as SHA256SUMS would name them.

    Raises:
        ValueError: a file is not the one that SHA256SUMS names.
    """
    sums = folder / SUMS
    if not sums.is_file():
        return
    for line in sums.read_text(encoding="utf-8").splitlines():
        stated, _, name = line.strip().partition(" ")
        name = name.lstrip(" *").removeprefix("./")
        if name in files and files[name] != stated.lower():
            raise ValueError(
                f"{folder / name}: differs from {sums}; restore it with "
                f"`git checkout -- {folder / name}`, or refresh the sums with what publishes "
                "the models: `snakemake --cores all train_storybook`"
            )


def weights_digest(
    source: str | Path, revision: str | None = None, configs: str | Path | None = None
) -> str:
    """Digest of a model's weights and all that lies with them, by content.

    Contents are hashed once for each state of a file and then remembered, in this process and
    in ``.snakemake/seedbed/weights.json`` below the working directory.

    Args:
        source: a local folder or file, or a hub id. What is not there counts as a hub id; the
            caller checks that local models exist.
        revision: of the hub model; without effect on local ones.
        configs: a folder that a single file is read with; the one beside it that has its name
            goes before.

    Returns:
        16 hex digits. Over the names and contents of a folder's files, without READMEs,
        Markdown, hidden and partial files; over the content of a file and of the folder that
        it is read with; over a hub model's id and revision.

    Raises:
        ValueError: a ``SHA256SUMS`` beside the folder (or in or beside the file's folder)
            names a file and its digest is another one.
        OSError: something in the folder cannot be read.
    """
    path = Path(source)
    base = Path(os.path.abspath(path))
    if path.is_dir():
        files = sorted(_files_in(path))
        names = [file.relative_to(path).as_posix() for file in files]
        hashes = dict(zip(names, _content_hashes(files), strict=True))
        _check_sums(
            path.parent if path.name == base.name else base.parent, _below(base.name, hashes)
        )
        digest = hashlib.sha256()
        for name, sha in hashes.items():
            digest.update(os.fsencode(name) + b"\0" + sha.encode() + b"\0")
        return digest.hexdigest()[:16]
    if path.is_file():
        (sha,) = _content_hashes([path])
        _check_sums(path.parent, {path.name: sha})
        _check_sums(base.parent.parent, _below(base.parent.name, {path.name: sha}))
        folder = path.with_suffix("")
        folder = folder if folder.is_dir() else configs
        if folder is None:
            return sha[:16]
        return hashlib.sha256(f"{sha} {weights_digest(folder)}".encode()).hexdigest()[:16]
    return hashlib.sha256(f"hub:{source}@{revision}".encode()).hexdigest()[:16]


def check_sha256(path: str | Path, stated: str) -> None:
    """Hold a file against a digest; it is read once for each of its states.

    Raises:
        ValueError: one line: it is no file, or has another digest.
    """
    if not Path(path).is_file():
        raise ValueError(f"{path}: a sha256 is of a single file, and this is none; leave it out")
    (found,) = _content_hashes([Path(path)])
    if found != stated:
        raise ValueError(
            f"{path}: its sha256 is {found}, and {stated} is asked for; fetch the file anew, or "
            "correct sha256"
        )


def _below(folder: str, files: dict[str, str]) -> dict[str, str]:
    return {f"{folder}/{name}": sha for name, sha in files.items()}
