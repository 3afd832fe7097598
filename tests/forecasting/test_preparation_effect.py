import numpy as np
import pandas as pd
import pytest

from forecasting.errors import PanelError
from forecasting.frame import PanelSpec, read_rows
from forecasting.preparation import read_steps
from forecasting.preparation_effect import compare_steps

SPEC = PanelSpec()


def panel(peaks: bool = True) -> pd.DataFrame:
    """Make steady series; with peaks, each has days of wrong bookings just before each window."""
    rng = np.random.default_rng(0)
    dates = pd.date_range("2026-03-02", periods=126)
    parts = []
    for uid in "abc":
        y = rng.poisson(100.0, len(dates)).astype(float)
        if peaks:
            y[[95, 96, 97, 108, 109, 110]] = 2000.0
        parts.append(pd.DataFrame({"unique_id": uid, "ds": dates, "y": y}))
    return read_rows(pd.concat(parts, ignore_index=True), SPEC)


def effect(
    rows: pd.DataFrame, steps: str, models: tuple[str, ...] = ("SeasonalNaive",)
) -> list[dict[str, object]]:
    return compare_steps(rows, SPEC, 7, read_steps(steps), n_windows=4, models=models)


def test_hiding_wrong_bookings_helps_and_is_scored_on_what_was_given() -> None:
    found = effect(panel(), "outliers=iqr")[0]
    assert found["verdict"] == "helps"
    assert found["wape_after"] < 0.8 * found["wape_before"]
    assert found["n"] == 3 * 28
    # The peaks inside the windows still count as errors.
    assert found["wape_after"] > 0.3


def test_a_step_that_changes_nothing_has_no_effect() -> None:
    for found in effect(panel(peaks=False), "gaps=seasonal,outliers=iqr,scale=standard,scale=robust"):
        assert (found["verdict"], found["p_value"]) == ("none", 1.0)
        assert found["wape_after"] == pytest.approx(found["wape_before"])


def test_a_fill_of_days_that_sold_nothing_harms() -> None:
    rows = panel(peaks=False)
    kept = rows[rows.index % 3 == 0]
    found = effect(kept, "gaps=missing", ("Regression",))[0]
    assert (found["model"], found["verdict"]) == ("Regression", "harms")
    assert found["changed"] > 150


def test_a_step_sees_nothing_after_a_cutoff() -> None:
    rows = panel()
    later = rows.assign(y=rows["y"].where(rows["ds"] <= rows["ds"].max() - pd.Timedelta(days=7), 9e5))
    first, second = (effect(frame, "outliers=zscore")[0]["changed"] for frame in (rows, later))
    assert first == second > 0


def test_duplicates_are_resolved_first_and_the_rows_left_alone() -> None:
    rows = panel()
    doubled = pd.concat([rows, rows.iloc[:5]], ignore_index=True)
    kept = doubled.copy()
    assert effect(doubled, "duplicates=first,outliers=iqr") == effect(rows, "outliers=iqr")
    pd.testing.assert_frame_equal(doubled, kept)
    with pytest.raises(PanelError, match="more than one row for a day"):
        effect(doubled, "gaps=zero")
