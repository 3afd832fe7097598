"""docs/formats.md must name every field, synonym and limit."""

from pathlib import Path

import pytest

from ingest import KINDS
from ingest.values import ID_LIMIT, TEXT_LIMIT, TITLE_LIMIT

PAGE = (Path(__file__).parents[2] / "docs" / "formats.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_field_has_its_row(kind: str) -> None:
    for field in KINDS[kind]:
        required = "yes" if field.required else ""
        assert f"| `{field.name}` | {required} | {field.type} | {', '.join(field.synonyms)} |" in PAGE


def test_every_type_is_explained() -> None:
    types = PAGE.partition("## Types")[2].partition("##")[0]
    first_cells = "".join(line.split("|")[1] for line in types.splitlines() if line.startswith("|"))
    for field in (field for fields in KINDS.values() for field in fields):
        assert field.type in first_cells


def test_limits_are_those_of_the_code() -> None:
    for limit in (TEXT_LIMIT, TITLE_LIMIT, ID_LIMIT):
        assert f"{limit:,}" in PAGE
