import json
from pathlib import Path

import pytest

from benchmarks import report


def test_a_table_has_the_columns_of_the_first_row() -> None:
    text = report.table([{"model": "SeasonalNaive", "WAPE": 0.30671}, {"model": "ARIMA", "WAPE": None}])
    assert text.splitlines() == [
        "| model | WAPE |",
        "| --- | --- |",
        "| SeasonalNaive | 0.3067 |",
        "| ARIMA | – |",
    ]


@pytest.mark.parametrize(
    ("value", "shown"), [(None, "–"), (0.123456, "0.1235"), (12, "12"), ("a", "a"), (1234.5, "1234")]
)
def test_cells(value: object, shown: str) -> None:
    assert report.cell(value) == shown


def test_both_files_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(report, "RESULTS", tmp_path / "results")
    path = report.write("speed", [{"engine": "风评", "reviews_per_s": 700.0}], {"data": "made up"})
    content = json.loads(path.read_text(encoding="utf-8"))
    assert content["rows"] == [{"engine": "风评", "reviews_per_s": 700.0}]
    assert content["data"] == "made up"
    assert content["machine"]["cores"]
    assert "| 风评 | 700 |" in path.with_suffix(".md").read_text(encoding="utf-8")
    assert "| 风评 | 700 |" in capsys.readouterr().out
