"""Messages to stand-ins of the vendors, which check signature, shape and limits as they do."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from settings import Settings
from storage import destinations, webhooks
from storage.models import Destination, Message
from storage.sealing import Seal
from tests.workers.factories import ALERT, REPORT
from tests.workers.standins import SECRET, Mailbox, Robots, running_robots
from workers.context import Context
from workers.mail import written
from workers.messages import deliver

ADDRESSES = {
    "dingtalk": "https://oapi.dingtalk.com/robot/send?access_token=token",
    "wecom": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=key",
    "feishu": "https://open.feishu.cn/open-apis/bot/v2/hook/token",
    "webhook": "https://hooks.example.com/in",
    "email": "li@example.com, wang@example.com",
}
HOSTS = {
    "dingtalk": "oapi.dingtalk.com",
    "wecom": "qyapi.weixin.qq.com",
    "feishu": "open.feishu.cn",
    "webhook": "hooks.example.com",
}


@pytest.fixture
def context(context: Context) -> Context:
    hosts = {"webhook_hosts": ("hooks.example.com",), "public_url": "https://fengping.example.com"}
    return replace(context, settings=replace(context.settings, **hosts))


@pytest.fixture
def standin(tmp_path: Path) -> Iterator[tuple[Robots, Any]]:
    with running_robots(tmp_path) as found:
        yield found


@pytest.fixture
def robots(standin: tuple[Robots, Any]) -> Robots:
    return standin[0]


def public(_host: str, _port: int) -> list[str]:
    return ["93.184.216.34"]


@pytest.fixture
def send(standin: tuple[Robots, Any], context: Context) -> Any:
    return partial(deliver, context, standin[1], public)


def add(
    context: Context, sessions: sessionmaker[Session], workspace_id: int, kind: str, secret: str = SECRET
) -> int:
    with sessions.begin() as session:
        sealed = Seal(context.settings.secret_key).close({"address": ADDRESSES[kind], "secret": secret})
        return destinations.add_destination(
            session, workspace_id, kind, f"我的 {kind}", ADDRESSES[kind], sealed
        ).id


def tell(sessions: sessionmaker[Session], workspace_id: int, id: int, count: int = 1, **body: Any) -> None:
    with sessions.begin() as session:
        for number in range(count):
            told = ALERT | {"alert_id": number, "product": f"产品 {number}"} if count > 1 else ALERT
            destinations.queue(session, workspace_id, id, told | body)


def kept(sessions: sessionmaker[Session], id: int) -> list[Message]:
    with sessions() as session:
        return list(session.scalars(select(Message).where(Message.destination_id == id).order_by(Message.id)))


@pytest.mark.parametrize("kind", ["dingtalk", "wecom", "feishu", "webhook"])
def test_a_signed_message_is_taken(
    context: Context, sessions: sessionmaker[Session], workspace_id: int, robots: Robots, send: Any, kind: str
) -> None:
    id = add(context, sessions, workspace_id, kind)
    tell(sessions, workspace_id, id)
    assert send() == 1
    [message] = kept(sessions, id)
    assert (message.error, message.status, message.ended_at is not None) == ("", 200, True)
    [taken] = robots.taken[HOSTS[kind]]
    if kind == "webhook":
        assert taken == {"event": "alerts", "alerts": [ALERT]}
        return
    text = taken.get("text") or taken["content"]
    assert "“物流”差评上升（再次出现）" in text
    assert "18.2%（n=120）" in text
    assert "+3.2 至 +15.0 个百分点" in text
    assert "预计 14 天少卖 35 件" in text
    assert "(https://fengping.example.com/alerts?product=7)" in text
    assert "[5L]" not in text, "a product's name is no link"
    assert send() == 0, "told once"


@pytest.mark.parametrize(
    ("kind", "code"), [("dingtalk", "310000: sign not match"), ("feishu", "19021: sign match fail")]
)
def test_a_wrong_secret_is_refused_inside_a_200_and_tried_again(
    context: Context,
    sessions: sessionmaker[Session],
    workspace_id: int,
    robots: Robots,
    send: Any,
    kind: str,
    code: str,
) -> None:
    id = add(context, sessions, workspace_id, kind, "another")
    tell(sessions, workspace_id, id)
    send()
    [message] = kept(sessions, id)
    assert message.error.startswith(f"refused with {code}")
    assert (message.attempts, message.ended_at, message.status) == (1, None, 200)
    assert robots.taken == {}
    for _ in range(webhooks.MOST_ATTEMPTS):
        with sessions.begin() as session:
            session.execute(update(Message).values(not_before=Message.created_at))
        send()
    assert kept(sessions, id)[0].ended_at is not None, "given up"


@pytest.mark.parametrize("kind", ["dingtalk", "wecom", "feishu"])
def test_what_waits_goes_out_as_digests_within_the_limits_and_loses_nothing(
    context: Context, sessions: sessionmaker[Session], workspace_id: int, robots: Robots, send: Any, kind: str
) -> None:
    id = add(context, sessions, workspace_id, kind)
    tell(sessions, workspace_id, id, 60)
    sent = send()
    # WeCom takes 4,096 bytes: some dozen alerts a message.
    assert (1 <= sent <= 2) if kind != "wecom" else (3 <= sent <= 8)
    texts = [taken.get("text") or taken["content"] for taken in robots.taken[HOSTS[kind]]]
    assert len(texts) == sent
    for number in range(60):
        assert sum(f"**产品 {number}**" in text for text in texts) == 1
    assert {message.error for message in kept(sessions, id)} == {""}


def test_never_more_than_twenty_a_minute(
    context: Context, sessions: sessionmaker[Session], workspace_id: int, robots: Robots, send: Any
) -> None:
    id = add(context, sessions, workspace_id, "wecom")
    tell(sessions, workspace_id, id, 500)
    assert send() == 20
    assert len(robots.taken[HOSTS["wecom"]]) == 20
    assert {message.error for message in kept(sessions, id)} == {""}, "none was refused for its haste"
    assert send() == 0, "the rest waits"
    a_minute_ago = datetime.now(UTC) - timedelta(seconds=61)
    with sessions.begin() as session:
        session.execute(update(Destination).values(sent=[a_minute_ago] * 20))
    robots.at.clear()
    assert send() > 0
    text = "".join(taken["content"] for taken in robots.taken[HOSTS["wecom"]])
    assert all(f"**产品 {number}**" in text for number in range(20))


def test_a_robot_that_says_too_fast_is_asked_again_later(
    context: Context, sessions: sessionmaker[Session], workspace_id: int, robots: Robots, send: Any
) -> None:
    robots.per_minute = 0
    id = add(context, sessions, workspace_id, "wecom")
    tell(sessions, workspace_id, id)
    send()
    [message] = kept(sessions, id)
    assert message.error == "refused with 45009: api freq out of limit"
    assert message.not_before - message.created_at > timedelta(seconds=55)


@pytest.mark.parametrize("status", [302, 404, 500])
def test_other_answers_are_failures(
    context: Context,
    sessions: sessionmaker[Session],
    workspace_id: int,
    robots: Robots,
    send: Any,
    status: int,
) -> None:
    robots.next_status = status
    id = add(context, sessions, workspace_id, "dingtalk")
    tell(sessions, workspace_id, id)
    send()
    assert kept(sessions, id)[0].error == f"answered {status}"
    assert len(robots.asked) == 1, "a redirect is not followed"


def test_a_name_that_leads_inside_is_not_sent_to(
    context: Context, sessions: sessionmaker[Session], workspace_id: int, robots: Robots, standin: Any
) -> None:
    id = add(context, sessions, workspace_id, "dingtalk")
    tell(sessions, workspace_id, id)
    deliver(context, standin[1], lambda _host, _port: ["127.0.0.1"])
    assert "no public address" in kept(sessions, id)[0].error
    assert robots.asked == []


def test_another_secret_key_makes_a_destination_unreadable_and_says_so(
    context: Context, sessions: sessionmaker[Session], workspace_id: int, robots: Robots, standin: Any
) -> None:
    id = add(context, sessions, workspace_id, "dingtalk")
    tell(sessions, workspace_id, id)
    other = replace(context, settings=replace(context.settings, secret_key="another " * 4))
    deliver(other, standin[1], public)
    assert "enter it anew" in kept(sessions, id)[0].error
    assert robots.asked == []


def test_the_database_holds_neither_address_nor_secret(
    context: Context, sessions: sessionmaker[Session], workspace_id: int
) -> None:
    id = add(context, sessions, workspace_id, "dingtalk")
    with sessions() as session:
        row = session.get_one(Destination, id)
        assert row.shown == "oapi.dingtalk.com … oken"
        assert "access_token" not in f"{row.sealed} {row.shown} {row.name}"
        assert SECRET not in row.sealed


def test_mail_goes_out_over_tls_after_a_login(
    mailing: Context, sessions: sessionmaker[Session], workspace_id: int, mailbox: Mailbox, mail: Any
) -> None:
    id = add(mailing, sessions, workspace_id, "email")
    tell(sessions, workspace_id, id, 2)
    assert deliver(mailing, mail=mail) == 1
    assert kept(sessions, id)[0].error == ""
    people, mail = mailbox.read()
    assert people == ["li@example.com", "wang@example.com"]
    assert mail["Subject"] == "风评提醒 · 2 条"
    assert abs(mail["Date"].datetime - datetime.now(UTC)) < timedelta(minutes=5)
    assert mail["Message-ID"].endswith("@example.com>")
    assert "产品 1 · “物流”差评上升" in mail.get_content()
    for mark in ("**", "> ", "]("):
        assert mark not in mail.get_content()
    assert "查看: https://fengping.example.com/alerts?product=7" in mail.get_content()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("smtp://fengping:wrong@localhost:{port}", "SMTPAuthenticationError"),
        ("smtp://localhost:{port}", "SMTPSenderRefused"),
        ("", "SMTP_URL is not set"),
    ],
)
def test_a_mail_server_that_refuses_is_a_failure_without_its_words(
    mailing: Context,
    sessions: sessionmaker[Session],
    workspace_id: int,
    mailbox: Mailbox,
    mail: Any,
    url: str,
    said: str,
) -> None:
    there = replace(mailing.settings, smtp_url=url.format(port=mailbox.port))
    id = add(mailing, sessions, workspace_id, "email")
    tell(sessions, workspace_id, id)
    deliver(replace(mailing, settings=there), mail=mail)
    assert kept(sessions, id)[0].error == said
    assert mailbox.mails == []


def test_an_address_that_no_header_holds_stops_nobody_else(
    context: Context, sessions: sessionmaker[Session], workspace_id: int, robots: Robots, standin: Any
) -> None:
    """Python's mail breaks on it in its own ways; who wrote it once must not silence the others."""
    bad, good = (add(context, sessions, workspace_id, kind) for kind in ("email", "wecom"))
    with sessions.begin() as session:
        sealed = Seal(context.settings.secret_key).close({"address": "(x[.@example.com", "secret": ""})
        session.get_one(Destination, bad).sealed = sealed
    for id in (bad, good):
        tell(sessions, workspace_id, id)

    def mail(settings: Settings, to: list[str], subject: str, text: str, **_more: Any) -> None:
        written(settings.mail_from, to, subject, text)

    assert deliver(context, standin[1], public, mail) == 2
    [message] = kept(sessions, bad)
    assert (message.error, message.attempts, message.ended_at) == ("not an e-mail address", 1, None)
    assert len(robots.taken[HOSTS["wecom"]]) == 1


