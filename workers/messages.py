"""Messages that wait for a destination go out as one, within what its channel takes."""

from __future__ import annotations

import http.client
import logging
import smtplib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from storage import destinations, webhooks
from storage.models import Destination
from storage.sealing import Seal, Unreadable
from workers.channels import Letter, fitting, joined, letter, of_one_event, refusal, unmarked
from workers.context import Context
from workers.mail import NoServer, send_mail
from workers.message_words import entry, headline, longest_headline
from workers.outbound import Resolve, Target, UnsafeTarget, check_target, exchange, resolve
from workers.weekly_messages import attachments

log = logging.getLogger(__name__)

MOST = 50

Post = Callable[[Target, bytes, Mapping[str, str]], tuple[int, bytes]]
Mail = Callable[..., None]


def deliver(
    context: Context, send: Post = exchange, lookup: Resolve = resolve, mail: Mail = send_mail
) -> int:
    """Tell destinations what is due, at most fifty messages; return how many were tried.

    A destination is locked while it is told, and all that waits for it goes into one message, as far as it
    fits. What a worker that is killed had sent may be sent again, never lost.
    """
    for tried in range(MOST):
        with context.sessions.begin() as session:
            found = destinations.take_due(session)
            if found is None:
                return tried
            destination, waiting = found
            count, status, error = _tell(
                context, session, destination, [row.body for row in waiting], send, lookup, mail
            )
            destinations.note_sent(session, destination)
            for row in waiting[:count]:
                webhooks.settle(session, row, status, error)
    return MOST


def _tell(
    context: Context,
    session: Session,
    destination: Destination,
    bodies: list[dict[str, Any]],
    send: Post,
    lookup: Resolve,
    mail: Mail,
) -> tuple[int, int | None, str]:
    """Send as many messages as fit; return how many, the status, and why they were not taken."""
    kind, language, settings = destination.kind, destination.language, context.settings
    if kind == "webhook":
        bodies = bodies[: of_one_event(bodies)]
    entries = [entry(body, language, settings.public_url) for body in bodies]
    count = fitting(kind, longest_headline(bodies, language), entries)
    title = headline(bodies[:count], language)
    text = joined(kind, title, entries[:count])
    try:
        known = Seal(settings.secret_key).open(destination.sealed)
        if kind == "email":
            files = attachments(session, settings, destination.workspace_id, bodies[:count])
            mail(settings, _people(known["address"]), title, unmarked(text), files=files)
            return count, None, ""
        made = letter(kind, known["address"], known["secret"], title, text, datetime.now(UTC), bodies[:count])
        status, error = _post(context, kind, made, send, lookup)
    except (UnsafeTarget, Unreadable, NoServer, OSError, ValueError, http.client.HTTPException) as error_:
        # Of a mail server's words only the kind is kept: they may hold addresses.
        error = type(error_).__name__ if isinstance(error_, smtplib.SMTPException) else str(error_)
        log.warning("destination %s was not told: %s", destination.id, type(error_).__name__)
        return count, None, error or type(error_).__name__
    return count, status, error


def _post(context: Context, kind: str, made: Letter, send: Post, lookup: Resolve) -> tuple[int, str]:
    allowed = (*destinations.HOSTS[kind], *context.settings.webhook_hosts)
    status, answer = send(check_target(made.url, allowed, lookup), made.body, made.headers)
    return status, refusal(kind, status, answer)


def _people(addresses: str) -> list[str]:
    return [person.strip() for person in addresses.split(",") if person.strip()]
