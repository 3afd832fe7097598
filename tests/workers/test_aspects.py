from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from nlp.aspect_changes import AspectChanges
from storage import aspects, jobs
from storage.models import Job, Review
from tests.storage.factories import make_products, make_reviews, make_workspace, review_row
from tests.workers.factories import VERSION, work_off
from workers.aspects import changes_of, keep_tree
from workers.context import Context

DAY = date(2026, 11, 11)
OWN: dict[str, Any] = {"name": "烟机", "shown": "", "words": ["拢烟罩"], "is_off": False}


def make(context: Context, workspace_id: int, *texts: str) -> None:
    with context.sessions.begin() as session:
        [product_id] = make_products(session, workspace_id, "A1")
        make_reviews(session, workspace_id, [review_row(product_id, DAY, text=text) for text in texts])


def put(context: Context, workspace_id: int, **change: Any) -> None:
    with context.sessions.begin() as session:
        aspects.put_category(session, workspace_id, **change)


def run(context: Context, workspace_id: int, kind: str, **params: object) -> Job:
    with context.sessions.begin() as session:
        id: UUID = jobs.create_job(session, workspace_id, kind, params=params, total=1).id
    return work_off(context, id)


def test_a_workspace_is_read_by_its_own_tree(context: Context, workspace_id: int) -> None:
    with context.sessions.begin() as session:
        other_id = make_workspace(session).id
    put(context, other_id, name="同城", words=["闪送"])
    put(context, workspace_id, **OWN)
    put(context, workspace_id, name="物流", shown="配送", is_off=True)
    with context.sessions() as session:
        own = changes_of(aspects.categories(session, workspace_id))
    assert own == AspectChanges({"烟机": ("拢烟罩",)}, {"物流": "配送"}, frozenset({"物流"}))


def test_a_changed_tree_makes_rows_stale_and_they_are_scored_anew(
    context: Context, workspace_id: int
) -> None:
    make(context, workspace_id, "拢烟罩很好")
    run(context, workspace_id, "score")
    put(context, workspace_id, **OWN)
    run(context, workspace_id, "score")
    version = AspectChanges({"烟机": ("拢烟罩",)}).version
    with context.sessions() as session:
        found = session.scalars(select(Review.scored_by).where(Review.workspace_id == workspace_id))
        assert set(found) == {f"{VERSION}+{version}"}


def test_a_change_is_tried_on_the_newest_reviews_and_not_made(context: Context, workspace_id: int) -> None:
    make(context, workspace_id, "拢烟罩很好", "快递很快")
    put(context, workspace_id, name="同城", words=["快递"])
    job = run(context, workspace_id, "analyze", aspects=OWN)
    assert (job.state, job.error) == ("succeeded", "")
    assert (job.result["texts"], job.result["changed"], job.result["gains"]) == (2, 1, {"烟机": 1})
    reset = run(context, workspace_id, "analyze", aspects=OWN | {"name": "同城", "words": []})
    assert (reset.result["gains"], reset.result["losses"]) == ({"物流": 1}, {"同城": 1})
    with context.sessions() as session:
        assert [one.name for one in aspects.categories(session, workspace_id)] == ["同城"]


def test_the_built_in_tree_is_kept_for_the_pages(context: Context, workspace_id: int) -> None:
    keep_tree(context)
    assert not keep_tree(context)
    with context.sessions() as session:
        found = {branch.name: branch for branch in aspects.branches(session, workspace_id)}
    assert (found["物流"].english, "快递" in found["物流"].built_in) == ("delivery", True)
    assert "优惠" in " ".join(found["价格"].built_in)
