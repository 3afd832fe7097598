"""Imports taken back: what was there before is there again, whatever happened meanwhile."""

import random
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, text

from storage import chunks, jobs, undo
from storage.errors import Conflict, NotFound
from storage.models import Chunk, Job, ReplacedRow, Review
from storage.progress import progress
from tests.workers.factories import csv_import, work, work_off
from workers import undo as undoing
from workers.context import Context

REVIEWS = "product_id,review_id,created_at,text,rating"
SALES = "product_id,date,units,price,ads"
# Tables as an undo must leave them; columns that tell when or by whom are no part of it.
DATA = {
    "products": "external_id, title, description, category, brand, shop, price, launched_at",
    "reviews": "external_id, day, text, label, score, is_suspect, suspect_reasons",
    "sales": "product_id, day, units, revenue, price, promo, stockout, views, extra, from_orders",
    "order_lines": "order_id, product_id, line_no, quantity, unit_price, customer_id",
    "exog_columns": "name, role",
    "daily_features": "product_id, day, reviews, sentiment_mean, suspect_share, rating_mean",
}
# Days that are only there up to the workspace's last one, whatever that was when they were made.
FILLED = {"sales": "from_orders AND units = 0", "daily_features": "t.reviews = 0"}


def state_of(context: Context, workspace_id: int) -> dict[str, list[str]]:
    """Return everything the workspace's imports made."""
    with context.sessions() as session:
        return {
            table: sorted(
                session.scalars(
                    text(
                        f"SELECT ROW({columns})::text FROM {table} AS t WHERE workspace_id = :workspace "
                        f"AND NOT ({FILLED.get(table, 'false')})"
                    ),
                    {"workspace": workspace_id},
                )
            )
            for table, columns in DATA.items()
        }


def brought(
    context: Context, workspace_id: int, kind: str, header: str, lines: list[str], **params: Any
) -> UUID:
    job = work_off(context, csv_import(context, workspace_id, kind, header, lines, **params))
    assert job.state == "succeeded", job.error
    return job.id


def undone(context: Context, workspace_id: int, job_id: UUID) -> Job:
    with context.sessions.begin() as session:
        asked = undo.ask_undo(session, workspace_id, job_id)
    job = work_off(context, asked.id)
    assert job.state == "succeeded", job.error
    return job


def small(context: Context) -> Context:
    """Batches of 3 rows, so that every import and undo is many transactions."""
    return replace(context, settings=replace(context.settings, import_batch_rows=3, score_chunk_rows=4))


@pytest.fixture(autouse=True)
def _small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(undoing.undo_chunk, "__defaults__", (3,))


def any_day(rng: random.Random) -> str:
    return f"2026-11-{rng.randint(1, 9):02d}"


def some_sales(rng: random.Random) -> list[str]:
    return [
        f"{product},2026-11-{day:02d},{rng.randint(0, 30)},{rng.choice(['', 9, 19])},{rng.choice(['', 1, 2])}"
        for product in ("A", "B", "C")
        for day in rng.sample(range(1, 12), 5)
    ]


def some_orders(rng: random.Random) -> list[str]:
    return [
        f"o{rng.randint(1, 12)},{rng.choice('ABC')},{any_day(rng)} 10:00:00,{rng.randint(1, 5)},9,c{n}"
        for n in range(8)
    ]


def some_reviews(rng: random.Random) -> list[str]:
    return [
        f"{rng.choice('ABC')},r{rng.randint(1, 25)},{any_day(rng)},{rng.choice(['差', '好'])}{n},4"
        for n in range(8)
    ]


def some_products(rng: random.Random) -> list[str]:
    return [
        f"{one},{one}的标题{rng.randint(1, 3)},{rng.choice(['', '厨具'])},{rng.choice(['', 5, 7])}"
        for one in "ABCD"
    ]


FILES = {
    "sales": (SALES, some_sales, {"columns": {"ads": "past"}}),
    "orders": ("order_id,product_id,ordered_at,quantity,unit_price,customer_id", some_orders, {}),
    "reviews": (REVIEWS, some_reviews, {}),
    "products": ("product_id,title,category,price", some_products, {}),
}


