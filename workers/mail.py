"""Mail through the server that the settings name, over TLS only."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid, parseaddr
from urllib.parse import unquote, urlsplit

from settings import Settings
from storage.accounts import is_address

SECONDS = 15


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a mail."""

    name: str
    media_type: str
    content: bytes


class NoServer(Exception):
    """The settings name no server to send mail by."""


def send_mail(
    settings: Settings,
    to: Sequence[str],
    subject: str,
    text: str,
    context: ssl.SSLContext | None = None,
    files: Sequence[Attachment] = (),
) -> None:
    """Send a plain text, and files with it.

    Parameters
    ----------
    to
        Addresses; each sees the others.
    context
        Whom to trust; by default the machine's authorities.

    Raises
    ------
    NoServer
        `SMTP_URL` is not set.
    smtplib.SMTPException, OSError
        The server did not take it, or speaks no TLS.
    ValueError
        As for `written`.
    """
    if not settings.smtp_url:
        raise NoServer("SMTP_URL is not set")
    server = urlsplit(settings.smtp_url)
    trust = context or ssl.create_default_context()
    with _connected(server.scheme, server.hostname or "", server.port, trust) as connection:
        if server.username:
            connection.login(unquote(server.username), unquote(server.password or ""))
        connection.send_message(written(settings.mail_from, to, subject, text, files))


def written(
    sender: str, to: Sequence[str], subject: str, text: str, files: Sequence[Attachment] = ()
) -> EmailMessage:
    """Return the message.

    Raises
    ------
    ValueError
        An address is none, or the subject has a line break.
    """
    if not all(map(is_address, to)):
        raise ValueError("not an e-mail address")  # the standard library breaks on some in many ways
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, ", ".join(to), subject
    domain = parseaddr(sender)[1].rpartition("@")[2] or "localhost"
    message["Date"], message["Message-ID"] = format_datetime(datetime.now(UTC)), make_msgid(domain=domain)
    message.set_content(text)
    for file in files:
        main, _, sub = file.media_type.partition("/")
        message.add_attachment(file.content, maintype=main, subtype=sub, filename=file.name)
    return message


def _connected(scheme: str, host: str, port: int | None, trust: ssl.SSLContext) -> smtplib.SMTP:
    if scheme == "smtps":
        return smtplib.SMTP_SSL(host, port or 465, timeout=SECONDS, context=trust)
    connection = smtplib.SMTP(host, port or 587, timeout=SECONDS)
    try:
        # A server that offers no STARTTLS is refused: no password goes in the clear.
        connection.starttls(context=trust)
    except (smtplib.SMTPException, OSError):
        connection.close()
        raise
    return connection
