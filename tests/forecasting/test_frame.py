from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from forecasting.frame import PanelError, PanelSpec, last_day, name_ids, require_future, validate_panel

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
    assert checked.query("ds == '2026-03-05'")["y"].isna().all()
    assert len(checked) == 20


def change(column: str, value: object) -> Callable[[pd.DataFrame], pd.DataFrame]:
    def apply(df: pd.DataFrame) -> pd.DataFrame:
        df[column] = df[column].astype(object)
        df.loc[df["unique_id"].eq("b") & df.index.isin([12]), column] = value
        return df

    return apply


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (change("y", -1), "negative y in 1 rows of b, first b on 2026-03-03"),
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


def test_many_ids_are_counted() -> None:
    assert name_ids(["b", "a", "a"]) == "a, b"
    assert name_ids(range(10, 18)) == "10, 11, 12, 13, 14 and 3 more"
