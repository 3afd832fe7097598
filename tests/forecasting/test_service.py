from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from forecasting.checks import SPEC, sample_panel
from forecasting.frame import PanelError, PanelSpec
from forecasting.model import NotFittedError
from forecasting.scenario import Scenario
from forecasting.service import Fengping

H = 7
MODELS = ("Regression", "Regression+sentiment")
COLUMNS = ["unique_id", "ds", "model", "yhat", "lo-80", "hi-80", "lo-95", "hi-95"]


@pytest.fixture(scope="module")
def panel() -> pd.DataFrame:
    return sample_panel(days=150, ahead=H)


@pytest.fixture(scope="module")
def service(panel: pd.DataFrame) -> Fengping:
    return Fengping(h=H, models=MODELS, sentiment=("views",)).fit(panel, SPEC)


def test_it_forecasts_every_series_with_nested_bands(service: Fengping, panel: pd.DataFrame) -> None:
    forecast = service.predict()
    assert list(forecast.columns) == COLUMNS
    assert len(forecast) == 3 * H
    assert forecast["ds"].min() == panel.loc[panel["y"].isna(), "ds"].min()
    edges = forecast[["lo-95", "lo-80", "yhat", "hi-80", "hi-95"]].to_numpy()
    assert (np.diff(edges, axis=1) >= 0).all()
    assert (edges >= 0).all()
    assert forecast.groupby("unique_id")["model"].first().to_dict() == service.champions_


def test_one_series_is_forecast_as_among_all(service: Fengping) -> None:
    alone = service.predict(unique_ids=["b"])
    among = service.predict().query("unique_id == 'b'").reset_index(drop=True)
    assert_frame_equal(alone, among)


def test_the_future_is_needed_only_for_the_series_asked_for(panel: pd.DataFrame) -> None:
    past = panel[panel["y"].notna()]
    service = Fengping(h=H, models=["Regression"], n_windows=1).fit(past, SPEC)
    with pytest.raises(PanelError, match=r"'promo' must be known for the 7 days.*a, b, c"):
        service.predict()
    ahead = panel.loc[panel["y"].isna() & (panel["unique_id"] == "b"), ["unique_id", "ds", "promo"]]
    assert len(service.predict(ahead, unique_ids=["b"])) == H
    assert service.explain("b", ahead)


def test_the_backtest_holds_every_model_and_the_service(service: Fengping) -> None:
    names = ["SeasonalNaive", *MODELS, "Fengping"]
    expected = ["unique_id", "ds", "cutoff", "y"]
    for name in names:
        expected += [name, f"{name}-lo-80", f"{name}-hi-80", f"{name}-lo-95", f"{name}-hi-95"]
    assert list(service.cv_.columns) == expected
    assert len(service.cv_) == 3 * 3 * H
    assert service.cv_.notna().all().all()
    assert list(service.scores_) == names
    assert service.scores_["Fengping"]["wape"] < service.scores_["SeasonalNaive"]["wape"]
    assert set(service.metrics_["unique_id"]) == {"a", "b", "c"}
    assert service.coverage_[80] < service.coverage_[95] <= 1.0


def test_champions_beat_seasonal_naive_in_the_backtest(service: Fengping) -> None:
    assert set(service.champions_.values()) <= {"SeasonalNaive", "Regression", "Regression+sentiment"}
    assert service.champions_["c"].startswith("Regression")
    assert "earlier windows" in service.reasons_["c"]


def test_what_happened_later_changes_no_earlier_choice(panel: pd.DataFrame) -> None:
    changed = panel.copy()
    last = changed["y"].notna() & (
        changed["ds"] > changed.loc[changed["y"].notna(), "ds"].max() - pd.Timedelta(days=H)
    )
    changed.loc[last, "y"] = 1.0
    first, second = (
        Fengping(h=H, models=["Regression"]).fit(df, SPEC).cv_.drop(columns="y") for df in (panel, changed)
    )
    assert_frame_equal(first, second)


def test_lift_is_measured_only_when_asked(service: Fengping) -> None:
    assert service.lift_ is not None
    assert service.lift_["columns"] == ["views"]
    assert [product["unique_id"] for product in service.lift_["products"]] == ["a", "b", "c"]


