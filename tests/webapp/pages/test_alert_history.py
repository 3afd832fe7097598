from datetime import date
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session

from alerting import Days
from storage import jobs
from storage.models import Product, Workspace
from tests.webapp.pages.factories import fill_days
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


def test_days_are_read_once_for_all_places_of_the_slider_until_the_data_changes(
    session: Session, workspace: Workspace, reader: FlaskClient, product: Product
) -> None:
    fill_days(session, product)
    asked: list[str] = []

    def look(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement)

    connection = session.connection()
    event.listen(connection, "before_cursor_execute", look)
    try:
        for sensitivity in (1, 2, 3, 4, 5):
            reader.get(f"/alerts/rules/backtest?kind=negative_share&sensitivity={sensitivity}")
        assert sum("daily_features" in statement for statement in asked) == 1
        jobs.touch_data(session, workspace.id)
        session.commit()
        reader.get("/alerts/rules/backtest?kind=negative_share&sensitivity=5")
        assert sum("daily_features" in statement for statement in asked) == 2
    finally:
        event.remove(connection, "before_cursor_execute", look)
