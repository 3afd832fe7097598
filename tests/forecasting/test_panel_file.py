import gzip
from pathlib import Path

import pandas as pd
import pytest

from forecasting.checks import sample_panel
from forecasting.errors import PanelError
from forecasting.frame import PanelSpec
from forecasting.panel_file import read_panel


def test_ids_stay_text_and_stockouts_are_read(tmp_path: Path) -> None:
    path = tmp_path / "panel.csv"
    path.write_text("unique_id,ds,y,stockout,other\n007,20260101,3,1,x\nNA,20260101,,0,x\n")
    panel = read_panel(path, PanelSpec())
    assert panel["unique_id"].tolist() == ["007", "NA"]
    assert panel["ds"].tolist() == ["20260101", "20260101"]
    assert panel["y"].isna().tolist() == [False, True]
    assert list(panel.columns) == ["unique_id", "ds", "y", "stockout"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_the_usual_encodings_are_read(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "panel.csv.gz"
    panel = sample_panel(days=3, ahead=0).rename(columns={"promo": "促销"})
    panel["unique_id"] = panel["unique_id"].map({"a": '凤梨酥,"大"', "b": "茶\n叶", "c": "🍍"})
    panel.to_csv(path, index=False, encoding=encoding)
    read = read_panel(path, PanelSpec(future=("促销",)))
    assert read["unique_id"].tolist() == panel["unique_id"].tolist()
    assert read["促销"].tolist() == panel["促销"].tolist()


WHOLE = gzip.compress(b"unique_id,ds,y\n" + b"a,2026-01-01,1\n" * 5000)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.csv", b""),
        ("cut.csv.gz", WHOLE[: len(WHOLE) // 2]),
        ("sum.csv.gz", WHOLE[:-6] + b"\0" + WHOLE[-5:]),
        ("plain.csv.gz", b"unique_id,ds,y\n"),
        ("binary.csv", b"\xff\xfe\x00\x01" * 50),
        ("utf16.csv", "unique_id,ds,y\n".encode("utf-16")),
        ("ragged.csv", b"unique_id,ds,y\na,2026-01-01,1\na,2026-01-02,1,2,3\n"),
        ("comma.csv", b"unique_id,ds,y\na,2026-01-01,1,234\n"),
        ("semicolon.csv", b"unique_id;ds;y\n"),
        ("twice.csv", b"unique_id,ds,y,y\na,2026-01-01,1,2\n"),
    ],
)
def test_a_file_that_is_no_panel_is_named(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(PanelError, match=name) as refused:
        read_panel(tmp_path / name, PanelSpec())
    assert "\n" not in str(refused.value)


def test_columns_that_were_declared_must_be_there(tmp_path: Path) -> None:
    pd.DataFrame({"unique_id": ["a"], "ds": ["2026-01-05"], "y": [1]}).to_csv(tmp_path / "p.csv", index=False)
    with pytest.raises(PanelError, match="missing columns: price; found: unique_id, ds, y"):
        read_panel(tmp_path / "p.csv", PanelSpec(past=("price",)))
