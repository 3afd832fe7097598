"""What comes out of a file: checked rows and refused ones."""

from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from ingest.messages import sentence

SHOWN = 200


@dataclass(frozen=True, slots=True)
class Row:
    """A row that passed every check.

    Attributes
    ----------
    line : int
        Physical line in the file (the first data row of a CSV is 2), row of a sheet, or for Parquet
        the number of the record from 1.
    values : dict[str, Any]
        Every field of the kind, None where the file has nothing; sales also carry ``extra``.
    """

    line: int
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that was left out, and why.

    Attributes
    ----------
    line : int
        As in `Row`.
    column : str
        The column as the file names it; empty when it is the whole row.
    value : str
        The value as found, printable and at most 200 characters.
    code : str
        A code of ``ingest.messages.SENTENCES``, with a detail after a colon where there is one.
    """

    line: int
    column: str
    value: str
    code: str

    def reason(self, language: str = "zh") -> str:
        """Return why, in ``"zh"`` or ``"en"``."""
        return sentence(self.code, language)


def shown(value: object) -> str:
    """Return a value as it may be stored and shown: no NUL, no lone surrogate, at most 200 characters."""
    if isinstance(value, datetime) and value.time() == time():  # a day of a workbook
        value = value.date()
    text = value if isinstance(value, str) else str(value)
    text = text[:SHOWN].encode("utf-8", "backslashreplace").decode("utf-8")
    return text.replace("\0", "\\0")[:SHOWN]
