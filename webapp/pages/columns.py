"""A file's columns beside the fields that they may stand for."""

from collections.abc import Mapping
from dataclasses import dataclass

import ingest

EXTRA = "extra"


@dataclass(frozen=True)
class ColumnChoice:
    """A column, what it is read as, and a value of it."""

    column: str
    field: str
    example: str
    role: str | None


@dataclass(frozen=True)
class FieldOption:
    """A field in the words of the reader."""

    name: str
    label: str
    required: bool


def choices(seen: ingest.Preview, roles: Mapping[str, str]) -> list[ColumnChoice]:
    """Return one choice per column, in file order; extra columns of sales have a role, past unless said."""
    examples = [next((cell for cell in cells if cell), "") for cells in _by_column(seen)]
    return [
        ColumnChoice(
            column,
            EXTRA if column in seen.extra else seen.mapping.get(column, ""),
            example,
            roles.get(column, "past") if column in seen.extra else None,
        )
        for column, example in zip(seen.columns, examples, strict=True)
    ]


def fields(kind: str, language: str) -> list[FieldOption]:
    """Return the fields of a kind, required ones first."""
    ordered = sorted(ingest.KINDS[kind], key=lambda field: not field.required)
    return [
        FieldOption(field.name, field.synonyms[0] if language == "zh" else field.name, field.required)
        for field in ordered
    ]


def _by_column(seen: ingest.Preview) -> list[list[str]]:
    return [[row[at] if at < len(row) else "" for row in seen.sample] for at in range(len(seen.columns))]
