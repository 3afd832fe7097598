import re
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage import accounts
from storage.models import ApiToken, AuditEntry, User, Workspace
from storage.recovery_codes import count_codes
from webapp.auth.passwords import verify_password
from webapp.auth.recovery import make_codes
from webapp.auth.second import keep_secret

CREATE = ("user", "create", "li@example.com", "--role", "viewer", "--workspace", "shop")


def test_a_lost_second_factor_goes_with_its_codes(app: Flask, session: Session, user: User) -> None:
    with app.app_context():
        keep_secret(user, "GEZDGNBVGY3TQOJQ")
    make_codes(session, user)
    session.commit()
    assert "password alone" in run(app, "user", "second-factor-off", user.email).output
    session.expire_all()
    assert (user.totp_sealed, count_codes(session, user.id)) == (None, 0)
    acts = session.scalars(select(AuditEntry.action)).all()
    assert acts == ["second_factor.off"]


def run(app: Flask, *args: str, stdin: str | None = None) -> Result:
    return app.test_cli_runner().invoke(args=args, input=stdin)


class TestWorkspace:
    def test_it_is_made_once(self, app: Flask, session: Session) -> None:
        assert run(app, "workspace", "create", "旗舰店").exit_code == 0
        assert accounts.find_workspace(session, "旗舰店") is not None
        again = run(app, "workspace", "create", "旗舰店")
        assert again.exit_code == 1
        assert "旗舰店" in again.output


class TestUser:
    def test_a_password_is_made_up_and_printed_once(self, app: Flask, session: Session) -> None:
        result = run(app, "user", "create", "Li@Example.com", "--role", "owner", "--workspace", "shop")
        assert result.exit_code == 0, result.output
        found = re.search(r"^password: (\S+)$", result.output, re.MULTILINE)
        made = accounts.find_user(session, "li@example.com")
        assert found
        assert made is not None
        assert verify_password(made.password_hash, found.group(1))
        assert [(m.workspace.name, m.role) for m in accounts.memberships_of(session, made.id)] == [
            ("shop", "owner")
        ]

    def test_a_password_from_standard_input_is_not_printed(self, app: Flask, session: Session) -> None:
        result = run(app, *CREATE, "--password-stdin", stdin="correct horse battery\n")
        assert result.exit_code == 0
        assert "correct horse" not in result.output
        made = accounts.find_user(session, "li@example.com")
        assert made is not None
        assert verify_password(made.password_hash, "correct horse battery")

    def test_a_password_can_be_asked_for(self, app: Flask, session: Session) -> None:
        result = run(app, *CREATE, "--prompt", stdin="correct horse battery\ncorrect horse battery\n")
        assert result.exit_code == 0
        made = accounts.find_user(session, "li@example.com")
        assert made is not None
        assert verify_password(made.password_hash, "correct horse battery")

    def test_too_short_a_password_makes_nobody(self, app: Flask, session: Session) -> None:
        result = run(app, *CREATE, "--password-stdin", stdin="short\n")
        assert result.exit_code == 1
        assert accounts.find_user(session, "li@example.com") is None

    def test_a_known_user_gets_the_role_and_keeps_the_password(
        self, app: Flask, session: Session, user: User, workspace: Workspace
    ) -> None:
        before = user.password_hash
        result = run(app, "user", "create", user.email, "--role", "owner", "--workspace", workspace.name)
        assert result.exit_code == 0
        assert "the password stays" in result.output
        session.expire_all()
        membership = accounts.get_membership(session, workspace.id, user.id)
        assert membership is not None
        assert (membership.role, user.password_hash) == ("owner", before)
        assert session.scalar(select(func.count()).select_from(Workspace)) == 1

    @pytest.mark.parametrize(
        "args",
        [
            ("li", "--role", "owner", "--workspace", "shop"),
            ("li@example.com", "--role", "king", "--workspace", "shop"),
            ("li@example.com", "--role", "owner"),
        ],
    )
    def test_a_wrong_call_is_a_usage_error(self, app: Flask, session: Session, args: tuple[str, ...]) -> None:
        assert run(app, "user", "create", *args).exit_code == 2
        assert session.scalars(select(User)).all() == []


class TestToken:
    def test_it_is_printed_and_opens_the_api(
        self, app: Flask, client: FlaskClient, workspace: Workspace, session: Session
    ) -> None:
        args = ("token", "create", "--workspace", workspace.name, "--role", "viewer", "--name", "nightly")
        result = run(app, *args)
        assert result.exit_code == 0, result.output
        secret = result.output.strip()
        headers = {"Authorization": f"Bearer {secret}"}
        assert client.get("/api/v1/jobs", headers=headers).status_code == 200
        made = session.scalars(select(ApiToken)).one()
        assert (made.name, made.role, made.expires_at) == ("nightly", "viewer", None)
        assert secret not in made.token_hash
        assert secret.startswith(made.prefix)

    def test_it_can_end(self, app: Flask, workspace: Workspace, session: Session) -> None:
        args = ("--workspace", workspace.name, "--role", "viewer", "--name", "n", "--days", "7")
        assert run(app, "token", "create", *args).exit_code == 0
        left = session.scalars(select(ApiToken.expires_at)).one() - datetime.now(UTC)
        assert timedelta(days=6) < left <= timedelta(days=7)

    def test_an_unknown_workspace_names_those_there_are(self, app: Flask, workspace: Workspace) -> None:
        result = run(app, "token", "create", "--workspace", "typo", "--role", "viewer", "--name", "n")
        assert result.exit_code == 1
        assert workspace.name in result.output
