"""Read texts for the command line: one column of a CSV or JSON-lines file, or one text a line."""

import codecs
import csv
import gzip
import io
import json
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, BinaryIO, cast

_BLOCK = 1 << 20


class ReadError(Exception):
    """A file that cannot be read as texts; the message names line and column."""


def texts(path: str, column: str) -> Iterator[str]:
    """Yield the texts of a file, one by one.

    Parameters
    ----------
    path : str
        `.csv`, `.jsonl` (or `.ndjson`) or a plain file with a text a line, each also with `.gz`; "-" reads
        standard input, a text a line. UTF-8 (with or without mark), UTF-16 with mark, else GB18030.
    column : str
        Column of the CSV file or name in the JSON objects; plain files need none.

    Raises
    ------
    ReadError
        When the file is missing, in no known encoding, lacks the column or holds a malformed line.
    """
    if path == "-":
        yield from _lines(_decoded(sys.stdin.buffer, "-"))
        return
    file = Path(path)
    name = file.with_suffix("") if file.suffix == ".gz" else file
    reader = {".csv": _csv, ".jsonl": _json_lines, ".ndjson": _json_lines}.get(name.suffix.lower())
    try:
        encoding = encoding_of(file)
        with _open(file) as raw, io.TextIOWrapper(raw, encoding, newline="") as stream:
            yield from reader(stream, column) if reader else _lines(stream)
    except ReadError as error:
        raise ReadError(f"{path}: {error}") from error
    except (OSError, EOFError, zlib.error) as error:
        raise ReadError(f"{path}: {getattr(error, 'strerror', None) or error}") from error


def _open(path: Path) -> BinaryIO:
    return cast(BinaryIO, gzip.open(path, "rb")) if path.suffix == ".gz" else path.open("rb")


def encoding_of(path: Path) -> str:
    """Return the encoding of a whole file, unpacked where it ends on ``.gz``, tried from the strictest on.

    Raises
    ------
    ReadError
        When it is in none of those known; says where the first that was tried fails.
    """
    with _open(path) as stream:
        mark = stream.read(2)
    candidates = (
        ["utf-16"] if mark in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else ["utf-8-sig", "gb18030"]
    )
    faults = []
    for encoding in candidates:
        fault = _fault(path, encoding)
        if fault is None:
            return encoding
        faults.append(fault)
    raise ReadError(f"in no known encoding ({', '.join(candidates)}); the first fails at {faults[0]}")


def _fault(path: Path, encoding: str) -> str | None:
    """Return where a file cannot be decoded, or None."""
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    with _open(path) as stream:
        while True:
            block = stream.read(_BLOCK)
            try:
                line += decoder.decode(block, final=not block).count("\n")
            except UnicodeDecodeError as error:
                before = bytes(error.object[: error.start])
                return f"line {line + before.count(10)}, byte {len(before) - before.rfind(10)}"
            if not block:
                return None


def _decoded(stream: BinaryIO, name: str) -> Iterator[str]:
    """Decode a stream that can be read only once line by line."""
    for number, line in enumerate(stream, 1):
        for encoding in ("utf-8-sig" if number == 1 else "utf-8", "gb18030"):
            try:
                yield line.decode(encoding)
                break
            except UnicodeDecodeError as error:
                fault = f"{name}: line {number}, column {error.start + 1}: neither UTF-8 nor GB18030"
        else:
            raise ReadError(fault)


def _lines(stream: Iterator[str] | IO[str]) -> Iterator[str]:
    for line in stream:
        yield line.rstrip("\r\n")


def _csv(stream: IO[str], column: str) -> Iterator[str]:
    reader = csv.reader(stream, strict=True)
    try:
        header = next(reader, [])
        if column not in header:
            raise ReadError(f"line 1: no column {column!r}; the columns are {', '.join(header) or 'none'}")
        place = header.index(column)
        for row in reader:
            if row and len(row) <= place:
                raise ReadError(
                    f"line {reader.line_num}: no value in column {column!r}, only {len(row)} columns"
                )
            if row:
                yield row[place]
    except csv.Error as error:
        where = f"line {reader.line_num}, column {column!r}"
        raise ReadError(f"{where}: {error} (is a quotation mark left open?)") from error


def _json_lines(stream: IO[str], column: str) -> Iterator[str]:
    for number, line in enumerate(stream, 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except json.JSONDecodeError as error:
            raise ReadError(f"line {number}, column {error.colno}: not JSON: {error.msg}") from error
        except (RecursionError, ValueError) as error:
            raise ReadError(f"line {number}, column 1: not usable JSON: {error}") from error
        text = value.get(column) if isinstance(value, dict) else None
        if not isinstance(text, str):
            raise ReadError(f"line {number}, column {column!r}: no text there")
        yield text
