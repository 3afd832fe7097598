from itertools import count

import httpx2
import pytest

from benchmarks.forecasting.fresh import seconds


def service(states: list[str], asked: list[bytes], products: int = 2) -> httpx2.Client:
    """Answer as the API does; each run goes through the states, the last one stays."""
    numbers, seen = count(), dict[str, int]()

    def answer(request: httpx2.Request) -> httpx2.Response:
        if request.url.path == "/api/v1/products":
            return httpx2.Response(200, json={"items": [{"id": id} for id in range(1, products + 1)]})
        if request.method == "POST":
            asked.append(request.url.path.encode() + request.content)
            return httpx2.Response(202, headers={"Location": f"/api/v1/forecasts/{next(numbers)}"})
        at = seen[request.url.path] = seen.get(request.url.path, -1) + 1
        return httpx2.Response(200, json={"state": states[min(at, len(states) - 1)], "error": "too short"})

    return httpx2.Client(base_url="http://service", transport=httpx2.MockTransport(answer))


def test_each_forecast_is_a_new_question_and_is_waited_for() -> None:
    asked: list[bytes] = []
    taken = list(seconds(service(["queued", "running", "succeeded"], asked), 5))
    assert len(set(asked)) == len(taken) == 5
    assert min(taken) >= 0.1  # two polls found it unfinished
    assert {question.split(b"/")[4] for question in asked} == {b"1", b"2"}


def test_a_failed_forecast_is_no_fast_one() -> None:
    with pytest.raises(RuntimeError, match="failed: too short"):
        list(seconds(service(["failed"], []), 1))


def test_a_workspace_without_products_is_named() -> None:
    with pytest.raises(RuntimeError, match="no products"):
        list(seconds(service(["succeeded"], [], products=0), 1))
