"""A first day at work: log in, import a file from a Windows spreadsheet, read the report."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.functional.conftest import EMAIL, PASSWORD

pytestmark = [pytest.mark.functional, pytest.mark.timeout(600)]

BAD = "打开有一股刺鼻的异味，晾了三天还是很臭，非常失望，要求退货。"
GOOD = "非常满意，做工精致，物流很快，已经推荐给朋友了。"
ROWS = [
    ("商品ID", "评论时间", "评论内容", "评分", "买家昵称"),
    *(
        ("炸锅-5L", f"2026-11-0{day} 09:{n:02}:00", GOOD, "5", f"买家{day}{n}")
        for day in (1, 2, 3)
        for n in range(4)
    ),
    ("炸锅-5L", "2026-11-02 10:00:00", BAD, "1", "买家甲"),
    ("炸锅-5L", "2025-02-30", "日期写错的一行", "5", "买家乙"),
]
FILE = "\r\n".join(",".join(row) for row in ROWS).encode("gb18030")


def test_from_a_gbk_file_to_the_reviews_behind_a_day(page: Page) -> None:
    page.goto("/")
    page.get_by_label("邮箱").fill(EMAIL)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_text("还没有商品")).to_be_visible()

    page.get_by_role("link", name="导入文件").click()
    page.locator("#file").set_input_files({"name": "评论导出.csv", "mimeType": "text/csv", "buffer": FILE})
    page.get_by_role("button", name="上传并核对").click()
    expect(page.get_by_text("GB18030").first).to_be_visible()
    expect(page.get_by_text("前 14 行中，13 行可读取，1 行会被拒绝")).to_be_visible()
    page.get_by_role("button", name="开始导入").click()

    job = page.locator("#job")
    expect(job).to_have_attribute("data-state", "succeeded", timeout=300_000)
    expect(job.locator(".job-figure")).to_have_text("100%")
    expect(job.get_by_text("不存在这样的日期或时间")).to_be_visible()

    page.get_by_role("link", name="查看商品").click()
    page.get_by_role("link", name="炸锅-5L").click()
    expect(page.locator(".chart canvas").first).to_be_visible()
    evidence = page.locator("#evidence")
    expect(evidence.get_by_text("刺鼻的异味")).to_be_visible()
    read = evidence.locator(".review", has_text="刺鼻").locator(".review-head .tag").first
    expect(read).to_have_text("负面")

    chart = page.locator(".chart")
    box = chart.bounding_box()
    assert box is not None
    chart.click(position={"x": box["width"] - 80, "y": box["height"] * 0.4})
    expect(evidence.locator("h2")).to_contain_text("2026-11-03")
    expect(evidence.locator(".review")).to_have_count(4)

    page.get_by_role("link", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page).to_have_title(re.compile("Fengping"))
