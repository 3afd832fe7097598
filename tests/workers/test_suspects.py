import random
from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import features, jobs, suspects
from storage.models import Review
from tests.storage.factories import analysis, make_products, make_reviews, review_row
from tests.workers.factories import csv_import, work_off
from workers.context import Context
from workers.suspects import Search

ZONE = "Asia/Shanghai"
START = datetime(2026, 3, 1, 4, tzinfo=UTC)
COPIED = "宝贝收到了，质量非常好，和描述一致，值得推荐"

Marks = dict[str, tuple[list[str], object]]


def row(name: str, product_id: int, day: float, text: str = "", **fields: Any) -> dict[str, Any]:
    at = START + timedelta(days=day)
    said = text or "".join(map(chr, random.Random(name).choices(range(0x4E00, 0x9000), k=20)))
    found = fields.pop("analysis", None) or analysis()
    return review_row(
        product_id, at.date(), external_id=name, created_at=at, text=said, analysis=found, **fields
    )


def marks(session: Session, workspace_id: int) -> Marks:
    found = session.scalars(select(Review).where(Review.workspace_id == workspace_id))
    return {
        review.external_id: (list(review.suspect_reasons), review.suspect_since)
        for review in found
        if review.is_suspect
    }


def mark_suspects(session: Session, workspace_id: int, product_ids: Collection[int]) -> set[int]:
    """Search to the end; return the products given and the others whose marks changed with theirs."""
    search = Search(session, workspace_id, ZONE)
    for _ in search.steps(product_ids):
        assert search.done <= search.rows
    assert search.done == search.rows
    return {*product_ids, *search.others}


def day(number: int) -> object:
    return (START + timedelta(days=number)).date()


def test_copies_are_seen_whichever_chunk_read_them(context: Context, workspace_id: int) -> None:
    with context.sessions.begin() as session:
        a, b = make_products(session, workspace_id, "A", "B")
        rows = [row(f"a{n}", a, 3 * n, COPIED) for n in range(3)]
        make_reviews(session, workspace_id, [*rows, row("b", b, 0, COPIED), row("other", a, 1)])
        assert mark_suspects(session, workspace_id, [a]) == {a}
        assert marks(session, workspace_id) == {f"a{n}": (["duplicate"], day(6)) for n in range(3)}
        session.delete(session.scalars(select(Review).where(Review.external_id == "a1")).one())
        mark_suspects(session, workspace_id, [a])
        assert marks(session, workspace_id) == {}


def test_an_account_is_seen_over_all_products(context: Context, workspace_id: int) -> None:
    with context.sessions.begin() as session:
        a, b, c = make_products(session, workspace_id, "A", "B", "C")
        make_reviews(session, workspace_id, [row("first", a, 0, COPIED, user_key="u1"), row("c", c, 0)])
        assert mark_suspects(session, workspace_id, [a]) == {a}
        make_reviews(session, workspace_id, [row("second", b, 9, COPIED, user_key="u1")])
        assert mark_suspects(session, workspace_id, [b]) == {a, b}
        # The first one is marked too, but was not to be known for what it is before the second.
        expected = {name: (["account_copies"], day(9)) for name in ("first", "second")}
        assert marks(session, workspace_id) == expected
        assert mark_suspects(session, workspace_id, [b]) == {b}


def test_a_day_of_the_whole_shop_frees_a_product(context: Context, workspace_id: int) -> None:
    def ordinary(product_id: int, name: str, peak: int) -> Iterable[dict[str, Any]]:
        for number in range(40):
            for n in range(peak if number == 30 else 1):
                yield row(f"{name}{number}-{n}", product_id, number + n / 100)

    with context.sessions.begin() as session:
        a, b = make_products(session, workspace_id, "A", "B")
        make_reviews(session, workspace_id, ordinary(a, "a", 25))
        mark_suspects(session, workspace_id, [a])
        assert {reasons[0] for reasons, _ in marks(session, workspace_id).values()} == {"burst"}
        assert len(marks(session, workspace_id)) == 25
        make_reviews(session, workspace_id, ordinary(b, "b", 100))
        assert mark_suspects(session, workspace_id, [b]) == {a, b}
        assert not [name for name in marks(session, workspace_id) if name.startswith("a")]


def test_marks_of_another_shop_are_kept(context: Context, workspace_id: int) -> None:
    with context.sessions.begin() as session:
        [a] = make_products(session, workspace_id, "A", shop="one")
        [b] = make_products(session, workspace_id, "B", shop="two")
        quiet = [row(f"b{n}", b, n) for n in range(30)]
        rush = [row(f"rush{n}", b, 30 + n / 100, user_key=f"v{n}") for n in range(25)]
        make_reviews(session, workspace_id, [*quiet, *rush, row("first", b, 3, COPIED, user_key="v0")])
        mark_suspects(session, workspace_id, [b])
        before = marks(session, workspace_id)
        assert set(before) == {f"rush{n}" for n in range(25)}
        make_reviews(session, workspace_id, [row("second", a, 0, COPIED, user_key="v0")])
        assert mark_suspects(session, workspace_id, [a]) == {a, b}
        new = marks(session, workspace_id)
        assert {name: new[name] for name in before} == before
        assert set(new) - set(before) == {"first", "second"}


