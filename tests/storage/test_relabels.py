from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import relabels
from storage.chunks import touched_products
from storage.errors import Conflict, NotFound
from storage.models import Chunk, Job, Relabel
from storage.reviews import get_review, review_frame, save_scores, set_aside, stale_ids
from tests.storage.factories import VERSION, analysis, make_products, make_reviews, review_row

DAY = date(2026, 6, 8)


@pytest.fixture
def product_id(session: Session, workspace_id: int) -> int:
    [made] = make_products(session, workspace_id, "A")
    return made


def made(
    session: Session, workspace_id: int, product_id: int, label: str, score: float, **row: object
) -> int:
    parts = {name: row.pop(name) for name in ("suspect",) if name in row}
    [id] = make_reviews(
        session,
        workspace_id,
        [review_row(product_id, row.pop("day", DAY), analysis=analysis(label, score, **parts), **row)],  # type: ignore[arg-type]
    )
    return id


def state(session: Session, workspace_id: int, id: int) -> tuple[str | None, float | None]:
    session.expire_all()
    review = get_review(session, workspace_id, id)
    return review.label, review.score


def test_a_label_of_a_person_stands_until_it_is_undone(
    session: Session, workspace_id: int, product_id: int
) -> None:
    id = made(session, workspace_id, product_id, "positive", 0.25)
    first = relabels.relabel(session, workspace_id, id, "negative", None)
    assert state(session, workspace_id, id) == ("negative", -1.0)
    assert (first.seen_label, first.analyzer) == ("positive", VERSION)
    second = relabels.relabel(session, workspace_id, id, "neutral", None)
    assert state(session, workspace_id, id) == ("neutral", 0.0)
    assert (second.seen_label, second.model_score) == ("positive", 0.25)
    assert relabels.holding(session, workspace_id, [id]) == {id: second}
    assert relabels.undo(session, workspace_id, id) is second
    assert state(session, workspace_id, id) == ("positive", 0.25)
    assert relabels.holding(session, workspace_id, [id]) == {}
    assert relabels.undo(session, workspace_id, id) is None
    assert len(session.scalars(select(Relabel)).all()) == 2


def test_who_agrees_keeps_the_score(session: Session, workspace_id: int, product_id: int) -> None:
    id = made(session, workspace_id, product_id, "positive", 0.25)
    relabels.relabel(session, workspace_id, id, "positive", None)
    assert state(session, workspace_id, id) == ("positive", 0.25)


def test_a_later_scoring_does_not_take_it_back(session: Session, workspace_id: int, product_id: int) -> None:
    id, other = (made(session, workspace_id, product_id, "positive", 0.25) for _ in range(2))
    relabels.relabel(session, workspace_id, id, "negative", None)
    found = [(one, analysis("neutral", 0.1)) for one in (id, other)]
    assert save_scores(session, workspace_id, found, "reader-2") == 2
    assert state(session, workspace_id, id) == ("negative", -1.0)
    assert state(session, workspace_id, other) == ("neutral", 0.1)
    assert stale_ids(session, workspace_id, "reader-2") == []
    [held] = relabels.holding(session, workspace_id, [id]).values()
    assert (held.seen_label, held.analyzer, held.model_label) == ("positive", VERSION, "neutral")
    frame = review_frame(session, workspace_id, [product_id]).set_index("id")
    assert frame.loc[id, "score"] == -1.0
    relabels.undo(session, workspace_id, id)
    assert state(session, workspace_id, id) == ("neutral", 0.1)
    save_scores(session, workspace_id, found, "reader-3")
    assert state(session, workspace_id, id) == ("neutral", 0.1)


def test_a_scoring_that_comes_to_agree_gives_its_score(
    session: Session, workspace_id: int, product_id: int
) -> None:
    id = made(session, workspace_id, product_id, "positive", 0.25)
    relabels.relabel(session, workspace_id, id, "negative", None)
    save_scores(session, workspace_id, [(id, analysis("negative", -0.7))], "reader-2")
    assert state(session, workspace_id, id) == ("negative", -0.7)


