"""The examples of docs/ do what they say, against a server that answers as ours."""

import importlib.util
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx2 as httpx
import pytest

import fengping_client

EXAMPLES = Path(__file__).parents[1] / "docs" / "examples"
PRODUCT = {"id": 5, "external_id": "P5"}
RUN = {
    "id": "r",
    "state": "succeeded",
    "error": "",
    "lift": {"verdict": "none"},
    "warnings": ["below every price seen"],
    "points": [{"ds": "2026-11-28", "yhat": 10.0, "bands": {"lo-80": 6.0, "hi-80": 15.0}}],
}
JOB = {"id": "j", "state": "succeeded", "done": 2, "failed": 1, "errors_url": "/api/v1/jobs/j/errors.csv"}


def answer(asked: httpx.Request) -> httpx.Response:
    path, body = asked.url.path, asked.content
    if path.endswith("/products"):
        return httpx.Response(200, json={"items": [PRODUCT, {"id": 6, "external_id": "P6"}], "next": None})
    if path.endswith("/products/6/forecasts"):
        return httpx.Response(202, json=RUN | {"state": "failed", "error": "no sales"})
    if path.endswith("/forecasts/r"):
        return httpx.Response(200, json=RUN | {"state": "failed", "error": "no sales"})
    if path.endswith("/forecasts"):
        cheaper = [{**RUN["points"][0], "yhat": 14.0}]  # type: ignore[index]
        return httpx.Response(200, json=RUN | ({"points": cheaper} if b"discount" in body else {}))
    return httpx.Response(202 if asked.method == "POST" else 200, json=JOB)


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch) -> Any:
    def load(name: str) -> ModuleType:
        spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        client = partial(fengping_client.Fengping, transport=httpx.MockTransport(answer))
        monkeypatch.setattr(module, "Fengping", client)
        return module

    return load


def test_a_table_of_forecasts(example: Any, capsys: pytest.CaptureFixture[str]) -> None:
    example("forecast_table").main("http://shop", "fp_x")
    said = capsys.readouterr()
    assert said.out.splitlines()[1] == "P5,2026-11-28,10.0,6.0,15.0,none"
    assert "P6" in said.err
    assert "no sales" in said.err


def test_a_lower_price(example: Any, capsys: pytest.CaptureFixture[str]) -> None:
    example("price_scenario").main("http://shop", "fp_x", "5", "0.1")
    assert capsys.readouterr().out.splitlines() == [
        "as planned 10, 10% off 14 units",
        "mind: below every price seen",
    ]


def test_a_night_of_files(example: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "reviews-1.csv").write_text("x")
    (tmp_path / "notes.txt").write_text("x")
    example("nightly_import").main("http://shop", "fp_x", str(tmp_path))
    said = capsys.readouterr().out
    assert said == "reviews-1.csv: 2 rows, refused rows: http://shop/api/v1/jobs/j/errors.csv\n"
