"""Messages that wait are delivered, one at a time, each in a transaction of its own."""

from __future__ import annotations

import http.client
import json
import logging
from collections.abc import Callable

from storage import webhooks
from storage.models import Delivery
from workers.context import Context
from workers.outbound import Resolve, Target, UnsafeTarget, check_target, post, resolve

log = logging.getLogger(__name__)

MOST = 50

Post = Callable[[Target, bytes, str], int]


def deliver(context: Context, send: Post = post, lookup: Resolve = resolve) -> int:
    """Deliver what is due, at most fifty messages; return how many were tried.

    A message is locked while it is sent: of two workers only one sends it.
    """
    for tried in range(MOST):
        with context.sessions.begin() as session:
            delivery = webhooks.due(session)
            if delivery is None:
                return tried
            status, error = _try(context, delivery, send, lookup)
            webhooks.settle(session, delivery, status, error)
    return MOST


def _try(context: Context, delivery: Delivery, send: Post, lookup: Resolve) -> tuple[int | None, str]:
    """Send one message; return the status, and why it was not taken."""
    try:
        target = check_target(delivery.webhook.url, context.settings.webhook_hosts, lookup)
        status = send(target, json.dumps(delivery.body, ensure_ascii=False).encode(), delivery.webhook.secret)
    except (UnsafeTarget, OSError, http.client.HTTPException) as error:
        log.warning("webhook not delivered: %s", error)
        return None, str(error) or type(error).__name__
    return status, "" if 200 <= status < 300 else f"answered {status}"
