from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient

from webapp.limits import MOST_CALLERS, Buckets


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_empties_and_fills_again() -> None:
    clock = Clock()
    buckets = Buckets(60, clock)
    assert [buckets.wait_for("a") for _ in range(12)] == [0] * 10 + [1, 1]
    assert buckets.wait_for("b") == 0
    clock.now = 3.0
    assert [buckets.wait_for("a") for _ in range(4)] == [0, 0, 0, 1]
    clock.now = 1000.0
    assert sum(buckets.wait_for("a") == 0 for _ in range(50)) == 10


def test_a_slow_rate_says_how_long_to_wait() -> None:
    buckets = Buckets(1, Clock())
    assert [buckets.wait_for("a"), buckets.wait_for("a")] == [0, 60]


def test_no_limit_and_bounded_memory() -> None:
    assert {Buckets(0).wait_for("a") for _ in range(1000)} == {0}
    buckets = Buckets(60, Clock())
    for number in range(MOST_CALLERS + 5):
        buckets.wait_for(str(number))
    assert len(buckets._filled) == MOST_CALLERS


def test_a_token_that_calls_too_often_is_told_when_to_come_back(
    app: Flask, client: FlaskClient, bearer: Callable[..., dict[str, str]]
) -> None:
    app.extensions["buckets"] = Buckets(12, Clock())
    busy, other = bearer("viewer"), bearer("viewer")
    codes = [client.get("/api/v1/jobs", headers=busy).status_code for _ in range(3)]
    assert codes == [200, 200, 429]
    answer = client.get("/api/v1/jobs", headers=busy)
    assert (answer.mimetype, answer.headers["Retry-After"]) == ("application/problem+json", "5")
    assert client.get("/api/v1/jobs", headers=other).status_code == 200
