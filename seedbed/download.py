"""One file from outside: downloaded whole, accepted by its sha256, put in place by a rename.

What has come is kept beside the target under a hidden name while the connection breaks off and
comes back, and after the last try too, so that the next run goes on from there. It goes on only
where a digest will tell whether the whole is right. On any failure the target stays as it was.
"""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from typing import BinaryIO
from urllib.error import HTTPError
from urllib.parse import unquote, urlsplit
from urllib.request import Request, urlopen

from seedbed import outside, store

log = logging.getLogger(__name__)

CHUNK = 1 << 20
MOST_BYTES = 32 * 2**30
"""What is taken from a server at most; COCO's training images are 18 GiB."""
TRIES = 5
"""Connections in a row that bring nothing new before a download is given up."""
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")


class DownloadError(ValueError):
    """A file that cannot be had; one line: which, what is wrong, what to do."""


class _Gone(Exception):
    """The server says that there is no such file, or none for us: trying again is no use."""


class _Full(Exception):
    """Nothing can be written."""


def place_of(url: str, folder: str) -> str:
    """Where the file of an address lies below the folder of downloads: its name, told apart from
    other files of that name."""
    name = Path(unquote(urlsplit(url).path)).name
    name = re.sub(r"[^A-Za-z0-9._-]", "_", name) or "file"
    return f"{folder}/{hashlib.sha256(url.encode()).hexdigest()[:8]}-{name}"


