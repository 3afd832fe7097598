from nlp.identifiers import is_bank_card, is_id_card
from tests.nlp.personal import ID_CARD, luhn


def test_check_digits() -> None:
    assert is_id_card(ID_CARD)
    assert sum(is_id_card(ID_CARD[:-1] + last) for last in "0123456789X") == 1
    assert not is_id_card("11010519491331002X")
    assert not is_bank_card("0" * 16)
    assert is_bank_card(luhn("622202123456789012"))