def test_a_new_product_is_forecast_with_its_reason(panel: pd.DataFrame) -> None:
    young = (panel["unique_id"] == "a") & (panel["ds"] < "2026-05-30")
    service = Fengping(h=H, models=["Regression"]).fit(panel[~young], SPEC)
    assert service.champions_["a"] == "SeasonalNaive"
    assert "only 5 known days" in service.fallbacks_["Regression"]["a"]
    assert service.predict(unique_ids=["a"])["yhat"].gt(0).all()


def test_newcomers_among_old_products_are_forecast_by_what_is_alike(
    panel: pd.DataFrame, tmp_path: Path
) -> None:
    old = [panel.assign(unique_id=panel["unique_id"] + str(copy)) for copy in range(4)]
    last = panel.loc[panel["y"].notna(), "ds"].max()
    young = panel[(panel["unique_id"] == "b") & (panel["ds"] > last - pd.Timedelta(days=3))]
    unsold = young.assign(unique_id="unsold", y=np.nan, views=np.nan)
    shop = pd.concat([*old, young, unsold])
    kind = shop["unique_id"].where(shop["unique_id"] != "unsold", "b").str[0]
    spec = PanelSpec(SPEC.freq, SPEC.future, SPEC.past, ("kind",))
    service = Fengping(h=H, models=["Analogues"], n_windows=1).fit(shop.assign(kind=kind), spec)
    assert service.champions_["b"] == service.champions_["unsold"] == "Analogues"
    assert "cut to their last days" in service.reasons_["unsold"]
    forecast = service.predict(unique_ids=["b", "unsold"])
    assert np.isfinite(forecast[COLUMNS[3:]].to_numpy()).all()
    mean = forecast.groupby("unique_id")["yhat"].mean()
    assert mean.tolist() == pytest.approx([70.0, 70.0], rel=0.25)
    service.save(tmp_path)
    assert_frame_equal(Fengping.load(tmp_path).predict(unique_ids=["b", "unsold"]), forecast)


def test_a_renewed_service_forecasts_later_days_with_the_same_choice(panel: pd.DataFrame) -> None:
    last = panel.loc[panel["y"].notna(), "ds"].max()
    before = panel.assign(y=panel["y"].where(panel["ds"] <= last - pd.Timedelta(days=H)))
    service = Fengping(h=H, models=["Regression"], n_windows=1).fit(before, SPEC)
    reasons = service.reasons_
    assert service.serves({"a", "b", "c"}, SPEC)
    assert service.renew(panel, SPEC) is service
    assert service.predict()["ds"].min() == last + pd.Timedelta(days=1)
    assert service.reasons_ == reasons
    fresh = Fengping(h=H, models=["Regression"], n_windows=1).fit(panel, SPEC)
    assert_frame_equal(service.predict()[["ds", "yhat"]], fresh.predict()[["ds", "yhat"]])
    with pytest.raises(PanelError, match="later days of the same series"):
        service.renew(panel[panel["unique_id"] != "c"], SPEC)
    with pytest.raises(PanelError, match="later days of the same series"):
        service.renew(before, SPEC)


@pytest.mark.parametrize("days", [1, 5, 20])
def test_a_very_short_panel_is_forecast_and_says_what_is_missing(days: int) -> None:
    service = Fengping(h=H, models=["Regression"], sentiment=("views",)).fit(
        sample_panel(days=days, ahead=H), SPEC
    )
    forecast = service.predict()
    assert len(forecast) == 3 * H
    assert np.isfinite(forecast[["yhat", "lo-80", "hi-95"]].to_numpy()).all()
    assert any("backtest windows fit the history" in note for note in service.notes_)
    assert any("sentiment columns are worth" in note for note in service.notes_)
    assert set(service.champions_.values()) == {"SeasonalNaive"}


@pytest.fixture(scope="module")
def felt(make_planted: Callable[..., pd.DataFrame]) -> Fengping:
    """Return a service of two products, the first of which sentiment helps."""
    panel = make_planted(n=2, days=240, foretold=[0])
    return Fengping(h=H, n_windows=2, sentiment=("sentiment",)).fit(panel, PanelSpec(past=("sentiment",)))


