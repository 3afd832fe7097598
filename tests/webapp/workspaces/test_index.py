"""The bare address of the settings."""

import pytest
from flask import Flask

from tests.webapp.conftest import LogIn


@pytest.mark.parametrize("role", ["viewer", "owner"])
def test_the_bare_address_leads_to_the_first_page(log_in: LogIn, app: Flask, role: str) -> None:
    client = log_in(role)
    for address in ("/settings", "/settings/"):
        assert client.get(address).headers["Location"] == "/settings/security"
    assert app.test_client().get("/settings").headers["Location"].startswith("/login")
