"""Sessions of browsers, invitations and password links: random words of which only the hash is kept."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from storage.errors import NotFound
from storage.models import Invitation, PasswordReset, SignIn, User

LONGEST_AGENT = 200
INVITED_DAYS = 7
RESET_HOURS = 24


def open_sign_in(
    session: Session, user_id: int, token_hash: str, seal: str, *, address: str = "", agent: str = ""
) -> SignIn:
    """Note a session that was opened."""
    row = SignIn(
        user_id=user_id, token_hash=token_hash, seal=seal, address=address, agent=agent[:LONGEST_AGENT]
    )
    session.add(row)
    session.flush()
    return row


def find_sign_in(session: Session, user_id: int, token_hash: str) -> tuple[User, SignIn] | None:
    """Return the user of a live session and the session, or None."""
    query = select(User, SignIn).join(SignIn, SignIn.user_id == User.id)
    found = session.execute(query.where(User.id == user_id, SignIn.token_hash == token_hash)).one_or_none()
    return (found[0], found[1]) if found else None


def list_sign_ins(session: Session, user_id: int) -> list[SignIn]:
    """Return a user's live sessions, newest first."""
    query = select(SignIn).where(SignIn.user_id == user_id)
    return list(session.scalars(query.order_by(SignIn.id.desc())))


def close_sign_in(session: Session, token_hash: str) -> None:
    """End one session."""
    session.execute(delete(SignIn).where(SignIn.token_hash == token_hash))


def close_all(session: Session, user_id: int) -> int:
    """End every session of a user; return how many there were."""
    gone = session.execute(delete(SignIn).where(SignIn.user_id == user_id).returning(SignIn.id))
    return len(gone.all())


def forget_old(session: Session, days: int) -> int:
    """Delete sessions older than their cookie may be, and links that are used up or expired."""
    old = func.now() - timedelta(days=days)
    gone = session.execute(delete(SignIn).where(SignIn.created_at < old).returning(SignIn.id)).all()
    for links in (Invitation, PasswordReset):
        session.execute(delete(links).where(links.expires_at < old))
    return len(gone)


def use_step(session: Session, user: User, step: int) -> bool:
    """Take a time step of a user's second factor; False where it, or a later one, was taken before."""
    taken = session.execute(
        update(User)
        .where(User.id == user.id, func.coalesce(User.totp_step, 0) < step)
        .values(totp_step=step)
        .returning(User.id)
    )
    return taken.scalar() is not None


def invite(
    session: Session,
    workspace_id: int,
    email: str,
    role: str,
    token_hash: str,
    created_by: int | None = None,
) -> Invitation:
    """Keep an invitation for a week; an open one for the same address is replaced."""
    email = email.strip().lower()
    session.execute(
        delete(Invitation).where(
            Invitation.workspace_id == workspace_id, Invitation.email == email, Invitation.used_at.is_(None)
        )
    )
    row = Invitation(
        workspace_id=workspace_id,
        email=email,
        role=role,
        token_hash=token_hash,
        created_by=created_by,
        expires_at=func.now() + timedelta(days=INVITED_DAYS),
    )
    session.add(row)
    session.flush()
    return row


def open_invitations(session: Session, workspace_id: int) -> list[Invitation]:
    """Return the invitations of a workspace that may still be used, newest first."""
    query = select(Invitation).where(
        Invitation.workspace_id == workspace_id,
        Invitation.used_at.is_(None),
        Invitation.expires_at > func.now(),
    )
    return list(session.scalars(query.order_by(Invitation.id.desc())))


def withdraw_invitation(session: Session, workspace_id: int, invitation_id: int) -> Invitation:
    """Take an invitation back, or raise `NotFound`."""
    row = session.get(Invitation, invitation_id)
    if row is None or row.workspace_id != workspace_id:
        raise NotFound("invitation", invitation_id)
    session.delete(row)
    session.flush()
    return row


def find_invitation(session: Session, token_hash: str, *, lock: bool = False) -> Invitation | None:
    """Return the invitation that this word opens, if it is neither used nor expired."""
    query = select(Invitation).where(
        Invitation.token_hash == token_hash,
        Invitation.used_at.is_(None),
        Invitation.expires_at > func.now(),
    )
    return session.scalar(query.with_for_update(of=Invitation) if lock else query)


def offer_reset(session: Session, user_id: int, token_hash: str) -> PasswordReset:
    """Keep a password link for a day, instead of earlier ones of the user."""
    session.execute(delete(PasswordReset).where(PasswordReset.user_id == user_id))
    row = PasswordReset(
        user_id=user_id, token_hash=token_hash, expires_at=func.now() + timedelta(hours=RESET_HOURS)
    )
    session.add(row)
    session.flush()
    return row


def find_reset(session: Session, token_hash: str, *, lock: bool = False) -> PasswordReset | None:
    """Return the password link that this word opens, if it is neither used nor expired."""
    query = select(PasswordReset).where(
        PasswordReset.token_hash == token_hash,
        PasswordReset.used_at.is_(None),
        PasswordReset.expires_at > func.now(),
    )
    return session.scalar(query.with_for_update(of=PasswordReset) if lock else query)


def use_up(session: Session, link: Invitation | PasswordReset) -> None:
    """Mark a link as used, so that it opens nothing again and is not mailed."""
    link.letter = ""
    link.used_at = session.scalar(select(func.now()))
    session.flush()
