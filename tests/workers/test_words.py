from datetime import date
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from nlp.dictionary import Dictionary
from storage import dictionary, jobs
from storage.models import Job, Review
from tests.storage.factories import make_products, make_reviews, make_workspace, review_row
from tests.workers.factories import VERSION, work_off
from workers.context import Context
from workers.words import dictionary_of

DAY = date(2026, 11, 11)


def make(context: Context, workspace_id: int, *texts: str) -> None:
    with context.sessions.begin() as session:
        [product_id] = make_products(session, workspace_id, "A1")
        make_reviews(session, workspace_id, [review_row(product_id, DAY, text=text) for text in texts])


def put(context: Context, workspace_id: int, *words: dict[str, Any]) -> None:
    with context.sessions.begin() as session:
        dictionary.put_words(session, workspace_id, words)


def run(context: Context, workspace_id: int, kind: str, **params: object) -> Job:
    with context.sessions.begin() as session:
        id: UUID = jobs.create_job(session, workspace_id, kind, params=params).id
    return work_off(context, id)


def scored_by(context: Context, workspace_id: int) -> set[str | None]:
    with context.sessions() as session:
        return set(session.scalars(select(Review.scored_by).where(Review.workspace_id == workspace_id)))


def test_a_workspace_is_read_by_its_own_words(context: Context, workspace_id: int) -> None:
    with context.sessions.begin() as session:
        other_id = make_workspace(session).id
    put(context, other_id, {"word": "不错", "kind": "split"})
    put(context, workspace_id, {"word": "Type-C口", "weight": 7}, {"word": "快递", "kind": "split"})
    with context.sessions() as session:
        own = dictionary_of(session, workspace_id)
    assert (dict(own.words), own.splits) == ({"Type-C口": 7}, {"快递"})


def test_a_changed_dictionary_makes_rows_stale_and_they_are_scored_anew(
    context: Context, workspace_id: int
) -> None:
    make(context, workspace_id, "快递员热情", "质量差")
    run(context, workspace_id, "score")
    assert scored_by(context, workspace_id) == {VERSION}
    put(context, workspace_id, {"word": "快递员"})
    context.artifacts.small.read.clear()
    run(context, workspace_id, "score")
    assert scored_by(context, workspace_id) == {f"{VERSION}+{Dictionary({'快递员': None}).version}"}
    assert sorted(context.artifacts.small.read) == ["title of A1", "快递员热情", "质量差"]
    context.artifacts.small.read.clear()
    run(context, workspace_id, "score")
    assert context.artifacts.small.read == []


def test_texts_sent_are_read_by_the_workspaces_words(context: Context, workspace_id: int) -> None:
    put(context, workspace_id, {"word": "快递员"})
    job = run(context, workspace_id, "analyze", texts=["快递员"])
    assert job.result["analyzer"] == f"{VERSION}+{Dictionary({'快递员': None}).version}"


def test_words_are_suggested_that_the_workspace_lacks(context: Context, workspace_id: int) -> None:
    filler = [chr(0x5000 + number) for number in range(500)]
    make(
        context,
        workspace_id,
        *(f"{a}玛丽苏{b}" for a in "衣裤鞋帽袜" for b in "好坏贵香新"),
        "，".join(filler),
    )
    wish = {"suggest": {"top": 3, "least": 6}}
    job = run(context, workspace_id, "analyze", words=wish)
    assert (job.state, job.result["texts"]) == ("succeeded", 26)
    assert [(word["word"], word["texts"]) for word in job.result["suggestions"]] == [("玛丽苏", 25)]
    assert {"score", "count", "cohesion", "freedom", "parts", "contexts"} < set(job.result["suggestions"][0])
    put(context, workspace_id, {"word": "玛丽苏"})
    assert run(context, workspace_id, "analyze", words=wish).result["suggestions"] == []


def test_a_change_is_tried_and_not_made(context: Context, workspace_id: int) -> None:
    make(context, workspace_id, "快递员热情", "面料不错", "大床房")
    put(context, workspace_id, {"word": "大床房"})
    change = {
        "words": [{"word": "快递员", "kind": "keep"}, {"word": "面料", "kind": "split", "weight": None}],
        "remove": ["大床房"],
    }
    job = run(context, workspace_id, "analyze", words={"preview": change})
    assert (job.state, job.result["texts"], job.result["changed"]) == ("succeeded", 3, 3)
    assert job.result["appearing"] == {"大床": 1, "快递员": 1}
    assert job.result["vanishing"] == {"大床房": 1, "快递": 1, "面料": 1}
    assert {"before": ["快递", "员", "热情"], "after": ["快递员", "热情"]} in job.result["examples"]
    with context.sessions() as session:
        assert [word.word for word in dictionary.workspace_words(session, workspace_id)] == ["大床房"]


def test_nothing_of_another_workspace_is_read(context: Context, workspace_id: int) -> None:
    with context.sessions.begin() as session:
        other_id = make_workspace(session).id
    make(context, other_id, "快递员热情")
    change = {"words": [{"word": "快递员", "kind": "keep"}], "remove": []}
    assert run(context, workspace_id, "analyze", words={"preview": change}).result["texts"] == 0


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.from_regex(dictionary.WORD, fullmatch=True))
def test_the_segmenter_takes_every_word_that_is_stored(word: str) -> None:
    assert Dictionary({word: dictionary.HEAVIEST}).version
    assert Dictionary({}, frozenset({word})).splits
