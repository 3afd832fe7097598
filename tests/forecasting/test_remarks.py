import json

from forecasting.frame import PanelError
from forecasting.remarks import Remark, remark_of


def test_a_remark_is_a_sentence_with_a_code() -> None:
    said = Remark("already_planned", "price is already planned so", column="price")
    assert said == "price is already planned so"
    assert json.loads(json.dumps([said])) == ["price is already planned so"]
    assert said.to_json() == {"code": "already_planned", "detail": said, "values": {"column": "price"}}


def test_an_error_keeps_its_remark() -> None:
    said = Remark("no_day", "no day is meant")
    assert str(PanelError(said)) == "no day is meant"
    assert remark_of(PanelError(said)) == [said]
    assert remark_of(PanelError("too short")) == remark_of(PanelError()) == []
