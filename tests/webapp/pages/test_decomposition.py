from storage.models import Backtest
from tests.webapp.pages.factories import found_in_training
from webapp.pages.decomposition import decomposition


def test_the_parts_add_up_to_what_was_sold(english: None) -> None:
    found = decomposition(Backtest(findings=found_in_training()))
    assert found is not None
    assert found.chart is not None
    assert found.chart["x"] == ["2026-11-18", "2026-11-19", "2026-11-20"]
    assert found.chart["series"][0]["data"] == [41.0, 39.0, 41.5]
    assert [one["panel"] for one in found.chart["series"]] == [0, 0, 1, 2]


def test_each_test_says_what_it_found(english: None) -> None:
    found = decomposition(Backtest(findings=found_in_training()))
    assert found is not None
    assert [(test.term, test.says) for test in found.tests] == [
        ("adf", "No return to a mean is shown: the level may wander."),
        ("kpss", "The level does not stay where it is."),
        ("weekday_test", "Weekdays sell differently."),
    ]


def test_the_orders_are_sorted_and_the_chosen_one_marked(english: None) -> None:
    found = decomposition(Backtest(findings=found_in_training()))
    assert found is not None
    assert found.order == "(1,1,1)(0,1,1)"
    assert [(order.name, order.chosen) for order in found.orders] == [
        ("(1,1,1)(0,1,1)", True),
        ("(1,1,2)(0,1,1)", False),
    ]


def test_a_short_history_has_neither(english: None) -> None:
    found = decomposition(Backtest(findings={"series": {"from": "2026-11-01", "days": 20}, "arima": None}))
    assert found is not None
    assert (found.days, found.chart, found.tests, found.order, found.orders) == (20, None, [], None, [])
    assert decomposition(Backtest(findings={})) is None
    assert decomposition(None) is None
