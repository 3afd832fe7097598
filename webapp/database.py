"""One SQLAlchemy session a request, closed with it."""

from typing import cast

from flask import Flask, current_app, g, has_request_context, request
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.local import LocalProxy

from settings import Settings
from storage import tenancy, withheld
from storage.database import create_engine_from, session_factory
from webapp.enqueue import Sender, attach

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


def init_app(app: Flask, settings: Settings) -> None:
    """Give `app` a session factory (`SESSION_FACTORY` overrides it) and close sessions after use."""
    factory = app.config.get("SESSION_FACTORY")
    if factory is None:
        engine = app.extensions["engine"] = create_engine_from(settings)
        factory = session_factory(engine)
        reading = session_factory(engine.execution_options(isolation_level="AUTOCOMMIT"))
    else:
        reading = factory
    app.extensions["session_factory"], app.extensions["reading_factory"] = factory, reading
    app.teardown_appcontext(_close)


def open_session() -> Session:
    """Open a session of its own, for work that outlives or outpaces the request's; the caller closes it."""
    return _open("session_factory")


def _open(name: str) -> Session:
    factory = cast("sessionmaker[Session]", current_app.extensions[name])
    sender = cast(Sender, current_app.extensions["sender"])
    opened = attach(factory(), sender)
    return _restricted(opened) if "workspace_id" in g else opened


def bind_workspace(workspace_id: int, *, texts: bool = True) -> None:
    """Restrict the session, and those opened after it, to one workspace until the request is over.

    Parameters
    ----------
    texts : bool
        Whether what shoppers wrote is loaded.
    """
    g.workspace_id, g.reads_texts = workspace_id, texts
    _restricted(_session())


def _restricted(opened: Session) -> Session:
    tenancy.bind(opened, g.workspace_id)
    return opened if g.reads_texts else withheld.withhold(opened)


def _session() -> Session:
    if "session" not in g:
        g.session = _open("reading_factory" if _only_reads() else "session_factory")
    return cast(Session, g.session)


def _only_reads() -> bool:
    """Tell whether the request writes nothing: its statements need no transaction, which costs two more.

    A transaction that ends without a commit costs more than that: psycopg then has PostgreSQL forget all
    statements that it had prepared on the connection, and each is planned anew over every month of reviews.
    """
    return has_request_context() and request.method in SAFE_METHODS


def _close(_error: BaseException | None) -> None:
    opened = g.pop("session", None)
    if opened is not None:
        opened.close()


session = cast(Session, LocalProxy(_session))