def worse(service: Fengping, uid: str) -> Scenario:
    """Return what would be different had the reviews of the last days been as bad as they ever were."""
    days = pd.date_range(end=service.grid_.cutoff, periods=7)
    worst = service.grid_.past[service.grid_.ids.index(uid)].min()
    return Scenario(past=pd.DataFrame({"unique_id": uid, "ds": days, "sentiment": worst}))


def test_all_models_run_together_and_sentiment_earns_its_place(felt: Fengping) -> None:
    service = felt
    assert list(service.scores_) == [
        "SeasonalNaive", "ARIMA", "Regression", "Trees", "Regression+sentiment", "Fengping",
    ]  # fmt: skip
    assert service.champions_["P000"].endswith("+sentiment")
    assert service.lift_ is not None
    assert [product["verdict"] for product in service.lift_["products"]] == ["helps", "none"]


def test_other_reviews_move_the_forecast_only_of_a_product_that_listens(felt: Fengping) -> None:
    plain = felt.predict(unique_ids=["P000"])["yhat"].sum()
    bad, warnings = felt.what_if(worse(felt, "P000"), unique_ids=["P000"])
    assert bad["yhat"].sum() < 0.8 * plain
    assert warnings == []
    with pytest.raises(PanelError, match="for P001: its reviews were not shown to help"):
        felt.what_if(worse(felt, "P001"), unique_ids=["P001"])


def test_effects_of_a_scenario_add_up_to_the_usual_of_the_plain_forecast(felt: Fengping) -> None:
    totals = []
    for scenario in (None, worse(felt, "P000")):
        total = felt.predict(unique_ids=["P000"], scenario=scenario)["yhat"].sum()
        totals.append(total - sum(step["effect"] for step in felt.explain("P000", scenario=scenario)))
    assert totals[0] == pytest.approx(totals[1])


def test_sentiment_that_helps_nobody_is_said_to_be_exactly_nothing(felt: Fengping) -> None:
    assert felt.explain("P001")[-1] == {"name": "sentiment", "group": "sentiment", "effect": 0.0}


@pytest.mark.parametrize("models", [("Regression", "Regression+sentiment", "Trees"), ("Regression", "ARIMA")])
def test_what_is_said_of_a_product_that_does_not_listen_reaches_no_model(
    make_planted: Callable[..., pd.DataFrame], models: tuple[str, ...]
) -> None:
    panel = make_planted(n=2, days=240, foretold=[0])
    other = panel.copy()
    deaf = other["unique_id"] == "P001"
    other.loc[deaf, "sentiment"] = np.random.default_rng(9).normal(5.0, 3.0, deaf.sum())
    forecasts = []
    for frame in (panel, other):
        service = Fengping(h=H, n_windows=1, models=models, sentiment=("sentiment",))
        service.fit(frame, PanelSpec(past=("sentiment",)))
        assert service.lift_ is not None
        assert service.lift_["products"][1]["verdict"] == "none"
        forecasts.append(service.predict(unique_ids=["P001"])["yhat"].to_numpy())
    assert np.array_equal(*forecasts)


def test_reviews_correct_nothing_where_the_models_that_read_them_were_not_asked_for(
    make_planted: Callable[..., pd.DataFrame],
) -> None:
    panel = make_planted(n=2, days=240, foretold=[0])
    service = Fengping(h=H, n_windows=1, models=["Regression"], sentiment=("sentiment",))
    service.fit(panel, PanelSpec(past=("sentiment",)))
    assert service.lift_ is not None
    assert service.lift_["products"][0]["verdict"] == "helps"
    assert "+" not in service.champions_["P000"]
    assert len(service.predict()) == 2 * H


def test_wrong_requests_are_named(service: Fengping, panel: pd.DataFrame) -> None:
    with pytest.raises(NotFittedError):
        Fengping().predict()
    with pytest.raises(PanelError, match="unknown ids: nobody"):
        service.predict(unique_ids=["a", "nobody"])
    with pytest.raises(PanelError, match="unknown ids: nobody"):
        service.explain("nobody")
    with pytest.raises(PanelError, match="not among the past columns: mood"):
        Fengping(sentiment=("mood",)).fit(panel, SPEC)
    with pytest.raises(PanelError, match="unknown models: Prophet; there are: auto, SeasonalNaive"):
        Fengping(models=["Prophet"]).fit(panel, SPEC)


