from nlp.training.aspect_card import table


def test_the_table_has_a_row_for_each_finder_and_dashes_where_nothing_was_measured() -> None:
    report = {
        "file": "a.csv",
        "reviews": 1234,
        "given_all": {"macro_f1": 0.5, "macro_f1_without_neutral": 0.6},
        "given_agreed": {"macro_f1": 0.55, "macro_f1_without_neutral": 0.65},
        "pair_f1": 0.7,
        "pair_f1_named": 0.8,
        "triplet_f1": None,
        "category_polarity_f1": 0.9,
    }
    lines = table({"learned": [report], "rules": [report]}).splitlines()
    assert len(lines) == 4
    assert (
        lines[2] == "| a.csv | learned | 1,234 | 0.500 | 0.600 | 0.550 | 0.650 | 0.700 | 0.800 | – | 0.900 |"
    )
