"""Empty workbooks to fill in: a header of Chinese names, and ids as text, which Excel would round."""

import io

import ingest

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
AS_TEXT = "@"
WIDTH = 18


def workbook(kind: str, title: str) -> bytes:
    """Return an xlsx file with the header of a kind, required columns first and in bold.

    Parameters
    ----------
    kind : {"reviews", "products", "sales", "orders"}
    title : str
        Name of the sheet.

    Raises
    ------
    KeyError
        When the kind is unknown.
    """
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet = book.active
    sheet.title, sheet.freeze_panes = title, "A2"
    ordered = sorted(ingest.KINDS[kind], key=lambda field: not field.required)
    for number, (field, name) in enumerate(zip(ordered, ingest.template(kind, "zh"), strict=True), 1):
        sheet.cell(1, number, name).font = Font(bold=field.required)
        column = sheet.column_dimensions[get_column_letter(number)]
        column.width = WIDTH
        if field.type == "id" or field.name == "sku":
            column.number_format = AS_TEXT
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()
