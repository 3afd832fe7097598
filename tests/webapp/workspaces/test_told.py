"""Values of the audit log in words: roles, states, kinds, in both languages; nothing is lost."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask import session as cookie
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from storage import audit
from storage.models import Workspace
from tests.webapp.conftest import LogIn
from webapp.workspaces.told import target, told

RULE = {
    "kind": "aspect_complaints",
    "sensitivity": 2,
    "scope": {"category": "小家电"},
    "destination_ids": [],
    "quiet_from": None,
    "is_on": True,
}
SAID: list[tuple[str, dict[str, Any], list[tuple[str, str]]]] = [
    ("member.set", {"role": "viewer"}, [("Role", "Viewer")]),
    (
        "token.create",
        {"scopes": ["jobs", "imports"], "days": 90},
        [("Parts of the API", "jobs, imports"), ("Valid for days", "90")],
    ),
    ("job.start", {"kind": "import_reviews"}, [("Kind", "Import reviews")]),
    ("destination.add", {"kind": "wecom"}, [("Kind", "WeCom")]),
    ("alert.state", {"state": "fixing"}, [("State", "Being fixed")]),
    ("review.relabel", {"label": "negative"}, [("Sentiment", "Negative")]),
    ("dictionary.put", {"拢烟罩": "keep"}, [("拢烟罩", "keep whole")]),
    ("settings.texts", {"viewers_read_texts": False}, [("Viewers read reviews", "no")]),
    ("settings.retention", {"reviews": 365}, [("Reviews", "for 365 days")]),
    ("retention", {"reviews": 1200}, [("Reviews", "1,200")]),
    ("erase.product", {"rows": {"order_lines": 3}, "models": 1}, [("Order lines", "3"), ("Models", "1")]),
    ("upload.keep", {"sha256": "ab" * 32, "bytes": 2048}, [("Checksum", "abababab"), ("Size", "2.0 KB")]),
    (
        "forecast.start",
        {"horizon": 14, "scenario": {"price": 39.5}},
        [("Days ahead", "14"), ("Price", "39.50")],
    ),
    (
        "weekly.start",
        {"product": None, "destination": None},
        [("Product", "All products"), ("Destination", "nobody")],
    ),
    ("export.start", {"product": None}, [("Product", "—")]),
    ("whatever", {"new": "value"}, [("new", "value")]),
    (
        "alert_rule.add",
        RULE,
        [
            *(("Looks for", "Complaints about an aspect rise"), ("Sensitivity", "2"), ("Category", "小家电")),
            *(("Destinations", "—"), ("Quiet from hour", "—"), ("on", "yes")),
        ],
    ),
]


@pytest.fixture
def english(app: Flask) -> Iterator[None]:
    with app.test_request_context("/"):
        cookie["language"] = "en"
        yield


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize(("action", "values", "words"), SAID, ids=[said[0] for said in SAID])
def test_values_are_told_in_words(action: str, values: dict[str, Any], words: list[tuple[str, str]]) -> None:
    assert told(action, values) == words


@pytest.mark.usefixtures("english")
def test_an_issue_is_named_and_other_targets_stay() -> None:
    assert target("alert.state", "aspect_complaints 烟机 12") == "Complaints about 烟机 rise · product 12"
    assert target("alert.state", "stockout  12") == "Out of stock · product 12"
    assert target("forecast.start", "product 12") == "product 12"


@pytest.fixture
def owner(log_in: LogIn, session: Session, workspace: Workspace) -> FlaskClient:
    client = log_in("owner")
    for values in ({"role": "analyst"}, {"new": "<b>"}):
        audit.record(session, workspace.id, audit.Actor("a"), "member.set", "b", before=values, after=None)
    session.commit()
    return client


def test_the_page_shows_words_and_keeps_what_was_written(owner: FlaskClient) -> None:
    page = owner.get("/settings/audit").text
    assert '<span class="muted">角色</span> 分析员' in page
    assert 'title="{&#34;role&#34;: &#34;analyst&#34;}"' in page
    assert "<b>" not in page.split('class="told"')[1]
