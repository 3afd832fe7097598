"""Refused rows, for reading and for repairing in a spreadsheet."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from flask_babel import gettext as _

import ingest
from storage.models import Refusal
from webapp.cells import MARK, csv_line


@dataclass(frozen=True)
class Failure:
    """A refused row: where, what stood there, and why it was refused."""

    line: int
    column: str
    value: str
    reason: str


def explain(refusal: Refusal, language: Literal["zh", "en"]) -> Failure:
    """Put a stored refusal into words."""
    found = ingest.Refusal(refusal.line, refusal.column, refusal.value, refusal.code)
    return Failure(refusal.line, refusal.column, refusal.value, found.reason(language))


def failures_csv(refusals: Iterable[Refusal], language: Literal["zh", "en"]) -> Iterator[str]:
    """Yield a CSV line by line, with the mark that makes Excel read it as UTF-8.

    A value that a spreadsheet would run as a formula gets an apostrophe in front.
    """
    yield MARK + csv_line([_("Line"), _("Column"), _("Value"), _("Reason")])
    for refusal in refusals:
        failure = explain(refusal, language)
        yield csv_line([failure.line, failure.column, failure.value, failure.reason])
