import subprocess
import sys
from pathlib import Path

import pytest

import forecasting


def test_every_promised_name_is_there() -> None:
    assert all(hasattr(forecasting, name) for name in forecasting.__all__)
    assert [forecasting.LSTM.__name__, forecasting.GRU.__name__, forecasting.TCN.__name__] == [
        *("LSTM", "GRU", "TCN")
    ]


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Prophet'"):
        _ = forecasting.Prophet


@pytest.mark.parametrize(
    ("imports", "heavy"),
    [
        ("import forecasting, forecasting.__main__", {"torch"}),
        (
            "from forecasting import PanelError, PanelSpec",
            {"torch", "lightgbm", "sklearn", "statsmodels", "statsforecast"},
        ),
    ],
    ids=["the package and its commands", "the panel alone"],
)
def test_no_more_is_loaded_than_is_asked_for(imports: str, heavy: set[str]) -> None:
    run = subprocess.run(
        [sys.executable, "-c", f"{imports}\nimport sys; print({heavy!r} & set(sys.modules))"],
        cwd=Path(forecasting.__file__).parents[1],
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == "set()"
