"""The trend report as a reader uses it: click, read, correct, save."""

import re
import struct
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import LAST, Site

pytestmark = pytest.mark.functional


def report_of(site: Site, page: Page, query: str = "") -> None:
    page.goto(f"/products/{site.ids['product_id']}?lang=en{query}")


def test_an_aspect_opens_its_reviews_beside_the_chart(site: Site, open_page: Callable[..., Page]) -> None:
    page = open_page()
    report_of(site, page)
    page.locator("#aspects tbody th a").first.click()
    expect(page.locator("#evidence h2")).to_have_text("Reviews · 气味 blamed")
    expect(page.locator("#evidence mark.mark-negative").first).to_have_text("异味")


def test_the_quadrant_is_drawn_and_a_chart_is_saved(site: Site, open_page: Callable[..., Page]) -> None:
    page = open_page()
    report_of(site, page)
    expect(page.locator("#aspects-chart canvas")).to_be_visible()
    titles = {"main-chart": "Sales, forecast and sentiment", "aspects-chart": "What reviews speak about"}
    for chart, title in titles.items():
        with page.expect_download() as download:
            page.locator(f"[data-picture={chart}]").click()
        assert download.value.suggested_filename == f"{title} 空气炸锅 5L {LAST}.png"
        saved = download.value.path().read_bytes()
        assert saved.startswith(b"\x89PNG")
        drawn = page.locator(f"#{chart} canvas").first.evaluate("canvas => canvas.clientHeight")
        assert struct.unpack(">I", saved[20:24])[0] > 2 * drawn, "the title stands above the chart"


def test_a_label_is_corrected_and_taken_back(site: Site, open_page: Callable[..., Page]) -> None:
    page = open_page()
    report_of(site, page, f"&day={site.ids['day']}")
    review = page.locator("#evidence article").first
    review.get_by_role("button", name="Neutral").click()
    expect(review).to_contain_text("Corrected by a person")
    review.get_by_role("button", name="Undo").click()
    expect(review).not_to_contain_text("Corrected by a person")


def test_labelling_goes_by_keyboard(site: Site, open_page: Callable[..., Page]) -> None:
    page = open_page()
    page.goto("/labelling?lang=en")
    cards = page.locator("#queue article")
    expect(cards.first).to_have_attribute("aria-current", "true")
    page.keyboard.press("2")
    expect(cards.first).to_contain_text("Corrected by a person")
    expect(cards.nth(1)).to_have_attribute("aria-current", "true")
    page.keyboard.press("k")
    expect(cards.first).to_have_attribute("aria-current", "true")
    cards.first.get_by_role("button", name="Undo").click()
    expect(cards.first).not_to_contain_text("Corrected by a person")


def test_filters_are_chosen_in_a_form(site: Site, open_page: Callable[..., Page]) -> None:
    page = open_page()
    report_of(site, page)
    page.get_by_label("Shopping festival").select_option(index=1)
    page.get_by_role("button", name="Show").click()
    expect(page.locator(".cutoff")).to_contain_text(re.compile(r"Double 11: 2026-11-\d\d – 2026-11-11"))
    expect(page.get_by_label("Shopping festival")).to_have_value("双11")
