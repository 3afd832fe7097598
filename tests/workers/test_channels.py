"""How messages are written for each channel; tests/workers/test_messages.py sends them to stand-ins."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from workers.channels import MOST_BYTES, event, fitting, joined, letter, of_one_event, refusal, unmarked

AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
ADDRESS = "https://hooks.example.com/send"
ALERT, REPORT = {"alert_id": 1}, {"report": {"week": "2026-11-23"}}


def told(kind: str, secret: str = "") -> Any:
    return json.loads(letter(kind, ADDRESS, secret, "题", "文", AT, [ALERT]).body)


def test_each_channel_is_told_in_its_own_shape() -> None:
    assert told("wecom") == {"msgtype": "markdown", "markdown": {"content": "文"}}
    assert told("dingtalk") == {"msgtype": "markdown", "markdown": {"title": "题", "text": "文"}}
    card = told("feishu")["card"]
    assert card["header"]["title"]["content"] == "题"
    assert card["elements"] == [{"tag": "markdown", "content": "文"}]
    assert told("webhook") == {"event": "alerts", "alerts": [ALERT]}


@pytest.mark.parametrize(
    ("address", "asked"),
    [(ADDRESS, set()), (f"{ADDRESS}?access_token=a", {"access_token"})],
)
def test_dingtalk_is_signed_in_the_address(address: str, asked: set[str]) -> None:
    assert letter("dingtalk", address, "", "题", "文", AT).url == address
    found = parse_qs(urlsplit(letter("dingtalk", address, "s", "题", "文", AT).url).query)
    digest = hmac.new(b"s", b"1795420800000\ns", hashlib.sha256).digest()
    assert set(found) == {*asked, "timestamp", "sign"}
    assert (found["timestamp"], found["sign"]) == (["1795420800000"], [base64.b64encode(digest).decode()])


def test_feishu_is_signed_in_the_body_and_by_another_rule() -> None:
    assert "sign" not in told("feishu")
    digest = hmac.new(b"1795420800\ns", b"", hashlib.sha256).digest()
    signed = told("feishu", "s")
    assert (signed["timestamp"], signed["sign"]) == ("1795420800", base64.b64encode(digest).decode())


def test_a_webhook_is_signed_over_what_is_sent() -> None:
    sent = letter("webhook", ADDRESS, "s", "题", "文", AT, [REPORT])
    digest = hmac.new(b"s", sent.body, hashlib.sha256).hexdigest()
    assert sent.headers["X-Fengping-Signature"] == f"sha256={digest}"


def test_an_event_is_of_alerts_or_of_reports() -> None:
    bodies = [REPORT, REPORT, ALERT, REPORT]
    assert (of_one_event(bodies), of_one_event(bodies[2:]), of_one_event([ALERT])) == (2, 1, 1)
    assert event(bodies[:2]) == {"event": "reports", "reports": [REPORT["report"]] * 2}


@pytest.mark.parametrize(
    ("kind", "status", "answer", "said"),
    [
        ("wecom", 200, b'{"errcode": 0}', ""),
        ("feishu", 200, b'{"code": 0, "errcode": 7}', ""),
        ("webhook", 204, b"anything", ""),
        ("webhook", 302, b"", "answered 302"),
        ("wecom", 200, b"<html>", "answered without a code"),
        ("wecom", 200, b"[]", "answered without a code"),
        ("feishu", 200, b'{"errcode": 0}', "answered without a code"),
        ("feishu", 200, b'{"code": 19021, "msg": "sign"}', "refused with 19021: sign"),
        ("dingtalk", 200, b'{"errcode": 310000}', "refused with 310000: "),
    ],
)
def test_a_channel_says_no_in_its_own_way(kind: str, status: int, answer: bytes, said: str) -> None:
    assert refusal(kind, status, answer) == said


def test_as_many_entries_go_as_the_channel_takes_and_always_one() -> None:
    entry = "差" * 400
    fits = fitting("wecom", "题", [entry] * 10)
    assert fits == 3
    assert len(joined("wecom", "题", [entry] * fits).encode()) <= MOST_BYTES["wecom"]
    assert len(joined("wecom", "题", [entry] * (fits + 1)).encode()) == MOST_BYTES["wecom"] - 1, "cut"
    assert fitting("wecom", "题", ["差" * 5000]) == 1


def test_a_text_that_is_too_long_is_cut_between_letters() -> None:
    cut = joined("wecom", "题", ["差" * 5000])
    assert len(cut.encode()) <= MOST_BYTES["wecom"]
    assert cut.startswith("**题**\n\n差差")
    assert cut.endswith("差")


def test_a_mail_has_no_marks() -> None:
    assert joined("email", "题", ["文"]) == "题\n\n文"
    plain = unmarked("**周报** · 2 > 1\n> 销量 5 件\n[查看](https://shop/a)\n[不是链接](javascript:x)")
    assert plain == "周报 · 2 > 1\n销量 5 件\n查看: https://shop/a\n[不是链接](javascript:x)"
