import os
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from settings import Settings
from storage import exports, jobs, shares, snapshots
from storage.errors import NotFound
from storage.models import Export, Job, Product, Share, Snapshot
from tests.storage.factories import make_products, make_sales

DAY = date(2026, 6, 1)
LATER = datetime.now(UTC) + timedelta(days=31)


def make_product(session: Session, workspace_id: int, name: str = "P") -> Product:
    [id] = make_products(session, workspace_id, name)
    make_sales(session, workspace_id, id, DAY, [1.0])
    return session.get_one(Product, id)


def make_export(session: Session, workspace_id: int, product: Product | None, **values: Any) -> Export:
    job = jobs.create_job(session, workspace_id, "export")
    frozen = snapshots.take(session, product) if product else None
    row = exports.add_export(session, job, "a.xlsx", frozen, format="xlsx", language="zh")
    for name, value in values.items():
        setattr(row, name, value)
    session.flush()
    return row


def test_a_file_is_found_by_its_job(session: Session, workspace_id: int, other_id: int) -> None:
    made = make_export(session, workspace_id, make_product(session, workspace_id))
    assert exports.export_of(session, workspace_id, made.job_id) is made
    with pytest.raises(NotFound):
        exports.export_of(session, other_id, made.job_id)
    assert exports.exports_of(session, workspace_id, []) == {}


def test_files_are_listed_by_product_with_their_state(session: Session, workspace_id: int) -> None:
    product = make_product(session, workspace_id)
    made = make_export(session, workspace_id, product)
    overview = make_export(session, workspace_id, None)
    assert exports.list_exports(session, workspace_id, product.id) == [(made, "queued")]
    assert exports.list_exports(session, workspace_id, None) == [(overview, "queued")]


def test_a_file_that_is_not_there_is_not_found(
    session: Session, workspace_id: int, settings: Settings
) -> None:
    made = make_export(session, workspace_id, None)
    with pytest.raises(NotFound):
        exports.path_of(settings, made)
    made.path = "1/a.xlsx"
    with pytest.raises(NotFound):
        exports.path_of(settings, made)
    (settings.exports_dir / "1").mkdir(parents=True)
    (settings.exports_dir / "1/a.xlsx").write_bytes(b"x")
    assert exports.path_of(settings, made).read_bytes() == b"x"


def test_what_shows_a_product_goes_with_it(session: Session, workspace_id: int) -> None:
    goes, stays = (make_product(session, workspace_id, name) for name in "AB")
    shown = make_export(session, workspace_id, goes, path="1/a.xlsx")
    overview = make_export(session, workspace_id, None, path="1/all.xlsx")
    kept = make_export(session, workspace_id, stays, path="1/b.xlsx")
    gone_job, kept_job = overview.job_id, kept.job_id
    frozen = session.get_one(Snapshot, shown.snapshot_id)
    shares.add_share(session, frozen, "hash")
    assert exports.forget_products(session, workspace_id, [goes.id]) == (2, 1, ["1/a.xlsx", "1/all.xlsx"])
    assert list(session.scalars(select(Export.id))) == [kept.id]
    assert list(session.scalars(select(Share))) == []
    left = session.scalars(select(Job.id)).all()
    assert gone_job not in left
    assert kept_job in left


def test_old_files_go_and_shown_snapshots_stay(session: Session, workspace_id: int) -> None:
    product = make_product(session, workspace_id)
    made = make_export(session, workspace_id, product)
    linked = snapshots.take(session, product)
    shares.add_share(session, linked, "hash", days=90)
    assert exports.forget_old(session, workspace_id, LATER) == 0, "its job still waits"
    session.get_one(Job, made.job_id).state = "succeeded"
    session.flush()
    assert exports.forget_old(session, workspace_id) == 0
    assert exports.forget_old(session, workspace_id, LATER) == 1
    assert list(session.scalars(select(Snapshot.id))) == [linked.id]


def test_files_that_no_row_names_go_after_a_day(
    session: Session, workspace_id: int, settings: Settings
) -> None:
    folder = settings.exports_dir / str(workspace_id)
    folder.mkdir(parents=True)
    for name in ("named.xlsx", "orphan.xlsx", "old.part", "young.part"):
        (folder / name).write_bytes(b"x")
        if name != "young.part":
            os.utime(folder / name, (0, 0))
    make_export(session, workspace_id, None, path=f"{workspace_id}/named.xlsx")
    assert exports.remove_orphans(session, settings, workspace_id) == 2
    assert sorted(path.name for path in folder.iterdir()) == ["named.xlsx", "young.part"]