@pytest.mark.parametrize("kind", ["dingtalk", "wecom", "feishu"])
def test_a_weekly_report_goes_out_beside_an_alert(
    context: Context, sessions: sessionmaker[Session], workspace_id: int, robots: Robots, send: Any, kind: str
) -> None:
    id = add(context, sessions, workspace_id, kind)
    tell(sessions, workspace_id, id)
    with sessions.begin() as session:
        destinations.queue(session, workspace_id, id, {"report": REPORT})
    assert send() == 1
    [taken] = robots.taken[HOSTS[kind]]
    text = taken.get("text") or taken["content"]
    assert text.startswith("**风评 · 提醒 1 条，周报 1 份**")
    assert taken.get("title") in (None, "风评 · 提醒 1 条，周报 1 份")
    assert "“物流”差评上升" in text
    assert "销量 1,230 件，前 7 天 1,100 件（↑ +11.8%）" in text
    assert "(https://fengping.example.com/products/7/exports)" in text
    assert "[5L]" not in text, "a product's name is no link"
    assert {message.error for message in kept(sessions, id)} == {""}


def test_a_webhook_is_told_of_reports_by_an_event_of_their_own(
    context: Context, sessions: sessionmaker[Session], workspace_id: int, robots: Robots, send: Any
) -> None:
    id = add(context, sessions, workspace_id, "webhook")
    tell(sessions, workspace_id, id)
    with sessions.begin() as session:
        for week in ("2026-11-23", "2026-11-30"):
            destinations.queue(session, workspace_id, id, {"report": REPORT | {"week": week}})
    assert send() == 2
    assert robots.taken[HOSTS["webhook"]] == [
        {"event": "alerts", "alerts": [ALERT]},
        {"event": "reports", "reports": [REPORT, REPORT | {"week": "2026-11-30"}]},
    ]
    assert all(message.ended_at for message in kept(sessions, id))
