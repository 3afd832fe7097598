"""A second factor: codes of an authenticator app (TOTP, RFC 6238), asked for after the password."""

import logging
import time
from dataclasses import dataclass
from datetime import UTC, datetime

import pyotp
import segno
from flask import current_app
from flask import session as cookie
from markupsafe import Markup
from sqlalchemy.orm import Session

from storage import accounts
from storage.models import User
from storage.sealing import SECOND_FACTORS, Seal, Unreadable

log = logging.getLogger(__name__)

ISSUER = "Fengping"
PERIOD = 30
DRIFT = 1
"""Steps that a clock may be off."""

PATIENCE_SECONDS = 300
_KEY = "second"


@dataclass(frozen=True)
class Pending:
    """Somebody whose password was right, and where they wanted to go."""

    user: User
    remember: bool
    target: str


def new_secret() -> str:
    """Return a random secret of 160 bits, in base 32."""
    return pyotp.random_base32()


def keep_secret(user: User, secret: str) -> None:
    """Ask a user for codes of this secret from now on; it is stored encrypted."""
    user.totp_sealed = _seal().close({"secret": secret})


def secret_of(user: User) -> str:
    """Return the secret of a user; "" where there is none, or it was encrypted with another SECRET_KEY."""
    if not user.totp_sealed:
        return ""
    try:
        return _seal().open(user.totp_sealed)["secret"]
    except Unreadable:
        log.error("the second factor of user %s was encrypted with another SECRET_KEY", user.id)
        return ""


def address_of(secret: str, email: str) -> str:
    """Return the `otpauth://` address that authenticator apps read."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)


def picture_of(address: str) -> Markup:
    """Draw an address as a QR code: SVG for the page itself, so that no other request carries the secret."""
    code = segno.make(address, error="m", micro=False)
    return Markup(code.svg_inline(omitsize=True, light="#fff", svgclass="qr", lineclass=None))  # noqa: S704


def matching_step(secret: str, code: str, now: datetime) -> int | None:
    """Return the time step whose code this is, at most `DRIFT` away from now; None when there is none."""
    code = "".join(code.split())
    if not secret or len(code) != 6 or not (code.isascii() and code.isdigit()):
        return None
    step = int(now.timestamp()) // PERIOD
    totp = pyotp.TOTP(secret)
    near = [at for at in range(max(step - DRIFT, 0), step + DRIFT + 1) if totp.verify(code, _moment(at))]
    return near[0] if near else None


def begin(user: User, *, remember: bool, target: str) -> None:
    """Remember for five minutes that the password was right; nothing is open yet."""
    language = cookie.get("language")
    cookie.clear()
    if language:
        cookie["language"] = language
    until = time.time() + PATIENCE_SECONDS
    cookie[_KEY] = {"user": user.id, "until": until, "remember": remember, "target": target}


def pending(session: Session) -> Pending | None:
    """Return who is to give a code, or None."""
    kept = cookie.get(_KEY)
    if not isinstance(kept, dict) or kept["until"] < time.time():
        return None
    user = accounts.get_user(session, kept["user"])
    if user is None or not user.is_active or not user.totp_sealed:
        return None
    return Pending(user, kept["remember"], kept["target"])


def _seal() -> Seal:
    return Seal(current_app.extensions["settings"].secret_key, SECOND_FACTORS)


def _moment(step: int) -> datetime:
    return datetime.fromtimestamp(step * PERIOD, UTC)
