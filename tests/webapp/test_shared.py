"""Links that open nothing; what one shows that does is tested with the page that makes them."""

from flask import Flask
from flask.testing import FlaskClient

from webapp.limits import Buckets
from webapp.shared import PER_MINUTE


def test_a_word_that_opens_nothing_says_so_in_the_readers_language(client: FlaskClient) -> None:
    answer = client.get("/share/x")
    assert answer.status_code == 404
    assert "链接已过期" in answer.text
    assert "Ask for a new one" in client.get("/share/x?lang=en").text


def test_guessing_links_is_slowed_down(app: Flask, client: FlaskClient) -> None:
    app.extensions["share_buckets"] = Buckets(PER_MINUTE, clock=lambda: 0.0)
    answers = [client.get(f"/share/{n}") for n in range(25)]
    assert [answer.status_code for answer in answers] == [404] * 20 + [429] * 5
    assert int(answers[-1].headers["Retry-After"]) > 0
