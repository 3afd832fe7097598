"""Workspaces, users and tokens from the command line."""

import sys
from datetime import UTC, datetime, timedelta

import click
from flask.cli import AppGroup, with_appcontext

from storage import accounts, recovery_codes, sign_ins
from storage.errors import Taken
from storage.models import ROLES, User, Workspace
from webapp.auth.audit import note
from webapp.auth.mailing import mail_link
from webapp.auth.passwords import WeakPassword, generate_password, hash_password
from webapp.auth.tokens import generate_token, generate_word, hash_token
from webapp.database import session
from webapp.workspaces.tokens import scopes

workspace = AppGroup("workspace", help="Workspaces: each sees only its own data.")
user = AppGroup("user", help="People who log in.")
token = AppGroup("token", help="Keys of programs that call the API.")

role_option = click.option("--role", type=click.Choice(ROLES), required=True)
workspace_option = click.option("--workspace", "workspace_name", required=True, metavar="W")


@workspace.command("create")
@click.argument("name")
@with_appcontext
def create_workspace(name: str) -> None:
    """Create a workspace."""
    try:
        made = accounts.create_workspace(session, name)
    except Taken as error:
        raise click.ClickException(str(error)) from error
    note(session, made.id, "workspace.create", made.name)
    session.commit()
    click.echo(f"workspace {made.name} ({made.id})")


@user.command("create")
@click.argument("email")
@role_option
@workspace_option
@click.option("--language", type=click.Choice(("zh", "en")))
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.option(
    "--prompt", is_flag=True, help="Ask for the password. Without either, one is made and printed once."
)
@with_appcontext
def create_user(
    email: str, role: str, workspace_name: str, language: str | None, password_stdin: bool, prompt: bool
) -> None:
    """Create a user, and the workspace if it is missing; a user who exists gets the role."""
    if not accounts.is_address(email):
        raise click.BadParameter(f"{email!r} is not an e-mail address")
    found = accounts.find_user(session, email)
    made, password = (found, None) if found else _new_user(email, language, password_stdin, prompt)
    within = _workspace(workspace_name)
    before = accounts.get_membership(session, within.id, made.id)
    known = {"role": before.role} if before else None
    accounts.set_membership(session, within.id, made.id, role)
    note(session, within.id, "member.set", made.email, before=known, after={"role": role})
    session.commit()
    click.echo(f"{made.email} is {role} of {workspace_name}" + ("; the password stays" if found else ""))
    if password:
        click.echo(f"password: {password}")


@user.command("password-link")
@click.argument("email")
@with_appcontext
def password_link(email: str) -> None:
    """Print a link by which a user chooses a new password, once, within a day; mail it with SMTP_URL."""
    found, word = _known(email), generate_word()
    offered = sign_ins.offer_reset(session, found.id, hash_token(word))
    mailed = mail_link(offered, f"/reset/{word}", found.language or "zh")
    _note_everywhere(found, "password.link")
    session.commit()
    click.echo(f"/reset/{word}")
    if mailed:
        click.echo(f"it is also mailed to {found.email}", err=True)


@user.command("second-factor-off")
@click.argument("email")
@with_appcontext
def second_factor_off(email: str) -> None:
    """Ask a user, who lost their authenticator, for the password alone."""
    found = _known(email)
    found.totp_sealed = None
    recovery_codes.replace_codes(session, found.id, ())
    _note_everywhere(found, "second_factor.off")
    session.commit()
    click.echo(f"{found.email} logs in with the password alone")


@token.command("create")
@workspace_option
@role_option
@click.option("--name", required=True, metavar="N", help="What the token is for.")
@click.option("--days", type=click.IntRange(min=1), help="How long it lives; for ever without.")
@click.option("--scope", "wanted", multiple=True, metavar="PART", help="Only for this part of the API.")
@with_appcontext
def create_token(
    workspace_name: str, role: str, name: str, days: int | None, wanted: tuple[str, ...]
) -> None:
    """Create a token and print it, this once."""
    found = find_workspace(workspace_name)
    unknown = sorted(set(wanted) - set(scopes()))
    if unknown:
        raise click.BadParameter(f"no part of the API: {', '.join(unknown)}; there are {', '.join(scopes())}")
    secret = generate_token()
    accounts.create_token(
        session,
        found.id,
        name=name,
        role=role,
        token_hash=hash_token(secret),
        prefix=secret[:8],
        expires_at=datetime.now(UTC) + timedelta(days=days) if days else None,
        scopes=wanted,
    )
    note(session, found.id, "token.create", name, after={"role": role, "days": days, "scopes": wanted})
    session.commit()
    click.echo(secret)


def find_workspace(name: str | None) -> Workspace:
    """Return the workspace of this name; without a name, the only one there is.

    Raises
    ------
    click.ClickException
        When there is none, or when it must be named; the message lists what there is.
    """
    if name is not None:
        found = accounts.find_workspace(session, name)
        if found is not None:
            return found
    there = accounts.list_workspaces(session)
    if name is None and len(there) == 1:
        return there[0]
    listed = ", ".join(one.name for one in there) or "none yet: flask --app webapp workspace create NAME"
    wrong = f"there is no workspace {name!r}" if name is not None else "say which --workspace"
    raise click.ClickException(f"{wrong}; there are: {listed}")


def _known(email: str) -> User:
    found = accounts.find_user(session, email)
    if found is None:
        raise click.ClickException(f"there is no user {email!r}")
    return found


def _note_everywhere(found: User, action: str) -> None:
    for one in accounts.memberships_of(session, found.id):
        note(session, one.workspace_id, action, found.email)


def _workspace(name: str) -> Workspace:
    return accounts.find_workspace(session, name) or accounts.create_workspace(session, name)


def _new_user(email: str, language: str | None, from_stdin: bool, prompt: bool) -> tuple[User, str | None]:
    """Return the user and, where it was made up here, the password."""
    if from_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    elif prompt:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    else:
        password = generate_password()
    try:
        made = accounts.create_user(session, email, hash_password(password), language=language)
    except WeakPassword as error:
        raise click.ClickException(str(error)) from error
    return made, None if from_stdin or prompt else password
