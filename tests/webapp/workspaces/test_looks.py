"""What a user chose of the looks is kept with the account and shown on every page."""

import pytest
from sqlalchemy.orm import Session

from storage import accounts
from tests.webapp.conftest import LogIn

CHOSEN = {"language": "en", "theme": "dark", "rise": "green"}


def test_a_choice_is_on_every_page(log_in: LogIn, session: Session) -> None:
    viewer = log_in("viewer")
    assert 'data-theme="auto" data-rise="red"' in viewer.get("/").text
    viewer.post("/settings/looks", data=CHOSEN)
    assert '<html lang="en" data-theme="dark" data-rise="green">' in viewer.get("/").text
    user = accounts.find_user(session, "viewer@example.com")
    assert user is not None
    assert (user.language, user.theme, user.rise) == ("en", "dark", "green")
    page = viewer.get("/settings/looks").text
    assert all(f'value="{value}" checked' in page for value in CHOSEN.values())


@pytest.mark.parametrize("name", CHOSEN)
def test_what_is_not_offered_is_refused(log_in: LogIn, name: str) -> None:
    viewer = log_in("viewer")
    assert viewer.post("/settings/looks", data=CHOSEN | {name: "<pink>"}).status_code == 400
    assert 'data-theme="auto" data-rise="red"' in viewer.get("/").text


def test_strangers_get_no_choice_of_others(log_in: LogIn) -> None:
    viewer = log_in("viewer")
    viewer.post("/settings/looks", data=CHOSEN)
    viewer.post("/logout")
    assert "data-theme" not in viewer.get("/login").text
