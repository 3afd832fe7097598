from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import jobs
from storage.models import Chunk, Job, Workspace
from tests.webapp.outbox import Outbox

REVIEWS = "商品ID,评论时间,评论内容\nA1,2026-06-01 10:00,物流很快\nA1,昨天,质量差\n"
SALES = "product_id,date,units,discount,weather\nA1,2026-06-01,3,0.1,21.5\n"


@pytest.fixture
def reviews(tmp_path: Path) -> Path:
    path = tmp_path / "评论.csv"
    path.write_text(REVIEWS, encoding="gb18030")
    return path


@pytest.fixture
def sales(tmp_path: Path) -> Path:
    path = tmp_path / "sales.csv"
    path.write_text(SALES)
    return path


@pytest.fixture
def worker(outbox: Outbox, session: Session) -> Callable[..., None]:
    """Return a function that says how the job will end; it does so as soon as the task is sent."""

    def will(state: str, refusals: list[dict[str, Any]] | None = None, error: str = "") -> None:
        def work(task: str, args: tuple[Any, ...], queue: str) -> None:
            job = session.scalars(select(Job)).one()
            jobs.add_refusals(session, job.workspace_id, job.id, refusals or [])
            chunk = session.scalars(select(Chunk)).one()
            chunk.failed = len(refusals or [])
            chunk.done = chunk.duplicates = 1
            job.state, job.error, job.total = state, error, 1 + len(refusals or [])
            session.commit()

        outbox.send = work  # type: ignore[method-assign]

    return will


def run(app: Flask, *args: object) -> Result:
    return app.test_cli_runner().invoke(args=["import", *map(str, args)])


def test_it_takes_the_webs_road_and_waits(
    app: Flask, workspace: Workspace, reviews: Path, worker: Callable[..., None], session: Session
) -> None:
    worker("succeeded")
    result = run(app, "reviews", reviews, "--workspace", workspace.name)
    assert result.exit_code == 0, result.output
    assert "succeeded" in result.stdout
    job = session.scalars(select(Job)).one()
    assert (job.kind, job.upload.original_name if job.upload else "") == ("import_reviews", "评论.csv")
    assert str(job.id) in result.stdout


def test_refused_rows_are_listed(
    app: Flask, workspace: Workspace, reviews: Path, worker: Callable[..., None]
) -> None:
    refused = [{"line": 3, "column": "评论时间", "value": "昨天", "code": "not_a_date"}]
    worker("succeeded", refused * 12)
    result = run(app, "reviews", reviews)
    assert result.exit_code == 0
    assert result.stdout.count("line 3, 评论时间: '昨天' not a date") == 10
    assert "errors.csv" in result.stdout


def test_a_failed_job_fails_the_command(
    app: Flask, workspace: Workspace, reviews: Path, worker: Callable[..., None]
) -> None:
    worker("failed", error="the disk is full")
    result = run(app, "reviews", reviews)
    assert result.exit_code == 1
    assert "the disk is full" in result.stderr


def test_it_says_that_no_worker_is_there(
    app: Flask, workspace: Workspace, reviews: Path, worker: Callable[..., None]
) -> None:
    worker("succeeded")
    assert "no worker is running" in run(app, "reviews", reviews).stderr


def test_columns_can_be_mapped_and_declared(
    app: Flask, workspace: Workspace, sales: Path, worker: Callable[..., None], session: Session
) -> None:
    worker("succeeded")
    result = run(app, "sales", sales, "--map", "units=units", "--future", "discount", "--past", "weather")
    assert result.exit_code == 0, result.output
    params = session.scalars(select(Job)).one().params
    assert params["columns"] == {"discount": "future", "weather": "past"}
    assert params["mapping"] == {"units": "units"}
    assert "discount: future" in result.stderr


def test_a_column_may_hold_an_equals_sign(
    app: Flask, workspace: Workspace, tmp_path: Path, worker: Callable[..., None], session: Session
) -> None:
    worker("succeeded")
    path = tmp_path / "r.csv"
    path.write_text("product_id,created_at,a=b\n1,2026-06-01,fine\n")
    assert run(app, "reviews", path, "--map", "a=b=text").exit_code == 0
    assert session.scalars(select(Job)).one().params["mapping"] == {"a=b": "text"}


@pytest.mark.parametrize(
    ("args", "code", "word"),
    [
        (("--map", "nothing"), 2, "COLUMN=FIELD"),
        (("--future", "x", "--past", "x"), 2, "either"),
        (("--future", "x"), 1, "x"),
        (("--map", "nothing=text"), 1, "nothing"),
        (("--encoding", "klingon"), 1, "klingon"),
        (("--workspace", "typo"), 1, "typo"),
    ],
)
def test_a_wrong_call_starts_nothing(
    app: Flask,
    workspace: Workspace,
    reviews: Path,
    session: Session,
    args: tuple[str, ...],
    code: int,
    word: str,
) -> None:
    result = run(app, "reviews", reviews, *args)
    assert result.exit_code == code
    assert word in result.output
    assert session.scalars(select(Job)).all() == []


def test_a_file_that_is_not_there_is_a_usage_error(app: Flask, workspace: Workspace, tmp_path: Path) -> None:
    assert run(app, "reviews", tmp_path / "none.csv").exit_code == 2


def test_where_there_are_several_workspaces_one_must_be_named(
    app: Flask, workspace: Workspace, stranger_workspace: Workspace, reviews: Path
) -> None:
    result = run(app, "reviews", reviews)
    assert result.exit_code == 1
    assert workspace.name in result.output
    assert stranger_workspace.name in result.output
