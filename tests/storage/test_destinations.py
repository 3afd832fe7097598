from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage import alert_rules, destinations, webhooks
from storage.destinations import MOST, PER_MINUTE, shown
from storage.errors import Conflict, NotFound
from storage.models import Destination, Message

HOOK = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=0123456789abcdef"


def place(session: Session, workspace_id: int, name: str = "群") -> Destination:
    return destinations.add_destination(session, workspace_id, "wecom", name, HOOK, "sealed")


def now(session: Session) -> datetime:
    return session.scalars(select(func.clock_timestamp())).one()


def queued(session: Session, of: Destination, word: str = "x") -> Message:
    return destinations.queue(session, of.workspace_id, of.id, {"word": word})


def told(session: Session) -> tuple[int, list[str]] | None:
    found = destinations.take_due(session)
    return (found[0].id, [message.body["word"] for message in found[1]]) if found else None


@pytest.mark.parametrize(
    ("kind", "address", "printed"),
    [
        ("wecom", HOOK, "qyapi.weixin.qq.com … cdef"),
        ("email", "li.ming@example.com", "l…@example.com"),
        ("email", " a@x.cn ,, b@y.cn", "a…@x.cn, b…@y.cn"),
        ("email", "", ""),
    ],
)
def test_little_of_an_address_is_printed(kind: str, address: str, printed: str) -> None:
    assert shown(kind, address) == printed


def test_an_address_is_kept_sealed_only(session: Session, workspace_id: int) -> None:
    row = place(session, workspace_id)
    session.refresh(row)
    kept = [str(value) for value in vars(row).values()]
    assert "sealed" in kept
    assert [value for value in kept if "0123456789ab" in value] == []
    assert row.language == "zh"


def test_there_is_an_end_to_destinations(session: Session, workspace_id: int, other_id: int) -> None:
    for _ in range(MOST):
        place(session, workspace_id)
    with pytest.raises(Conflict, match="at most 20"):
        place(session, workspace_id)
    with pytest.raises(Conflict, match="wecom, dingtalk"):
        destinations.add_destination(session, other_id, "fax", "x", "y", "z")
    assert destinations.list_destinations(session, other_id) == []
    place(session, other_id)


def test_a_neighbours_destination_is_not_there(session: Session, workspace_id: int, other_id: int) -> None:
    row = place(session, workspace_id)
    with pytest.raises(NotFound):
        destinations.get_destination(session, other_id, row.id)
    with pytest.raises(NotFound):
        destinations.remove_destination(session, other_id, row.id)
    with pytest.raises(NotFound):
        destinations.queue(session, other_id, row.id, {"word": "x"})
    queued(session, row)
    assert destinations.last_messages(session, other_id) == {}
    assert destinations.list_destinations(session, workspace_id) == [row]


def test_a_destination_that_goes_leaves_the_rules_with_its_messages(
    session: Session, workspace_id: int
) -> None:
    kept, gone = place(session, workspace_id), place(session, workspace_id)
    values = {"name": "规则", "kind": "stockout", "destination_ids": [kept.id, gone.id]}
    rule = alert_rules.add_rule(session, workspace_id, values)
    queued(session, gone)
    stays = queued(session, kept)
    gone_id = gone.id
    destinations.remove_destination(session, workspace_id, gone_id)
    session.expire_all()
    assert rule.destination_ids == [kept.id]
    assert destinations.last_messages(session, workspace_id) == {kept.id: stays}
    with pytest.raises(NotFound):
        destinations.queue(session, workspace_id, gone_id, {"word": "x"})


def test_the_newest_message_of_each_destination(session: Session, workspace_id: int) -> None:
    one, two, silent = (place(session, workspace_id) for _ in range(3))
    queued(session, one)
    wanted = {two.id: queued(session, two), one.id: queued(session, one)}
    webhooks.settle(session, wanted[one.id], 200)
    assert destinations.last_messages(session, workspace_id) == wanted
    assert silent.id not in wanted


def test_all_that_is_due_at_a_destination_is_taken_together_in_order(
    session: Session, workspace_id: int
) -> None:
    one, two = place(session, workspace_id), place(session, workspace_id)
    for of, word in ((two, "later"), (one, "a"), (one, "b"), (one, "taken")):
        message = queued(session, of, word)
    webhooks.settle(session, message, 200)
    later = now(session) + timedelta(hours=1)
    destinations.queue(session, workspace_id, one.id, {"word": "quiet"}, later)
    assert told(session) == (one.id, ["a", "b"])


def test_nothing_is_due(session: Session, workspace_id: int) -> None:
    assert told(session) is None
    row = place(session, workspace_id)
    assert told(session) is None
    destinations.queue(session, workspace_id, row.id, {"word": "x"}, now(session) + timedelta(minutes=1))
    assert told(session) is None


def test_a_channel_that_is_full_waits_and_lets_others_pass(
    session: Session, workspace_id: int, other_id: int
) -> None:
    full, free = place(session, workspace_id), place(session, other_id)
    for of in (full, free):
        queued(session, of)
    full.sent = [now(session) - timedelta(seconds=30)] * PER_MINUTE
    session.flush()
    assert told(session) == (free.id, ["x"])
    full.sent = full.sent[1:]
    session.flush()
    assert told(session) == (full.id, ["x"]), "nineteen leave room for one"


def test_room_is_made_by_the_minute_that_passes(session: Session, workspace_id: int) -> None:
    row = place(session, workspace_id)
    queued(session, row)
    row.sent = [now(session) - timedelta(seconds=61)] * PER_MINUTE
    session.flush()
    assert told(session) == (row.id, ["x"])


def test_only_the_last_minutes_moments_are_kept(session: Session, workspace_id: int) -> None:
    row = place(session, workspace_id)
    old, young = now(session) - timedelta(seconds=61), now(session) - timedelta(seconds=30)
    row.sent = [old, young]
    before = now(session)
    destinations.note_sent(session, row)
    session.refresh(row)
    assert row.sent[0] == young
    [sent] = row.sent[1:]
    assert before <= sent <= now(session)


def test_a_minute_takes_twenty_and_no_more(session: Session, workspace_id: int) -> None:
    row = place(session, workspace_id)
    queued(session, row)
    for _ in range(PER_MINUTE):
        assert told(session) is not None
        destinations.note_sent(session, row)
    assert told(session) is None


def test_messages_that_ended_long_ago_are_deleted(session: Session, workspace_id: int) -> None:
    row = place(session, workspace_id)
    ages = {"old": 31, "young": 29, "waiting": None}
    for word, age in ages.items():
        queued(session, row, word).ended_at = None if age is None else now(session) - timedelta(days=age)
    session.flush()
    assert destinations.forget_messages(session) == 1
    assert set(session.scalars(select(Message.body["word"].as_string()))) == {"young", "waiting"}