def test_what_is_not_scored_or_not_there_is_refused(
    session: Session, workspace_id: int, other_id: int, product_id: int
) -> None:
    [unread] = make_reviews(session, workspace_id, [review_row(product_id, DAY)])
    with pytest.raises(Conflict, match="not scored yet"):
        relabels.relabel(session, workspace_id, unread, "negative", None)
    set_aside(session, workspace_id, unread, VERSION)
    relabels.relabel(session, workspace_id, unread, "negative", None)
    relabels.undo(session, workspace_id, unread)
    assert state(session, workspace_id, unread) == (None, None)
    for act in (
        lambda: relabels.relabel(session, other_id, unread, "negative", None),
        lambda: relabels.undo(session, other_id, unread),
    ):
        with pytest.raises(NotFound):
            act()


def test_labels_given_one_after_another_are_one_job(
    session: Session, workspace_id: int, product_id: int
) -> None:
    [other] = make_products(session, workspace_id, "B")
    jobs = {
        relabels.request_rebuild(session, workspace_id, one).id for one in (product_id, other, product_id)
    }
    assert len(jobs) == 1
    assert touched_products(session, jobs.copy().pop()) == [product_id, other]
    chunks = session.scalars(select(Chunk).where(Chunk.job_id.in_(jobs))).all()
    assert sorted(chunk.payload.get("review_ids") is not None for chunk in chunks) == [False, True]
    assert all(chunk.not_before is not None for chunk in chunks)
    session.get_one(Job, jobs.copy().pop()).state = "running"
    session.flush()
    assert relabels.request_rebuild(session, workspace_id, product_id).id not in jobs


def test_the_least_sure_come_first_and_the_judged_not_at_all(
    session: Session, workspace_id: int, other_id: int, product_id: int
) -> None:
    fake = {"is_suspect": True, "reasons": ["template"]}
    sure = made(session, workspace_id, product_id, "positive", 0.9)
    hardly = made(session, workspace_id, product_id, "negative", -0.2)
    unsure = made(session, workspace_id, product_id, "uncertain", 0.4)
    judged = made(session, workspace_id, product_id, "uncertain", 0.1)
    made(session, workspace_id, product_id, "uncertain", 0.0, suspect=fake)
    made(session, workspace_id, product_id, "uncertain", 0.0, day=date(2026, 1, 1))
    relabels.relabel(session, workspace_id, judged, "negative", None)

    def queue(workspace: int, **which: int) -> list[int]:
        return [review.id for review in relabels.unsure(session, workspace, **which)]

    assert queue(workspace_id) == [unsure, hardly, sure]
    assert queue(workspace_id, limit=1) == [unsure]
    assert queue(workspace_id, product_id=product_id + 99) == []
    assert queue(other_id) == []


def test_agreement_and_corrections_are_of_the_labels_that_hold(
    session: Session, workspace_id: int, other_id: int, product_id: int
) -> None:
    for model, person in (("positive", "positive"), ("positive", "negative"), ("uncertain", "neutral")):
        id = made(session, workspace_id, product_id, model, 0.1, text=f"{model} {person}")
        relabels.relabel(session, workspace_id, id, person, None)
    undone = made(session, workspace_id, product_id, "negative", -0.1)
    relabels.relabel(session, workspace_id, undone, "positive", None)
    relabels.undo(session, workspace_id, undone)
    assert relabels.agreement(session, workspace_id) == [
        relabels.Agreement("positive", 2, 1),
        relabels.Agreement("uncertain", 1, 0),
    ]
    assert [(one.text, one.label) for one in relabels.corrections(session, workspace_id)] == [
        ("positive positive", "positive"),
        ("positive negative", "negative"),
        ("uncertain neutral", "neutral"),
    ]
    assert relabels.agreement(session, other_id) == []
    assert list(relabels.corrections(session, other_id)) == []
