"""Files of reviews, products, sales and orders to checked rows, streamed."""

from ingest.errors import (
    CorruptFileError,
    EmptyFileError,
    IngestError,
    TooLargeError,
    UnsupportedFileError,
    WrongColumnsError,
)
from ingest.fields import KINDS, template
from ingest.reader import Preview, count_rows, preview, rows
from ingest.rows import Refusal, Row

__all__ = [
    "KINDS",
    "CorruptFileError",
    "EmptyFileError",
    "IngestError",
    "Preview",
    "Refusal",
    "Row",
    "TooLargeError",
    "UnsupportedFileError",
    "WrongColumnsError",
    "count_rows",
    "preview",
    "rows",
    "template",
]
