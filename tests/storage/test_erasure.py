"""What is deleted is looked for in every row of every table, and among the files."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from settings import Settings
from storage import (
    alert_items,
    chunks,
    destinations,
    erasure,
    exports,
    idempotency,
    jobs,
    sales,
    shares,
    snapshots,
    uploads,
)
from storage.alert_items import Sighting
from storage.errors import NotFound
from storage.models import (
    AlertRule,
    Base,
    Chunk,
    DailyFeature,
    ForecastRun,
    OrderLine,
    Product,
    ProductDigest,
    Review,
)
from tests.storage.factories import analysis, make_model, make_products, make_reviews, make_sales, review_row

DAY = date(2026, 6, 1)
SECRET = "秘密买家说差"
SHOPPER = "buyer-4711"


def dump(session: Session) -> dict[str, str]:
    """Return the rows of every table as text."""
    return {
        name: "\n".join(session.execute(text(f"SELECT t::text FROM {name} AS t")).scalars())
        for name in Base.metadata.tables
    }


def holds(session: Session, word: str) -> list[str]:
    return [name for name, rows in dump(session).items() if word in rows]


def fill(session: Session, workspace_id: int, settings: Settings, product_id: int, word: str) -> UUID:
    """Give a product a row in every table that can speak of it, and a file; return its import's job."""
    path = f"{product_id}.csv"
    settings.uploads_dir.mkdir(parents=True, exist_ok=True)
    (settings.uploads_dir / path).write_text(word)
    sent = uploads.add_upload(session, workspace_id, path=path, original_name="a.csv", sha256="0", size=1)
    job = jobs.create_job(session, workspace_id, "import_reviews", upload_id=sent.id)
    [chunk] = chunks.pending_chunks(session, workspace_id, job.id)
    chunk.payload = {"product_ids": [product_id]}
    jobs.add_refusals(
        session, workspace_id, job.id, [{"line": 1, "column": "text", "value": word, "code": "missing_value"}]
    )
    row = review_row(product_id, DAY, text=word, user_key=SHOPPER)
    [review_id] = make_reviews(session, workspace_id, [row | {"analysis": analysis(keywords=[word])}])
    session.get_one(Review, review_id).job_id = job.id
    make_sales(session, workspace_id, product_id, DAY, [1.0, 2.0])
    model = make_model(session, workspace_id, product_id, path=f"model-{product_id}")
    (settings.artifacts_dir / model.path).mkdir(parents=True)
    (settings.artifacts_dir / model.path / "ids.json").write_text(f"[{product_id}]")
    own: dict[str, Any] = {"workspace_id": workspace_id, "product_id": product_id}
    line = {"order_id": f"O{product_id}", "line_no": 1, "ordered_at": datetime.now(UTC), "day": DAY}
    question = {"models": "auto", "horizon": 14, "level": [80], "cutoff": DAY, "feature_version": "1"}
    session.add_all(
        [
            OrderLine(**own, **line, quantity=1, customer_id=SHOPPER),
            DailyFeature(**own, day=DAY, reviews=1, version="1"),
            ProductDigest(**own, version="1", stamp="1", digest={"quotes": [word]}),
            ForecastRun(**own, **question, id=uuid4(), state="succeeded", evidence=[review_id]),
        ]
    )
    title = session.get_one(Product, product_id).title
    rule = AlertRule(workspace_id=workspace_id, name="规则", kind="stockout")
    session.add(rule)
    session.flush()
    alert_items.see(session, rule, Sighting(product_id, "", DAY, {}, 1.0, None))
    told = destinations.add_destination(session, workspace_id, "email", "组", "li@example.com", "sealed")
    destinations.queue(session, workspace_id, told.id, {"product_id": product_id, "product": title})
    report = {"product_id": product_id, "title": title}
    destinations.queue(session, workspace_id, told.id, {"report": report})
    idempotency.claim_key(session, workspace_id, f"key {product_id}", "hash")
    idempotency.save_answer(session, workspace_id, f"key {product_id}", 202, {}, {"product_id": product_id})
    _export(session, settings, product_id)
    session.commit()
    return job.id


def _export(session: Session, settings: Settings, product_id: int) -> None:
    """Freeze a product's report, open a link to it and write it as a file."""
    frozen = snapshots.take(session, session.get_one(Product, product_id))
    shares.add_share(session, frozen, f"word {product_id}")
    job = jobs.create_job(session, frozen.workspace_id, "export")
    made = exports.add_export(session, job, "a.xlsx", frozen, format="xlsx", language="zh")
    made.path = f"{product_id}.xlsx"
    settings.exports_dir.mkdir(parents=True, exist_ok=True)
    (settings.exports_dir / made.path).write_text("report")


