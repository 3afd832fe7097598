import io

import openpyxl
import pytest

import ingest
from webapp.pages.workbook import workbook


@pytest.mark.parametrize("kind", ingest.KINDS)
def test_an_empty_workbook_asks_for_what_is_required_first_and_takes_ids_as_text(kind: str) -> None:
    [sheet] = openpyxl.load_workbook(io.BytesIO(workbook(kind, "表"))).worksheets
    assert (sheet.title, sheet.freeze_panes, sheet.max_row) == ("表", "A2", 1)
    header = list(sheet[1])
    assert [cell.value for cell in header] == list(ingest.template(kind, "zh"))
    bold = [bool(cell.font.bold) for cell in header]
    assert bold == sorted(bold, reverse=True)
    assert sum(bold) == sum(field.required for field in ingest.KINDS[kind])
    formats = {cell.value: sheet.column_dimensions[cell.column_letter].number_format for cell in header}
    as_text = [name for name, format in formats.items() if format == "@"]
    ids = [field.name for field in ingest.KINDS[kind] if field.type == "id" or field.name == "sku"]
    assert len(as_text) == len(ids) > 0


def test_an_unknown_kind_is_named() -> None:
    with pytest.raises(KeyError, match="moons"):
        workbook("moons", "表")
