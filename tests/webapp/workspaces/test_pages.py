"""The settings pages: who sees them, what they change, in both languages."""

import re

import pytest

from tests.webapp.conftest import LogIn

OWNERS_PAGES = tuple(
    f"/settings/{name}" for name in ("members", "tokens", "destinations", "webhooks", "privacy", "audit")
)


@pytest.mark.parametrize("path", [*OWNERS_PAGES, "/settings/security", "/settings/looks"])
def test_pages_are_whole_in_both_languages(log_in: LogIn, path: str) -> None:
    owner = log_in("owner")
    assert '<html lang="zh-CN"' in owner.get(path).text
    english = owner.get(f"{path}?lang=en")
    assert english.status_code == 200
    assert not re.search(r"[\u4e00-\u9fff]", english.text.replace("中文", ""))


def test_a_button_does_not_borrow_the_word_of_a_comparison(log_in: LogIn) -> None:
    page = log_in("owner").get("/settings/security").text
    assert "修改密码" in page
    assert "环比" not in page


def test_only_owners_manage(log_in: LogIn) -> None:
    for role in ("viewer", "analyst"):
        client = log_in(role)
        assert {client.get(path).status_code for path in OWNERS_PAGES} == {403}
        assert client.post("/settings/members/invite").status_code == 403
        assert client.post("/settings/tokens").status_code == 403
        assert client.post("/settings/texts").status_code == 403
        assert client.get("/settings/security").status_code == 200
