from webapp.pages.lines import lines, rounded, series


def test_unknown_values_stay_unknown_and_others_are_short() -> None:
    assert rounded([1 / 3, None, 0.0, -2.006]) == [0.33, None, 0.0, -2.01]


def test_a_curve_carries_its_bands_widest_first() -> None:
    bands = {"95%": ([0.004], [9.006]), "80%": ([1.0], [None])}
    curve = series("销量", [5.555], "sales", bands=bands)
    assert (curve["data"], curve["kind"], curve["panel"]) == ([5.55], "line", 0)
    assert curve["bands"] == [
        {"name": "95%", "low": [0.0], "high": [9.01]},
        {"name": "80%", "low": [1.0], "high": [None]},
    ]


def test_a_chart_holds_what_is_handed_to_it_even_once() -> None:
    curve = series("销量", [1.0], "sales")
    chart = lines("日期", ("a",), iter([curve]), panels=("件",), marks=iter([("a", "大促")]))
    assert (chart["x"], chart["series"], chart["panels"]) == (["a"], [curve], ["件"])
    assert chart["marks"] == [{"at": "a", "name": "大促"}]
