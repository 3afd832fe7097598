import gzip
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

from ingest import CorruptFileError, EmptyFileError, TooLargeError, UnsupportedFileError
from ingest.streams import Counted, format_of, seekable, unpacked

Write = Callable[..., Path]


def drain(path: Path, limit: int = 10**9) -> bytes:
    with unpacked(path, limit) as stream:
        return b"".join(iter(lambda: stream.read(1000), b""))


@pytest.mark.parametrize("gz", [False, True])
def test_plain_and_gzipped_read_the_same(write: Write, gz: bool) -> None:
    assert drain(write("a,b\n1,2\n", gz=gz)) == b"a,b\n1,2\n"


def test_content_decides_and_not_the_name(write: Write) -> None:
    assert drain(write(gzip.compress(b"abc"), name="file.csv")) == b"abc"
    assert drain(write(b"abc", name="file.csv.gz")) == b"abc"


def test_members_of_a_gzip_are_joined(write: Write) -> None:
    assert drain(write(gzip.compress(b"a\n") + gzip.compress(b"b\n"))) == b"a\nb\n"


def test_a_truncated_gzip_is_corrupt(write: Write) -> None:
    data = gzip.compress(bytes(range(256)) * 100)
    with pytest.raises(CorruptFileError) as caught:
        drain(write(data[: len(data) // 2]))
    assert caught.value.code == "truncated"


@pytest.mark.parametrize("at", [2, 15, -6])
def test_a_damaged_gzip_is_corrupt(write: Write, at: int) -> None:
    data = bytearray(gzip.compress(bytes(range(256)) * 100))
    data[at] ^= 0xFF
    with pytest.raises(CorruptFileError):
        drain(write(bytes(data)))


def test_rubbish_after_a_gzip_is_corrupt(write: Write) -> None:
    with pytest.raises(CorruptFileError):
        drain(write(gzip.compress(b"a\n") + b"rubbish"))


@pytest.mark.parametrize("gz", [False, True])
def test_reading_stops_at_the_limit(write: Write, gz: bool) -> None:
    path = write(b"x" * 100_000, gz=gz)
    assert len(drain(path, limit=100_000)) == 100_000
    with pytest.raises(TooLargeError, match="99,999"):
        drain(path, limit=99_999)


def test_a_gzip_bomb_is_not_unpacked_beyond_the_limit() -> None:
    class Endless:
        given = 0

        def read(self, size: int = -1, /) -> bytes:
            self.given += size
            return b"0" * size

    source = Endless()
    counted = Counted(source, 10_000)
    with pytest.raises(TooLargeError):
        list(iter(lambda: counted.read(1_000), b""))
    assert source.given == 11_000


@pytest.mark.parametrize("gz", [False, True])
def test_seekable_gives_the_unpacked_bytes(write: Write, gz: bool) -> None:
    with seekable(write(b"0123456789", gz=gz)) as file:
        file.seek(-3, 2)
        assert file.read() == b"789"


def test_seekable_keeps_to_the_limit(write: Write) -> None:
    with pytest.raises(TooLargeError), seekable(write(b"x" * 10_000, gz=True), limit=9_999):
        pass


@pytest.mark.parametrize("gz", [False, True])
@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"a,b\n1,2\n", "csv"),
        (b"\xef\xbb\xbfa,b\n", "csv"),
        ("评论\n".encode("gbk"), "csv"),
        (b'{"a": 1}\n', "jsonl"),
        (b'\xef\xbb\xbf \n{"a": 1}\n', "jsonl"),
        (b"PAR1....", "parquet"),
        (b"PK\x03\x04....", "xlsx"),
    ],
)
def test_formats(write: Write, data: bytes, expected: str, gz: bool) -> None:
    assert format_of(write(data, gz=gz)) == expected


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf", b"\n\r\n  \n"])
@pytest.mark.parametrize("gz", [False, True])
def test_files_without_anything(write: Write, data: bytes, gz: bool) -> None:
    with pytest.raises(EmptyFileError):
        format_of(write(data, gz=gz))


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (b"\xd0\xcf\x11\xe0....", "xls"),
        (b'[{"a": 1}]', "JSON array"),
        (b"%PDF-1.7", "PDF"),
        ("评论".encode("utf-16"), "UTF-16"),
        (gzip.compress(gzip.compress(b"a")), "gzip in gzip"),
        (b"PK\x05\x06" + b"\0" * 18, "zip"),
    ],
)
def test_formats_that_are_not_read_are_named(write: Write, data: bytes, named: str) -> None:
    with pytest.raises(UnsupportedFileError, match=named):
        format_of(write(data))


def test_counted_passes_bytes_through() -> None:
    counted = Counted(BytesIO(b"abcdef"), 6)
    assert (counted.read(4), counted.read(4), counted.count) == (b"abcd", b"ef", 6)