def test_explanations_name_the_drivers_of_the_champion(service: Fengping) -> None:
    for uid in ("a", "b", "c"):
        steps = service.explain(uid)
        assert all(set(step) == {"name", "group", "effect"} for step in steps)
        names = {step["name"] for step in steps}
        known = {"trend", "weekday", "season", "holiday", "shopping_festival", "promo", "sentiment"}
        assert names <= known


def test_effects_and_forecast_give_the_usual(service: Fengping, panel: pd.DataFrame) -> None:
    recent = panel[panel["y"].notna()].groupby("unique_id")["y"].apply(lambda y: y.tail(28).mean())
    for uid in ("b", "c"):
        total = service.predict(unique_ids=[uid])["yhat"].sum()
        usual = total - sum(step["effect"] for step in service.explain(uid))
        assert usual == pytest.approx(H * recent[uid], rel=0.12)


def test_levels_are_those_asked_for(panel: pd.DataFrame) -> None:
    service = Fengping(h=H, level=(90, 50), models=["Regression"], n_windows=1).fit(panel, SPEC)
    forecast = service.predict()
    assert list(forecast.columns[4:]) == ["lo-50", "hi-50", "lo-90", "hi-90"]
    assert (forecast["hi-90"] >= forecast["hi-50"]).all()
    assert set(service.coverage_) == {50, 90}


def test_two_runs_agree(panel: pd.DataFrame, service: Fengping) -> None:
    again = Fengping(h=H, models=MODELS, sentiment=("views",)).fit(panel.sample(frac=1, random_state=1), SPEC)
    assert_frame_equal(again.predict(), service.predict())
    assert_frame_equal(again.cv_, service.cv_)
    assert again.lift_ == service.lift_


def test_stockouts_are_not_taken_for_falling_demand(panel: pd.DataFrame) -> None:
    out = (panel["unique_id"] == "c") & (
        panel["ds"] > panel.loc[panel["y"].notna(), "ds"].max() - pd.Timedelta(days=4)
    )
    sold_out = panel.copy()
    sold_out.loc[out & panel["y"].notna(), "y"] = 0.0
    marked = sold_out.assign(stockout=(out & panel["y"].notna()).astype(float))
    usual, fallen, censored = (
        Fengping(h=H, models=["Regression"], n_windows=1)
        .fit(df, SPEC)
        .predict(unique_ids=["c"])["yhat"]
        .sum()
        for df in (panel, sold_out, marked)
    )
    assert censored == pytest.approx(usual, rel=0.1)
    assert fallen < 0.93 * censored


def test_fewer_windows_than_asked_are_reported_as_such() -> None:
    service = Fengping(h=H, n_windows=9, models=["Regression"]).fit(sample_panel(days=50, ahead=H), SPEC)
    assert service.cv_["cutoff"].nunique() == 5
    assert service.notes_ == ["5 of 9 backtest windows fit the history"]


def test_without_sentiment_nothing_is_said_about_it(panel: pd.DataFrame) -> None:
    service = Fengping(h=H, models=["Regression"], n_windows=1).fit(panel, SPEC)
    assert service.lift_ is None
    assert list(service.scores_) == ["SeasonalNaive", "Regression", "Fengping"]


def test_closed_days_have_closed_bands() -> None:
    panel = sample_panel(days=120, ahead=H)
    panel["open"] = (panel["ds"].dt.day_of_week != 6).astype(float)
    panel.loc[(panel["open"] == 0) & panel["y"].notna(), "y"] = 0.0
    service = Fengping(h=H, models=["Regression"], n_windows=2).fit(panel, PanelSpec(future=("open",)))
    forecast = service.predict()
    sunday = forecast[forecast["ds"].dt.day_of_week == 6]
    assert len(sunday) == 3
    assert not sunday[["yhat", "lo-80", "hi-80", "lo-95", "hi-95"]].to_numpy().any()
    closed = service.cv_[service.cv_["ds"].dt.day_of_week == 6]
    assert not closed[["Fengping", "Fengping-hi-95"]].to_numpy().any()


