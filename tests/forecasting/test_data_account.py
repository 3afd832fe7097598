import json

import numpy as np
import pandas as pd

from forecasting.checks import SPEC, sample_panel
from forecasting.data_account import absurd_sales, count_days, idle_columns, report, totals
from forecasting.frame import PanelSpec, read_rows, validate_panel
from forecasting.grid import Grid
from forecasting.history import History

DATES = pd.date_range("2026-01-05", periods=100)


def steady() -> History:
    """Make a shop with one day of each kind."""
    rows = pd.DataFrame({"unique_id": "steady", "ds": DATES, "y": 50.0, "open": 1.0, "stockout": 0.0})
    rows.loc[rows.index % 7 == 6, ["y", "open"]] = 0.0
    rows.loc[[20, 28], "y"] = [np.nan, 0.0]
    rows.loc[22, "stockout"] = 1.0
    spec = PanelSpec(future=("open",))
    return History(read_rows(rows.drop(index=30), spec), spec)


def test_every_day_is_counted_once() -> None:
    assert count_days(steady())["steady"] == {
        "days": 100,
        "stockout": 1,
        "unknown": 1,
        "closed": 13,
        "unrecorded": 2,
        "ended": 0,
        "filled_zero": 0,
    }


def test_days_without_rows_are_zero_within_a_series_and_after_its_end() -> None:
    full = pd.DataFrame({"unique_id": "full", "ds": DATES, "y": 1.0})
    rare = full.iloc[:60:3].assign(unique_id="rare")
    counts = count_days(History(read_rows(pd.concat([full, rare]), PanelSpec()), PanelSpec()))
    assert {name: n for name, n in counts["rare"].items() if n} == {
        "days": 100,
        "ended": 42,
        "filled_zero": 38,
    }
    assert totals(counts)["days"] == 200
    said = report(counts, ["a note"])
    assert set(said["series"]) == {"rare"}
    assert said["idle_columns"] == ["a note"]
    json.dumps(said, allow_nan=False)


def test_constant_columns_and_copies_are_named() -> None:
    df = sample_panel()
    df = df.assign(flat=3.0, twin=5 - 2 * df["promo"], clicks=df["views"] * 7, none=np.nan)
    spec = PanelSpec(future=("promo", "flat", "twin"), past=("views", "clicks", "none"))
    notes = idle_columns(Grid.from_frame(validate_panel(df, spec), spec))
    assert notes == [
        "future column 'flat' never varies: no model can learn from it",
        "future column 'twin' only repeats 'promo': it adds nothing",
        "past column 'clicks' only repeats 'views': it adds nothing",
        "past column 'none' never varies: no model can learn from it",
    ]
    assert idle_columns(Grid.from_frame(validate_panel(df, SPEC), SPEC)) == []


def test_a_slip_of_the_pen_is_named_and_not_learned_from() -> None:
    rows = pd.DataFrame({"unique_id": "steady", "ds": DATES, "y": 50.0})
    assert absurd_sales(History(read_rows(rows, PanelSpec()), PanelSpec()).grid) == []
    rows.loc[40, "y"] = 1e6
    history = History(read_rows(rows, PanelSpec()), PanelSpec())
    [note] = absurd_sales(history.grid)
    assert note.endswith("not learned from: steady, first steady on 2026-02-14: 1e+06")
    assert np.flatnonzero(np.isnan(history.grid.demand[0])).tolist() == [40]
    assert history.grid.y[0, 40] == 1e6
    assert totals(count_days(history))["unrecorded"] == 0
