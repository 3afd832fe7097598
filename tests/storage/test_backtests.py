from datetime import date

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from storage import backtests
from storage.models import Backtest
from storage.overview import product_rows
from tests.storage.factories import make_model, make_products

DAY = date(2026, 6, 1)
HELPS = {"verdict": "helps"}


@pytest.fixture
def product_id(session: Session, workspace_id: int) -> int:
    return make_products(session, workspace_id, "A1")[0]


def test_the_newest_model_of_the_default_horizon_speaks_for_the_workspace(
    session: Session, workspace_id: int, other_id: int, product_id: int
) -> None:
    assert backtests.latest_model(session, workspace_id) is None
    assert backtests.get_backtest(session, workspace_id, product_id) is None
    make_model(session, workspace_id, product_id)
    newest = make_model(session, workspace_id, product_id, lift=HELPS)
    long = make_model(session, workspace_id, product_id, horizon=28)
    own = make_model(session, workspace_id, product_id, models="ARIMA")
    assert backtests.latest_model(session, workspace_id).id == newest.id
    assert backtests.latest_model(session, workspace_id, horizon=20).id == long.id
    assert backtests.latest_model(session, workspace_id, horizon=29) is None
    assert backtests.latest_model(session, workspace_id, models="ARIMA").id == own.id
    assert backtests.latest_model(session, other_id) is None
    assert backtests.get_backtest(session, workspace_id, product_id).model_id == newest.id
    assert backtests.get_backtest(session, other_id, product_id, newest.id) is None
    [row] = product_rows(session, workspace_id, start=DAY, end=DAY).items
    assert row.verdict == "helps"


def test_another_horizon_speaks_where_there_is_no_default_one(session: Session, workspace_id: int) -> None:
    make_model(session, workspace_id, horizon=7)
    reaching = make_model(session, workspace_id, horizon=28)
    assert backtests.latest_model(session, workspace_id).id == reaching.id


def test_todays_model_goes_before_a_shorter_one_of_yesterday(session: Session, workspace_id: int) -> None:
    make_model(session, workspace_id, horizon=14, data_version=1)
    today = make_model(session, workspace_id, horizon=28, data_version=2)
    assert backtests.latest_model(session, workspace_id, horizon=7).id == today.id


def test_of_one_days_models_the_shortest_that_reaches_far_enough_is_taken(
    session: Session, workspace_id: int
) -> None:
    by_horizon = {days: make_model(session, workspace_id, horizon=days).id for days in (28, 7, 14)}
    for asked, taken in [(1, 7), (7, 7), (8, 14), (15, 28), (28, 28)]:
        assert backtests.latest_model(session, workspace_id, horizon=asked).id == by_horizon[taken]
    again = make_model(session, workspace_id, horizon=14)
    assert backtests.latest_model(session, workspace_id, horizon=8).id == again.id


def test_a_backtest_is_read_with_its_model(session: Session, workspace_id: int, product_id: int) -> None:
    old = make_model(session, workspace_id, product_id, lift=HELPS, version="old")
    make_model(session, workspace_id, version="new")
    found = backtests.get_backtest(session, workspace_id, product_id, old.id)
    assert (found.model.version, found.champion, found.lift) == ("old", "ARIMA", HELPS)
    assert backtests.get_backtest(session, workspace_id, product_id).model_id == old.id
    assert backtests.get_backtest(session, workspace_id, product_id, 987654321) is None


def test_a_product_fares_once_under_a_model(session: Session, workspace_id: int, product_id: int) -> None:
    with pytest.raises(IntegrityError, match="pk_backtests"), session.begin_nested():
        make_model(session, workspace_id, product_id, product_id)
    assert backtests.latest_model(session, workspace_id) is None


def test_old_models_go_and_say_which_folders(session: Session, workspace_id: int, product_id: int) -> None:
    models = [make_model(session, workspace_id, product_id, path=f"m{n}") for n in range(4)]
    other = make_model(session, workspace_id, product_id, horizon=28)
    assert set(backtests.drop_old_models(session, models[-1])) == {"m0", "m1"}
    assert backtests.drop_old_models(session, other) == []
    assert backtests.latest_model(session, workspace_id).path == "m3"
    left = session.scalar(select(func.count()).where(Backtest.product_id == product_id))
    assert left == 3


def test_models_of_others_and_of_other_kinds_are_never_dropped(
    session: Session, workspace_id: int, other_id: int
) -> None:
    theirs = [make_model(session, other_id).id for _ in range(3)]
    named = [make_model(session, workspace_id, models="ARIMA").id for _ in range(3)]
    newest = [make_model(session, workspace_id) for _ in range(3)][-1]
    assert len(backtests.drop_old_models(session, newest)) == 1
    assert backtests.latest_model(session, other_id).id == theirs[-1]
    assert backtests.latest_model(session, workspace_id, models="ARIMA").id == named[-1]
    assert len(backtests.drop_old_models(session, backtests.latest_model(session, other_id))) == 1


def test_each_part_has_models_of_its_own_and_parts_that_are_no_more_go(
    session: Session, workspace_id: int, product_id: int
) -> None:
    first = make_model(session, workspace_id, product_id, path="first")
    make_model(session, workspace_id, part=1, path="second")
    make_model(session, workspace_id, part=2, path="third")
    assert backtests.latest_model(session, workspace_id).id == first.id
    assert backtests.latest_model(session, workspace_id, part=1).path == "second"
    assert backtests.latest_model(session, workspace_id, part=3) is None
    assert backtests.get_backtest(session, workspace_id, product_id).model_id == first.id
    assert backtests.drop_old_models(session, first, parts=2) == ["third"]


def test_a_challenger_does_not_speak(session: Session, workspace_id: int, product_id: int) -> None:
    champion = make_model(session, workspace_id, product_id, lift=HELPS)
    make_model(session, workspace_id, product_id, role="challenger", lift={"verdict": "none"})
    assert backtests.latest_model(session, workspace_id).id == champion.id
    assert backtests.get_backtest(session, workspace_id, product_id).lift == HELPS
    [row] = product_rows(session, workspace_id, start=DAY, end=DAY).items
    assert row.verdict == "helps"


def test_a_challenger_and_its_champion_outlive_newer_champions(session: Session, workspace_id: int) -> None:
    beside = make_model(session, workspace_id, path="beside")
    watched = make_model(
        session, workspace_id, path="watched", role="challenger", params={"beside": beside.id}
    )
    newer = [make_model(session, workspace_id, path=f"m{n}") for n in range(3)]
    assert backtests.challenger_of(session, newer[-1]).id == watched.id
    assert backtests.challenger_of(session, make_model(session, workspace_id, part=1)) is None
    assert backtests.drop_old_models(session, newer[-1], parts=2) == ["m0"]
    session.delete(watched)
    session.flush()
    assert backtests.drop_old_models(session, newer[-1], parts=2) == ["beside"]
