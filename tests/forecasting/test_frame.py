from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from forecasting.frame import PanelError, PanelSpec, last_day, require_future, validate_panel

SPEC = PanelSpec(future=("promo",), past=("views",), static=("category",))


def panel(days: int = 10) -> pd.DataFrame:
    dates = pd.date_range("2026-03-01", periods=days)
    parts = [
        pd.DataFrame(
            {
                "unique_id": uid,
                "ds": dates,
                "y": np.arange(days) + 1.0,
                "promo": 0.0,
                "views": 5.0,
                "category": "tea",
            }
        )
        for uid in ("a", "b")
    ]
    return pd.concat(parts, ignore_index=True)


def test_a_good_panel_comes_back_sorted_and_equal() -> None:
    given = panel()
    shuffled = given.sample(frac=1, random_state=1)
    before = shuffled.copy(deep=True)
    assert_frame_equal(validate_panel(shuffled, SPEC), given, check_dtype=False, check_column_type=False)
    assert_frame_equal(shuffled, before)


def test_an_absent_day_sold_nothing_and_keeps_what_was_known_ahead() -> None:
    given = panel()
    given.loc[given["ds"] == "2026-03-04", "promo"] = 1.0
    gap = given.drop(index=given.index[(given["unique_id"] == "b") & (given["ds"] == "2026-03-04")])
    checked = validate_panel(gap, SPEC)
    filled = checked[(checked["unique_id"] == "b") & (checked["ds"] == "2026-03-04")].iloc[0]
    assert filled["y"] == 0.0
    assert filled["promo"] == 1.0
    assert filled["category"] == "tea"
    assert np.isnan(filled["views"])


def test_a_series_that_stopped_early_sold_nothing_until_the_panels_end() -> None:
    given = panel()
    stopped = given[(given["unique_id"] == "a") | (given["ds"] < "2026-03-06")]
    checked = validate_panel(stopped, SPEC)
    after = checked[(checked["unique_id"] == "b") & (checked["ds"] >= "2026-03-06")]
    assert after["y"].tolist() == [0.0] * 5


def test_an_empty_y_stays_unknown_and_rows_after_the_last_sale_are_the_future() -> None:
    given = panel()
    given.loc[given["ds"] == "2026-03-05", "y"] = np.nan
    given.loc[given["ds"] > "2026-03-08", "y"] = np.nan
    checked = validate_panel(given, SPEC)
    assert last_day(checked) == pd.Timestamp("2026-03-08")
    assert checked.loc[checked["ds"] == pd.Timestamp("2026-03-05"), "y"].isna().all()
    assert len(checked) == 20


def change(column: str, value: object) -> Callable[[pd.DataFrame], pd.DataFrame]:
    def apply(df: pd.DataFrame) -> pd.DataFrame:
        df[column] = df[column].astype(object)
        df.loc[df["unique_id"].eq("b") & df.index.isin([12]), column] = value
        return df

    return apply


def weekly_b(df: pd.DataFrame) -> pd.DataFrame:
    weeks = df[df["unique_id"] == "b"].assign(ds=pd.date_range("2026-01-04", periods=10, freq="7D"))
    return pd.concat([df[df["unique_id"] == "a"], weeks])


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (change("y", -1), "negative y in 1 rows of b, first b on 2026-03-03"),
        (change("y", 1e300), r"y above 1e\+15 in 1 rows of b"),
        (change("y", "many"), "column 'y' is not a number in 1 rows of b"),
        (change("y", float("inf")), "column 'y' is infinite in 1 rows of b"),
        (change("promo", "yes"), "column 'promo' is not a number in 1 rows of b"),
        (change("views", "lots"), "column 'views' is not a number in 1 rows of b"),
        (change("ds", "2025-02-30"), "column 'ds' is not a date in 1 rows of b"),
        (change("ds", "2026-03-03 12:30"), "time of day"),
        (change("category", "coffee"), "static column 'category' changes within b"),
        (lambda df: pd.concat([df, df.iloc[[12]]]), "more than one row for a day in 1 rows of b"),
        (lambda df: df.drop(columns="views"), "missing columns: views; found: unique_id"),
        (lambda df: df.iloc[:0], "no rows"),
        (lambda df: df.assign(y=np.nan), "'y' holds no value"),
        (lambda df: df.assign(unique_id=None), "'unique_id' is empty in 20 rows"),
        (lambda df: df.assign(unique_id=" "), "'unique_id' is empty in 20 rows"),
        (lambda df: df.assign(stockout=-1), "negative stockout in 20 rows of a, b"),
        (lambda df: pd.concat([df, df[["y"]]], axis=1), "more than one column y"),
        (lambda df: weekly_b(df), "mixed frequencies: rows are weekly in b"),
    ],
)
def test_a_bad_panel_is_refused_by_name(spoil: Callable[[pd.DataFrame], pd.DataFrame], message: str) -> None:
    with pytest.raises(PanelError, match=message):
        validate_panel(spoil(panel()), SPEC)


