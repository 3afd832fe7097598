import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from forecasting.errors import PanelError
from forecasting.fills import FILLS
from forecasting.frame import PanelSpec, read_rows
from forecasting.outliers import DETECTORS
from forecasting.preparation import prepare, read_steps

OPEN = PanelSpec(future=("open",))


def panel(days: int = 140) -> pd.DataFrame:
    """Make a steady series, an intermittent one and a shop with closed days."""
    rng = np.random.default_rng(0)
    dates = pd.date_range("2026-01-05", periods=days)
    parts = []
    for uid, level in (("steady", 50.0), ("rare", 0.3), ("shut", 50.0)):
        y = rng.poisson(level * (1 + 0.5 * (dates.day_of_week == 5))).astype(float)
        part = pd.DataFrame({"unique_id": uid, "ds": dates, "y": y, "open": 1.0, "stockout": 0.0})
        if uid == "shut":
            part.loc[dates.day_of_week == 6, ["y", "open"]] = 0.0
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def without(df: pd.DataFrame, uid: str, day: str) -> pd.DataFrame:
    return df[(df["unique_id"] != uid) | (df["ds"] != day)]


def value(frame: pd.DataFrame, uid: str, day: str, column: str = "y") -> float:
    return float(frame.loc[(frame["unique_id"] == uid) & (frame["ds"] == day), column].iloc[0])


def test_a_gap_is_zero_where_open_and_unknown_where_closed_or_unrecorded() -> None:
    df = panel()
    df = df[df["y"].gt(0) | (df["unique_id"] != "rare")]
    empty = df.loc[df["unique_id"] == "rare", "ds"].max() - pd.Timedelta(days=1)
    df = df[(df["unique_id"] != "rare") | (df["ds"] != empty)]
    frame, changes = prepare(read_rows(df, OPEN), OPEN, read_steps("gaps=zero"))
    assert value(frame, "rare", str(empty.date())) == 0.0
    assert set(changes["reason"]) == {"no row, open: sold nothing"}
    df = panel()
    df = without(without(df[df["unique_id"] != "rare"], "steady", "2026-03-03"), "shut", "2026-03-08")
    later = (df["unique_id"] == "shut") & (df["ds"] >= "2026-05-01")
    df.loc[later & (df["ds"] == "2026-05-01"), ["y", "open"]] = 0.0
    df = df[~later | (df["ds"] != "2026-05-02")]
    frame, changes = prepare(read_rows(df, OPEN), OPEN, read_steps("gaps=seasonal"))
    reasons = dict(zip(changes["ds"].astype(str), changes["reason"], strict=True))
    assert reasons == {
        "2026-03-03": "no row, unrecorded: filled",
        "2026-03-08": "no row, unrecorded: filled",
        "2026-05-02": "no row, closed",
    }
    assert np.isnan(value(frame, "shut", "2026-05-02"))
    assert value(frame, "steady", "2026-03-03") == value(frame, "steady", "2026-02-24")


@pytest.mark.parametrize("method", FILLS)
def test_a_fill_estimates_what_was_not_recorded(method: str) -> None:
    df = without(panel(), "steady", "2026-03-03")
    df.loc[(df["unique_id"] == "steady") & (df["ds"] == "2026-03-05"), "y"] = np.nan
    frame, changes = prepare(read_rows(df, OPEN), OPEN, read_steps(f"gaps={method}"))
    assert 20 < value(frame, "steady", "2026-03-03") < 100
    assert 20 < value(frame, "steady", "2026-03-05") < 100
    assert changes["change"].tolist() == ["added", "changed"]


def test_missing_leaves_every_gap_unknown() -> None:
    df = panel()
    df = df[df["unique_id"] != "rare"]
    rows = read_rows(df[df["y"] > 0], OPEN)
    frame, _ = prepare(rows, OPEN, read_steps("gaps=missing"))
    assert (frame["y"].isna().sum(), len(frame)) == (len(df) - len(rows), len(df))


def test_duplicates_are_refused_or_combined() -> None:
    df = panel(20)
    rows = read_rows(pd.concat([df, df.iloc[[3]].assign(y=7.0)]), OPEN)
    with pytest.raises(PanelError, match="more than one row for a day in 1 rows of steady"):
        prepare(rows, OPEN, read_steps("gaps=zero"))
    first = df["y"].iloc[3]
    combined = {"sum": first + 7, "mean": (first + 7) / 2, "first": first, "last": 7.0}
    for how, expected in combined.items():
        frame, _ = prepare(rows, OPEN, read_steps(f"duplicates={how}"))
        assert (len(frame), frame["y"].iloc[3]) == (len(df), expected)


def test_a_stock_out_is_a_lower_bound_of_demand() -> None:
    df = panel()
    out = (df["unique_id"] == "steady") & df["ds"].between("2026-03-03", "2026-03-04")
    df.loc[out, "stockout"] = 1.0
    df.loc[out, "y"] = [5.0, 500.0]
    frame, _ = prepare(read_rows(df, OPEN), OPEN, read_steps("stockouts=unknown"))
    assert frame.loc[out, "label"].eq("stockout").all()
    assert frame.loc[out, "y"].tolist() == [5.0, 500.0]
    frame, changes = prepare(read_rows(df, OPEN), OPEN, read_steps("stockouts=median"))
    assert 40 < value(frame, "steady", "2026-03-03") < 70
    assert value(frame, "steady", "2026-03-04") == 500.0
    assert frame.loc[out, "stockout"].eq(0.0).all()
    lost = changes[changes["column"] == "y"]
    assert (lost["after"] - lost["before"]).tolist()[1] == 0.0


@pytest.mark.parametrize("detector", DETECTORS)
def test_outliers_are_labelled_and_kept_or_hidden_from_models(detector: str) -> None:
    df = panel()
    peak = (df["unique_id"] == "steady") & (df["ds"] == "2026-03-03")
    df.loc[peak, "y"] = 900.0
    rows = read_rows(df, OPEN)
    frame, _ = prepare(rows, OPEN, read_steps(f"outliers={detector}"))
    assert frame.loc[peak, "label"].tolist() == ["outlier"]
    assert frame["y"].equals(rows["y"])
    hidden, changes = prepare(rows, OPEN, read_steps(f"outliers={detector}:unknown"))
    assert hidden.loc[peak, "y"].isna().all()
    assert 900.0 in changes["before"].tolist()


def test_a_scale_is_fitted_on_the_training_part_only() -> None:
    df = panel()
    until = pd.Timestamp("2026-04-01")
    changed = df.assign(y=df["y"].where(df["ds"] <= until, df["y"] * 50 + 3))
    steps = read_steps("scale=robust", until=until)
    first, second = (prepare(read_rows(frame, OPEN), OPEN, steps)[0] for frame in (df, changed))
    early = df["ds"] <= until
    assert_frame_equal(first[early], second[early])
    assert not first["y"].equals(second["y"])
