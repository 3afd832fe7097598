import json
import subprocess
from datetime import date
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from benchmarks.http import data, wrk
from storage.models import DailyFeature, ForecastRun, Review, Sale


def test_the_shop_has_all_that_the_pages_show(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "DAYS", 40)
    workspace, token = data.fill(session, products=2, reviews=200)
    assert token.startswith("fp_")

    def count(model: type) -> int:
        return session.scalar(select(func.count()).where(model.workspace_id == workspace))

    assert [count(model) for model in (Review, Sale, DailyFeature, ForecastRun)] == [200, 80, 80, 2]
    spoken = session.scalars(select(Review).where(Review.workspace_id == workspace).limit(5)).all()
    assert {review.day.year for review in spoken} == {2024}
    assert all(review.aspects and review.keywords for review in spoken)
    assert min(review.day for review in spoken) >= date(2024, 11, 1)


def test_what_wrk_says_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    scripts: list[str] = []
    said = {"requests": 300, "us": 1_000_000, "p50": 2000, "p95": 5000, "p99": 9000, "errors": 1}

    def run(command: list[str], **_options: object) -> SimpleNamespace:
        with open(command[-2], encoding="utf-8") as file:  # noqa: PTH123
            scripts.append(file.read())
        return SimpleNamespace(stdout="Running\nJSON" + json.dumps(said))

    monkeypatch.setattr(wrk.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(subprocess, "run", run)
    found = wrk.load("http://127.0.0.1:1", ["/a", "/b"], {"Cookie": "x=1"}, 1, 2)
    assert found == {
        "per_s": 300.0,
        "p50_ms": 2.0,
        "p95_ms": 5.0,
        "p99_ms": 9.0,
        "requests": 300,
        "errors": 1,
    }
    assert '{"/a", "/b"}' in scripts[0]
    assert 'wrk.headers["Cookie"] = "x=1"' in scripts[0]


def test_without_wrk_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wrk.shutil, "which", lambda name: None)
    with pytest.raises(RuntimeError, match="apt-get install wrk"):
        wrk.load("http://127.0.0.1:1", ["/"], {}, 1, 1)
