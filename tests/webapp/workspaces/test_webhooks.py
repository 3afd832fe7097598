from dataclasses import replace

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.models import Webhook
from tests.webapp.conftest import LogIn


def test_a_webhook_is_added_and_removed(app: Flask, log_in: LogIn, session: Session) -> None:
    owner = log_in("owner")
    told = owner.post("/settings/webhooks", data={"url": "https://hooks.example.com/"}, follow_redirects=True)
    assert "WEBHOOK_HOSTS" in told.text
    app.extensions["settings"] = replace(app.extensions["settings"], webhook_hosts=("hooks.example.com",))
    for wrong in ("http://hooks.example.com/", "https://hooks.example.org/", "https://[", "x"):
        told = owner.post("/settings/webhooks", data={"url": wrong}, follow_redirects=True)
        assert "hooks.example.com" in told.text
    assert owner.post("/settings/webhooks", data={"url": "https://" + "a" * 500}).status_code == 400
    assert session.scalars(select(Webhook)).all() == []
    page = owner.post("/settings/webhooks", data={"url": "https://hooks.example.com/in"}).text
    [hook] = session.scalars(select(Webhook)).all()
    assert hook.secret in page
    assert hook.secret not in owner.get("/settings/webhooks").text
    owner.post(f"/settings/webhooks/{hook.id}/remove")
    assert session.scalars(select(Webhook)).all() == []
