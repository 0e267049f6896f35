"""Members of a zip archive, or files of the folder that it was unpacked to, read alike."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from seedbed import outside
from seedbed.download import one_line

MOST_BYTES = 256 * 2**20
"""Of one member, unpacked."""
_FAULTS = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, RuntimeError)


class ArchiveError(ValueError):
    """An archive that cannot be read, or lacks a member; one line: which, why, what to do."""


class Archive:
    """Files by their names alone, whatever folder of the archive they lie in.

    Args:
        path: a zip archive or a folder.
        suffix: of the files that count, as ``.jpg``.

    Raises:
        ArchiveError: neither of the two, a truncated archive, two files of one name, or none.
    """

    def __init__(self, path: str | Path, suffix: str):
        self.path, self._zip = Path(path), None
        if self.path.is_dir():
            found = [str(p.relative_to(self.path)) for p in self.path.rglob(f"*{suffix}")]
        else:
            self._zip = self._opened()
            found = [name for name in self._zip.namelist() if name.endswith(suffix)]
        self._members = {PurePosixPath(name).name: name for name in found}
        if len(self._members) < len(found):
            raise ArchiveError(f"{path}: holds two files of one name; give the published archive")
        if not found:
            raise ArchiveError(f"{path}: holds no {suffix} files; give the published archive")

    def _opened(self) -> zipfile.ZipFile:
        try:
            next(outside.chunks(self.path), b"")
            return zipfile.ZipFile(self.path)
        except (*_FAULTS, outside.OutsideError) as error:
            raise ArchiveError(
                f"{self.path}: no zip archive that can be read ({one_line(error)}), cut short "
                "perhaps; get it again"
            ) from error

    @property
    def names(self) -> list[str]:
        """Names of the files, sorted."""
        return sorted(self._members)

    def open(self, name: str) -> io.BytesIO:
        """A file, whole; a zip's checksum of it is checked.

        Raises:
            ArchiveError: no such file, one too large, or one that is not as it was packed.
        """
        if name not in self._members:
            raise ArchiveError(f"{self.path}: lacks {name}; give the published archive")
        member = self._members[name]
        try:
            if self._zip is None:
                return io.BytesIO(outside.read(self.path / member, MOST_BYTES))
            if self._zip.getinfo(member).file_size > MOST_BYTES:
                raise zipfile.BadZipFile(f"more than {MOST_BYTES:,} bytes")
            return io.BytesIO(self._zip.read(member))
        except (*_FAULTS, outside.OutsideError) as error:
            raise ArchiveError(
                f"{self.path}: {member} cannot be read ({one_line(error)}); get the archive again"
            ) from error

    def close(self) -> None:
        if self._zip is not None:
            self._zip.close()


@contextmanager
def opened(path: str | Path, suffix: str) -> Iterator[Archive]:
    """An archive, closed at the end; raises as ``Archive`` does."""
    archive = Archive(path, suffix)
    try:
        yield archive
    finally:
        archive.close()