def any_import(context: Context, workspace_id: int, rng: random.Random) -> UUID:
    kind = rng.choice(sorted(FILES))
    header, lines, params = FILES[kind]
    return brought(context, workspace_id, kind, header, lines(rng), **params)


@pytest.mark.parametrize("seed", range(6))
def test_the_last_import_undone_brings_back_what_was(context: Context, workspace_id: int, seed: int) -> None:
    """Imports of all kinds over the same rows, taken back one by one from the last."""
    context, rng = small(context), random.Random(seed)
    states, made = [], []
    for _ in range(5):
        states.append(state_of(context, workspace_id))
        made.append(any_import(context, workspace_id, rng))
    for job_id, before in zip(reversed(made), reversed(states), strict=True):
        undone(context, workspace_id, job_id)
        assert state_of(context, workspace_id) == before


@pytest.mark.parametrize("seed", range(6))
def test_imports_undone_in_any_order_leave_nothing(context: Context, workspace_id: int, seed: int) -> None:
    context, rng = small(context), random.Random(seed)
    made = [any_import(context, workspace_id, rng) for _ in range(5)]
    rng.shuffle(made)
    for job_id in made:
        undone(context, workspace_id, job_id)
    left = state_of(context, workspace_id)
    # What others needed when its import went stays.
    assert {name for name, rows in left.items() if rows} <= {"products", "exog_columns"}
    with context.sessions() as session:
        assert session.scalar(select(func.count()).where(ReplacedRow.workspace_id == workspace_id)) == 0


def test_the_receipt_says_what_went_what_came_back_and_what_stayed(
    context: Context, workspace_id: int
) -> None:
    context = small(context)
    first = brought(context, workspace_id, "sales", SALES, ["A,2026-11-01,5,9,1", "A,2026-11-02,6,9,1"])
    second = brought(
        context,
        workspace_id,
        "sales",
        SALES,
        ["A,2026-11-01,50,9,1", "A,2026-11-03,7,9,1", "B,2026-11-01,1,9,1"],
    )
    third = brought(context, workspace_id, "sales", SALES, ["A,2026-11-03,70,9,1"])
    with context.sessions() as session:
        tolls = undo.foresee(session, workspace_id, second)
    assert {name: toll for name, toll in tolls.items() if toll != undo.Toll()} == {
        "sales": undo.Toll(removed=1, restored=1),
        "products": undo.Toll(removed=1),
        "changed": undo.Toll(kept=1),
    }
    job = undone(context, workspace_id, second)
    assert job.result == {"sales_removed": 1, "sales_restored": 1, "products_removed": 1, "changed_kept": 1}
    with context.sessions() as session:
        found = progress(session, job)
        assert (found.total, found.done, found.failed) == (4, 4, 0)
    days = "SELECT day::text, units FROM sales WHERE workspace_id = :workspace ORDER BY 1"
    with context.sessions() as session:
        found = session.execute(text(days), {"workspace": workspace_id}).all()
    assert [tuple(row) for row in found] == [("2026-11-01", 5.0), ("2026-11-02", 6.0), ("2026-11-03", 70.0)]
    undone(context, workspace_id, third)
    with context.sessions() as session:
        found = session.execute(text(days), {"workspace": workspace_id}).all()
    assert [tuple(row) for row in found] == [("2026-11-01", 5.0), ("2026-11-02", 6.0)]
    undone(context, workspace_id, first)
    assert not any(state_of(context, workspace_id).values())


