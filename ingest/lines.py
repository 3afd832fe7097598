"""Bytes to text lines, with the lines that hold a bad byte known by number."""

import io
from collections.abc import Iterator
from pathlib import Path

from ingest.errors import CorruptFileError, UnsupportedFileError
from ingest.streams import Readable, unpacked

UTF8, GB18030 = "utf-8", "gb18030"
BOM = b"\xef\xbb\xbf"
BLOCK = 2**18
LINE_LIMIT = 8 * 2**20
_NAMES = {
    "utf8": UTF8, "utf8sig": UTF8, "gb18030": GB18030, "gbk": GB18030, "gb2312": GB18030, "cp936": GB18030,
}  # fmt: skip
# As many lines with something beyond ASCII settle the encoding.
_EVIDENCE = 5_000


class Lines:
    """The physical lines of a stream, decoded; their ends are kept.

    Parameters
    ----------
    stream : Readable
        Bytes.
    encoding : {"utf-8", "gb18030"}

    Attributes
    ----------
    faults : dict[int, str]
        Refusal codes of lines (from 1) that hold an undecodable or a NUL byte, with its offset in the
        unpacked file. Bad bytes are decoded to lone surrogates, so that the line's shape is kept.
        Entries are there before the line is given out; take them out as you go.
    """

    def __init__(self, stream: Readable, encoding: str) -> None:
        self.encoding = encoding
        self.faults: dict[int, str] = {}
        self._stream = stream
        self._number = 0
        self._offset = 0

    def __iter__(self) -> Iterator[str]:
        rest = b""
        end = b""
        while data := self._stream.read(BLOCK):
            if not end:
                data = self._without_bom(data)
                end = b"\r" if b"\r" in data and b"\n" not in data else b"\n"
            block = rest + data
            cut = block.rfind(end) + 1
            rest = block[cut:]
            if len(rest) > LINE_LIMIT:
                raise CorruptFileError("line_too_long", line=self._number + 1, limit=f"{LINE_LIMIT:,}")
            yield from self._decoded(block[:cut], end)
        yield from self._decoded(rest, end)

    def _without_bom(self, data: bytes) -> bytes:
        if not data.startswith(BOM):
            return data
        self._offset = len(BOM)
        return data[len(BOM) :]

    def _decoded(self, block: bytes, end: bytes) -> Iterator[str]:
        if not block:
            return
        try:
            text = block.decode(self.encoding)
        except UnicodeDecodeError:
            text = self._with_faults(block, end)
        else:
            if b"\0" in block:
                text = self._with_faults(block, end)
        self._offset += len(block)
        for line in io.StringIO(text, newline=end.decode()):
            self._number += 1
            yield line

    def _with_faults(self, block: bytes, end: bytes) -> str:
        start = self._offset
        for number, line in enumerate(block.split(end), start=self._number + 1):
            try:
                line.decode(self.encoding)
                if b"\0" in line:
                    self.faults[number] = f"nul:{start + line.index(0)}"
            except UnicodeDecodeError as error:
                self.faults[number] = f"undecodable:{start + error.start}"
            start += len(line) + 1
        return end.decode().join(line.decode(self.encoding, "surrogateescape") for line in block.split(end))


def known(encoding: str) -> str:
    """Return our name of an encoding asked for; raise `UnsupportedFileError` for others."""
    try:
        return _NAMES[encoding.lower().replace("-", "").replace("_", "")]
    except KeyError:
        raise UnsupportedFileError("unsupported_encoding", detail=encoding) from None


def encoding_of(path: Path, limit: int) -> str:
    """Tell UTF-8 from GB18030: a byte-order mark, else the one in which fewer lines are broken.

    A stray byte here and there does not change the answer: only lines with something beyond ASCII
    are looked at, up to 5,000 of them.
    """
    seen = broken_utf8 = broken_gb = 0
    with unpacked(path, limit) as stream:
        rest = b""
        first = True
        while data := stream.read(BLOCK):
            if first and data.startswith(BOM):
                return UTF8
            first = False
            block = rest + data
            cut = block.rfind(b"\n") + 1
            rest = block[cut:]
            for line in _beyond_ascii(block[:cut]):
                seen += 1
                broken_utf8 += _is_broken(line, UTF8)
                broken_gb += _is_broken(line, GB18030)
            if seen > _EVIDENCE or len(rest) > LINE_LIMIT:
                break
        for line in _beyond_ascii(rest):
            broken_utf8 += _is_broken(line, UTF8)
            broken_gb += _is_broken(line, GB18030)
    return GB18030 if broken_gb < broken_utf8 else UTF8


def _beyond_ascii(block: bytes) -> list[bytes]:
    return [] if block.isascii() else [line for line in block.split(b"\n") if not line.isascii()]


def _is_broken(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return True
    return False
