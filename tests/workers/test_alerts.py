"""From stored days to one living issue and one message, however often a worker looks."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session, sessionmaker

from storage import alert_items, alert_rules, aspects, destinations, jobs
from storage.models import AlertItem, AlertRule, DailyFeature, Message, Review
from tests.storage.factories import (
    analysis,
    aspect,
    day_of_reviews,
    make_products,
    make_reviews,
    make_sales,
    review_row,
)
from workers import alerts
from workers.alerts import check_rules, quiet_until
from workers.context import Context

END = date(2026, 11, 20)
START = END - timedelta(days=99)


@pytest.fixture
def product_id(sessions: sessionmaker[Session], workspace_id: int) -> int:
    with sessions.begin() as session:
        [product_id] = make_products(session, workspace_id, "P1")
        make_sales(session, workspace_id, product_id, START, [20.0] * 100)
        make_reviews(session, workspace_id, [review_row(product_id, END)])
    return product_id


def write_days(
    sessions: sessionmaker[Session],
    workspace_id: int,
    product_id: int,
    bad: int,
    end: date = END,
    days: int = 7,
) -> None:
    """Ten reviews a day, one of them bad; of the last days `bad`."""
    with sessions.begin() as session:
        session.execute(delete(DailyFeature).where(DailyFeature.product_id == product_id))
        for back in range(100 + (end - END).days):
            negative = bad if back < days else 1
            session.add(day_of_reviews(workspace_id, product_id, end - timedelta(days=back), negative))
        if end != END:
            make_reviews(session, workspace_id, [review_row(product_id, end)])
        jobs.touch_data(session, workspace_id)


def add_rule(sessions: sessionmaker[Session], workspace_id: int, **values: Any) -> int:
    with sessions.begin() as session:
        plain = {"name": "差评", "kind": "negative_share"}
        return alert_rules.add_rule(session, workspace_id, plain | values).id


def add_destination(sessions: sessionmaker[Session], workspace_id: int) -> int:
    with sessions.begin() as session:
        return destinations.add_destination(
            session, workspace_id, "wecom", "群", "https://qyapi.weixin.qq.com/x?key=12345678", "sealed"
        ).id


def items(sessions: sessionmaker[Session], workspace_id: int) -> list[AlertItem]:
    with sessions() as session:
        query = select(AlertItem).where(AlertItem.workspace_id == workspace_id).order_by(AlertItem.id)
        return list(session.scalars(query))


def messages(sessions: sessionmaker[Session], workspace_id: int) -> list[Message]:
    with sessions() as session:
        return list(session.scalars(select(Message).where(Message.workspace_id == workspace_id)))


def test_a_rise_becomes_one_issue_with_its_figures_and_reviews_and_one_message(
    context: Context, sessions: sessionmaker[Session], workspace_id: int, product_id: int
) -> None:
    with sessions.begin() as session:
        rows = [
            review_row(product_id, END - timedelta(days=back)) | {"analysis": analysis("negative", -0.9)}
            for back in range(9)
        ]
        make_reviews(session, workspace_id, rows)
    write_days(sessions, workspace_id, product_id, bad=5)
    rule_id = add_rule(sessions, workspace_id, destination_ids=[add_destination(sessions, workspace_id)])
    assert check_rules(context) == 1
    [item] = items(sessions, workspace_id)
    assert (item.state, item.first_seen, item.last_seen, item.times) == ("open", END, END, 1)
    assert (item.rule_id, item.product_id, item.kind, item.aspect) == (
        rule_id,
        product_id,
        "negative_share",
        "",
    )
    assert item.figures["now"] == pytest.approx(0.5)
    assert item.figures["before"] == pytest.approx(0.1)
    assert 0.2 < item.figures["low"] < 0.4 < item.figures["high"]
    assert (item.figures["n"], item.figures["n_before"]) == (70, 280)
    assert item.units_lost is None, "no forecast says what reviews take away"
    with sessions() as session:
        days = {session.get_one(Review, id).day for id in item.evidence}
    assert days == {END - timedelta(days=back) for back in range(7)}
    [message] = messages(sessions, workspace_id)
    assert (message.body["alert_id"], message.body["product"]) == (item.id, "title of P1")


def test_looking_again_at_the_same_data_is_left_out_and_at_the_same_day_changes_nothing(
    context: Context, sessions: sessionmaker[Session], workspace_id: int, product_id: int
) -> None:
    write_days(sessions, workspace_id, product_id, bad=5)
    add_rule(sessions, workspace_id, destination_ids=[add_destination(sessions, workspace_id)])
    assert (check_rules(context), check_rules(context)) == (1, 0)
    for _ in range(2):
        with sessions.begin() as session:
            jobs.touch_data(session, workspace_id)
        assert check_rules(context) == 1
    [item] = items(sessions, workspace_id)
    assert item.times == 1
    assert len(messages(sessions, workspace_id)) == 1


def test_a_worker_that_is_killed_leaves_nothing_and_the_next_one_does_it_all(
    context: Context,
    sessions: sessionmaker[Session],
    workspace_id: int,
    product_id: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write_days(sessions, workspace_id, product_id, bad=5)
    add_rule(sessions, workspace_id, destination_ids=[add_destination(sessions, workspace_id)])

    def killed(*_arguments: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(alerts, "_measure_fixes", killed)
        with pytest.raises(KeyboardInterrupt):
            check_rules(context)
    assert items(sessions, workspace_id) == []
    assert messages(sessions, workspace_id) == []
    assert check_rules(context) == 1
    assert len(items(sessions, workspace_id)) == len(messages(sessions, workspace_id)) == 1


def test_an_issue_that_comes_back_is_opened_again_and_an_ignored_one_is_not(
    context: Context, sessions: sessionmaker[Session], workspace_id: int, product_id: int
) -> None:
    write_days(sessions, workspace_id, product_id, bad=5)
    add_rule(
        sessions, workspace_id, destination_ids=[add_destination(sessions, workspace_id)], throttle_hours=0
    )
    check_rules(context)
    [item] = items(sessions, workspace_id)
    with sessions.begin() as session:
        alert_items.set_state(session, workspace_id, item.id, "resolved", END)
        jobs.touch_data(session, workspace_id)
    check_rules(context)
    assert items(sessions, workspace_id)[0].state == "resolved", "the day of the fix does not open it"
    write_days(sessions, workspace_id, product_id, bad=5, end=END + timedelta(days=1))
    check_rules(context)
    [item] = items(sessions, workspace_id)
    assert (item.state, item.times, item.last_seen) == ("open", 2, END + timedelta(days=1))
    assert [message.body["came_back"] for message in messages(sessions, workspace_id)] == [False, True]
    with sessions.begin() as session:
        alert_items.set_state(session, workspace_id, item.id, "ignored", END + timedelta(days=1))
    write_days(sessions, workspace_id, product_id, bad=6, end=END + timedelta(days=2))
    check_rules(context)
    [item] = items(sessions, workspace_id)
    assert (item.state, item.last_seen) == ("ignored", END + timedelta(days=2))
    assert len(messages(sessions, workspace_id)) == 2


def test_an_issue_is_spoken_of_once_within_the_hours_of_its_rule(
    context: Context, sessions: sessionmaker[Session], workspace_id: int, product_id: int
) -> None:
    write_days(sessions, workspace_id, product_id, bad=5)
    add_rule(
        sessions, workspace_id, destination_ids=[add_destination(sessions, workspace_id)], throttle_hours=24
    )
    check_rules(context)
    with sessions.begin() as session:
        alert_items.set_state(session, workspace_id, items(sessions, workspace_id)[0].id, "resolved", END)
    write_days(sessions, workspace_id, product_id, bad=5, end=END + timedelta(days=1))
    check_rules(context)
    assert items(sessions, workspace_id)[0].state == "open"
    assert len(messages(sessions, workspace_id)) == 1


def test_an_issue_nobody_sees_for_two_weeks_is_over_and_its_effect_is_measured(
    context: Context, sessions: sessionmaker[Session], workspace_id: int, product_id: int
) -> None:
    write_days(sessions, workspace_id, product_id, bad=5)
    add_rule(sessions, workspace_id)
    check_rules(context)
    later = END + timedelta(days=20)
    write_days(sessions, workspace_id, product_id, bad=5, end=later, days=27)
    with sessions.begin() as session:
        good = DailyFeature.product_id == product_id, DailyFeature.day > END
        for day in session.scalars(select(DailyFeature).where(*good)):
            day.negative_share = 0.1
    check_rules(context)
    [item] = items(sessions, workspace_id)
    assert (item.state, item.resolved_on) == ("resolved", END)
    with sessions.begin() as session:
        jobs.touch_data(session, workspace_id)
    check_rules(context)
    effect = items(sessions, workspace_id)[0].effect
    assert (effect["before"], effect["after"], effect["n_after"], effect["days"]) == (
        pytest.approx(0.2),
        pytest.approx(0.1),
        200,
        20,
    )
    assert effect["high"] < 0


def test_complaints_about_an_aspect_count_people_not_reviews(
    context: Context, sessions: sessionmaker[Session], workspace_id: int, product_id: int
) -> None:
    write_days(sessions, workspace_id, product_id, bad=1)
    blames = analysis("negative", -0.9, aspects=[aspect("物流", "negative")])
    with sessions.begin() as session:
        rows = [
            review_row(product_id, END, user_key="one angry buyer") | {"analysis": blames} for _ in range(20)
        ]
        make_reviews(session, workspace_id, rows)
        aspects.keep_tree(session, [{"name": "物流", "english": "delivery", "words": ["快递"]}])
    told = [add_destination(sessions, workspace_id)]
    add_rule(sessions, workspace_id, kind="aspect_complaints", sensitivity=5, destination_ids=told)
    check_rules(context)
    assert items(sessions, workspace_id) == []
    with sessions.begin() as session:
        rows = [review_row(product_id, END, user_key=f"buyer {n}") | {"analysis": blames} for n in range(12)]
        make_reviews(session, workspace_id, rows)
        jobs.touch_data(session, workspace_id)
    check_rules(context)
    [item] = items(sessions, workspace_id)
    assert (item.kind, item.aspect) == ("aspect_complaints", "物流")
    [message] = messages(sessions, workspace_id)
    assert (message.body["aspect"], message.body["aspect_en"]) == ("物流", "delivery")
    assert len(item.evidence) == alert_items.MOST_EVIDENCE


def test_empty_shelves_are_seen_and_cost_what_would_have_been_sold(
    context: Context, sessions: sessionmaker[Session], workspace_id: int, product_id: int
) -> None:
    with sessions.begin() as session:
        make_sales(session, workspace_id, product_id, END - timedelta(days=2), [0.0] * 3, stockout=1.0)
    add_rule(sessions, workspace_id, kind="stockout")
    check_rules(context)
    [item] = items(sessions, workspace_id)
    assert item.units_lost == pytest.approx(20 * 3 / 7 * 14)
    assert item.evidence == []


def test_a_rule_looks_at_the_products_of_its_scope_only(
    context: Context, sessions: sessionmaker[Session], workspace_id: int, product_id: int
) -> None:
    write_days(sessions, workspace_id, product_id, bad=5)
    add_rule(sessions, workspace_id, scope={"category": "手机"})
    add_rule(sessions, workspace_id, is_on=False)
    assert check_rules(context) == 1
    assert items(sessions, workspace_id) == []
    add_rule(sessions, workspace_id, scope={"product_ids": [product_id]})
    check_rules(context)
    assert len(items(sessions, workspace_id)) == 1


def test_a_workspace_without_data_is_looked_at_once(
    context: Context, sessions: sessionmaker[Session], workspace_id: int
) -> None:
    add_rule(sessions, workspace_id)
    assert (check_rules(context), check_rules(context)) == (1, 0)


@pytest.mark.parametrize(
    ("quiet", "now", "until"),
    [
        ((22, 8), (23, 30), (21, 8)),
        ((22, 8), (7, 59), (20, 8)),
        ((22, 8), (8, 0), None),
        ((12, 14), (13, 0), (20, 14)),
        ((12, 14), (14, 0), None),
        ((None, None), (3, 0), None),
        ((9, 9), (9, 0), None),
    ],
)
def test_quiet_hours(quiet: tuple[Any, Any], now: tuple[int, int], until: tuple[int, int] | None) -> None:
    rule = AlertRule(quiet_from=quiet[0], quiet_to=quiet[1])
    at = datetime(2026, 11, 20, *now, tzinfo=UTC)
    wanted = datetime(2026, 11, until[0], until[1], tzinfo=UTC) if until else None
    assert quiet_until(at, rule) == wanted


def test_messages_wait_for_the_end_of_the_quiet_hours(
    context: Context, sessions: sessionmaker[Session], workspace_id: int, product_id: int
) -> None:
    write_days(sessions, workspace_id, product_id, bad=5)
    hour = datetime.now(UTC).astimezone(context.settings.zone).hour
    quiet = {"quiet_from": hour, "quiet_to": (hour + 3) % 24}
    add_rule(sessions, workspace_id, destination_ids=[add_destination(sessions, workspace_id)], **quiet)
    check_rules(context)
    [message] = messages(sessions, workspace_id)
    assert timedelta(hours=1) < message.not_before - datetime.now(UTC) < timedelta(hours=3, minutes=1)
    with sessions.begin() as session:
        assert destinations.take_due(session) is None
