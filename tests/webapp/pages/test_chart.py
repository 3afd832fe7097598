import json
from datetime import date, timedelta

from storage.models import ForecastPoint, ForecastRun, MarkedDay
from storage.overview import DayPoint
from webapp.pages.chart import chart, mark_names, price_changes
from webapp.pages.period import Period

LAST = date(2026, 11, 20)
WEEK = Period("7", LAST - timedelta(days=6), LAST)


def point(back: int, stockout: float = 0.0, reviews: int = 5) -> DayPoint:
    positive, negative = (3, 1) if reviews else (0, 0)
    day = LAST - timedelta(days=back)
    return DayPoint(day, 10.0, None, None, None, stockout, reviews, positive, negative, 0.4, 0.4)


def run() -> ForecastRun:
    points = [
        ForecastPoint(ds=LAST + timedelta(days=ahead), yhat=12.345, bands={"lo-80": 9.0, "hi-80": 15.0})
        for ahead in (1, 2)
    ]
    return ForecastRun(points=points)


def mark(day: date, name: str = "双11", kind: str = "promotion") -> MarkedDay:
    return MarkedDay(day=day, name_zh=name, name_en="Double 11", kind=kind)


SERIES = [point(back) for back in range(59, -1, -1)]


def test_sales_and_forecast_share_one_axis_of_days(chinese: None) -> None:
    drawn = chart(SERIES, run(), [], WEEK)
    assert len(drawn["days"]) == 62
    assert drawn["days"][0] == "2026-09-22"
    assert drawn["days"][-1] == "2026-11-22"
    assert drawn["units"][-3:] == [10.0, None, None]
    assert drawn["forecast"][-3:] == [None, 12.35, 12.35]
    assert drawn["bands"]["lo-80"][-3:] == [None, 9.0, 9.0]
    assert drawn["bands"]["lo-95"][-1] is None
    assert all(len(drawn[name]) == 62 for name in ("units", "positive", "neutral", "negative", "forecast"))


def test_reviews_of_a_day_are_split_in_three(chinese: None) -> None:
    drawn = chart([point(1, reviews=0), point(0)], None, [], WEEK)
    assert drawn["positive"] == [None, 3]
    assert drawn["neutral"] == [None, 1]
    assert drawn["negative"] == [None, 1]


def test_it_opens_on_the_period_with_four_weeks_around(chinese: None) -> None:
    assert chart(SERIES, None, [], WEEK)["from"] == (LAST - timedelta(days=27)).isoformat()
    everything = Period("all", LAST - timedelta(days=500), LAST)
    assert chart(SERIES, None, [], everything)["from"] == "2026-09-22"


def test_consecutive_days_of_an_event_are_one_span(chinese: None) -> None:
    days = [date(2026, 11, day) for day in (9, 10, 11)] + [date(2025, 11, 11), date(2026, 10, 1)]
    drawn = chart(SERIES, None, [mark(day) for day in days], WEEK)
    assert drawn["marks"] == [
        {"name": "双11", "kind": "promotion", "first": "2026-10-01", "last": "2026-10-01"},
        {"name": "双11", "kind": "promotion", "first": "2026-11-09", "last": "2026-11-11"},
    ]


def test_marks_are_named_in_the_readers_language(english: None) -> None:
    assert chart(SERIES, None, [mark(LAST)], WEEK)["marks"][0]["name"] == "Double 11"
    two = [mark(LAST), MarkedDay(day=LAST, name_zh="x", name_en="Payday", kind="festival")]
    assert mark_names(two) == {LAST: "Double 11 · Payday"}


def test_stock_outs_are_spans(chinese: None) -> None:
    series = [point(4, 1.0), point(3, 1.0), point(2), point(1, 1.0), point(0)]
    assert chart(series, None, [], WEEK)["stockouts"] == [
        ("2026-11-16", "2026-11-17"),
        ("2026-11-19", "2026-11-19"),
    ]


def test_it_is_plain_json(chinese: None) -> None:
    assert json.loads(json.dumps(chart(SERIES, run(), [mark(LAST)], WEEK)))["words"]["units"] == "销量"


def test_nothing_known_nothing_drawn(chinese: None) -> None:
    drawn = chart([], None, [], WEEK)
    assert (drawn["days"], drawn["from"], drawn["marks"]) == ([], None, [])


def test_days_of_another_price_are_marked(chinese: None) -> None:
    prices = [None, 100.0, 100.5, None, 89.9, 89.9, 100.0]
    series = [point(6 - place)._replace(price=price) for place, price in enumerate(prices)]
    assert price_changes(series) == [
        {"day": "2026-11-18", "before": 100.0, "now": 89.9},
        {"day": "2026-11-20", "before": 89.9, "now": 100.0},
    ]
    assert chart(series, None, [], WEEK)["prices"] == price_changes(series)
