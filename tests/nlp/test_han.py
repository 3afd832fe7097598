import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from nlp.han import HAN, simplified


def test_characters_are_simplified_where_they_stand() -> None:
    assert simplified("訂單號 ABC：質量、乾淨，為什麼") == "订单号 ABC：质量、干净，为什么"


@given(st.text(st.characters(exclude_categories=()), max_size=200))
def test_every_place_stays_and_nothing_but_han_changes(text: str) -> None:
    changed = simplified(text)
    assert len(changed) == len(text)
    assert all(one == other or HAN.match(one) for one, other in zip(text, changed, strict=True))
    assert simplified(changed) == changed


def test_the_tables_are_loaded_for_the_first_chinese_character_only() -> None:
    loaded = "print('opencc' in sys.modules)"
    program = f"import sys; from nlp.han import simplified as s; s('abc'); {loaded}; s('好'); {loaded}"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["False", "True"]
