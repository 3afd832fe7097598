"""Who asks, for which workspace, and what they may do."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Literal, ParamSpec, TypeVar, cast

from flask import current_app, g, request, url_for
from flask_babel import gettext
from flask_login import current_user
from flask_wtf.csrf import validate_csrf
from werkzeug.local import LocalProxy
from wtforms import ValidationError

from storage import accounts
from storage.models import Workspace
from webapp import limits
from webapp.auth.tokens import hash_token, read_header
from webapp.database import SAFE_METHODS, bind_workspace, open_session, session
from webapp.problems import Problem

Role = Literal["viewer", "analyst", "owner"]
RANK = {"viewer": 0, "analyst": 1, "owner": 2}

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Principal:
    """A person with a cookie, or a program with a token, in one workspace."""

    workspace: Workspace
    role: str
    user_id: int | None = None
    token_id: int | None = None
    token_name: str = ""
    scopes: tuple[str, ...] = ()

    @property
    def reads_texts(self) -> bool:
        """Whether they may read what shoppers wrote, rather than counts of it."""
        return self.role != "viewer" or self.workspace.viewers_read_texts


def principal() -> Principal | None:
    """Return who asks, or None for a stranger."""
    if "principal" not in g:
        _is(_by_cookie())
    return cast("Principal | None", g.principal)


def _is(who: Principal | None) -> None:
    """Remember who asks; from here on the request sees the rows of their workspace alone."""
    g.principal = who
    if who is not None:
        bind_workspace(who.workspace.id, texts=who.reads_texts)


def authenticate_program() -> None:
    """Find out who calls the API: a bearer token, or the cookie of a page of ours.

    Raises
    ------
    Problem
        401 for a stranger and for a token that is unknown, expired or revoked;
        400 for a write by cookie without a valid `X-CSRFToken`.
    """
    if "Authorization" in request.headers:
        _is(_by_token())
    elif principal() is not None and request.method not in SAFE_METHODS:
        _check_csrf_header()
    if principal() is None:
        raise Problem(401, gettext("Log in, or send a valid token as “Authorization: Bearer …”."))
    limits.check(_caller())


def _caller() -> str:
    who = cast(Principal, principal())
    return f"token {who.token_id}" if who.token_id is not None else f"user {who.user_id}"


def role_required(role: Role) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let a view be called only by those who have at least `role` in their workspace."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> Any:
            who = principal()
            if who is None:
                return _refuse_stranger()
            if RANK[who.role] < RANK[role]:
                # The names that `webapp.pages.names.role` marks for translation.
                wanted, yours = gettext(role.capitalize()), gettext(who.role.capitalize())
                said = gettext("This needs the role %(role)s; yours is %(yours)s.", role=wanted, yours=yours)
                raise Problem(403, said)
            return view(*args, **kwargs)

        return guarded

    return decorate


login_required_page = role_required("viewer")


def _workspace() -> Workspace:
    who = principal()
    if who is None:
        raise Problem(401, gettext("Log in, or send a valid token as “Authorization: Bearer …”."))
    return who.workspace


current_workspace = cast(Workspace, LocalProxy(_workspace))


def _refuse_stranger() -> Any:
    if current_user.is_authenticated:
        raise Problem(403, gettext("You are not a member of any workspace."))
    if "HX-Request" in request.headers:  # a part of a page asks: the whole page must go to the login
        return gettext("Log in again."), 401, {"HX-Redirect": url_for("auth.login")}
    return current_app.login_manager.unauthorized()  # type: ignore[attr-defined]


def _by_cookie() -> Principal | None:
    if not current_user.is_authenticated or current_user.workspace is None:
        return None
    return Principal(current_user.workspace, current_user.role, user_id=current_user.id)


def _by_token() -> Principal | None:
    token = read_header(request.headers["Authorization"])
    found = accounts.find_token(session, hash_token(token)) if token else None
    if found is None:
        return None
    if not accounts.was_just_used(found):
        session.commit()
        with open_session() as own:
            accounts.note_use(own, found.id)
            own.commit()
    return Principal(
        found.workspace,
        found.role,
        user_id=found.created_by,
        token_id=found.id,
        token_name=found.name,
        scopes=tuple(found.scopes),
    )


def _check_csrf_header() -> None:
    if not current_app.config["WTF_CSRF_ENABLED"]:
        return
    try:
        validate_csrf(request.headers.get("X-CSRFToken"))
    except ValidationError as error:
        raise Problem(
            400, gettext("A write with a cookie needs the page's token in the header X-CSRFToken.")
        ) from error
