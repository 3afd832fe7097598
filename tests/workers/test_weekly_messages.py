"""Weekly reports that are told of: queued once with the file, and mailed with it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session, sessionmaker

from storage import accounts, chunks, destinations, exports, jobs, snapshots, subscriptions
from storage.models import Destination, Export, Message, Product, Workspace
from storage.sealing import Seal
from tests.storage.factories import make_products, make_sales, make_workspace
from tests.workers.factories import REPORT, work_off
from tests.workers.standins import Mailbox
from workers import leases
from workers.context import Context
from workers.exports import export_file
from workers.messages import deliver
from workers.weekly import weekly_reports

WEEK = date(2026, 11, 16)
MONDAY = datetime(2026, 11, 23, 8, 0)
TITLE = "空气炸锅"


@pytest.fixture
def context(context: Context) -> Context:
    return replace(context, settings=replace(context.settings, public_url="https://fp.example.com"))


@pytest.fixture
def product_id(context: Context, workspace_id: int) -> int:
    with context.sessions.begin() as session:
        [id] = make_products(session, workspace_id, "00123", title=TITLE)
        make_sales(session, workspace_id, id, date(2026, 11, 9), [10.0] * 7 + [11.0] * 7)
    return id


@pytest.fixture
def destination_id(context: Context, workspace_id: int) -> int:
    with context.sessions.begin() as session:
        sealed = Seal(context.settings.secret_key).close({"address": "li@example.com", "secret": ""})
        given = ("email", "组", "li@example.com", sealed)
        return destinations.add_destination(session, workspace_id, *given).id


def start(
    context: Context, workspace_id: int, user_id: int, product_id: int | None, destination_id: int | None
) -> UUID:
    """Subscribe and let Monday come; return the job."""
    wishes: dict[str, Any] = {"format": "xlsx", "language": "zh", "week": WEEK}
    with context.sessions.begin() as session:
        given = (session, workspace_id, user_id, product_id)
        subscriptions.subscribe(*given, **wishes, destination_id=destination_id)
    assert weekly_reports(context, MONDAY) == 1
    with context.sessions() as session:
        return session.scalars(select(Export.job_id).where(Export.workspace_id == workspace_id)).one()


def told(context: Context, workspace_id: int) -> list[dict[str, Any]]:
    with context.sessions() as session:
        return list(session.scalars(select(Message.body).where(Message.workspace_id == workspace_id)))


def test_a_report_is_told_of_once_its_file_is_there(
    context: Context, workspace_id: int, user_id: int, product_id: int, destination_id: int
) -> None:
    job_id = start(context, workspace_id, user_id, product_id, destination_id)
    assert told(context, workspace_id) == []
    assert work_off(context, job_id).state == "succeeded"
    [body] = told(context, workspace_id)
    assert body["report"] == {
        "job_id": str(job_id),
        "product_id": product_id,
        "title": TITLE,
        "week": "2026-11-23",
        "file": f"{TITLE}-2026-11-23.xlsx",
        "products": None,
        "units": {"now": 77.0, "before": 70.0, "days": 7, "days_before": 7, "until": "2026-11-22"},
        "net": None,
        "ahead": None,
        "url": f"https://fp.example.com/products/{product_id}/exports",
    }


def test_the_overview_is_told_of_with_the_sums_of_all(
    context: Context, workspace_id: int, user_id: int, product_id: int, destination_id: int
) -> None:
    with context.sessions.begin() as session:
        [other] = make_products(session, workspace_id, "00124")
        make_sales(session, workspace_id, other, date(2026, 11, 16), [1.0] * 7)
    work_off(context, start(context, workspace_id, user_id, None, destination_id))
    [body] = told(context, workspace_id)
    report = body["report"]
    assert (report["title"], report["products"], report["units"]["now"]) == ("", 2, 84.0)
    assert report["url"] == "https://fp.example.com/exports"


def test_a_worker_that_dies_neither_loses_nor_doubles_the_message(
    context: Context,
    workspace_id: int,
    user_id: int,
    product_id: int,
    destination_id: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It dies after it queued, before the commit; as with kill -9, its lease runs out."""
    job_id = start(context, workspace_id, user_id, product_id, destination_id)
    with context.sessions() as session:
        [chunk] = chunks.pending_chunks(session, workspace_id, job_id)
    queued: list[int] = []

    def die(session: Session, _assignment: Any) -> None:
        queued.append(len(list(session.scalars(select(Message.id)))))
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("workers.exports.finish", die)
        with pytest.raises(KeyboardInterrupt):
            leases.work_on(context, chunk.id, export_file)
    assert queued == [1]
    assert told(context, workspace_id) == []
    with context.sessions.begin() as session:
        chunks.bury(session, "", "died")
    for _ in range(2):
        leases.work_on(context, chunk.id, export_file)
    assert len(told(context, workspace_id)) == 1


@pytest.mark.parametrize("what", ["left", "stopped", "removed", "no destination", "theirs"])
def test_nobody_is_told_who_should_not_be(
    context: Context,
    workspace_id: int,
    user_id: int,
    product_id: int,
    destination_id: int,
    theirs: Any,
    what: str,
) -> None:
    wanted = None if what == "no destination" else destination_id
    job_id = start(context, workspace_id, user_id, product_id, wanted)
    with context.sessions.begin() as session:
        [mine] = subscriptions.list_subscriptions(session, workspace_id, user_id)
        if what == "left":
            accounts.remove_member(session, workspace_id, user_id)
        elif what == "stopped":
            subscriptions.unsubscribe(session, workspace_id, user_id, mine.id)
        elif what == "removed":
            destinations.remove_destination(session, workspace_id, destination_id)
        elif what == "theirs":
            mine.destination_id = theirs.destination
    assert work_off(context, job_id).state == "succeeded"
    with context.sessions() as session:
        assert session.scalars(select(Message.id)).all() == []


