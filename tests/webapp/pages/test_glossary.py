import re

import pytest
from flask import Flask, render_template_string
from flask.testing import FlaskClient
from flask_babel import force_locale

from webapp.pages.glossary import groups, term


def test_every_term_says_something_of_its_own(english: None) -> None:
    terms = [found for _name, group in groups() for found in group]
    assert len(terms) == len({found.code for found in terms}) == len({found.line for found in terms})
    assert all(found.name and found.line.endswith(".") and found.how.endswith(".") for found in terms)
    assert all("\n" not in found.line and len(found.line) < 110 for found in terms)


def test_a_term_that_nobody_wrote_is_refused_by_name(english: None) -> None:
    with pytest.raises(KeyError, match="no term 'wap', only units, ahead, wape, mase"):
        term("wap")


def test_a_term_is_in_the_readers_language(app: Flask) -> None:
    for locale, name in (("en", "Net sentiment"), ("zh_Hans_CN", "净情感值"), ("en", "Net sentiment")):
        with app.test_request_context(), force_locale(locale):
            assert term("net_sentiment").name == name


def test_the_macro_gives_name_line_and_link(english: None) -> None:
    shown = render_template_string('{% import "macros.html" as ui with context %}{{ ui.term("wape") }}')
    assert shown.startswith('<a class="term" href="/method#wape" title="Sum of the errors over the sum of')
    assert shown.endswith(">WAPE</a>")
    shown = render_template_string('{% import "macros.html" as ui with context %}{{ ui.term("bias", "b") }}')
    assert shown.endswith(">b</a>")


def test_the_page_has_an_anchor_for_each(reader: FlaskClient) -> None:
    html = reader.get("/method").text
    anchors = re.findall(r'class="definition" id="([a-z0-9_]+)"', html)
    assert {"wape", "coverage", "net_sentiment", "lift", "adf"} <= set(anchors)
    assert "误差之和除以销量之和" in reader.get("/method?lang=zh").text
