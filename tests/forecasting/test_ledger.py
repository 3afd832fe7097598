from pathlib import Path

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from forecasting import ledger
from forecasting.checks import sample_panel
from forecasting.errors import PanelError
from forecasting.frame import PanelSpec, read_rows
from forecasting.preparation import prepare, read_steps

SPEC = PanelSpec(future=("promo",), static=("category",))


def rows() -> pd.DataFrame:
    df = sample_panel(days=80, ahead=0).sample(frac=0.9, random_state=1)
    df = df.assign(y=df["y"] / 3, category="凉,茶", stockout=df["y"] % 9 == 0)
    return read_rows(pd.concat([df, df.iloc[:3]]), SPEC)


STEPS = read_steps("duplicates=sum,stockouts=mean,gaps=seasonal,outliers=iqr,scale=standard")


def test_what_was_written_can_be_undone_to_the_last_digit(tmp_path: Path) -> None:
    frame, changes = prepare(rows(), SPEC, STEPS)
    assert set(changes["step"]) >= {"duplicates=sum", "stockouts=mean", "gaps=seasonal", "scale=standard"}
    ledger.write(frame, changes, tmp_path)
    again = ledger.read(tmp_path / "prepared.csv", tmp_path / "ledger.csv")
    assert_frame_equal(ledger.undo(*again), rows())


def test_a_ledger_says_which_cell_was_what() -> None:
    df = read_rows(sample_panel(days=80, ahead=0).drop(columns="promo").iloc[:20], PanelSpec())
    doubled = pd.concat([df, df.iloc[[4]]], ignore_index=True)
    _, changes = prepare(doubled, PanelSpec(), read_steps("duplicates=sum"))
    first = changes.iloc[0]
    y = df["y"].iloc[4]
    assert first.drop("ds").tolist() == [
        4,
        "a",
        "changed",
        "y",
        y,
        2 * y,
        "duplicates=sum",
        "several rows for a day",
    ]
    assert changes["change"].tolist() == ["changed", "removed", "removed", "removed"]
    assert changes["row"].tolist() == [4, 20, 20, 20]


def test_a_ledger_of_another_frame_is_refused() -> None:
    frame, changes = prepare(rows(), SPEC, STEPS)
    with pytest.raises(PanelError, match="'y' is not what the ledger left"):
        ledger.undo(frame.assign(y=frame["y"] + 1), changes)


def test_files_of_another_kind_are_named(tmp_path: Path) -> None:
    ledger.write(*prepare(rows(), SPEC, STEPS), tmp_path)
    with pytest.raises(PanelError, match=r"prepared.csv was not written by prepare: it has no change"):
        ledger.read(tmp_path / "prepared.csv", tmp_path / "prepared.csv")


def test_nothing_changed_is_an_empty_ledger(tmp_path: Path) -> None:
    first = read_rows(sample_panel(days=30, ahead=0), PanelSpec())
    frame, changes = prepare(first, PanelSpec(), read_steps("duplicates=sum,gaps=zero"))
    assert len(changes) == 0
    ledger.write(frame, changes, tmp_path)
    again = ledger.read(tmp_path / "prepared.csv", tmp_path / "ledger.csv")
    assert_frame_equal(ledger.undo(*again), first)