def test_a_worker_killed_in_the_middle_goes_on_where_it_stopped(
    context: Context, workspace_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = small(context)
    brought(context, workspace_id, "reviews", REVIEWS, [f"A,a{n},2026-11-01,好{n},5" for n in range(4)])
    before = state_of(context, workspace_id)
    job_id = brought(
        context, workspace_id, "reviews", REVIEWS, [f"A,b{n},2026-11-02,差{n},1" for n in range(10)]
    )
    with context.sessions.begin() as session:
        asked = undo.ask_undo(session, workspace_id, job_id)
        [chunk] = chunks.pending_chunks(session, workspace_id, asked.id)
    real, left = undo.take_back, [2]

    def dying(*args: Any) -> undo.Step:
        if left[0] == 0:
            raise KeyboardInterrupt
        left[0] -= 1
        return real(*args)

    monkeypatch.setattr(undo, "take_back", dying)
    with pytest.raises(KeyboardInterrupt):
        work(context, chunk)
    monkeypatch.setattr(undo, "take_back", real)
    with context.sessions.begin() as session:
        stopped = session.get_one(Chunk, chunk.id)
        assert (stopped.state, stopped.done) == ("running", 6)
        assert session.scalar(select(func.count()).where(Review.job_id == job_id)) == 4
        stopped.lease_until = stopped.created_at
    work(context, chunk)
    job = work_off(context, asked.id)
    assert (job.state, job.result) == ("succeeded", {"reviews_removed": 10})
    assert state_of(context, workspace_id) == before


def test_what_was_undone_makes_forecasts_and_digests_anew(context: Context, workspace_id: int) -> None:
    context = small(context)
    brought(context, workspace_id, "reviews", REVIEWS, ["A,a1,2026-11-01,好,5"])
    job_id = brought(context, workspace_id, "reviews", REVIEWS, ["A,b1,2026-11-02,差,1"])
    version = "SELECT data_version FROM workspaces WHERE id = :workspace"
    with context.sessions() as session:
        before = session.scalar(text(version), {"workspace": workspace_id})
    undone(context, workspace_id, job_id)
    with context.sessions() as session:
        assert session.scalar(text(version), {"workspace": workspace_id}) == before + 1
        digest = session.scalars(
            select(Job).where(Job.workspace_id == workspace_id, Job.kind == "digest")
        ).one()
        assert digest.state == "queued"


def test_an_import_under_way_or_no_import_is_not_undone(context: Context, workspace_id: int) -> None:
    job_id = csv_import(context, workspace_id, "reviews", REVIEWS, ["A,a1,2026-11-01,好,5"])
    with context.sessions.begin() as session:
        with pytest.raises(Conflict, match="has not ended"):
            undo.ask_undo(session, workspace_id, job_id)
        score = jobs.create_job(session, workspace_id, "score")
        with pytest.raises(Conflict, match="only imports"):
            undo.ask_undo(session, workspace_id, score.id)
        with pytest.raises(NotFound):
            undo.ask_undo(session, workspace_id + 1, job_id)


def test_asking_twice_is_one_undo_and_ends_the_import_for_good(context: Context, workspace_id: int) -> None:
    job_id = csv_import(context, workspace_id, "reviews", REVIEWS, ["A,a1,2026-11-01,好,5"])
    with context.sessions.begin() as session:
        jobs.cancel_job(session, workspace_id, job_id)
        first = undo.ask_undo(session, workspace_id, job_id)
        assert undo.ask_undo(session, workspace_id, job_id).id == first.id
        with pytest.raises(Conflict, match="it was undone"):
            jobs.retry_job(session, workspace_id, job_id)
    assert work_off(context, first.id).state == "succeeded"


def test_the_same_file_can_come_in_again_afterwards(context: Context, workspace_id: int) -> None:
    lines = ["A,2026-11-01,5,9,1", "B,2026-11-02,6,9,1"]
    first = brought(context, workspace_id, "sales", SALES, lines)
    before = state_of(context, workspace_id)
    undone(context, workspace_id, first)
    brought(context, workspace_id, "sales", SALES, lines)
    after = state_of(context, workspace_id)
    assert [len(rows) for rows in after.values()] == [len(rows) for rows in before.values()]


def test_what_is_kept_goes_with_its_job(context: Context, workspace_id: int) -> None:
    brought(context, workspace_id, "sales", SALES, ["A,2026-11-01,5,9,1"])
    job_id = brought(context, workspace_id, "sales", SALES, ["A,2026-11-01,6,9,1"])
    with context.sessions.begin() as session:
        kept = session.scalars(select(ReplacedRow).where(ReplacedRow.workspace_id == workspace_id)).one()
        assert (kept.job_id, kept.before["units"]) == (job_id, 5)
        session.delete(session.get_one(Job, job_id))
    with context.sessions() as session:
        assert session.scalar(select(func.count()).where(ReplacedRow.workspace_id == workspace_id)) == 0
