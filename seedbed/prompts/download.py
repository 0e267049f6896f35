"""One file from outside, accepted only if its sha256 is the expected one.

In order: take the local file if one is named, otherwise ask the URL once; write to a temporary
name beside the target; compare hashes; rename. On any failure the target stays as it was.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from http.client import HTTPException
from pathlib import Path
from urllib.request import urlopen

from seedbed import outside, store
from seedbed.prompts.table import PromptError, one_line

log = logging.getLogger(__name__)

CHUNK = 1 << 20
MOST_BYTES = 2 * 2**30
"""What is taken from a server or a local file at most."""


def fetch(
    url: str,
    sha256: str | None,
    target: str | Path,
    local: str | Path | None = None,
    *,
    key: str,
    timeout: float = 60.0,
) -> Path:
    """Puts the file with this sha256 at ``target``, from ``local`` if given, else from ``url``.

    ``key`` is the config key that names a local file; messages refer to it. ``timeout`` is the
    longest silence of the server, in seconds. Without a hash the file is taken as it is and its
    hash is logged. Raises PromptError if the source cannot be read or
    is another file.
    """
    target = Path(target)
    chunks = _read(Path(local), url, key) if local else _download(url, key, timeout)
    with store.atomic(target) as part:
        found = _write(chunks, part)
        if sha256 is None:
            log.info("%s: sha256 %s, not checked", local or url, found)
        elif found != sha256.lower():
            advice = (
                f"correct {key} or set it to null to download {url}"
                if local
                else f"download the right file elsewhere and set {key} to it"
            )
            raise PromptError(
                f"{local or url}: sha256 is {found}, expected {sha256.lower()}; {advice}"
            )
    return target


def _write(chunks: Iterator[bytes], path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for chunk in chunks:
            digest.update(chunk)
            file.write(chunk)
    return digest.hexdigest()


def _read(local: Path, url: str, key: str) -> Iterator[bytes]:
    try:
        yield from outside.chunks(local, MOST_BYTES)
    except outside.OutsideError as error:
        raise PromptError(
            f"{local}: cannot be read ({error}); correct {key} or set it to null to download {url}"
        ) from error


def _download(url: str, key: str, timeout: float) -> Iterator[bytes]:
    try:
        with urlopen(url, timeout=timeout) as response:
            taken = 0
            while chunk := response.read(CHUNK):
                taken += len(chunk)
                if taken > MOST_BYTES:
                    raise ValueError(f"more than {MOST_BYTES:,} bytes")
                yield chunk
    except (OSError, HTTPException, ValueError) as error:
        raise PromptError(
            f"{url}: cannot be downloaded ({one_line(error)}); "
            f"download it elsewhere and set {key} to the file"
        ) from error
