"""Every page a user can open: no fault for a screen reader, no sideways scrolling on a phone."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import DESKTOP, PHONE, Site

pytestmark = pytest.mark.functional

# Answers that are not pages: files, parts of a page, addresses for machines.
PARTS = {
    *("static", "api_page.static", "health.healthz", "health.readyz", "metrics.show"),
    *("pages.day", "pages.behind", "pages.newest_forecast", "pages.job_progress", "pages.job_failures"),
    *("pages.import_template", "pages.import_workbook", "pages.whatif_result", "pages.compare_search"),
    *("pages.about", "pages.days_csv", "pages.aspects_csv", "pages.corrections"),
    *("pages.job_file", "pages.alert_reviews", "pages.rule_backtest"),
}
# Opened by a link that is sent out.
SENT = {"links.join", "links.reset", "auth.code"}
VALUES = {"kind": "sales"}

# The shop's own words, which no translation touches.
DATA = "空气炸锅|电饭煲|厨房电器|风和|旗舰店|中文|双11|评论.csv|异味|物流|气味|收到货|打开有|中规中矩"
DATA += "|晾了三天|也快|评分|商品ID|评论时间|评论内容|昨天|包装|拢烟罩|烟机|快递"
CHINESE = """(data) => {
  const own = new RegExp(data);
  const all = document.querySelector("main") ?? document.body;
  const walk = document.createTreeWalker(all, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walk.nextNode()) {
    const text = walk.currentNode.textContent.trim();
    const aside = walk.currentNode.parentElement.closest("script, style");
    if (!aside && /[\u4e00-\u9fff]/.test(text) && !own.test(text)) found.push(text.slice(0, 60));
  }
  return found;
}"""


def pages_of(site: Site) -> list[str]:
    """Return the address of every page, its arguments filled in."""
    rules = [
        rule
        for rule in site.app.url_map.iter_rules()
        if "GET" in (rule.methods or ())
        and not rule.rule.startswith("/api/v1/")
        and rule.endpoint not in PARTS | SENT
    ]
    known = site.ids | VALUES
    with site.app.test_request_context():
        return sorted(
            site.app.url_for(rule.endpoint, _external=False, **{name: known[name] for name in rule.arguments})
            for rule in rules
        )


def faults_of(page: Page, axe: str) -> list[str]:
    """Return what axe calls serious or critical, and where."""
    page.evaluate(axe)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{fault['id']}: {node['target']} {node['failureSummary']}"
        for fault in found["violations"]
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"][:3]
    ]


def width_faults_of(page: Page) -> list[str]:
    """Return by how much the page is wider than the screen, if it is."""
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [f"{wide} pixels too wide"] if wide > 0 else []


def test_pages_serve_everybody(site: Site, open_page: Callable[..., Page], axe: str) -> None:
    faults: dict[str, Any] = {}
    page = open_page()
    for address in pages_of(site):
        page.set_viewport_size(DESKTOP)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.goto(address)
            faults[f"{address} {scheme}"] = faults_of(page, axe)
        page.set_viewport_size(PHONE)
        faults[f"{address} phone"] = width_faults_of(page)
    assert len(faults) > 3 * 10
    assert {where: found for where, found in faults.items() if found} == {}


def test_pages_are_english_through_and_through(site: Site, open_page: Callable[..., Page]) -> None:
    page = open_page()
    page.goto("/?lang=en")
    left = {}
    for address in pages_of(site):
        page.goto(address)
        left[address] = page.evaluate(CHINESE, DATA)
    assert {where: found for where, found in left.items() if found} == {}


def test_english_words_fit_on_a_phone_too(site: Site, open_page: Callable[..., Page]) -> None:
    page = open_page()
    page.set_viewport_size(PHONE)
    page.goto("/?lang=en")
    faults = {}
    for address in pages_of(site):
        page.goto(address)
        faults[address] = width_faults_of(page)
    assert {where: found for where, found in faults.items() if found} == {}


def test_what_the_audit_log_tells_is_not_broken_letter_by_letter(
    site: Site, open_page: Callable[..., Page]
) -> None:
    page = open_page()
    page.goto("/settings/privacy")
    page.fill("#jobs", "365")
    page.click("form[action$=retention] button")
    page.set_viewport_size(PHONE)
    page.goto("/settings/audit")
    assert (
        page.evaluate("Math.min(...[...document.querySelectorAll('.told')].map((l) => l.offsetWidth))") > 140
    )