def test_a_file_that_somebody_asked_for_is_not_told_of(
    context: Context, workspace_id: int, product_id: int, destination_id: int
) -> None:
    with context.sessions.begin() as session:
        job = jobs.create_job(session, workspace_id, "export")
        frozen = snapshots.take(session, session.get_one(Product, product_id))
        exports.add_export(session, job, "a.xlsx", frozen, format="xlsx", language="zh")
    work_off(context, job.id)
    assert told(context, workspace_id) == []


class Theirs:
    """A neighbour's destination and the job of a file of theirs."""

    def __init__(self, session: Session, settings: Any, id: int) -> None:
        given = ("email", "别人", "wang@example.com", "sealed")
        self.destination = destinations.add_destination(session, id, *given).id
        job = jobs.create_job(session, id, "export")
        row = exports.add_export(session, job, "secret.pdf", format="pdf", language="zh")
        row.path = f"{id}/secret.pdf"
        (settings.exports_dir / str(id)).mkdir(parents=True)
        (settings.exports_dir / row.path).write_bytes(b"%PDF secret")
        self.job = job.id


@pytest.fixture
def theirs(context: Context, sessions: sessionmaker[Session]) -> Iterator[Theirs]:
    with sessions.begin() as session:
        id = make_workspace(session).id
        made = Theirs(session, context.settings, id)
    yield made
    with sessions.begin() as session:
        session.execute(delete(Workspace).where(Workspace.id == id))


@pytest.fixture
def send(mailing: Context, mail: Any) -> Any:
    return partial(deliver, mailing, mail=mail)


@pytest.mark.parametrize(
    ("format", "media_type"),
    [
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("pdf", "application/pdf"),
    ],
)
def test_a_mail_brings_the_file_with_its_chinese_name(
    context: Context,
    workspace_id: int,
    user_id: int,
    product_id: int,
    destination_id: int,
    mailbox: Mailbox,
    send: Any,
    format: str,
    media_type: str,
) -> None:
    job_id = start(context, workspace_id, user_id, product_id, destination_id)
    with context.sessions.begin() as session:
        row = exports.export_of(session, workspace_id, job_id)
        row.format, row.name = format, f"{TITLE}-2026-11-23.{format}"
    work_off(context, job_id)
    assert (send(), send()) == (1, 0)
    people, mail = mailbox.read()
    [file] = mail.iter_attachments()
    assert people == ["li@example.com"]
    assert mail["Subject"] == f"风评周报 · {TITLE}"
    words = mail.get_body().get_content()
    assert "近 7 天（至 2026-11-22）销量 77 件，前 7 天 70 件（↑ +10.0%）" in words
    assert f"查看报告与文件: https://fp.example.com/products/{product_id}/exports" in words
    assert (file.get_content_type(), file.get_filename()) == (media_type, f"{TITLE}-2026-11-23.{format}")
    assert "filename*=utf-8''%E7%A9%BA" in mailbox.mails[0][2].decode()
    with context.sessions() as session:
        made = exports.export_of(session, workspace_id, job_id)
        assert file.get_content() == exports.path_of(context.settings, made).read_bytes()


@pytest.mark.parametrize("what", ["large", "gone", "theirs"])
def test_without_a_file_that_may_go_only_the_link_is_sent(
    context: Context,
    workspace_id: int,
    user_id: int,
    product_id: int,
    destination_id: int,
    mailbox: Mailbox,
    send: Any,
    theirs: Theirs,
    monkeypatch: pytest.MonkeyPatch,
    what: str,
) -> None:
    if what == "theirs":
        with context.sessions.begin() as session:
            report = REPORT | {"job_id": str(theirs.job)}
            destinations.queue(session, workspace_id, destination_id, {"report": report})
    else:
        job_id = start(context, workspace_id, user_id, product_id, destination_id)
        work_off(context, job_id)
    if what == "large":
        monkeypatch.setattr("workers.weekly_messages.MOST_BYTES", 1000)
    if what == "gone":
        with context.sessions() as session:
            exports.path_of(context.settings, exports.export_of(session, workspace_id, job_id)).unlink()
    assert send() == 1
    people, mail = mailbox.read()
    assert people == ["li@example.com"]
    assert list(mail.iter_attachments()) == []
    assert "/exports" in mail.get_content()


def test_reports_are_queued_while_a_slow_server_is_told(
    context: Context, workspace_id: int, destination_id: int, sessions: sessionmaker[Session]
) -> None:
    with sessions.begin() as session:
        destinations.queue(session, workspace_id, destination_id, {"test": True})
    with sessions.begin() as telling:
        assert destinations.take_due(telling) is not None
        with sessions.begin() as session:
            session.execute(text("SET LOCAL lock_timeout = '1s'"))
            destinations.queue(session, workspace_id, destination_id, {"test": True})
        with sessions.begin() as session:
            assert destinations.take_due(session) is None, "one at a time"
    with sessions.begin() as session:
        found = destinations.take_due(session)
        assert found is not None
        assert isinstance(found[0], Destination)
