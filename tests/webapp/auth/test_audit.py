import getpass

import pytest
from flask import Flask, g
from sqlalchemy.orm import Session

from storage.audit import Actor
from storage.models import User, Workspace
from webapp.auth import audit
from webapp.auth.access import Principal


def actor(app: Flask, session: Session, who: Principal | None) -> Actor:
    """Return who is written down for a request of somebody."""
    with app.test_request_context("/", environ_base={"REMOTE_ADDR": "10.0.0.7"}):
        g.principal = who
        return audit.current_actor(session)


def test_a_person_is_named_by_their_address_and_a_program_by_its_token(
    app: Flask, session: Session, workspace: Workspace, user: User
) -> None:
    person = Principal(workspace, "owner", user_id=user.id)
    assert actor(app, session, person) == Actor(user.email, user.id, None, "10.0.0.7")
    program = Principal(workspace, "viewer", user_id=user.id, token_id=5, token_name="bi")
    assert actor(app, session, program) == Actor("token bi", user.id, 5, "10.0.0.7")


def test_who_is_not_known_is_not_made_up(app: Flask, session: Session, workspace: Workspace) -> None:
    assert actor(app, session, None) == Actor("stranger", address="10.0.0.7")
    assert actor(app, session, Principal(workspace, "owner", user_id=-1)).name == "unknown"


def test_at_the_command_line_it_is_the_user_of_the_machine_if_they_have_a_name(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(getpass, "getuser", lambda: "wang")
    assert audit.current_actor(session) == Actor("command line (wang)")

    def nameless() -> str:
        raise KeyError("uid 1000")

    monkeypatch.setattr(getpass, "getuser", nameless)
    assert audit.current_actor(session) == Actor("command line (unknown)")


def test_a_named_actor_wins_and_the_target_becomes_text(session: Session, workspace: Workspace) -> None:
    entry = audit.note(session, workspace.id, "job.start", 7, after={"n": 1}, actor=Actor("timer"))
    assert (entry.actor, entry.target, entry.before, entry.after) == ("timer", "7", None, {"n": 1})
