from datetime import date, timedelta
from typing import Any

from storage.overview import DayPoint, Kpis
from tests.webapp.pages.test_kpi import AHEAD, END, period
from webapp.pages.conclusion import conclude, worst_day
from webapp.pages.outlook import Outlook


def days(*negative: int) -> list[DayPoint]:
    return [
        DayPoint(END - timedelta(days=back), 1.0, None, None, None, None, 9, 1, count, None, None)
        for back, count in enumerate(reversed(negative))
    ]


def said(
    now: Any = None, before: Any = None, ahead: Outlook | None = AHEAD, verdict: str | None = "none"
) -> str:
    kpis = Kpis(now or period(), before or period(1))
    return "; ".join(clause.text for clause in conclude(kpis, ahead, verdict, days(1, 5, 2), 0))


def test_what_changed_and_how_sure(english: None) -> None:
    text = said(before=period(1, units=800.0))
    assert "1,000 sold in 30 days, +25.0%" in text
    assert "20.0% of reviews are negative, no clear change" in text
    assert "the next 14 days should bring 560 (80% band 430 to 700)" in text
    assert "sentiment does not measurably change this forecast" in text


def test_a_rise_of_complaints_leads_to_their_worst_day(english: None) -> None:
    clauses = conclude(Kpis(period(negative=80), period(1)), AHEAD, "helps", days(1, 5, 2), 0)
    assert "negative reviews rose from 20.0% to 40.0%" in clauses[1].text
    assert clauses[-1].day == END - timedelta(days=1)
    assert clauses[-1].href == "#evidence"


def test_few_reviews_make_no_trend(english: None) -> None:
    assert "too few (5) to call a trend" in said(now=period(scored=5, positive=1, negative=4))
    assert "with too few before to compare" in said(before=period(1, scored=0, positive=0, negative=0))


def test_unscored_reviews_are_not_passed_over(english: None) -> None:
    waiting = period(scored=0, positive=0, negative=0)
    assert "200 reviews came in, which are not scored yet" in said(now=waiting)


def test_stock_comes_before_everything_else_to_do(english: None) -> None:
    clauses = conclude(Kpis(period(negative=80), period(1)), AHEAD, None, days(1), 3)
    assert clauses[-1].text == "check stock first: 3 days were out of stock"


def test_what_to_order_follows_the_forecast(english: None) -> None:
    assert said().endswith("plan stock for more than the last 14 days")
    easing = Outlook(14, 300.0, 200.0, 400.0, 500.0, END, END)
    assert said(ahead=easing).endswith("order with care: demand is expected to ease")
    steady = Outlook(14, 505.0, 400.0, 600.0, 500.0, END, END)
    assert "order" not in said(ahead=steady)


def test_each_clause_leads_to_its_evidence(english: None) -> None:
    clauses = conclude(Kpis(period(), period(1)), AHEAD, "harms", days(1), 0)
    assert [clause.href for clause in clauses] == ["#chart", "#kpis", "#chart", "#worth", "#chart"]


def test_parts_without_data_are_left_out(english: None) -> None:
    nothing = period(units=None, reviews=0, scored=0, positive=0, negative=0)
    assert conclude(Kpis(nothing, nothing), None, None, [], 0) == []


def test_the_newest_of_equally_bad_days() -> None:
    assert worst_day(days(3, 3, 1)) == END - timedelta(days=1)
    assert worst_day(days(0, 0)) is None
    assert worst_day([]) is None
    assert isinstance(worst_day(days(1)), date)
