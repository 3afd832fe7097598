"""Cells to a checked row: one compiled converter per column."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from ingest import numbers, values
from ingest.columns import EXTRA, fields_of
from ingest.dates import day, moment
from ingest.fields import Field
from ingest.identity import review_id
from ingest.rows import Refusal, Row, shown
from ingest.values import Converter, Refused, remembered

Check = Callable[[int, Sequence[Any]], Row | Refusal]


class _Step(NamedTuple):
    place: int
    column: str
    field: str
    convert: Converter
    required: bool


def compile_check(
    columns: Sequence[str],
    matched: Mapping[str, str],
    kind: str,
    timezone: str,
    epoch: datetime,
    guessed: Sequence[str] = (),
) -> Check:
    """Return a function from line and cells to a `Row` or a `Refusal`.

    Parameters
    ----------
    columns : sequence of str
        The header.
    matched : mapping of column to field
        From `ingest.columns.match`; columns mapped to ``extra`` must hold numbers.
    kind : str
    timezone : str
        IANA name of the shop's zone.
    epoch : datetime
        Day 0 of serial dates.
    guessed : sequence of str
        Further numeric columns of sales, kept where they hold a number.

    Notes
    -----
    The first cell that is wrong refuses the row.
    """
    fields = {field.name: field for field in fields_of(kind)}
    zone = ZoneInfo(timezone)
    places = {column: index for index, column in reversed(list(enumerate(columns)))}
    steps = [
        _Step(places[column], column, name, _converter(fields[name], zone, epoch), _is_required(fields[name]))
        for column, name in matched.items()
        if name != EXTRA
    ]
    wanted = [(places[column], column, True) for column, name in matched.items() if name == EXTRA]
    extras = wanted + [(places[column], column, False) for column in guessed]
    finish = _finisher(kind, extras)
    blank = dict.fromkeys(fields)

    def check(line: int, cells: Sequence[Any]) -> Row | Refusal:
        found: dict[str, Any] = blank.copy()
        column, cell = "", None
        try:
            for place, column, name, convert, required in steps:
                cell = cells[place]
                value = None if cell is None else convert(cell)
                if value is None and required:
                    return Refusal(line, column, shown("" if cell is None else cell), "missing_value")
                found[name] = value
        except Refused as why:
            return Refusal(line, column, shown(cell), why.code)
        return finish(line, cells, found) if finish else Row(line, found)

    return check


def _is_required(field: Field) -> bool:
    return field.required and not field.blank


def _converter(field: Field, zone: ZoneInfo, epoch: datetime) -> Converter:
    match field.type:
        case "text":
            return values.text()
        case "moment":
            return moment(zone, epoch)
        case "title":
            return remembered(values.text(values.TITLE_LIMIT))
        case "id":
            return remembered(values.identifier)
        case "day":
            return remembered(day(zone, epoch))
        case "stars":
            return remembered(numbers.stars)
        case "yes_no":
            return remembered(values.yes_no)
        case "money":
            return remembered(numbers.money())
        case "balance":
            return remembered(numbers.money(negative=True))
        case "amount":
            return remembered(numbers.amount())
        case "count":
            return remembered(numbers.count())
        case "pieces":
            return remembered(numbers.count(negative=True))


def _finisher(
    kind: str, extras: Sequence[tuple[int, str, bool]]
) -> Callable[[int, Sequence[Any], dict[str, Any]], Row | Refusal] | None:
    number = remembered(numbers.amount(negative=True))

    def with_extras(line: int, cells: Sequence[Any], found: dict[str, Any]) -> Row | Refusal:
        extra: dict[str, float] = {}
        for index, column, wanted in extras:
            cell = cells[index]
            try:
                value = None if cell is None else number(cell)
            except Refused as why:
                if wanted:
                    return Refusal(line, column, shown(cell), why.code)
                continue
            if value is not None:
                extra[column] = value
        found["extra"] = extra
        return Row(line, found)

    def with_id(line: int, cells: Sequence[Any], found: dict[str, Any]) -> Row:
        if found["review_id"] is None:
            found["review_id"] = review_id(found)
        return Row(line, found)

    return {"sales": with_extras, "reviews": with_id}.get(kind)