def fetch(
    url: str,
    sha256: str | None,
    target: str | Path,
    *,
    key: str,
    timeout: float = 60.0,
    most: int = MOST_BYTES,
) -> Path:
    """Put the file of an address at ``target``.

    Args:
        url: where it is.
        sha256: its hex digest; without one the file is taken as it is and its digest is logged.
        target: where it goes.
        key: of the config that can name a local copy instead; for messages.
        timeout: longest silence of the server, in seconds.
        most: bytes that it may have.

    Raises:
        DownloadError: one line: no such file, no end to it, another digest, a disk that is full,
            another process that downloads it.
    """
    target = Path(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.download")
    elsewhere = f"download it elsewhere and set {key} to the file"
    with _held(part, url) as file:
        if sha256 is None:
            file.truncate(0)
        begun = _end(file)
        try:
            if begun:
                log.info("%s: going on after %d bytes", url, begun)
            _complete(url, file, timeout, most)
            found = store.sha256_of(part)
            if begun and found != (sha256 or found).lower():
                log.info("%s: what was there before was of another file; once more", url)
                file.truncate(0)
                _complete(url, file, timeout, most)
                found = store.sha256_of(part)
        except _Full as fault:
            part.unlink(missing_ok=True)
            raise DownloadError(
                f"{target}: cannot be written ({fault}) while downloading {url}; what had come is "
                f"removed; free some space, or name another folder in downloads"
            ) from fault
        except (_Gone, OSError, HTTPException, ValueError) as fault:
            size = _size(part)
            if not size or sha256 is None or isinstance(fault, _Gone):
                part.unlink(missing_ok=True)
                kept = ""
            else:
                kept = f"; {size:,} bytes are kept, run again to go on from there"
            raise DownloadError(
                f"{url}: cannot be downloaded ({one_line(fault)}){kept}; {elsewhere}"
            ) from fault
        if found != (sha256 or found).lower():
            part.unlink()
            raise DownloadError(f"{url}: sha256 is {found}, expected {sha256.lower()}; {elsewhere}")
        if sha256 is None:
            log.info("%s: sha256 %s, not checked", url, found)
        part.replace(target)
    return target


@contextmanager
def _held(part: Path, url: str) -> Iterator[BinaryIO]:
    """The hidden file, open for this process alone; removed if nothing came."""
    try:
        # Unbuffered: what could not be written must not be tried again when the file is closed.
        file = part.open("ab", buffering=0)
    except OSError as fault:
        raise DownloadError(
            f"{part.parent}: nothing can be written there ({fault.strerror}); name another folder"
        ) from fault
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # It may have been put in place between the two calls.
            os.stat(part)
        except OSError as fault:
            raise DownloadError(
                f"{url}: another process is downloading it to {part.parent}; wait for it"
            ) from fault
        yield file


def _complete(url: str, file: BinaryIO, timeout: float, most: int) -> None:
    """Ask until the file is whole; a connection that brought something does not count as a try."""
    failed, last = 0, None
    while failed < TRIES:
        before = _end(file)
        try:
            _ask(url, file, timeout, most)
            return
        except (OSError, HTTPException) as fault:
            last = fault
            failed = 0 if _end(file) > before else failed + 1
            log.info("%s: broke off at %d bytes (%s)", url, _end(file), one_line(fault))
    raise last


def _ask(url: str, file: BinaryIO, timeout: float, most: int) -> None:
    """One connection: append what the server sends from where the file ends.

    Raises:
        OSError, HTTPException: the connection failed, or ended before the file did.
    """
    begin = _end(file)
    request = Request(url, headers={"Range": f"bytes={begin}-"} if begin else {})
    try:
        response = urlopen(request, timeout=timeout)
    except HTTPError as fault:
        with fault:
            if begin and fault.code == 416:
                _past_the_end(fault.headers.get("Content-Range", ""), begin, file)
                return
            if fault.code < 500 and fault.code not in (408, 429):
                raise _Gone(one_line(fault)) from fault
        raise
    with response:
        length = response.headers.get("Content-Length")
        part = _RANGE.match(response.headers.get("Content-Range") or "")
        if response.status != 206 or part is None or int(part[1]) != begin:
            # The whole file, from a server that knows no ranges, or another part of it.
            if response.status == 206:
                raise _Gone("the server sends another part than it was asked for")
            begin = 0
            file.truncate(0)
        total = begin + int(length) if length and length.isdigit() else None
        if max(total or 0, begin) > most:
            raise _Gone(f"{total:,} bytes, more than the {most:,} it may have")
        came = begin
        while chunk := response.read(CHUNK):
            _append(file, chunk)
            came += len(chunk)
            if came > most:
                raise _Gone(f"more than {most:,} bytes")
    if total is not None and came < total:
        raise OSError(f"{came:,} of {total:,} bytes came")


def _past_the_end(said: str, begin: int, file: BinaryIO) -> None:
    """What is there is the whole file already, or none of it."""
    if said != f"bytes */{begin}":
        file.truncate(0)
        raise OSError("what was there before is longer than the file")


def _append(file: BinaryIO, chunk: bytes) -> None:
    try:
        rest = memoryview(chunk)
        while rest:
            rest = rest[file.write(rest) :]
    except OSError as fault:
        raise _Full(fault.strerror) from fault


def _end(file: BinaryIO) -> int:
    return file.seek(0, os.SEEK_END)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def one_line(value: object) -> str:
    """Any value, such as an exception, as one line of text."""
    return " ".join(str(value).split())


def checked(local: str | Path, sha256: str | None, key: str, url: str) -> Path:
    """A local file, if its digest is the expected one.

    Args:
        local: the file.
        sha256: its hex digest, ``None`` for any.
        key: of the config that names it.
        url: where it could be downloaded from.

    Raises:
        DownloadError: it cannot be read, or is another file.
    """
    digest = hashlib.sha256()
    try:
        for chunk in outside.chunks(local, MOST_BYTES):
            digest.update(chunk)
    except outside.OutsideError as error:
        raise DownloadError(
            f"{local}: cannot be read ({error}); correct {key} or set it to null to download {url}"
        ) from error
    found = digest.hexdigest()
    if found != (sha256 or found).lower():
        raise DownloadError(
            f"{local}: sha256 is {found}, expected {sha256.lower()}; correct {key} or set it to "
            f"null to download {url}"
        )
    return Path(local)


@contextmanager
def at_hand(entry: Mapping, key: str) -> Iterator[Path]:
    """The file of a config entry, checked: its local one, or one downloaded for as long.

    Args:
        entry: ``url``, ``sha256``, ``local``.
        key: of ``local`` in the config.

    Raises:
        DownloadError: as ``checked`` and ``fetch``.
    """
    if entry["local"] is not None:
        yield checked(entry["local"], entry["sha256"], key, entry["url"])
        return
    with tempfile.TemporaryDirectory() as folder:
        yield fetch(entry["url"], entry["sha256"], place_of(entry["url"], folder), key=key)