def test_missing_future_values_name_column_and_ids() -> None:
    given = panel()
    given.loc[given["ds"] > "2026-03-07", ["y", "views"]] = np.nan
    validate_panel(given, SPEC, horizon=3)
    given.loc[given["unique_id"].eq("b") & given["ds"].eq("2026-03-09"), "promo"] = np.nan
    with pytest.raises(PanelError, match=r"'promo' must be known for the 3 days after 2026-03-07.*for b$"):
        require_future(validate_panel(given, SPEC), SPEC, 3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"freq": "W"}, "daily"),
        ({"future": ("promo",), "past": ("promo",)}, "more than once: promo"),
        ({"past": ("y",)}, "fixed meaning cannot be exogenous: y"),
        ({"future": ("stockout",)}, "stockout"),
    ],
)
def test_a_bad_declaration_is_refused(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(PanelError, match=message):
        PanelSpec(**arguments)  # type: ignore[arg-type]


def test_a_spec_survives_json_and_drops_past_columns() -> None:
    assert PanelSpec.from_json(SPEC.to_json()) == SPEC
    assert SPEC.without_past(["views"]) == PanelSpec(future=("promo",), static=("category",))


def rows(draw: st.DrawFn) -> pd.DataFrame:
    """Draw a panel with gaps, in any order."""
    ids = draw(st.lists(st.sampled_from("abcd"), min_size=1, max_size=3, unique=True))
    start = pd.Timestamp("2026-01-01")
    parts = []
    for uid in ids:
        days = draw(st.lists(st.integers(0, 40), min_size=1, max_size=12, unique=True))
        y = draw(st.lists(st.integers(0, 99), min_size=len(days), max_size=len(days)))
        parts.append(
            pd.DataFrame({"unique_id": uid, "ds": [start + pd.Timedelta(days=d) for d in days], "y": y})
        )
    return pd.concat(parts, ignore_index=True).sample(frac=1, random_state=draw(st.integers(0, 99)))


@settings(max_examples=40, deadline=None)
@given(st.composite(rows)())
def test_any_panel_with_gaps_becomes_regular_and_keeps_its_sales(df: pd.DataFrame) -> None:
    checked = validate_panel(df, PanelSpec())
    assert checked["y"].sum() == df["y"].sum()
    assert checked["y"].notna().all()
    for uid, series in checked.groupby("unique_id"):
        own = df[df["unique_id"] == uid]
        expected = pd.date_range(own["ds"].min(), df["ds"].max())
        assert series["ds"].tolist() == expected.tolist()
    assert_frame_equal(validate_panel(checked, PanelSpec()), checked)


def test_days_may_be_text_dates_or_timestamps() -> None:
    expected = validate_panel(panel(), SPEC)
    for convert in (lambda ds: ds.dt.strftime("%Y-%m-%d"), lambda ds: ds.dt.date, lambda ds: ds):
        given_ = panel()
        given_["ds"] = convert(given_["ds"]).astype(object)
        assert_frame_equal(validate_panel(given_, SPEC), expected)


def test_days_with_a_time_zone_are_refused() -> None:
    given_ = panel()
    given_["ds"] = given_["ds"].dt.tz_localize("Asia/Shanghai")
    with pytest.raises(PanelError, match="without a time zone"):
        validate_panel(given_, SPEC)


def test_numbers_may_be_text_or_true_and_false() -> None:
    given_ = panel().assign(promo=True, y=lambda df: df["y"].astype(str))
    checked = validate_panel(given_, SPEC)
    assert checked["promo"].eq(1.0).all()
    assert checked["y"].tolist() == panel()["y"].tolist()


def test_blank_text_is_a_missing_value() -> None:
    given_ = panel().astype({"y": object})
    given_.loc[[3, 13], "y"] = ["", "  "]
    checked = validate_panel(given_, SPEC)
    assert checked["y"].isna().to_numpy().nonzero()[0].tolist() == [3, 13]


def test_ids_may_be_numbers() -> None:
    given_ = panel()
    given_["unique_id"] = given_["unique_id"].map({"a": 2, "b": 10})
    assert validate_panel(given_, SPEC)["unique_id"].unique().tolist() == ["10", "2"]


def test_a_price_is_carried_over_absent_days_where_series_differ() -> None:
    given_ = panel()
    given_["promo"] = np.where(given_["unique_id"] == "a", 3.0, 5.0)
    gap = given_[(given_["unique_id"] != "b") | (given_["ds"] != "2026-03-04")]
    checked = validate_panel(gap, SPEC)
    assert checked.loc[checked["unique_id"] == "b", "promo"].eq(5.0).all()


def test_other_columns_are_left_behind() -> None:
    assert "noise" not in validate_panel(panel().assign(noise=1), SPEC)
    assert "stockout" in validate_panel(panel().assign(stockout=0), SPEC)


def test_a_stockout_column_must_be_a_number() -> None:
    with pytest.raises(PanelError, match="'stockout' is not a number"):
        validate_panel(panel().assign(stockout="no"), SPEC)
