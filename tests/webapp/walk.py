"""Every call of the application, to try each in turn."""

from typing import Any

from flask import Flask
from werkzeug.routing import Rule


def calls(app: Flask, rules: list[Rule], ids: dict[str, Any]) -> list[tuple[str, str]]:
    """Return method and address of each call with its arguments of `ids`; one not there fails the test."""
    addresses = app.url_map.bind("localhost")
    return [
        (method, addresses.build(rule.endpoint, {name: ids[name] for name in rule.arguments}, method))
        for rule in rules
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]
