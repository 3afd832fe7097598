from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import func, select

from nlp.aggregate import FEATURE_VERSION
from storage import jobs
from storage.backtests import KEPT_MODELS, get_backtest, latest_model
from storage.errors import NoData
from storage.features import daily_features
from storage.locks import single_flight
from storage.models import Backtest, ForecastModel
from tests.storage.factories import analysis, make_products, make_reviews, make_sales, review_row
from workers import lessons, training
from workers.context import Context
from workers.leases import NotNow
from workers.lessons import LEVEL, WINDOWS
from workers.training import Question, current_model, ensure_model

START = date(2026, 1, 5)
DAYS = 84
LAST = START + timedelta(days=DAYS - 1)


@pytest.fixture
def product_ids(context: Context, workspace_id: int) -> list[int]:
    """Two products with a weekly rhythm, the first with reviews that no features were made of."""
    with context.sessions.begin() as session:
        ids = make_products(session, workspace_id, "A1", "B2")
        for id in ids:
            make_sales(
                session, workspace_id, id, START, [10.0 + 5 * (n % 7 > 4) for n in range(DAYS)], price=9.0
            )
        found = analysis("negative", -0.5)
        days = [START + timedelta(days=n) for n in range(0, DAYS, 3)]
        make_reviews(session, workspace_id, [review_row(ids[0], day, analysis=found) for day in days])
    return ids


