from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from storage import accounts, link_mails, sign_ins
from storage.link_mails import PURPOSE
from storage.models import Invitation, PasswordReset
from storage.sealing import Seal, Unreadable

KEY = "key " * 8
ADDRESS = "https://fp.example.com/join/secret-word"


@pytest.fixture
def invitation(session: Session, workspace_id: int) -> Invitation:
    made = sign_ins.invite(session, workspace_id, "li@example.com", "viewer", "hash")
    link_mails.put(made, KEY, ADDRESS, "zh")
    session.flush()
    return made


def again(session: Session) -> None:
    """Let the time of the next try come."""
    for kind in (Invitation, PasswordReset):
        session.execute(update(kind).values(mail_after=datetime.now(UTC) - timedelta(seconds=1)))


def test_a_word_waits_sealed_and_for_this_purpose_alone(invitation: Invitation) -> None:
    assert "secret-word" not in invitation.letter
    assert Seal(KEY, PURPOSE).open(invitation.letter) == {"link": ADDRESS, "language": "zh"}
    with pytest.raises(Unreadable):
        Seal(KEY).open(invitation.letter)


def test_a_link_is_taken_once_and_forgotten_when_it_went(session: Session, invitation: Invitation) -> None:
    assert link_mails.take_due(session) is invitation
    assert link_mails.take_due(session) is None, "the next try comes later"
    link_mails.settle(session, invitation)
    session.refresh(invitation)
    assert (invitation.letter, invitation.mail_error, invitation.mailed_at is not None) == ("", "", True)
    again(session)
    assert link_mails.take_due(session) is None


def test_a_password_link_is_taken_too(session: Session) -> None:
    person = accounts.create_user(session, "wang@example.com", "hash")
    offered = sign_ins.offer_reset(session, person.id, "hash")
    link_mails.put(offered, KEY, ADDRESS, "en")
    session.flush()
    assert link_mails.take_due(session) is offered


def test_after_eight_tries_it_is_given_up_and_forgotten(session: Session, invitation: Invitation) -> None:
    for tried in range(link_mails.MOST_ATTEMPTS):
        again(session)
        session.refresh(invitation)
        assert invitation.letter, tried
        assert link_mails.take_due(session) is invitation
        link_mails.settle(session, invitation, "TimeoutError")
    again(session)
    assert link_mails.take_due(session) is None
    session.refresh(invitation)
    assert (invitation.letter, invitation.mail_error, invitation.mailed_at) == ("", "TimeoutError", None)


@pytest.mark.parametrize("what", ["used", "expired", "withdrawn", "never put"])
def test_what_opens_nothing_is_not_mailed(
    session: Session, workspace_id: int, invitation: Invitation, what: str
) -> None:
    if what == "used":
        sign_ins.use_up(session, invitation)
        assert invitation.letter == ""
    elif what == "expired":
        invitation.expires_at = datetime.now(UTC) - timedelta(seconds=1)
    elif what == "withdrawn":
        sign_ins.withdraw_invitation(session, workspace_id, invitation.id)
    else:
        invitation.letter = ""
    session.flush()
    assert link_mails.take_due(session) is None
