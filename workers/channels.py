"""How each channel wants a message: its address, body and signature, and how it says no.

References
----------
DingTalk, custom robots (signature in the address, errcode 310000, 20 messages a minute); WeCom, group robots
(markdown up to 4,096 bytes, errcode 45009); Feishu, custom bots (signature in the body, code 19021, 20 KB).
All three refuse with a status of 200.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import Any
from urllib.parse import quote_plus, urlsplit

from workers.outbound import SIGNATURE, signature

MOST_BYTES = {"wecom": 4096, "dingtalk": 16_000, "feishu": 16_000, "email": 60_000, "webhook": 60_000}
GAP = "\n\n"


@dataclass(frozen=True)
class Letter:
    """What is posted where."""

    url: str
    body: bytes
    headers: Mapping[str, str]


def letter(
    kind: str,
    address: str,
    secret: str,
    headline: str,
    text: str,
    at: datetime,
    bodies: Sequence[Mapping[str, Any]] = (),
) -> Letter:
    """Write a message as a channel wants it.

    Parameters
    ----------
    secret
        Signs; empty where the robot asks for no signature.
    at
        The moment that is signed; DingTalk and Feishu refuse one that is an hour old.
    bodies
        The alerts or the weekly reports as data, for a webhook.
    """
    if kind == "wecom":
        return _json(address, {"msgtype": "markdown", "markdown": {"content": text}})
    if kind == "dingtalk":
        content = {"msgtype": "markdown", "markdown": {"title": headline, "text": text}}
        return _json(dingtalk_address(address, secret, at), content)
    if kind == "feishu":
        return _json(address, feishu_body(headline, text, secret, at))
    made = _json(address, event(bodies))
    return Letter(made.url, made.body, {**made.headers, SIGNATURE: signature(made.body, secret)})


def event(bodies: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what a webhook is told: alerts, or weekly reports."""
    if bodies and "report" in bodies[0]:
        return {"event": "reports", "reports": [body["report"] for body in bodies]}
    return {"event": "alerts", "alerts": list(bodies)}


def of_one_event(bodies: Sequence[Mapping[str, Any]]) -> int:
    """Return how many of the first bodies a webhook can be told by one event."""
    alike = takewhile(lambda body: ("report" in body) == ("report" in bodies[0]), bodies)
    return sum(1 for _ in alike)


def dingtalk_address(address: str, secret: str, at: datetime) -> str:
    """Return the address with the moment in milliseconds and its signature, as DingTalk checks them."""
    if not secret:
        return address
    moment = str(round(at.timestamp() * 1000))
    digest = hmac.new(secret.encode(), f"{moment}\n{secret}".encode(), hashlib.sha256).digest()
    joint = "&" if urlsplit(address).query else "?"
    return f"{address}{joint}timestamp={moment}&sign={quote_plus(base64.b64encode(digest))}"


def feishu_body(headline: str, text: str, secret: str, at: datetime) -> dict[str, Any]:
    """Return a card with the moment in seconds and its signature, as Feishu checks them."""
    card = {
        "header": {"title": {"tag": "plain_text", "content": headline}},
        "elements": [{"tag": "markdown", "content": text}],
    }
    body: dict[str, Any] = {"msg_type": "interactive", "card": card}
    if not secret:
        return body
    moment = str(int(at.timestamp()))
    # Feishu signs nothing with a key made of both, DingTalk signs both with the secret.
    digest = hmac.new(f"{moment}\n{secret}".encode(), b"", hashlib.sha256).digest()
    return {"timestamp": moment, "sign": base64.b64encode(digest).decode(), **body}


def refusal(kind: str, status: int, answer: bytes) -> str:
    """Say why a channel did not take a message, "" where it did."""
    if not 200 <= status < 300:
        return f"answered {status}"
    if kind == "webhook":
        return ""
    try:
        told = json.loads(answer)
        code = told["code"] if kind == "feishu" else told["errcode"]
        words = told.get("msg" if kind == "feishu" else "errmsg", "")
    except (ValueError, KeyError, TypeError, AttributeError):
        return "answered without a code"
    return "" if code == 0 else f"refused with {code}: {str(words)[:200]}"


def fitting(kind: str, headline: str, entries: Sequence[str]) -> int:
    """Return how many of the entries fit into one message; the first always goes, cut where it must be."""
    size, fits = len(headline.encode()) + 4, 0
    for text in entries:
        size += len((GAP + text).encode())
        if size > MOST_BYTES[kind]:
            break
        fits += 1
    return max(fits, 1)


def joined(kind: str, headline: str, entries: Sequence[str]) -> str:
    """Write a headline and entries as one text within the channel's limit."""
    text = GAP.join([f"**{headline}**" if kind != "email" else headline, *entries])
    return text.encode()[: MOST_BYTES[kind]].decode(errors="ignore")


def unmarked(text: str) -> str:
    """Take the marks of markdown out of a text that is read as it is, as a mail's.

    >>> unmarked("**周报**\\n> 销量 5 件\\n[查看](https://shop/a)")
    '周报\\n销量 5 件\\n查看: https://shop/a'
    """
    plain = re.sub(r"\[([^\]\n]+)\]\((https?://[^)\s]+)\)", r"\1: \2", text.replace("**", ""))
    return re.sub(r"^> ", "", plain, flags=re.MULTILINE)


def _json(url: str, content: Mapping[str, Any]) -> Letter:
    body = json.dumps(content, ensure_ascii=False).encode()
    return Letter(url, body, {"Content-Type": "application/json; charset=utf-8", "User-Agent": "Fengping"})
