"""A shop with a well-filled product, the application on a port, and pages of a real browser."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page
from sqlalchemy import Engine, delete
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from settings import Settings
from storage import accounts, alert_items, alert_rules, aspects, dictionary, shares, snapshots
from storage.alert_items import Sighting
from storage.database import session_factory
from storage.models import Upload, User, Workspace
from tests.browser.chromium import chromium
from tests.webapp.pages.factories import (
    LAST,
    make_backtest,
    make_forecast,
    make_job,
    make_mark,
    make_product,
    make_review,
    make_sales,
    make_study,
)
from tests.workers.factories import Sent
from webapp import create_app
from webapp.auth.passwords import hash_password
from webapp.auth.tokens import hash_token
from webapp.uploads import path_of

EMAIL, PASSWORD = "browser@example.com", "a morning with the browser"
DESKTOP, PHONE = {"width": 1366, "height": 768}, {"width": 390, "height": 844}
WAIT_MS = 20_000
WORD = "a-link-to-a-frozen-report"
FILE = "商品ID,评论时间,评论内容\nP1,2026-11-11,物流很快\nP1,昨天,包装破了\n".encode("gb18030")
TRIED = {
    "texts": 60,
    "changed": 4,
    "examples": [{"before": ["拢烟罩", "快递"], "after": ["拢烟罩快递"]}],
    "appearing": {"拢烟罩": 4},
    "vanishing": {},
}
HEARD = {
    "texts": 60,
    "changed": 4,
    "gains": {"烟机": 4},
    "losses": {},
    "examples": [{"before": "", "said": "拢烟罩", "after": "", "category": "烟机", "gained": True}],
}


@dataclass(frozen=True)
class Site:
    """Where the application answers, and what is in it."""

    app: Flask
    address: str
    ids: dict[str, Any]


@pytest.fixture(scope="session")
def site(
    committed_engine: Engine, committed_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """Serve a shop whose rows are really committed; its owner is who the pages log in."""
    sessions = session_factory(committed_engine)
    settings = Settings.from_env(
        {
            "DATABASE_URL": committed_url,
            "DATA_DIR": str(tmp_path_factory.mktemp("site")),
            "SECRET_KEY": "test " * 8,
        }
    )
    with sessions.begin() as session:
        ids = fill(session)
        file = path_of(settings, session.get_one(Upload, ids["upload_id"]))
    file.parent.mkdir(parents=True)
    file.write_text(
        "商品ID,评论时间,评论内容\nP1,2026-11-11,物流很快\nP1,昨天,包装破了\n", encoding="gb18030"
    )
    app = create_app(settings, SESSION_FACTORY=sessions, SENDER=Sent())
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Site(app, f"http://127.0.0.1:{server.server_port}", ids)
    server.shutdown()
    server.server_close()
    with sessions.begin() as session:
        session.execute(delete(Workspace).where(Workspace.id == ids["workspace_id"]))
        session.execute(delete(User).where(User.email == EMAIL))


def fill(session: Session) -> dict[str, Any]:
    """Make a product with four months of sales and reviews, a forecast and a backtest."""
    workspace = accounts.create_workspace(session, "browser")
    person = accounts.create_user(session, EMAIL, hash_password(PASSWORD))
    accounts.set_membership(session, workspace.id, person.id, "owner")
    product = make_product(session, workspace.id, category="厨房电器", brand="风和", price=299, shop="旗舰店")
    other = make_product(session, workspace.id, "P2", title="电饭煲 3L", category="厨房电器", brand="Mix")
    for one in (product, other):
        make_sales(session, one, days=120)
        for back in range(0, 60, 2):
            label = "negative" if back % 3 == 0 else "neutral" if back % 5 == 0 else "positive"
            make_review(session, one, LAST - timedelta(days=back), label, aspects=aspects_of(label))
    run = make_forecast(session, product, direction={"p_up": 0.8})
    make_backtest(session, product, other)
    make_mark(session, LAST.replace(day=11))
    job = make_job(session, workspace.id)
    words = {"preview": {"words": [{"word": "拢烟罩", "kind": "keep", "weight": None}], "remove": []}}
    change = {"name": "烟机", "shown": "", "words": ["拢烟罩"], "is_off": False}
    aspects.keep_tree(session, [{"name": "物流", "english": "delivery", "words": ["快递"]}])
    aspects.put_category(session, workspace.id, **change)
    dictionary.put_words(session, workspace.id, [{"word": "拢烟罩"}])
    rule = alert_rules.add_rule(session, workspace.id, {"name": "气味", "kind": "aspect_complaints"})
    seen = Sighting(product.id, "气味", LAST, {"now": 0.3, "before": 0.1, "n": 20}, 3.0, 12.0)
    alert, _ = alert_items.see(session, rule, seen)
    shares.add_share(session, snapshots.take(session, product), hash_token(WORD))
    return {
        "study_id": make_study(session, workspace.id, "words", words, TRIED).id,
        "aspect_study_id": make_study(session, workspace.id, "aspects", change, HEARD).id,
        "workspace_id": workspace.id,
        "product_id": product.id,
        "other_id": other.id,
        "run_id": run.id,
        "rule_id": rule.id,
        "alert_id": alert.id,
        "job_id": job.id,
        "upload_id": job.upload_id,
        "day": LAST.isoformat(),
        "word": WORD,
    }


def aspects_of(label: str) -> list[dict[str, Any]]:
    """Return what the analyser would find in the factories' texts."""
    smell, delivery = ("气味", "异味", "有", 5, 7), ("物流", "物流", "快", 15, 17)
    category, aspect, opinion, start, end = smell if label == "negative" else delivery
    polarity = "negative" if label == "negative" else "positive"
    return [
        {"category": category, "aspect": aspect, "opinion": opinion, "polarity": polarity, "start": start}
        | {"end": end}
    ]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def signed_in(browser: Browser, site: Site) -> Any:
    """The cookies of the owner."""
    context = browser.new_context(base_url=site.address)
    page = context.new_page()
    page.goto("/login")
    page.get_by_label("邮箱").fill(EMAIL)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url("**/")
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def open_page(browser: Browser, site: Site, signed_in: Any) -> Iterator[Callable[..., Page]]:
    """Return a function that opens an empty page of the owner; whatever its console calls an error fails."""
    faults: list[str] = []
    contexts = []

    def make(size: dict[str, int] = DESKTOP, **options: Any) -> Page:
        given: dict[str, Any] = {"base_url": site.address, "viewport": size, "storage_state": signed_in}
        context = browser.new_context(**given | options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(WAIT_MS)
        page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: faults.append(str(error)))
        return page

    yield make
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    return open_page()


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core, as `make test` installs it."""
    return (Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")
