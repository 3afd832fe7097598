import json
from pathlib import Path

import pytest
from pandas.testing import assert_frame_equal

from forecasting.checks import SPEC, sample_panel
from forecasting.frame import PanelError
from forecasting.service import Fengping

H = 7
MODELS = ("Regression", "Regression+sentiment")


@pytest.fixture(scope="module")
def service() -> Fengping:
    return Fengping(h=H, models=MODELS, sentiment=("views",)).fit(sample_panel(days=150, ahead=H), SPEC)


def test_saving_keeps_everything(service: Fengping, tmp_path: Path) -> None:
    service.save(tmp_path / "model")
    again = Fengping.load(tmp_path / "model")
    assert_frame_equal(again.predict(), service.predict())
    assert_frame_equal(again.direction(), service.direction())
    assert again.explain("c") == service.explain("c")
    assert (again.champions_, again.lift_, again.coverage_) == (
        service.champions_,
        service.lift_,
        service.coverage_,
    )
    assert_frame_equal(again.cv_, service.cv_, check_dtype=False)
    assert again.report() == service.report()
    assert {path.suffix for path in (tmp_path / "model").iterdir()} == {".json", ".safetensors", ".csv"}


def test_a_short_panel_survives_saving(tmp_path: Path) -> None:
    service = Fengping(h=H, models=["Regression"]).fit(sample_panel(days=10, ahead=H), SPEC)
    service.save(tmp_path)
    assert_frame_equal(Fengping.load(tmp_path).predict(), service.predict())


def test_the_report_is_json_and_counts_champions(service: Fengping) -> None:
    report = json.loads(json.dumps(service.report(), allow_nan=False))
    assert sum(report["champions"].values()) == report["series"] == 3
    assert report["cutoff"] == str(service.grid_.cutoff.date())
    assert set(report["models"]) == {"SeasonalNaive", *MODELS, "Fengping"}
    assert report["lift"]["columns"] == ["views"]


def test_a_damaged_artefact_is_refused(service: Fengping, tmp_path: Path) -> None:
    service.save(tmp_path)
    (tmp_path / "fengping.safetensors").write_bytes(b"nonsense")
    with pytest.raises(PanelError, match="is not the file"):
        Fengping.load(tmp_path)