@pytest.fixture
def ids(session: Session, workspace_id: int, settings: Settings) -> tuple[int, int]:
    """A product to go and one to stay."""
    goes, stays = make_products(session, workspace_id, "GOES-1", "STAYS-1")
    fill(session, workspace_id, settings, goes, SECRET)
    fill(session, workspace_id, settings, stays, "好")
    return goes, stays


def test_nothing_of_a_product_is_left(
    session: Session, workspace_id: int, settings: Settings, ids: tuple[int, int]
) -> None:
    goes, stays = ids
    assert {"reviews", "refusals", "product_digests"} <= set(holds(session, SECRET))
    erased = erasure.erase_product(session, workspace_id, goes)
    session.commit()
    erasure.remove_files(settings, erased.uploads, erased.artifacts, erased.exports)
    assert holds(session, SECRET) == []
    assert holds(session, "GOES-1") == []
    tables = ("reviews", "sales", "order_lines", "daily_features", "backtests", "forecast_runs")
    for table in (*tables, "snapshots", "exports"):
        left = session.execute(text(f"SELECT product_id FROM {table}")).scalars().all()
        assert set(left) == {stays}, table
    assert not (settings.uploads_dir / f"{goes}.csv").exists()
    assert not (settings.artifacts_dir / f"model-{goes}").exists()
    assert not (settings.exports_dir / f"{goes}.xlsx").exists()
    assert (settings.exports_dir / f"{stays}.xlsx").exists()
    assert (settings.uploads_dir / f"{stays}.csv").exists()
    assert (settings.artifacts_dir / f"model-{stays}").exists()


def test_the_receipt_counts_what_went(session: Session, workspace_id: int, ids: tuple[int, int]) -> None:
    receipt = erasure.erase_product(session, workspace_id, ids[0]).receipt
    assert receipt == {
        "rows": {
            "reviews": 1,
            "sales": 2,
            "order_lines": 1,
            "daily_features": 1,
            "backtests": 1,
            "forecast_runs": 1,
            "product_digests": 1,
            "alert_items": 1,
            "messages": 2,
            "refusals": 1,
            "idempotency_keys": 1,
            "exports": 1,
            "snapshots": 1,
            "products": 1,
        },
        "uploads": 1,
        "models": 1,
    }


def test_nothing_of_a_shopper_is_left_and_their_products_are_made_anew(
    session: Session, workspace_id: int, settings: Settings, ids: tuple[int, int]
) -> None:
    erased, job = erasure.erase_shopper(session, workspace_id, SHOPPER)
    session.commit()
    erasure.remove_files(settings, erased.uploads, erased.artifacts, erased.exports)
    assert holds(session, SHOPPER) == []
    assert holds(session, SECRET) == []
    assert list(settings.uploads_dir.iterdir()) == list(settings.artifacts_dir.iterdir()) == []
    assert list(settings.exports_dir.iterdir()) == []
    assert erased.rows["reviews"] == erased.rows["order_lines_unnamed"] == erased.rows["forecast_runs"] == 2
    assert len(sales.sales_by_day(session, workspace_id, ids[0])) == 2, "what was sold stays"
    assert job is not None
    payloads = session.scalars(select(Chunk.payload).where(Chunk.job_id == job.id)).all()
    assert {"review_ids": [], "product_ids": sorted(ids)} in payloads


def test_a_shopper_nobody_knows_costs_nothing(
    session: Session, workspace_id: int, ids: tuple[int, int]
) -> None:
    before = dump(session)
    erased, job = erasure.erase_shopper(session, workspace_id, "nobody")
    assert (job, set(erased.rows.values()), erased.uploads, erased.artifacts) == (None, {0}, [], [])
    assert dump(session) == before


@pytest.mark.parametrize("nobody", ["", " ", "\x00", "\ud800"])
def test_reviews_without_a_name_are_nobodys(session: Session, workspace_id: int, nobody: str) -> None:
    [product_id] = make_products(session, workspace_id, "A")
    make_reviews(session, workspace_id, [review_row(product_id, DAY, user_key="")])
    with pytest.raises(NotFound):
        erasure.erase_shopper(session, workspace_id, nobody)


def test_a_neighbour_keeps_everything(
    session: Session, workspace_id: int, other_id: int, settings: Settings, ids: tuple[int, int]
) -> None:
    [theirs] = make_products(session, other_id, "GOES-1")
    fill(session, other_id, settings, theirs, "邻居")
    with pytest.raises(NotFound):
        erasure.erase_product(session, workspace_id, theirs)
    erasure.erase_shopper(session, workspace_id, SHOPPER)
    session.commit()
    assert session.get_one(Product, theirs).external_id == "GOES-1"
    [review] = session.scalars(select(Review).where(Review.workspace_id == other_id))
    assert (review.text, review.user_key) == ("邻居", SHOPPER)
