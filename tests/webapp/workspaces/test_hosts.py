import pytest
from flask import Flask
from flask_babel import force_locale

from webapp.workspaces.hosts import address_fault

ALLOWED = ("hooks.example.com", ".feishu.cn")


@pytest.mark.parametrize(
    "address",
    ["https://hooks.example.com/a", "https://HOOKS.example.com:8443/", "https://open.feishu.cn/bot?a=b"],
)
def test_an_address_at_an_allowed_host_may_be_used(app: Flask, address: str) -> None:
    with app.test_request_context("/"):
        assert address_fault(address, ALLOWED) == ""


@pytest.mark.parametrize(
    "address",
    [
        "http://hooks.example.com/",
        "https://below.hooks.example.com/",
        "https://feishu.cn/",
        "https://openfeishu.cn/",
        "https://hooks.example.com@evil.example.com/",
        "https://hooks.example.com/钩子",
        "https://[",
        "",
    ],
)
def test_any_other_is_named_at_fault_with_the_hosts_that_may(app: Flask, address: str) -> None:
    with app.test_request_context("/"), force_locale("en"):
        assert address_fault(address, ALLOWED).endswith("hooks.example.com, .feishu.cn")
        assert "WEBHOOK_HOSTS" in address_fault(address, ())
