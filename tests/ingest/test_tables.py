from typing import Any

import pytest

from ingest.tables import Table, is_blank


@pytest.mark.parametrize("cells", [[], [None], ["", " \t"], [None, "\u3000"]])
def test_blank(cells: list[Any]) -> None:
    assert is_blank(cells)


@pytest.mark.parametrize("cells", [["a"], [None, 0], [False], [0.0, ""]])
def test_not_blank(cells: list[Any]) -> None:
    assert not is_blank(cells)


def test_a_table_counts_serials_as_windows_does() -> None:
    assert Table("xlsx", [], iter([])).epoch.isoformat() == "1899-12-30T00:00:00"
