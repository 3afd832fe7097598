"""Links that open once, mailed to a stand-in of a mail server."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session, sessionmaker

from storage import accounts, link_mails, sign_ins
from storage.models import Invitation, PasswordReset, User
from tests.workers.standins import Mailbox
from workers.app import create_app
from workers.context import Context
from workers.link_mails import deliver

WORD = "a-word-of-256-bits"
ADDRESS = f"https://fp.example.com/join/{WORD}"


@pytest.fixture(autouse=True)
def emptied(sessions: sessionmaker[Session]) -> Iterator[None]:
    """Leave no link to other tests: the round looks at those of all workspaces."""
    yield
    with sessions.begin() as session:
        session.execute(delete(Invitation))
        session.execute(delete(User).where(User.email == "wang@example.com"))


@pytest.fixture
def send(mailing: Context, mail: Any) -> Any:
    return partial(deliver, mailing, mail)


def invite(context: Context, workspace_id: int, language: str = "zh", email: str = "li@example.com") -> None:
    with context.sessions.begin() as session:
        made = sign_ins.invite(session, workspace_id, email, "analyst", f"hash {email}")
        made.expires_at = datetime(2100, 1, 2, 3, 4, tzinfo=UTC)
        link_mails.put(made, context.settings.secret_key, ADDRESS, language)


def only(context: Context, kind: Any = Invitation) -> Any:
    with context.sessions() as session:
        return session.scalars(select(kind)).one()


@pytest.mark.parametrize(
    ("language", "subject", "said"),
    [
        ("zh", "风评：邀请您加入 ", "角色：分析员"),
        ("en", "Fengping: you are invited to ", " as analyst."),
    ],
)
def test_an_invitation_is_mailed_once(
    context: Context, workspace_id: int, mailbox: Mailbox, send: Any, language: str, subject: str, said: str
) -> None:
    invite(context, workspace_id, language)
    assert (send(), send()) == (1, 0)
    people, mail = mailbox.read()
    assert people == ["li@example.com"]
    assert mail["Subject"].startswith(subject)
    assert said in mail.get_content()
    assert ADDRESS in mail.get_content().splitlines()
    assert "2100-01-02 11:04" in mail.get_content(), "by the shop's clock"
    row = only(context)
    assert (row.letter, row.mail_error, row.mailed_at is not None) == ("", "", True)


def test_a_password_link_is_mailed_to_its_user(context: Context, mailbox: Mailbox, send: Any) -> None:
    with context.sessions.begin() as session:
        person = accounts.create_user(session, "wang@example.com", "hash")
        offered = sign_ins.offer_reset(session, person.id, "hash")
        link_mails.put(offered, context.settings.secret_key, ADDRESS, "en")
    assert send() == 1
    people, mail = mailbox.read()
    assert (people, mail["Subject"]) == (["wang@example.com"], "Fengping: choose a new password")
    assert "for wang@example.com" in mail.get_content()
    assert only(context, PasswordReset).letter == ""


@pytest.mark.parametrize("fault", ["away", "wrong password", "another key"])
def test_a_failure_is_noted_by_its_kind_and_tried_again(
    context: Context,
    workspace_id: int,
    mailbox: Mailbox,
    mailing: Context,
    mail: Any,
    send: Any,
    caplog: pytest.LogCaptureFixture,
    fault: str,
) -> None:
    invite(context, workspace_id)
    invite(context, workspace_id, email="zhao@example.com")
    changed = {
        "away": {"smtp_url": "smtp://localhost:1"},
        "wrong password": {"smtp_url": f"smtp://fengping:wrong@localhost:{mailbox.port}"},
        "another key": {"secret_key": "another " * 4},
    }[fault]
    broken = replace(mailing, settings=replace(mailing.settings, **changed))
    with caplog.at_level(logging.DEBUG):
        assert deliver(broken, mail) == 1, "the rest waits for the next round"
    assert mailbox.mails == []
    assert WORD not in caplog.text
    with context.sessions() as session:
        first, second = session.scalars(select(Invitation).order_by(Invitation.id))
    kinds = {
        "away": "ConnectionRefusedError",
        "wrong password": "SMTPAuthenticationError",
        "another key": "Unreadable",
    }
    assert (first.mail_error, first.mail_attempts, first.letter != "") == (kinds[fault], 1, True)
    assert (second.mail_error, second.mail_attempts) == ("", 0)
    with context.sessions.begin() as session:
        session.execute(text("UPDATE invitations SET mail_after = now()"))
    assert send() == 2
    assert len(mailbox.mails) == 2


def test_a_link_can_be_withdrawn_while_a_slow_server_is_told(context: Context, workspace_id: int) -> None:
    invite(context, workspace_id)

    def slow(*_given: Any) -> None:
        with context.sessions.begin() as session:
            session.execute(text("SET LOCAL lock_timeout = '1s'"))
            sign_ins.withdraw_invitation(session, workspace_id, only(context).id)

    assert deliver(context, slow) == 1
    with context.sessions() as session:
        assert session.scalars(select(Invitation)).all() == []


def test_a_worker_that_dies_while_it_mails_loses_no_link(
    context: Context, workspace_id: int, mailbox: Mailbox, send: Any
) -> None:
    invite(context, workspace_id)

    def die(*_given: Any) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        deliver(context, die)
    assert send() == 0, "not before its time"
    with context.sessions.begin() as session:
        session.execute(text("UPDATE invitations SET mail_after = now()"))
    assert send() == 1
    assert len(mailbox.mails) == 1


def test_the_round_of_messages_mails_links_too(context: Context, workspace_id: int) -> None:
    invite(context, workspace_id)
    app = create_app(context.settings)
    app.composition = SimpleNamespace(context=lambda: context)
    app.tasks["workers.tasks.deliver"]()
    assert only(context).mail_error == "NoServer"
