"""JSON lines: an object a line."""

import json
from collections.abc import Iterator
from itertools import chain, islice
from typing import Any

from ingest.errors import CorruptFileError
from ingest.lines import Lines
from ingest.rows import Refusal, shown
from ingest.tables import Record, Table, is_blank

# The header is the union of the keys of as many objects.
SAMPLE = 200
MAX_KEYS = 1_000


def json_table(lines: Lines) -> Table:
    """Return the table; keys that first appear after the 200th line are left out."""
    objects = _objects(lines)
    sample = list(islice(objects, SAMPLE))
    keys = dict.fromkeys(key for item in sample if not isinstance(item, Refusal) for key in item[1])
    if sample and not keys:
        first = sample[0]
        line, detail = (first.line, first.code) if isinstance(first, Refusal) else (first[0], "{}")
        raise CorruptFileError(line=line, detail=detail)
    wanted = list(keys)[:MAX_KEYS]
    columns = [shown(key) for key in wanted]
    return Table("jsonl", columns, _records(chain(sample, objects), wanted), lines.encoding)


def _objects(lines: Lines) -> Iterator[tuple[int, dict[str, Any]] | Refusal]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        problem = lines.faults.pop(number, None)
        item: Any = None
        if problem is None:
            try:
                item = json.loads(line)
            except (ValueError, RecursionError) as error:
                problem = f"invalid_json:{str(error)[:80] or type(error).__name__}"
            else:
                problem = None if isinstance(item, dict) else f"invalid_json:{type(item).__name__}"
        if problem is None:
            yield number, item
        else:
            yield Refusal(number, "", shown(line.strip()), problem)


def _records(objects: Iterator[tuple[int, dict[str, Any]] | Refusal], keys: list[str]) -> Iterator[Record]:
    for item in objects:
        if isinstance(item, Refusal):
            yield item
            continue
        line, values = item
        cells = [values.get(key) for key in keys]
        if not is_blank(cells):
            yield line, cells
