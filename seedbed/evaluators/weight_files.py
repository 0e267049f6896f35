"""Where the weights of an evaluator lie: a path, torch's hub cache, or a repository of the hub.

A config's ``source`` may be

- a file or folder on disk;
- ``owner/name``: a folder of the hub, read by the library that knows its architecture;
- ``owner/name/file``: one file of a repository of the hub, from its cache or downloaded into it;
- the name of a published file that torch's hub cache holds, as ``vgg19-dcbb9e9d.pth``.

None of the last three must be here when a run is planned; a job that finds nothing says what it
wants and where it looked. Torch-free.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from seedbed import outside, store

UNCHECKED = "unchecked"
"""In the place of a digest: the file is of one's own."""
_HASHED = re.compile(r"-([0-9a-f]{8,})\.pth?$")
"""Torch's hub names a file by the first digits of its sha256."""
_WEIGHTS = (".pt", ".pth", ".bin", ".safetensors")
TRAINED_DATA = ".traineddata"


def may_come(source: str) -> bool:
    """Whether a source that is not on disk may be one of the hub, of torch's cache or Tesseract's.

    What looks like a path (a leading dot, slash or tilde, a first folder that is here) is none.
    """
    parts = Path(source).parts
    if source.startswith((".", "/", "~")) or not parts or Path(parts[0]).is_dir():
        return False
    if len(parts) == 1:
        return bool(_HASHED.search(source)) or source.endswith(TRAINED_DATA)
    return len(parts) == 2 or (len(parts) == 3 and source.endswith(_WEIGHTS))


def torch_cache() -> Path:
    """The folder of torch's hub that holds single files, as torch itself finds it."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    home = os.environ.get("TORCH_HOME") or Path(cache) / "torch"
    return Path(home).expanduser() / "hub" / "checkpoints"


def find(source: str, wanted: str, revision: str | None = None, sha256: str | None = None) -> Path:
    """The file of weights that a source names; looked for on disk, then where it may lie.

    Args:
        source: see the module.
        wanted: what to name in its place, for messages: the file, and where it is published.
        revision: of a repository of the hub.
        sha256: digest that the file must have; ``None`` or ``UNCHECKED`` for any.

    Raises:
        ValueError: one line: what is wanted, where it was looked for, what to do; or a file whose
            digest is another than ``sha256`` or than its own name says.
    """
    path, parts = Path(source), Path(source).parts
    if not path.exists() and may_come(source):
        path = _of_hub(source, revision) if len(parts) == 3 else torch_cache() / source
    if not path.exists() or path.is_dir():
        looked = "" if str(path) == source else f" (looked for {path})"
        said = "a folder, not a file" if path.is_dir() else f"no such file{looked}"
        raise ValueError(f"{source}: {said}; name {wanted}")
    try:
        next(outside.chunks(path), b"")
    except outside.OutsideError as error:
        raise ValueError(f"{path}: cannot be read ({error}); name {wanted}") from error
    _check(path, _HASHED.search(path.name), sha256)
    return path


def _of_hub(source: str, revision: str | None) -> Path:
    """One file of a repository of the hub, from its cache or downloaded into it."""
    from huggingface_hub import constants, hf_hub_download

    owner, name, file = Path(source).parts
    try:
        return Path(hf_hub_download(f"{owner}/{name}", file, revision=revision))
    except Exception as error:  # a library of the network raises whatever that leads it to
        kind = type(error).__name__
        raise ValueError(
            f"{source}: {file} is not in the hub's cache ({constants.HF_HUB_CACHE}) and cannot be "
            f"had from the hub ({kind}); download it elsewhere and name the file"
        ) from error


def _check(path: Path, named: re.Match | None, sha256: str | None) -> None:
    if sha256 == UNCHECKED or not (sha256 or named):
        return
    found, wanted = store.sha256_of(path), sha256 or named[1]
    if not found.startswith(wanted):
        raise ValueError(
            f"{path}: its sha256 is {found}, not {wanted}{'' if sha256 else '…'}; restore the "
            f"published file, or set sha256 to {UNCHECKED} if it is your own and named so"
        )
