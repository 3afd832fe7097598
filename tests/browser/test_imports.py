"""A file dropped onto the page, checked and started."""

from base64 import b64encode
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import FILE

pytestmark = pytest.mark.functional

DROP = """([name, content]) => {
  const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
  const carried = new DataTransfer();
  carried.items.add(new File([bytes], name));
  const send = (kind) => document.querySelector("h1").dispatchEvent(
    new DragEvent(kind, {dataTransfer: carried, bubbles: true, cancelable: true}));
  send("dragenter");
  const seen = document.querySelector(".drop-over") !== null;
  send("drop");
  return seen;
}"""


def test_a_gbk_file_is_dropped_anywhere_checked_and_started(open_page: Callable[..., Page]) -> None:
    page = open_page()
    page.goto("/imports/new")
    assert page.evaluate(DROP, ["昨天的评论.csv", b64encode(FILE).decode()])
    expect(page.locator("[data-dropped]")).to_have_text("昨天的评论.csv")
    assert page.locator(".drop-over").count() == 0
    page.get_by_role("button", name="上传并核对").click()
    expect(page.locator("h1")).to_have_text("昨天的评论.csv")
    expect(page.locator(".cutoff")).to_contain_text("GB18030")
    expect(page.get_by_text("前 2 行中，1 行可读取，1 行会被拒绝")).to_be_visible()
    expect(page.get_by_role("cell", name="昨天").last).to_be_visible()
    page.get_by_role("button", name="开始导入").click()
    expect(page.locator("#job")).to_have_attribute("data-state", "queued")


def test_what_is_dropped_and_is_no_file_changes_nothing(open_page: Callable[..., Page]) -> None:
    page = open_page()
    page.goto("/imports/new")
    drag = "document.body.dispatchEvent(new DragEvent('dragenter', {dataTransfer: new DataTransfer()}))"
    page.evaluate(drag)
    assert page.locator(".drop-over").count() == 0
    expect(page.locator("[data-dropped]")).to_be_empty()
