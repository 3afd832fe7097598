"""Comma, tab and semicolon separated text."""

import csv
from collections import deque
from collections.abc import Iterator
from typing import NoReturn

from ingest.errors import CorruptFileError, EmptyFileError
from ingest.lines import Lines
from ingest.rows import Refusal, shown
from ingest.tables import Record, Table, is_blank

# A record of more lines than this is a quote never closed; a file with that many of them is no table.
MAX_LINES = 1_000
MAX_UNCLOSED = 10_000
_DELIMITERS = ",\t;"


def csv_table(lines: Lines) -> Table:
    """Read the header and return the table; the rows follow as they are asked for.

    A quote that is never closed would swallow the rows after it. So a record of several lines that
    comes out with the wrong number of fields or is not quoted by the book loses its first line only,
    and reading goes on with its second.

    Raises
    ------
    EmptyFileError, CorruptFileError
    """
    feed = _Feed(lines)
    first = feed.first()
    delimiter = _delimiter(first)
    if first.lower().startswith("sep=") and len(first.strip("\r\n")) == 5:
        delimiter = first[4]
        next(feed)
    header = next(_records(feed, delimiter), None)
    if header is None:
        raise EmptyFileError
    if isinstance(header, Refusal):
        _refuse_header(header, lines.encoding)
    names = [name.strip().lstrip("\ufeff") for name in header[1]]
    return Table("csv", names, _records(feed, delimiter, len(names)), lines.encoding)


class _Feed:
    """Lines for the csv module; those of the current record are known and can be read again."""

    def __init__(self, lines: Lines) -> None:
        self.faults = lines.faults
        self.taken: list[str] = []
        self.line = 1  # where the current record begins
        self._unclosed = 0
        self._again: deque[str] = deque()
        self._lines = iter(lines)

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if len(self.taken) > MAX_LINES:
            raise csv.Error(f"> {MAX_LINES} lines")
        line = self._again.popleft() if self._again else next(self._lines)
        self.taken.append(line)
        return line

    def first(self) -> str:
        """Return the first line that is not blank, which stays to be read."""
        for line in self:
            if line.strip():
                self._again.append(self.taken.pop())
                return line
        raise EmptyFileError

    def step(self) -> None:
        """Go on to the next record."""
        self.line += len(self.taken)
        self.taken.clear()

    def keep_first(self) -> None:
        """Put all lines of the record but its first back."""
        self._unclosed += 1
        if self._unclosed > MAX_UNCLOSED:
            raise CorruptFileError(line=self.line, detail=f"> {MAX_UNCLOSED} unclosed quotes")
        self._again.extendleft(reversed(self.taken[1:]))
        del self.taken[1:]

    def fault(self) -> str | None:
        """Return the code of the first bad byte in the record."""
        numbers = range(self.line, self.line + len(self.taken))
        return next((self.faults.pop(number) for number in numbers if number in self.faults), None)


def _records(feed: _Feed, delimiter: str, width: int | None = None) -> Iterator[Record]:
    reader = csv.reader(feed, delimiter=delimiter)
    while True:
        feed.step()
        problem = None
        cells: list[str] = []
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            problem = _named(error)
        spans = len(feed.taken) > 1
        if width is not None and len(cells) != width:
            if is_blank(cells) and not problem:
                continue
            cells, problem = _fitted(cells, width, problem)
        if spans and (problem or _is_sloppy(feed.taken, delimiter)):
            feed.keep_first()
            problem = "unclosed_quote"
        if feed.faults:
            problem = feed.fault() or problem
        if problem:
            yield Refusal(feed.line, "", shown("".join(feed.taken).strip()), problem)
        elif not is_blank(cells):
            yield feed.line, cells


def _fitted(cells: list[str], width: int, problem: str | None) -> tuple[list[str], str | None]:
    if problem or (len(cells) > width and is_blank(cells[width:])):
        return cells[:width], problem
    code = "too_few_fields" if len(cells) < width else "too_many_fields"
    return cells, f"{code}:{len(cells)} / {width}"


def _named(error: csv.Error) -> str:
    too_long = "field larger than field limit" in str(error)
    return f"text_too_long:>{csv.field_size_limit()}" if too_long else f"malformed:{error}"


def _is_sloppy(lines: list[str], delimiter: str) -> bool:
    try:
        return len(list(csv.reader(lines, delimiter=delimiter, strict=True))) != 1
    except csv.Error:
        return True


def _delimiter(header: str) -> str:
    outside = "".join(header.split('"')[::2])
    return max(_DELIMITERS, key=outside.count)


def _refuse_header(header: Refusal, encoding: str) -> NoReturn:
    code, _, detail = header.code.partition(":")
    if code == "undecodable":
        raise CorruptFileError("bad_header", line=header.line, encoding=encoding, offset=detail)
    raise CorruptFileError(line=header.line, detail=header.code)
