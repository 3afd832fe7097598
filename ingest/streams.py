"""A file's bytes: what they are, unpacked, counted, and never more than allowed."""

import gzip
import shutil
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from ingest.errors import CorruptFileError, EmptyFileError, TooLargeError, UnsupportedFileError

MAX_UNPACKED = 2_000 * 2**20
_GZIP = b"\x1f\x8b"
_ZIP = b"PK\x03\x04"
_PARQUET = b"PAR1"
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


class Readable(Protocol):
    """What the readers need of a stream."""

    def read(self, size: int, /) -> bytes:
        """Return at most ``size`` bytes; none at the end."""
        ...


class Counted:
    """A stream that raises `TooLargeError` beyond ``limit`` bytes, and `CorruptFileError` for a bad gzip."""

    def __init__(self, stream: Readable, limit: int) -> None:
        self.stream = stream
        self.limit = limit
        self.count = 0

    def read(self, size: int = -1, /) -> bytes:
        """Return at most ``size`` bytes."""
        try:
            data = self.stream.read(size)
        except EOFError:
            raise CorruptFileError("truncated") from None
        except (gzip.BadGzipFile, zlib.error) as error:
            raise CorruptFileError(detail=str(error)) from None
        self.count += len(data)
        if self.count > self.limit:
            raise TooLargeError(limit=f"{self.limit:,}")
        return data


@contextmanager
def unpacked(path: Path, limit: int = MAX_UNPACKED) -> Iterator[Counted]:
    """Open a file, through gzip where it is gzipped, whatever its name says."""
    with path.open("rb") as raw:
        head = raw.read(2)
        raw.seek(0)
        if head != _GZIP:
            yield Counted(raw, limit)
            return
        with gzip.GzipFile(fileobj=raw) as stream:
            yield Counted(cast(BinaryIO, stream), limit)


@contextmanager
def seekable(path: Path, limit: int = MAX_UNPACKED) -> Iterator[BinaryIO]:
    """Open a file for a format that needs to seek; a gzipped one is unpacked to a temporary file."""
    with path.open("rb") as raw:
        if raw.read(2) != _GZIP:
            raw.seek(0)
            yield raw
            return
    with unpacked(path, limit) as stream, tempfile.TemporaryFile() as file:
        shutil.copyfileobj(stream, file, 2**20)
        file.seek(0)
        yield cast(BinaryIO, file)


def format_of(path: Path, limit: int = MAX_UNPACKED) -> str:
    """Return ``csv``, ``xlsx``, ``jsonl`` or ``parquet``, from the first bytes.

    Raises
    ------
    EmptyFileError, CorruptFileError, UnsupportedFileError
    """
    if path.stat().st_size == 0:
        raise EmptyFileError
    with unpacked(path, limit) as stream:
        head = stream.read(4096)
    if not head.strip(b"\xef\xbb\xbf \t\r\n\0"):
        raise EmptyFileError
    if head.startswith(_ZIP):
        return "xlsx"
    if head.startswith(_PARQUET):
        return "parquet"
    if head.startswith(_UTF16):
        raise UnsupportedFileError("unsupported_encoding", detail="UTF-16")
    for magic, name in ((_OLD_EXCEL, "xls"), (_GZIP, "gzip in gzip"), (b"%PDF", "PDF"), (b"PK", "zip")):
        if head.startswith(magic):
            raise UnsupportedFileError(detail=name)
    return _text_format(head)


def _text_format(head: bytes) -> str:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if start == b"[":
        raise UnsupportedFileError(detail="JSON array")
    return "jsonl" if start == b"{" else "csv"
