import pandas as pd
import pytest

from forecasting.errors import PanelError, name_ids, refuse


def test_many_ids_are_counted() -> None:
    assert name_ids(["b", "a", "a"]) == "a, b"
    assert name_ids(range(10, 18)) == "10, 11, 12, 13, 14 and 3 more"


def test_an_error_stays_on_one_line_whatever_ids_hold() -> None:
    panel = pd.DataFrame({"unique_id": ["a\nb", "c"], "ds": ["2026-01-05 00:00", "x"]})
    with pytest.raises(PanelError, match=r"^wrong in 1 rows of a b, first a b on 2026-01-05$"):
        refuse(panel, pd.Series([True, False]), "wrong")
    refuse(panel, pd.Series([False, False]), "wrong")
