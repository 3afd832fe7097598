"""Why a message was not taken is told in the reader's language; the sender's own words are the standard."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask_babel import force_locale

from settings import Settings
from webapp.workspaces.refusals import reason
from workers.channels import refusal
from workers.mail import NoServer, send_mail, written
from workers.outbound import UnsafeTarget, check_target

HOST = "hooks.example.com"


def unknown(_host: str, _port: int) -> list[str]:
    raise OSError


def said(act: Callable[[], object]) -> str:
    with pytest.raises((UnsafeTarget, NoServer, ValueError)) as told:
        act()
    return str(told.value)


def own_sentences(settings: Settings) -> list[str]:
    """What the workers write of each kind of failure."""
    targets: list[tuple[str, Callable[[str, int], list[str]]]] = [
        (f"https://{HOST}/", unknown),
        (f"https://{HOST}/", lambda _host, _port: ["10.0.0.1"]),
        (f"https://{HOST}/", lambda _host, _port: []),
        ("https://other.example.com/", unknown),
        ("https://[", unknown),
        (f"http://{HOST}/", unknown),
        (f"https://{HOST}:8443/", unknown),
        (f"https://{HOST}/钩子", unknown),
    ]
    return [
        *(said(lambda url=url, lookup=lookup: check_target(url, [HOST], lookup)) for url, lookup in targets),
        refusal("wecom", 500, b""),
        refusal("wecom", 200, b"no JSON"),
        refusal("dingtalk", 200, b'{"errcode": 310000, "errmsg": "sign not match: \\nsee"}'),
        said(lambda: send_mail(settings, ["li@example.com"], "x", "x")),
        said(lambda: written("a@example.com", ["li"], "x", "x")),
        "SMTPAuthenticationError",
    ]


def test_own_sentences_are_chinese_for_chinese_readers_and_unchanged_in_english(
    app: Flask, settings: Settings
) -> None:
    sentences = own_sentences(settings)
    with app.test_request_context("/"), force_locale("zh_Hans_CN"):
        shown = [reason(sentence) for sentence in sentences]
    assert [text for text in shown if not re.search("[\u4e00-\u9fff]", text)] == []
    with app.test_request_context("/"), force_locale("en"):
        assert [reason(sentence) for sentence in sentences] == sentences


def test_a_vendors_words_stay(app: Flask) -> None:
    with app.test_request_context("/"), force_locale("zh_Hans_CN"):
        assert reason("[Errno 111] Connection refused") == "[Errno 111] Connection refused"
        assert reason("refused with 310000: sign 100% wrong") == "对方拒绝，代码 310000：sign 100% wrong"
