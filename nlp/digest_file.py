"""The digest of a file of reviews, without a service."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import repeat
from typing import Any

from nlp.digest import Digester
from nlp.pipeline import Analyzer
from nlp.reading import ReadError, texts
from nlp.summary import ReadReview

PARTS = ("aspects", "suspect")


def digest_file(
    path: str,
    analyzer: Analyzer,
    text_column: str = "text",
    date_column: str = "",
    names: Sequence[str] = (),
) -> dict[str, Any]:
    """Return the digest of the reviews of one product.

    Parameters
    ----------
    path : str
        As `nlp.reading.texts` reads it.
    analyzer : Analyzer
        Reads the texts first; suspects are left out.
    text_column, date_column : str
        Without a date column the order of the file is that of time, and no words are emerging.
    names : sequence of str
        As for `Digester`.

    Returns
    -------
    dict
        As of `Digester`; the id of a review is the number of its row, from 1.

    Raises
    ------
    ReadError
        When the file cannot be read, or names the row whose date cannot.
    """
    read = list(texts(path, text_column))
    days = _days(path, date_column) if date_column else repeat(None, len(read))
    analyses = analyzer(read, only=PARTS) if read else []
    reviews = [
        ReadReview(number, text, day, found["aspects"])
        for number, (text, day, found) in enumerate(zip(read, days, analyses, strict=True), 1)
        if not found["suspect"]["is_suspect"]
    ]
    return Digester(analyzer)(reviews, names)


def _days(path: str, column: str) -> Iterator[date | None]:
    import pandas as pd

    for number, value in enumerate(texts(path, column), 1):
        try:
            moment = pd.Timestamp(value.strip())
        except ValueError as error:
            raise ReadError(f"{path}: row {number}, column {column!r}: {value[:40]!r} is no date") from error
        yield None if pd.isna(moment) else moment.date()