def test_the_service_mixes_the_models_it_names(panel: pd.DataFrame) -> None:
    service = Fengping(h=H, models=["ARIMA", "Regression"], n_windows=1).fit(panel, SPEC)
    (mixture,) = service.mixtures_
    assert sum(mixture.weights.values()) == pytest.approx(1.0)
    rows = list(range(3))
    expected = sum(
        share * service.speakers_.models[alias].forecast_grid(service.grid_, H)[rows]
        for alias, share in mixture.weights.items()
    )
    assert service.predict()["yhat"].to_numpy() == pytest.approx(np.ravel(expected))
    (group,) = service.report()["groups"]
    assert group["weights"] == mixture.weights


def test_coverage_is_also_told_by_day_of_the_horizon(service: Fengping) -> None:
    assert {len(days) for days in service.coverage_by_day_.values()} == {H}
    for level, days in service.coverage_by_day_.items():
        assert np.mean(days) == pytest.approx(service.coverage_[level])


def test_metrics_per_series_agree_with_the_cv_frame(service: Fengping) -> None:
    for _, row in service.metrics_.iterrows():
        own = service.cv_[service.cv_["unique_id"] == row["unique_id"]]
        error = (own[row["model"]] - own["y"]).abs()
        assert row["mae"] == pytest.approx(error.mean())
        assert row["wape"] == pytest.approx(error.sum() / own["y"].sum())


def test_coverage_is_that_of_the_services_bands(service: Fengping) -> None:
    for level, share in service.coverage_.items():
        inside = service.cv_["y"].between(
            service.cv_[f"Fengping-lo-{level}"], service.cv_[f"Fengping-hi-{level}"]
        )
        assert share == pytest.approx(inside.mean())


def test_a_plan_given_later_replaces_the_panels(service: Fengping, panel: pd.DataFrame) -> None:
    ahead = panel.loc[panel["y"].isna(), ["unique_id", "ds"]]
    busy, quiet = (
        service.predict(ahead.assign(promo=value)).groupby("unique_id")["yhat"].sum() for value in (1.0, 0.0)
    )
    assert busy["c"] > 1.2 * quiet["c"]
    effects = {step["name"]: step["effect"] for step in service.explain("c", ahead.assign(promo=1.0))}
    assert effects["promo"] > 0.1 * quiet["c"]


def test_an_incomplete_plan_is_refused_by_name(service: Fengping, panel: pd.DataFrame) -> None:
    ahead = panel.loc[panel["y"].isna(), ["unique_id", "ds", "promo"]].copy()
    ahead.loc[(ahead["unique_id"] == "b") & (ahead["ds"] == ahead["ds"].max()), "promo"] = np.nan
    with pytest.raises(PanelError, match=r"'promo' must be known for the 7 days.*for b$"):
        service.predict(ahead)
    assert len(service.predict(ahead, unique_ids=["a", "c"])) == 2 * H


def test_bands_widen_with_the_level_and_hold_the_forecast(service: Fengping) -> None:
    forecast = service.predict()
    width = {level: (forecast[f"hi-{level}"] - forecast[f"lo-{level}"]).sum() for level in (80, 95)}
    assert 0 < width[80] < width[95]
    assert forecast["yhat"].between(forecast["lo-80"], forecast["hi-80"]).all()


def test_every_series_has_a_probability_that_sales_rise(service: Fengping) -> None:
    found = service.direction()
    assert list(found.columns) == ["unique_id", "p_up"]
    assert found["unique_id"].tolist() == ["a", "b", "c"]
    assert found["p_up"].between(0, 1).all()
    assert_frame_equal(service.direction(["b"]), found.query("unique_id == 'b'").reset_index(drop=True))
    report = service.report()["direction"]
    assert report["n"] == 3 * 3
    assert {"brier", "brier_base", "accuracy", "precision", "recall", "f1", "base_rate", "reason"} <= set(
        report
    )


def test_without_a_backtest_the_base_rate_is_said() -> None:
    service = Fengping(h=H, models=["Regression"]).fit(sample_panel(days=10, ahead=H), SPEC)
    assert service.direction()["p_up"].eq(0.5).all()
    assert not service.report()["direction"]["trusted"]
