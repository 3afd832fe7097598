from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from storage import locks
from storage.models import Chunk, Job, Review
from storage.progress import progress
from tests.workers.factories import csv_import, work_off
from tests.workers.test_suspects import marks
from workers import search
from workers.context import Context
from workers.leases import work_on
from workers.suspects import Search

HEADER = "review_id,product_id,created_at,text,rating,user_id"
COPIED = "宝贝收到了，质量非常好，和描述一致，值得推荐"


class Killed(BaseException):
    """What a dead worker leaves undone: nothing is written down any more."""


@pytest.fixture
def lines() -> list[str]:
    """Copies in each of six products, and an account that wrote the same about the last and the first."""
    start = datetime(2026, 6, 1, 12, tzinfo=UTC)
    day = [f"{start + timedelta(days=n):%Y-%m-%d %H:%M:%S}" for n in range(3)]
    copies = [
        f"r{product}-{n},P{product},{day[n]},{COPIED}{product},5,u{n}{product}"
        for product in range(6)
        for n in range(3)
    ]
    said = "买了两件都是给家里人的呀，颜色各挑了一种"
    twice = [f"same{n},P{5 * n},2026-06-0{n + 3} 12:00:00,{said},5,both" for n in range(2)]
    return copies + twice


@pytest.fixture(autouse=True)
def each_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "KEEP_SECONDS", 0)


def chunk_of(context: Context, job_id: UUID) -> Chunk:
    with context.sessions() as session:
        return session.scalars(select(Chunk).where(Chunk.job_id == job_id, Chunk.stage == "suspects")).one()


def go_on(context: Context, job_id: UUID) -> Job:
    """Let what waits be due, and leases of the dead run out."""
    with context.sessions.begin() as session:
        session.execute(
            update(Chunk).where(Chunk.job_id == job_id).values(not_before=None, lease_until=func.now())
        )
        session.execute(
            update(Chunk).where(Chunk.job_id == job_id, Chunk.state == "running").values(state="pending")
        )
    return work_off(context, job_id)


def dies_after(monkeypatch: pytest.MonkeyPatch, steps: int, error: BaseException) -> list[int]:
    """End the search after so many steps of its first run; return the products it marks."""
    marked: list[int] = []
    real_mark, real_steps, left = Search._mark, Search.steps, [steps]

    def mark(self: Search, product_id: int) -> set[int]:
        marked.append(product_id)
        return real_mark(self, product_id)

    def some(self: Search, product_ids: list[int]) -> Iterator[None]:
        for _ in real_steps(self, product_ids):
            yield
            left[0] -= 1
            if left[0] == 0:
                raise error

    monkeypatch.setattr(Search, "_mark", mark)
    monkeypatch.setattr(Search, "steps", some)
    return marked


@pytest.mark.parametrize("steps", range(1, 7))
def test_a_killed_search_goes_on_and_ends_as_an_undisturbed_one(
    context: Context, workspace_id: int, lines: list[str], monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    marked = dies_after(monkeypatch, steps, Killed())
    job_id = csv_import(context, workspace_id, "reviews", HEADER, lines)
    with pytest.raises(Killed):
        work_off(context, job_id)
    broken = chunk_of(context, job_id)
    assert (broken.state, broken.cursor) == ("running", steps - 1)
    with context.sessions() as session:
        known = {name[1] for name in marks(session, workspace_id) if name.startswith("r")}
    assert len(known) == steps - 1, "what was marked is kept"
    job = go_on(context, job_id)
    with context.sessions() as session:
        assert job.state == "succeeded"
        expected = {f"r{product}-{n}" for product in range(6) for n in range(3)} | {"same0", "same1"}
        assert set(marks(session, workspace_id)) == expected
        assert marks(session, workspace_id)["same0"][1] == datetime(2026, 6, 4).date()
        [counted] = [stage for stage in progress(session, job).stages if stage.name == "suspects"]
    assert counted.done == counted.total == 12
    assert len(marked) == 6, "each product is marked once"


def test_a_redelivered_message_finds_the_search_done(
    context: Context, workspace_id: int, lines: list[str]
) -> None:
    job_id = csv_import(context, workspace_id, "reviews", HEADER, lines)
    work_off(context, job_id)
    assert not work_on(context, chunk_of(context, job_id).id, search.search_chunk)


def test_of_two_searches_of_a_workspace_one_waits(
    context: Context, workspace_id: int, lines: list[str]
) -> None:
    job_id = csv_import(context, workspace_id, "reviews", HEADER, lines)
    with locks.alone(context.sessions, f"suspects {workspace_id}") as held:
        assert held is not None
        work_off(context, job_id)
        waiting = chunk_of(context, job_id)
        assert (waiting.state, waiting.attempts, waiting.error) == ("pending", 0, "")
        assert waiting.not_before is not None
    assert go_on(context, job_id).state == "succeeded"


def test_a_search_whose_lease_was_lost_keeps_nothing_more(
    context: Context, workspace_id: int, lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Search._mark

    def loses(self: Search, product_id: int) -> set[int]:
        with context.sessions.begin() as session:
            session.execute(update(Chunk).where(Chunk.stage == "suspects").values(leased_by="another"))
        return real(self, product_id)

    monkeypatch.setattr(Search, "_mark", loses)
    job_id = csv_import(context, workspace_id, "reviews", HEADER, lines)
    work_off(context, job_id)
    with context.sessions() as session:
        assert chunk_of(context, job_id).leased_by == "another"
        assert marks(session, workspace_id) == {}


def test_days_of_products_marked_by_the_way_are_made_anew(
    context: Context, workspace_id: int, lines: list[str]
) -> None:
    work_off(context, csv_import(context, workspace_id, "reviews", HEADER, lines[:-1]))
    job_id = csv_import(context, workspace_id, "reviews", HEADER, lines[-1:])
    assert work_off(context, job_id).state == "succeeded"
    with context.sessions() as session:
        [days] = session.scalars(
            select(Chunk.payload["daily"]).where(Chunk.job_id == job_id, Chunk.stage == "daily")
        )
        both = session.scalars(select(Review.product_id).where(Review.user_key == "both"))
        assert days == sorted(both)