@pytest.fixture
def asked(context: Context, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Write down what forecasters are made with."""
    calls: list[dict[str, Any]] = []
    real = context.artifacts.new_forecaster

    def new_forecaster(**options: Any) -> Any:
        calls.append(options)
        return real(**options)

    monkeypatch.setattr(context.artifacts, "new_forecaster", new_forecaster)
    return calls


def touch(context: Context, workspace_id: int) -> None:
    with context.sessions.begin() as session:
        jobs.touch_data(session, workspace_id)


def count_models(context: Context, workspace_id: int) -> int:
    with context.sessions() as session:
        return session.scalar(select(func.count()).where(ForecastModel.workspace_id == workspace_id))


def folders(context: Context, workspace_id: int) -> set[str]:
    root = context.settings.artifacts_dir / str(workspace_id)
    return {path.name for path in root.iterdir()} if root.is_dir() else set()


def test_a_model_is_trained_once_for_todays_data(
    context: Context, workspace_id: int, product_ids: list[int], asked: list[dict[str, Any]]
) -> None:
    question = Question(workspace_id, horizon=7)
    assert current_model(context, question) is None
    first = ensure_model(context, question)
    assert current_model(context, question).id == ensure_model(context, question).id == first.id
    assert len(asked) == 1
    assert asked[0] | {"h": 7, "level": LEVEL, "n_windows": WINDOWS, "models": "auto", "seed": 0} == asked[0]
    touch(context, workspace_id)
    assert current_model(context, question) is None
    second = ensure_model(context, question)
    assert (second.data_version, first.data_version) == (1, 0)
    assert current_model(context, question).id == second.id
    assert len(asked) == 1  # the models of the first learn the new data; they are not chosen anew


def test_products_that_the_champion_does_not_know_are_chosen_for_at_once(
    context: Context, workspace_id: int, product_ids: list[int], asked: list[dict[str, Any]]
) -> None:
    question = Question(workspace_id, horizon=7)
    ensure_model(context, question)
    with context.sessions.begin() as session:
        [new] = make_products(session, workspace_id, "C3")
        make_sales(session, workspace_id, new, LAST - timedelta(days=2), [3.0, 4.0, 5.0], price=9.0)
        jobs.touch_data(session, workspace_id)
    model = ensure_model(context, question)
    assert (len(asked), model.role) == (2, "champion")
    with context.sessions() as session:
        assert get_backtest(session, workspace_id, new, model.id) is not None


def test_a_model_serves_shorter_horizons_and_not_longer_ones_or_other_models(
    context: Context, workspace_id: int, product_ids: list[int]
) -> None:
    model = ensure_model(context, Question(workspace_id, horizon=7))
    assert current_model(context, Question(workspace_id, horizon=3)).id == model.id
    assert current_model(context, Question(workspace_id, horizon=8)) is None
    assert current_model(context, Question(workspace_id, horizon=7, models="Regression")) is None


def test_one_forecaster_asked_for_by_name_is_the_only_one(
    context: Context, workspace_id: int, product_ids: list[int], asked: list[dict[str, Any]]
) -> None:
    model = ensure_model(context, Question(workspace_id, horizon=7, models="Regression"))
    assert asked[0]["models"] == ["Regression"]
    assert model.models == "Regression"
    assert current_model(context, Question(workspace_id, horizon=7)) is None


def test_a_model_says_what_it_was_trained_with(
    context: Context, workspace_id: int, product_ids: list[int]
) -> None:
    touch(context, workspace_id)
    model = ensure_model(context, Question(workspace_id, horizon=7))
    assert (model.horizon, model.cutoff, model.data_version) == (7, LAST, 1)
    assert model.feature_version == FEATURE_VERSION
    assert model.path == f"{workspace_id}/{model.version}"
    assert model.version.startswith("h7-1-")
    assert folders(context, workspace_id) == {model.version}
    assert model.seconds > 0
    assert (model.params["windows"], model.params["level"]) == (WINDOWS, list(LEVEL))
    assert model.params["future"] == ["price"]
    assert model.params["assumptions"] == {"price": "last"}
    assert set(model.params["sentiment"]) < set(model.params["past"])
    with context.sessions() as session:
        backtests = session.scalars(select(Backtest).where(Backtest.model_id == model.id)).all()
        assert {row.product_id for row in backtests} == set(product_ids)
        assert {row.workspace_id for row in backtests} == {workspace_id}
        assert len({point["cutoff"] for point in backtests[0].cv}) == WINDOWS


def test_lags_are_kept_and_their_columns_are_not_shown_to_the_models(
    context: Context, workspace_id: int, product_ids: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    leads = [{"column": "negative_share", "lag": 3, "verdict": "leads"}]
    measured: list[list[str]] = []

    def lags_of(frame: pd.DataFrame, future: tuple[str, ...]) -> dict[str, Any]:
        measured.append([*frame.columns, *future])
        return {str(product_ids[0]): leads}

    monkeypatch.setattr(lessons, "lags_of", lags_of)
    model = ensure_model(context, Question(workspace_id, horizon=7, models="SeasonalNaive"))
    assert measured == [["unique_id", "ds", "y", "price", "sentiment_mean", "negative_share", "price"]]
    assert not {"sentiment_mean", "negative_share"} & set(model.params["past"])
    with context.sessions() as session:
        found = [get_backtest(session, workspace_id, id, model.id).findings["lags"] for id in product_ids]
    assert found == [leads, []]


def test_reviews_become_features_before_the_training_reads_them(
    context: Context, workspace_id: int, product_ids: list[int], asked: list[dict[str, Any]]
) -> None:
    with context.sessions() as session:
        assert daily_features(session, workspace_id, product_ids[0]) == []
    ensure_model(context, Question(workspace_id, horizon=7))
    with context.sessions() as session:
        assert daily_features(session, workspace_id, product_ids[0])[-1].day == LAST
    assert "sentiment_mean_7" in asked[0]["sentiment"]


def test_training_anew_trains_though_there_is_a_model_and_keeps_the_newest(
    context: Context, workspace_id: int, product_ids: list[int]
) -> None:
    question = Question(workspace_id, horizon=7)
    models = [ensure_model(context, question, anew=True) for _ in range(KEPT_MODELS + 1)]
    assert len({model.version for model in models}) == KEPT_MODELS + 1
    kept = models[-KEPT_MODELS:]
    assert folders(context, workspace_id) == {model.version for model in kept}
    with context.sessions() as session:
        assert latest_model(session, workspace_id, horizon=7).id == models[-1].id
        assert get_backtest(session, workspace_id, product_ids[0], models[0].id) is None
        assert get_backtest(session, workspace_id, product_ids[0], kept[0].id) is not None


def test_a_model_that_another_worker_trains_right_now_is_waited_for(
    context: Context, workspace_id: int, product_ids: list[int], asked: list[dict[str, Any]]
) -> None:
    question = Question(workspace_id, horizon=7)
    with single_flight(context.sessions, f"train {workspace_id} 7 auto 0") as ours:
        assert ours
        with pytest.raises(NotNow, match=str(workspace_id)):
            ensure_model(context, question)
        assert asked == []
        # Another horizon is another training.
        assert ensure_model(context, replace(question, horizon=5)).horizon == 5
    assert ensure_model(context, question).horizon == 7


def test_a_model_that_was_finished_while_we_took_the_lock_is_not_trained_again(
    context: Context,
    workspace_id: int,
    product_ids: list[int],
    asked: list[dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    question = Question(workspace_id, horizon=7)
    model = ensure_model(context, question)
    real, looks = training.current_model, []

    def late(context: Context, question: Question) -> ForecastModel | None:
        looks.append(1)
        return real(context, question) if len(looks) > 1 else None

    monkeypatch.setattr(training, "current_model", late)
    assert ensure_model(context, question).id == model.id
    assert (len(looks), len(asked)) == (2, 1)


def test_data_that_comes_in_during_the_training_makes_its_model_stale(
    context: Context, workspace_id: int, product_ids: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = context.artifacts.save_forecaster

    def meanwhile(forecaster: Any, path: str) -> None:
        touch(context, workspace_id)
        real(forecaster, path)

    monkeypatch.setattr(context.artifacts, "save_forecaster", meanwhile)
    model = ensure_model(context, Question(workspace_id, horizon=7))
    assert model.data_version == 0
    assert current_model(context, Question(workspace_id, horizon=7)) is None


def test_a_training_that_fails_leaves_no_model_and_frees_the_lock(
    context: Context, workspace_id: int, product_ids: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_forecaster: Any, _path: str) -> None:
        raise OSError("disk full")

    question = Question(workspace_id, horizon=7)
    with monkeypatch.context() as patched:
        patched.setattr(context.artifacts, "save_forecaster", full)
        with pytest.raises(OSError, match="disk full"):
            ensure_model(context, question)
    assert count_models(context, workspace_id) == 0
    assert ensure_model(context, question).horizon == 7


def test_without_sales_nothing_is_trained(context: Context, workspace_id: int) -> None:
    with pytest.raises(NoData, match=str(workspace_id)):
        ensure_model(context, Question(workspace_id))
    assert count_models(context, workspace_id) == 0
    assert folders(context, workspace_id) == set()


@pytest.mark.parametrize("broken", ["gone", "of another program"])
def test_a_model_that_can_no_longer_be_read_is_made_anew(
    context: Context, workspace_id: int, product_ids: list[int], broken: str
) -> None:
    question = Question(workspace_id, horizon=7)
    first = ensure_model(context, question)
    with context.sessions.begin() as session:
        if broken == "gone":
            context.artifacts.forget(first.path)
        else:
            session.get_one(ForecastModel, first.id).params = {**first.params, "format": 1}
    assert current_model(context, question) is None
    touch(context, workspace_id)
    second = ensure_model(context, question)
    assert second.id != first.id
    assert "format" in second.params
    assert context.artifacts.load_forecaster(second.path).champions_
