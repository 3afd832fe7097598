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


def test_importing_the_package_loads_no_torch() -> None:
    program = "import forecasting, forecasting.__main__, sys; print('torch' in sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(forecasting.__file__).parents[1],
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == "False"


def test_who_needs_the_panel_alone_loads_no_model() -> None:
    program = (
        "import sys; from forecasting import PanelError, PanelSpec\n"
        "print({'lightgbm', 'sklearn', 'statsmodels', 'statsforecast'} & set(sys.modules))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(forecasting.__file__).parents[1],
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == "set()"