def test_the_shop_is_counted_once_however_many_products_follow(
    context: Context, workspace_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[int] = []
    real = suspects.arrivals

    def noted(session: Session, workspace: int, product_ids: Collection[int], *rest: Any) -> pd.DataFrame:
        counted.extend(product_ids)
        return real(session, workspace, product_ids, *rest)

    monkeypatch.setattr(suspects, "arrivals", noted)
    with context.sessions.begin() as session:
        ids = make_products(session, workspace_id, *"ABCDEFGHIJKL")
        chain = pairwise(ids)
        rows = [
            row(f"{n}-{side}", product_id, n, COPIED + chr(0x4E00 + n) * 30, user_key=f"u{n}")
            for n, pair in enumerate(chain)
            for side, product_id in enumerate(pair)
        ]
        make_reviews(session, workspace_id, rows)
        # Each product names the next one, by an account that wrote about both.
        assert mark_suspects(session, workspace_id, ids[:1]) == set(ids)
    assert sorted(counted) == sorted(ids)


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_arrival_leaves_no_trace(context: Context, workspace_id: int, seed: int) -> None:
    def cases(a: int, b: int) -> list[dict[str, Any]]:
        made = [row(f"a{n}", a, n / 2, user_key=f"v{n}") for n in range(60)]
        made += [row(f"rush{n}", a, 25 + n / 100, user_key=f"w{n}") for n in range(30)]
        made += [row(f"copy{n}", b, n, COPIED + "啊呀哦"[n % 3], user_key=f"x{n}") for n in range(6)]
        made += [
            row(f"same{n}", (a, b)[n % 2], 5 * n, "买了两件都是给家里人的呀", user_key="y") for n in range(2)
        ]
        made += [row(f"busy{n}", b, 3 + n / 10, user_key="z") for n in range(4)]
        silent = analysis(suspect={"is_suspect": True, "reasons": ["default_text"]})
        made += [row(f"silent{n}", b, 3, "此用户没有填写评价", analysis=silent) for n in range(4)]
        return made

    with context.sessions.begin() as session:
        a, b = make_products(session, workspace_id, "A", "B")
        made = cases(a, b)
        random.Random(seed).shuffle(made)
        for start in range(0, len(made), 20):
            part = made[start : start + 20]
            touched = {part_row["product_id"] for part_row in part}
            make_reviews(session, workspace_id, part)
            mark_suspects(session, workspace_id, touched)
        pieces = marks(session, workspace_id)
        mark_suspects(session, workspace_id, [a, b])
        assert marks(session, workspace_id) == pieces
    found = {reason for reasons, _ in pieces.values() for reason in reasons}
    assert found == {"burst", "template", "account_copies", "busy_account", "default_text"}
    assert pieces["busy0"] == (["busy_account"], day(3))
    assert pieces["same0"] == (["account_copies"], day(5))
    assert pieces["silent0"] == (["default_text"], None)


def test_an_import_marks_and_its_days_count_what_was_known(context: Context, workspace_id: int) -> None:
    lines = [f"r{n},A,2026-06-0{n + 1} 12:00:00,{COPIED},5" for n in range(4)]
    header = "review_id,product_id,created_at,text,rating"
    job = work_off(context, csv_import(context, workspace_id, "reviews", header, lines))
    assert job.state == "succeeded"
    with context.sessions() as session:
        assert {reasons[0] for reasons, _ in marks(session, workspace_id).values()} == {"duplicate"}
        [product_id] = set(session.scalars(select(Review.product_id)))
        days = features.daily_features(session, workspace_id, product_id)
        # The third copy gives the others away; the days before it do not know.
        assert [day.suspect_share for day in days] == [0.0, 0.0, 1.0, 1.0]


def test_scoring_anew_ends_with_the_same_marks(context: Context, workspace_id: int) -> None:
    with context.sessions.begin() as session:
        [a] = make_products(session, workspace_id, "A")
        make_reviews(session, workspace_id, [row(f"a{n}", a, n, COPIED) for n in range(3)])
        mark_suspects(session, workspace_id, [a])
        before = marks(session, workspace_id)
    context.artifacts.small.version = "small-2"
    with context.sessions.begin() as session:
        job_id = jobs.create_job(session, workspace_id, "score").id
    assert work_off(context, job_id).state == "succeeded"
    with context.sessions() as session:
        assert marks(session, workspace_id) == before != {}
