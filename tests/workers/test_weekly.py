from datetime import date, datetime

import openpyxl
import pytest
from celery.schedules import crontab
from sqlalchemy import select

from settings import Settings
from storage import accounts, exports, snapshots, subscriptions
from storage.models import Export, Snapshot
from tests.storage.factories import make_products, make_sales
from tests.workers.factories import Sent, work_off
from workers.app import create_app
from workers.context import Context
from workers.weekly import week_of, weekly_reports

WEEK = date(2026, 11, 16)
MONDAY = datetime(2026, 11, 23, 8, 0)
DAY = date(2026, 11, 1)


@pytest.fixture
def product_id(context: Context, workspace_id: int) -> int:
    with context.sessions.begin() as session:
        [id] = make_products(session, workspace_id, "00123")
        make_sales(session, workspace_id, id, DAY, [1.0, 2.0, 3.0])
    return id


def subscribe(context: Context, workspace_id: int, user_id: int, product_id: int | None) -> None:
    with context.sessions.begin() as session:
        wishes = {"format": "xlsx", "language": "zh", "week": WEEK}
        subscriptions.subscribe(session, workspace_id, user_id, product_id, **wishes)


def made(context: Context, workspace_id: int) -> list[Export]:
    with context.sessions() as session:
        query = select(Export).where(Export.workspace_id == workspace_id)
        return list(session.scalars(query.order_by(Export.id)))


def test_each_week_has_one_report_and_it_is_listed(
    context: Context, workspace_id: int, user_id: int, product_id: int, sent: Sent
) -> None:
    subscribe(context, workspace_id, user_id, product_id)
    subscribe(context, workspace_id, user_id, None)
    assert weekly_reports(context, MONDAY.replace(hour=7, minute=59)) == 0
    assert weekly_reports(context, MONDAY) == 2
    assert weekly_reports(context, MONDAY.replace(hour=9)) == 0
    assert [task for task, *_ in sent] == ["workers.tasks.export_file"] * 2
    report, overview = made(context, workspace_id)
    assert (report.name, overview.name) == ("title of 00123-2026-11-23.xlsx", "概览-2026-11-23.xlsx")
    for row in (report, overview):
        assert work_off(context, row.job_id).state == "succeeded"
    with context.sessions() as session:
        found = exports.export_of(session, workspace_id, report.job_id)
        book = openpyxl.load_workbook(exports.path_of(context.settings, found))
        frozen = session.scalars(select(Snapshot).where(Snapshot.workspace_id == workspace_id)).one()
        assert snapshots.figures_of(frozen)["cutoff"]["sales"] == "2026-11-03"
    assert [cell.value for cell in book["每日"]["B"]] == ["销量", 1, 2, 3]


def test_a_report_is_made_later_when_nothing_ran_on_monday(
    context: Context, workspace_id: int, user_id: int
) -> None:
    subscribe(context, workspace_id, user_id, None)
    assert weekly_reports(context, datetime(2026, 11, 25, 3)) == 1


def test_who_left_the_workspace_gets_nothing(context: Context, workspace_id: int, user_id: int) -> None:
    subscribe(context, workspace_id, user_id, None)
    with context.sessions.begin() as session:
        accounts.remove_member(session, workspace_id, user_id)
    assert weekly_reports(context, MONDAY) == 0
    with context.sessions() as session:
        assert subscriptions.list_subscriptions(session, workspace_id, user_id) == []


def test_a_product_without_days_has_no_report(context: Context, workspace_id: int, user_id: int) -> None:
    with context.sessions.begin() as session:
        [empty] = make_products(session, workspace_id, "empty")
    subscribe(context, workspace_id, user_id, empty)
    assert weekly_reports(context, MONDAY) == 0
    assert made(context, workspace_id) == []


@pytest.mark.parametrize(
    ("moment", "week"),
    [
        (datetime(2026, 11, 23, 7, 59), date(2026, 11, 16)),
        (datetime(2026, 11, 23, 8, 0), date(2026, 11, 23)),
        (datetime(2026, 11, 29, 23, 59), date(2026, 11, 23)),
    ],
)
def test_a_week_begins_on_monday_at_eight(moment: datetime, week: date) -> None:
    assert week_of(moment) == week


def test_beat_asks_each_hour_of_the_shops_zone(settings: Settings) -> None:
    app = create_app(settings)
    asked = app.conf.beat_schedule["weekly reports"]
    assert asked == {"task": "workers.tasks.weekly_reports", "schedule": crontab(minute=0)}
    assert app.conf.timezone == "Asia/Shanghai"
