import hashlib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session, sessionmaker

from storage import chunks, exports, jobs, snapshots
from storage.models import Export, Job, Product
from tests.storage.factories import make_products, make_sales, make_workspace
from tests.workers.factories import work_off
from workers import leases
from workers.context import Context
from workers.exports import export_file

DAY = date(2026, 6, 1)


@pytest.fixture
def product_id(context: Context, workspace_id: int) -> int:
    with context.sessions.begin() as session:
        [id] = make_products(session, workspace_id, "00123", shop="=1")
        make_sales(session, workspace_id, id, DAY, [1.0, 2.0, 3.0])
    return id


def request(context: Context, product_id: int | None, workspace_id: int, format: str = "xlsx") -> Any:
    """Ask for a file, of a product or of all; return the job's id."""
    with context.sessions.begin() as session:
        job = jobs.create_job(session, workspace_id, "export")
        frozen = snapshots.take(session, session.get_one(Product, product_id)) if product_id else None
        exports.add_export(session, job, f"a.{format}", frozen, format=format, language="zh")
        return job.id


def made(context: Context, workspace_id: int, job_id: Any) -> tuple[Export, Path]:
    with context.sessions() as session:
        row = exports.export_of(session, workspace_id, job_id)
        return row, exports.path_of(context.settings, row)


def files(context: Context) -> list[str]:
    return [path.name for path in context.settings.exports_dir.rglob("*") if path.is_file()]


def test_a_workbook_is_written_of_the_snapshot(context: Context, workspace_id: int, product_id: int) -> None:
    job_id = request(context, product_id, workspace_id)
    with context.sessions.begin() as session:
        make_sales(session, workspace_id, product_id, date(2026, 6, 4), [100.0])
    assert work_off(context, job_id).state == "succeeded"
    row, path = made(context, workspace_id, job_id)
    assert row.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert row.size == path.stat().st_size
    daily = openpyxl.load_workbook(path)["每日"]
    assert [cell.value for cell in daily["B"]] == ["销量", 1, 2, 3], "what came later is not in it"
    assert files(context) == [path.name]


def test_a_pdf_is_written(context: Context, workspace_id: int, product_id: int) -> None:
    job_id = request(context, product_id, workspace_id, "pdf")
    assert work_off(context, job_id).state == "succeeded"
    assert made(context, workspace_id, job_id)[1].read_bytes().startswith(b"%PDF")


def test_the_overview_has_a_line_per_product(context: Context, workspace_id: int, product_id: int) -> None:
    job_id = request(context, None, workspace_id)
    job = work_off(context, job_id)
    assert job.state == "succeeded"
    rows = list(openpyxl.load_workbook(made(context, workspace_id, job_id)[1])["概览"].values)
    assert [row[0] for row in rows] == ["商品编号", "00123"]
    assert (rows[1][4], rows[1][5]) == ("'=1", 6)


def test_the_overview_of_many_pages_is_whole(
    context: Context, workspace_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.exports.PAGE", 2)
    with context.sessions.begin() as session:
        make_products(session, workspace_id, *(f"P{n}" for n in range(5)))
    job_id = request(context, None, workspace_id)
    work_off(context, job_id)
    rows = list(openpyxl.load_workbook(made(context, workspace_id, job_id)[1])["概览"].values)
    assert sorted(row[0] for row in rows[1:]) == [f"P{n}" for n in range(5)]


def test_a_worker_that_died_left_nothing_in_the_way(
    context: Context, workspace_id: int, product_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first try gets as far as the file, and no further: as with kill -9, its lease runs out."""
    job_id = request(context, product_id, workspace_id)
    with context.sessions() as session:
        [chunk] = chunks.pending_chunks(session, workspace_id, job_id)
    with monkeypatch.context() as patch:
        patch.setattr("workers.exports._settle", _die)
        with pytest.raises(KeyboardInterrupt):
            leases.work_on(context, chunk.id, export_file)
    assert files(context) == []
    with context.sessions.begin() as session:
        chunks.bury(session, "", "died")
        assert chunks.claim(session, chunk.id, "next", 0) is not None
    leases.work_on(context, chunk.id, export_file)
    assert made(context, workspace_id, job_id)[1].is_file()


def _die(*_args: Any) -> None:
    raise KeyboardInterrupt


def test_a_product_deleted_meanwhile_leaves_no_file(
    context: Context, workspace_id: int, product_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workers import exports as working

    real, job_id = working._settle, request(context, product_id, workspace_id)

    def settle(*args: Any) -> Any:
        with context.sessions.begin() as session:
            exports.forget_products(session, workspace_id, [product_id])
        return real(*args)

    monkeypatch.setattr(working, "_settle", settle)
    with context.sessions() as session:
        [chunk] = chunks.pending_chunks(session, workspace_id, job_id)
    leases.work_on(context, chunk.id, export_file)
    assert files(context) == []


@pytest.fixture
def neighbours_snapshot(sessions: sessionmaker[Session]) -> Iterator[int]:
    from storage.models import Workspace

    with sessions.begin() as session:
        id = make_workspace(session).id
        [product_id] = make_products(session, id, "SECRET")
        make_sales(session, id, product_id, DAY, [1.0])
        frozen = snapshots.take(session, session.get_one(Product, product_id)).id
    yield frozen
    with sessions.begin() as session:
        session.execute(delete(Workspace).where(Workspace.id == id))


def test_a_neighbours_snapshot_is_not_written(
    context: Context, workspace_id: int, neighbours_snapshot: int
) -> None:
    job_id = request(context, None, workspace_id)
    with context.sessions.begin() as session:
        exports.export_of(session, workspace_id, job_id).snapshot_id = neighbours_snapshot
    assert work_off(context, job_id).state == "failed"
    assert files(context) == []
    with context.sessions.begin() as session:
        session.delete(session.get_one(Job, job_id))
