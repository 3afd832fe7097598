"""Links that open once wait, sealed, on their own row until they were mailed."""

from __future__ import annotations

from datetime import timedelta
from typing import TypeVar

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from storage.models import Invitation, PasswordReset
from storage.sealing import Seal

MOST_ATTEMPTS = 8
FIRST_DELAY_SECONDS = 30
PURPOSE = b"fengping letters 1"

Link = Invitation | PasswordReset
Kind = TypeVar("Kind", Invitation, PasswordReset)


def put(link: Link, secret_key: str, address: str, language: str) -> None:
    """Have a link mailed by the workers; its word is kept encrypted, and forgotten once it went.

    Parameters
    ----------
    address
        The whole link, as it is opened.
    language
        zh or en: what the mail is written in.
    """
    link.letter = Seal(secret_key, PURPOSE).close({"link": address, "language": language})


def take_due(session: Session) -> Link | None:
    """Claim a link that is to be mailed now; None without one.

    A try is counted and the next put off before it is made: commit, then mail, so that no row is locked
    while a server is slow. Whoever dies in between mailed it perhaps; it is mailed again.
    """
    return _claim(session, Invitation) or _claim(session, PasswordReset)


def settle(session: Session, link: Link, error: str = "") -> None:
    """Note how a try went; taken, or given up after eight, the sealed link is forgotten.

    A link that was withdrawn or used meanwhile is left as it is.
    """
    kind = type(link)
    values: dict[str, object] = {"mail_error": error}
    if not error:
        values["mailed_at"] = func.clock_timestamp()
    if not error or link.mail_attempts >= MOST_ATTEMPTS:
        values["letter"] = ""
    session.execute(update(kind).where(kind.id == link.id).values(**values))


def _claim(session: Session, kind: type[Kind]) -> Kind | None:
    query = select(kind).where(
        kind.letter != "",
        kind.mail_after <= func.clock_timestamp(),
        kind.used_at.is_(None),
        kind.expires_at > func.now(),
    )
    link = session.scalar(query.order_by(kind.id).limit(1).with_for_update(of=kind, skip_locked=True))
    if link is not None:
        link.mail_attempts += 1
        wait = timedelta(seconds=FIRST_DELAY_SECONDS * 2**link.mail_attempts)
        link.mail_after = session.scalars(select(func.clock_timestamp() + wait)).one()
        session.flush()
    return link
