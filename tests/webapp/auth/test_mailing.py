from dataclasses import replace

import pytest
from flask import Flask

from storage.link_mails import PURPOSE
from storage.models import Invitation
from storage.sealing import Seal
from webapp.auth.mailing import mail_link

PATH = "/join/word"
SERVER = {"smtp_url": "smtp://localhost:1", "mail_from": "fp@example.com"}
PUBLIC = "https://fp.example.com"


def mailed(app: Flask, link: Invitation, **given: str) -> bool:
    app.extensions["settings"] = replace(app.extensions["settings"], **given)
    return mail_link(link, PATH, "en")


@pytest.mark.parametrize(
    ("public", "leads_to"), [(PUBLIC, f"{PUBLIC}{PATH}"), ("", f"https://asked.example.com{PATH}")]
)
def test_a_link_leads_to_the_public_address_or_else_where_it_was_asked_for(
    app: Flask, public: str, leads_to: str
) -> None:
    link = Invitation()
    with app.test_request_context("/settings/members", base_url="https://asked.example.com/"):
        assert mailed(app, link, public_url=public, **SERVER)
    opened = Seal(app.extensions["settings"].secret_key, PURPOSE).open(link.letter)
    assert opened == {"link": leads_to, "language": "en"}
    assert "word" not in link.letter


@pytest.mark.parametrize(
    "given", [{"public_url": PUBLIC}, {**SERVER, "public_url": ""}], ids=["no server", "nowhere to"]
)
def test_at_the_command_line_a_server_and_an_address_are_needed(app: Flask, given: dict[str, str]) -> None:
    link = Invitation()
    with app.app_context():
        assert not mailed(app, link, **given)
    assert link.letter is None
