from datetime import date

import pandas as pd
import pytest

from forecasting.remarks import remark_of
from forecasting.scenario import Change
from workers.leases import HopelessError
from workers.reasons import Heard
from workers.scenarios import assumptions_of, scenario_of

WISH = {"aspect": "物流", "polarity": "negative", "change": -0.3}


@pytest.fixture
def heard() -> Heard:
    days = pd.to_datetime(["2026-03-01", "2026-03-30", "2026-03-30"])
    said = {"score": [0.5, -0.9, 0.5], "label": ["positive", "negative", "positive"]}
    frame = pd.DataFrame({"id": [1, 2, 3], "product_id": 7, "ds": days, **said})
    frame = frame.assign(rating=5.0, length=4, is_suspect=False)
    return Heard(frame, {("物流", "negative"): [2]}, date(2026, 3, 31))


def test_columns_days_and_a_discount_are_translated() -> None:
    wishes = {"promo": 1.0, "discount": 0.2, "holiday": True, "from": "2026-01-05", "to": "2026-01-06"}
    scenario, weights = scenario_of(wishes, ("promo", "price"), None)
    assert scenario.changes == (Change("promo", 1.0), Change("price", 0.8, "scale"))
    assert (scenario.off, scenario.start, scenario.end) == (
        True,
        pd.Timestamp("2026-01-05"),
        pd.Timestamp("2026-01-06"),
    )
    assert (scenario.past, weights) == (None, {})


def test_fewer_complaints_make_kinder_days(heard: Heard) -> None:
    scenario, weights = scenario_of({"sentiment": [WISH]}, (), heard)
    assert weights == {2: 0.7}
    assert scenario.past is not None
    last = scenario.past.set_index("ds").loc["2026-03-31"]
    assert last["negative_share_7"] == pytest.approx(0.7 / 1.7)
    assert last["reviews_7"] == pytest.approx(1.7 / 7)
    assert scenario.past["unique_id"].unique().tolist() == ["7"]
    assert len(scenario.past) == 28


def test_reviews_that_are_not_there_cannot_be_fewer(heard: Heard) -> None:
    with pytest.raises(
        HopelessError, match="no review of the last 28 days is positive about 物流"
    ) as refused:
        scenario_of({"sentiment": [WISH | {"polarity": "positive"}]}, (), heard)
    [remark] = remark_of(refused.value)
    assert (remark.code, remark.values["aspect"]) == ("no_such_reviews", "物流")


def test_what_is_assumed_is_said() -> None:
    wishes = {"discount": 0.2, "holiday": True, "from": "2026-01-05", "sentiment": [WISH]}
    assert assumptions_of(wishes) == {
        "price": "scenario: discount 0.2",
        "holiday": "scenario: holiday True",
        "sentiment": "scenario: 物流 negative -30%",
    }
