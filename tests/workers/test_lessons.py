from datetime import date, timedelta

import pytest
from sqlalchemy import select

from storage.backtests import challenger_of
from storage.models import Backtest, ForecastModel
from tests.storage.factories import make_products, make_sales
from workers.context import Context
from workers.lags import lag_panel
from workers.lessons import Lesson, Question, choose_anew, keep
from workers.panel import training_panel

START = date(2026, 1, 5)


@pytest.fixture
def lesson(context: Context, workspace_id: int) -> Lesson:
    with context.sessions.begin() as session:
        [id] = make_products(session, workspace_id, "A1")
        make_sales(session, workspace_id, id, START, [float(5 + n % 7) for n in range(60)])
    with context.sessions() as session:
        panel = training_panel(session, workspace_id, 7, [id])
        said = lag_panel(session, workspace_id, panel)
    return Lesson(Question(workspace_id, horizon=7), panel, said, 3, 1)


def test_what_was_chosen_is_kept_with_its_reason_and_backtest(context: Context, lesson: Lesson) -> None:
    learned = choose_anew(context, lesson, "because")
    assert (learned.chosen, learned.reason) == (START + timedelta(days=59), "because")
    model = keep(context, lesson, learned)
    assert (model.role, model.data_version, model.params["succession"]) == ("champion", 3, "because")
    assert "beside" not in model.params
    with context.sessions() as session:
        [backtest] = session.scalars(select(Backtest).where(Backtest.model_id == model.id))
        assert backtest.findings["changes"] == []
    assert context.artifacts.load_forecaster(model.path).h == 7


def test_a_challenger_stays_until_it_is_dismissed(context: Context, lesson: Lesson) -> None:
    learned = choose_anew(context, lesson)
    champion = keep(context, lesson, learned)
    challenger = keep(context, lesson, learned, beside=champion.id)
    for _ in range(3):
        newest = keep(context, lesson, learned)
    with context.sessions() as session:
        assert challenger_of(session, newest).id == challenger.id
        assert session.get(ForecastModel, champion.id) is not None
    last = keep(context, lesson, learned, dismiss=True)
    with context.sessions() as session:
        assert challenger_of(session, last) is None
        assert session.get(ForecastModel, champion.id) is None
    root = context.settings.artifacts_dir / str(lesson.question.workspace_id)
    assert {path.name for path in root.iterdir()} == {newest.version, last.version}
