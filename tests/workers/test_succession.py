from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select

from storage import jobs
from storage.backtests import challenger_of
from storage.models import ForecastModel
from tests.storage.factories import make_products, make_sales
from workers import succession
from workers.context import Context
from workers.succession import MOST_AGE
from workers.training import Question, ensure_model

START = date(2026, 1, 5)
DAYS = 84
H = 7


def sold(days: range) -> list[float]:
    return [10.0 + 5 * (n % 7 > 4) + n % 3 for n in days]


@pytest.fixture
def product_ids(context: Context, workspace_id: int) -> list[int]:
    with context.sessions.begin() as session:
        ids = make_products(session, workspace_id, "A1", "B2")
        for id in ids:
            make_sales(session, workspace_id, id, START, sold(range(DAYS)), price=9.0)
    return ids


class Shop:
    """A workspace in which days go by."""

    def __init__(self, context: Context, workspace_id: int, product_ids: list[int]) -> None:
        self.context, self.workspace_id, self.product_ids = context, workspace_id, product_ids
        self.days = DAYS
        self.question = Question(workspace_id, horizon=H)

    def sell(self, days: int) -> ForecastModel:
        """Bring the sales of the next days in and answer the question again."""
        with self.context.sessions.begin() as session:
            first = START + timedelta(days=self.days)
            for id in self.product_ids:
                units = sold(range(self.days, self.days + days))
                make_sales(session, self.workspace_id, id, first, units, price=9.0)
            jobs.touch_data(session, self.workspace_id)
        self.days += days
        return ensure_model(self.context, self.question)

    def challenger(self, champion: ForecastModel) -> ForecastModel | None:
        with self.context.sessions() as session:
            return challenger_of(session, champion)

    def folders(self) -> set[str]:
        root = self.context.settings.artifacts_dir / str(self.workspace_id)
        return {f"{self.workspace_id}/{path.name}" for path in root.iterdir()}

    def paths(self) -> set[str]:
        with self.context.sessions() as session:
            query = select(ForecastModel.path).where(ForecastModel.workspace_id == self.workspace_id)
            return set(session.scalars(query))


@pytest.fixture
def shop(context: Context, workspace_id: int, product_ids: list[int]) -> Shop:
    made = Shop(context, workspace_id, product_ids)
    ensure_model(context, made.question)
    return made


def watched(shop: Shop) -> tuple[ForecastModel, ForecastModel]:
    """Return a champion that is old enough to have a challenger beside it, and that."""
    champion = shop.sell(MOST_AGE)
    challenger = shop.challenger(champion)
    assert challenger is not None
    return champion, challenger


def weigh(monkeypatch: pytest.MonkeyPatch, factor: float) -> None:
    """Let the challenger's losses be the champion's times a factor."""
    found: dict[str, Any] = {}

    def losses(_context: Context, model: ForecastModel, _truth: Any) -> np.ndarray:
        days = np.linspace(1.0, 1.3, H)
        found[model.role] = days * (factor if model.role == "challenger" else 1.0)
        return found[model.role]

    monkeypatch.setattr(succession, "_losses", losses)


def test_a_young_champion_learns_new_days_and_goes_on_speaking(shop: Shop) -> None:
    model = shop.sell(2)
    assert (model.role, model.cutoff) == ("champion", START + timedelta(days=DAYS + 1))
    assert model.params["chosen"] == str(START + timedelta(days=DAYS - 1))
    assert "errors of 0 days are the usual ones" in model.params["succession"]
    assert shop.challenger(model) is None
    forecast = shop.context.artifacts.forecaster(model.path).predict()
    assert forecast["ds"].min().date() == model.cutoff + timedelta(days=1)


def test_an_old_choice_gets_a_challenger_that_does_not_speak(shop: Shop) -> None:
    champion, challenger = watched(shop)
    assert challenger.params["beside"] == champion.id
    assert challenger.cutoff == champion.cutoff
    assert "7 days old" in challenger.params["succession"]
    assert ensure_model(shop.context, shop.question).id == champion.id
    later = shop.sell(3)
    assert shop.challenger(later).id == challenger.id
    assert {champion.path, challenger.path} < shop.paths() == shop.folders()


def test_drifting_errors_bring_a_challenger_early(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(succession, "recent_losses", lambda *_: np.full(10, 1e3))
    model = shop.sell(1)
    assert "errors drift" in model.params["succession"]
    assert shop.challenger(model) is not None


def test_a_challenger_that_wins_takes_over(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    _, challenger = watched(shop)
    weigh(monkeypatch, 0.5)
    model = shop.sell(H)
    assert model.params["chosen"] == str(challenger.cutoff)
    assert "the challenger errs less" in model.params["succession"]
    assert shop.challenger(model) is None
    assert shop.paths() == shop.folders()


def test_a_challenger_that_does_not_win_goes(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    champion, _ = watched(shop)
    weigh(monkeypatch, 1.0)
    model = shop.sell(H)
    assert model.params["chosen"] == champion.params["chosen"]
    assert "the challenger" in model.params["succession"]
    assert shop.challenger(model) is None


def test_both_are_compared_by_what_they_said_of_the_days_that_came(shop: Shop) -> None:
    champion, challenger = watched(shop)
    truth = shop.context.artifacts.forecaster(champion.path).predict().set_index(["unique_id", "ds"])
    for model in (champion, challenger):
        losses = succession._losses(shop.context, model, truth["yhat"] + 2.0)
        assert losses.shape == (H,)
    own = succession._losses(shop.context, champion, truth["yhat"] + 2.0)
    assert own.tolist() == pytest.approx([2.0] * H)


def test_who_asks_for_a_new_training_hears_the_new_choice_at_once(shop: Shop) -> None:
    champion, _ = watched(shop)
    model = ensure_model(shop.context, shop.question, anew=True)
    assert (model.role, model.params["chosen"]) == ("champion", str(champion.cutoff))
    assert model.id > champion.id
    assert shop.challenger(model) is None
    assert shop.paths() == shop.folders()
