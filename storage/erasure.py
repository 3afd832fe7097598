"""Deleting what belongs to a product or to a shopper, wherever it went, and saying what was deleted."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from settings import Settings
from storage import replaced
from storage.bulk import storable
from storage.chunks import add_chunks
from storage.errors import NotFound
from storage.exports import forget_products
from storage.jobs import create_job, touch_data
from storage.models import (
    AlertItem,
    Backtest,
    Chunk,
    DailyFeature,
    ForecastModel,
    ForecastRun,
    IdempotencyKey,
    Job,
    Message,
    OrderLine,
    ProductDigest,
    Refusal,
    Review,
    Sale,
    Upload,
)
from storage.products import get_product


@dataclass(frozen=True)
class Erased:
    """What went: rows by table, and the files that must go with them once this is committed."""

    rows: dict[str, int]
    uploads: list[str] = field(default_factory=list)
    artifacts: list[str] = field(default_factory=list)
    exports: list[str] = field(default_factory=list)

    @property
    def receipt(self) -> dict[str, Any]:
        """What the audit log keeps of it."""
        return {"rows": self.rows, "uploads": len(self.uploads), "models": len(self.artifacts)}


def erase_product(session: Session, workspace_id: int, product_id: int) -> Erased:
    """Delete a product with its reviews, sales, orders, features, digest, forecasts and frozen reports.

    So go the models that were trained on it, the files that brought it in, the rows refused of them, and
    the files for download that show it.
    The files go once this is committed.

    Raises
    ------
    NotFound
        No such product in this workspace.
    """
    product = get_product(session, workspace_id, product_id)
    owned = (Review, Sale, OrderLine, DailyFeature, Backtest, ForecastRun, ProductDigest, AlertItem)
    rows = {table.__tablename__: _count(session, table, product_id) for table in owned}
    jobs = _jobs_of(session, workspace_id, [product_id])
    more, uploads = _forget_files(session, workspace_id, jobs)
    artifacts = _forget_models(session, workspace_id, [product_id])
    rows |= more | {"idempotency_keys": _forget_answers(session, workspace_id, [product_id])}
    rows["messages"] = _forget_messages(session, workspace_id, product_id)
    rows["exports"], rows["snapshots"], exports = forget_products(session, workspace_id, [product_id])
    session.delete(product)
    session.flush()
    touch_data(session, workspace_id)
    return Erased(rows | {"products": 1}, uploads, artifacts, exports)


def erase_shopper(session: Session, workspace_id: int, user_key: str) -> tuple[Erased, Job | None]:
    """Delete a shopper's reviews and everything that was computed from them; orders lose their name.

    Features, digests, models and forecasts of the products they wrote about are made anew by the job that
    is returned, None where they wrote about none.

    Parameters
    ----------
    user_key
        As it is stored: the shop's id of the shopper, starred out where it was a number to be masked.

    Raises
    ------
    NotFound
        The id is empty: reviews without a name are nobody's to delete.
    """
    user_key = storable(user_key)
    if not user_key.strip():
        raise NotFound("shopper", repr(user_key))
    theirs = (Review.workspace_id == workspace_id, Review.user_key == user_key)
    found = session.execute(select(Review.product_id, Review.job_id).where(*theirs).distinct()).all()
    products, jobs = sorted({row[0] for row in found}), {row[1] for row in found if row[1]}
    more, uploads = _forget_files(session, workspace_id, jobs)
    artifacts = _forget_models(session, workspace_id, products)
    here = (ForecastRun.workspace_id == workspace_id, ForecastRun.product_id.in_(products))
    features = (DailyFeature.workspace_id == workspace_id, DailyFeature.product_id.in_(products))
    digests = (ProductDigest.workspace_id == workspace_id, ProductDigest.product_id.in_(products))
    rows = {
        "reviews": _gone(session, delete(Review).where(*theirs)),
        "forecast_runs": _gone(session, delete(ForecastRun).where(*here)),
        "daily_features": _gone(session, delete(DailyFeature).where(*features)),
        "product_digests": _gone(session, delete(ProductDigest).where(*digests)),
        "order_lines_unnamed": _unname(session, workspace_id, user_key),
        "replaced_rows_unnamed": replaced.unname(session, workspace_id, user_key),
        "idempotency_keys": _forget_answers(session, workspace_id, products),
    }
    exports: list[str] = []
    if products:
        rows["exports"], rows["snapshots"], exports = forget_products(session, workspace_id, products)
    session.expire_all()
    job = _make_anew(session, workspace_id, products) if products else None
    return Erased(more | rows, uploads, artifacts, exports), job


def _forget_messages(session: Session, workspace_id: int, product_id: int) -> int:
    """Delete what was to be told of a product: it bears its name."""
    about = (Message.body["product_id"], Message.body["report", "product_id"])
    named = or_(*(value.as_integer() == product_id for value in about))
    return _gone(session, delete(Message).where(Message.workspace_id == workspace_id, named))


def remove_files(
    settings: Settings, uploads: Iterable[str], artifacts: Iterable[str] = (), exports: Iterable[str] = ()
) -> None:
    """Delete uploaded files, folders of models and files for download; one that is gone is no fault."""
    for path in uploads:
        (settings.uploads_dir / path).unlink(missing_ok=True)
    for path in artifacts:
        shutil.rmtree(settings.artifacts_dir / path, ignore_errors=True)
    for path in exports:
        (settings.exports_dir / path).unlink(missing_ok=True)


def _count(session: Session, table: Any, product_id: int) -> int:
    return session.scalar(select(func.count()).select_from(table).where(table.product_id == product_id)) or 0


def _gone(session: Session, statement: Any) -> int:
    done: Any = session.execute(statement, execution_options={"synchronize_session": False})
    return int(done.rowcount)


def _jobs_of(session: Session, workspace_id: int, product_ids: Collection[int]) -> set[UUID]:
    """Return the jobs that brought in rows of these products."""
    wrote = select(Review.job_id).where(
        Review.workspace_id == workspace_id, Review.product_id.in_(product_ids), Review.job_id.is_not(None)
    )
    named = or_(*(Chunk.payload.contains({"product_ids": [product_id]}) for product_id in product_ids))
    touched = select(Chunk.job_id).where(Chunk.workspace_id == workspace_id, named)
    return {id for id in (*session.scalars(wrote.distinct()), *session.scalars(touched.distinct())) if id}


def _forget_files(
    session: Session, workspace_id: int, jobs: Collection[UUID]
) -> tuple[dict[str, int], list[str]]:
    """Forget the files of jobs, which hold the rows as they were sent, and what was refused of them."""
    used = select(Job.upload_id).where(Job.workspace_id == workspace_id, Job.id.in_(jobs))
    kept = (Upload.workspace_id == workspace_id, Upload.id.in_(used), Upload.path != "")
    paths = list(session.scalars(select(Upload.path).where(*kept)))
    _gone(session, update(Upload).where(*kept).values(path=""))
    refused = delete(Refusal).where(Refusal.workspace_id == workspace_id, Refusal.job_id.in_(jobs))
    return {"refusals": _gone(session, refused)}, paths


def _forget_models(session: Session, workspace_id: int, product_ids: Collection[int]) -> list[str]:
    """Delete the models that were trained on any of the products; return their folders."""
    trained = select(Backtest.model_id).where(
        Backtest.workspace_id == workspace_id, Backtest.product_id.in_(product_ids)
    )
    gone = (
        delete(ForecastModel)
        .where(ForecastModel.workspace_id == workspace_id, ForecastModel.id.in_(trained))
        .returning(ForecastModel.path)
        .execution_options(synchronize_session=False)
    )
    return list(session.execute(gone).scalars())


def _forget_answers(session: Session, workspace_id: int, product_ids: Collection[int]) -> int:
    """Delete kept answers to writes that show a forecast of the products."""
    shown = or_(False, *(IdempotencyKey.body.contains({"product_id": id}) for id in product_ids))
    return _gone(session, delete(IdempotencyKey).where(IdempotencyKey.workspace_id == workspace_id, shown))


def _unname(session: Session, workspace_id: int, customer: str) -> int:
    lines = (OrderLine.workspace_id == workspace_id, OrderLine.customer_id == customer)
    return _gone(session, update(OrderLine).where(*lines).values(customer_id=""))


def _make_anew(session: Session, workspace_id: int, product_ids: list[int]) -> Job:
    """Ask for features, marks, digests, models and forecasts of products without what went."""
    touch_data(session, workspace_id)
    job = create_job(session, workspace_id, "score")
    add_chunks(session, workspace_id, job.id, "score", [(0, {"review_ids": [], "product_ids": product_ids})])
    return job
