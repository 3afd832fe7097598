from datetime import date

from alerting import Days
from webapp.pages.alert_history import Histories

HISTORY = {1: Days(date(2026, 6, 8), {})}


def test_the_days_not_asked_for_longest_go_first() -> None:
    histories = Histories(most=2)
    histories.keep("a", HISTORY)
    histories.keep("b", HISTORY)
    assert histories.get("a") is HISTORY
    histories.keep("c", HISTORY)
    assert histories.get("b") is None
    assert histories.get("a") is histories.get("c") is HISTORY


def test_days_kept_again_are_the_new_ones_and_take_no_further_room() -> None:
    histories = Histories(most=2)
    for key, history in (("a", HISTORY), ("b", HISTORY), ("a", {})):
        histories.keep(key, history)
    assert (histories.get("a"), histories.get("b")) == ({}, HISTORY)
