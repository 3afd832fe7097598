import numpy as np
import pandas as pd

from forecasting.frame import PanelSpec, read_rows
from forecasting.history import Change, History

DAYS = pd.date_range("2026-01-05", periods=6)


def history() -> History:
    rows = pd.DataFrame(
        {"unique_id": "b", "ds": DAYS, "y": [1.0, 2.0, np.nan, 4.0, 5.0, 6.0], "stockout": 0.0}
    )
    rows.loc[3, "stockout"] = 1.0
    late = pd.DataFrame({"unique_id": "a", "ds": DAYS[2:], "y": 9.0, "stockout": 0.0})
    rows = pd.concat([rows.drop(index=1), late], ignore_index=True)
    return History(read_rows(rows, PanelSpec()), PanelSpec())


def test_days_know_their_rows() -> None:
    seen = history()
    assert seen.number.tolist() == [[-1, -1, 5, 6, 7, 8], [0, -1, 1, 2, 3, 4]]
    assert seen.begun[0].tolist() == [False, False, True, True, True, True]
    assert seen.stockout.nonzero()[1].tolist() == [3]
    expected = [[np.nan, np.nan, 9, 9, 9, 9], [1, np.nan, np.nan, 4, 5, 6]]
    assert np.array_equal(seen.sold, expected, equal_nan=True)


def test_rows_for_days_without_one_are_numbered_on() -> None:
    seen = history()
    mask = np.zeros(seen.number.shape, dtype=bool)
    mask[1, :2] = True
    added = seen.missing_rows(Change("y", mask, np.full(mask.shape, 7.0), "why"), seen.rows)
    assert added.index.tolist() == [9]
    assert added[["unique_id", "ds", "y"]].to_numpy().tolist() == [["b", DAYS[1], 7.0]]
