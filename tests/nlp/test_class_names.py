import pytest

from nlp.class_names import LabelsNotUnderstood, sentiments_of


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["Negative", "Positive"], [0, 2]),
        (["POS", "NEU", "NEG"], [2, 1, 0]),
        (["positive", "neutral", "negative"], [2, 1, 0]),
        (["negative (stars 1, 2 and 3)", "positive (stars 4 and 5)"], [0, 2]),
        (["Very Negative", "Negative", "Neutral", "Positive", "Very Positive"], [0, 0, 1, 2, 2]),
        (["VeryNegative", "label_neutral", "VeryPositive"], [0, 1, 2]),
        (["负面", "中性", "正面"], [0, 1, 2]),
        (["好评", "差评"], [2, 0]),
        (["LABEL_0", "LABEL_1"], [0, 2]),
        (["LABEL_0", "LABEL_1", "LABEL_2"], [0, 1, 2]),
        (["1 star", "2 stars", "3 stars", "4 stars", "5 stars"], [0, 0, 1, 2, 2]),
        (["star 5", "star 4", "star 3", "star 2", "star 1"], [2, 2, 1, 0, 0]),
        (["0", "1"], [0, 2]),
    ],
)
def test_classes_in_the_order_of_the_checkpoint(names: list[str], expected: list[int]) -> None:
    assert sentiments_of(dict(enumerate(names))) == expected


def test_the_numbers_of_the_classes_count_not_their_order_in_the_file() -> None:
    assert sentiments_of({1: "negative", 0: "positive"}) == [2, 0]


@pytest.mark.parametrize(
    "names",
    [
        ["LABEL_0"],
        ["LABEL_0", "LABEL_1", "LABEL_2", "LABEL_3"],
        ["1 star", "2 stars", "4 stars"],
        ["1 star", "1 star", "2 stars"],
        ["1 to 2", "3 to 5"],
        ["joy", "anger"],
        ["positive", "negative", "conflict"],
        ["neutral", "positive"],
        ["positive or neutral", "negative"],
        ["sneg", "compost"],
        [],
    ],
)
def test_other_classes_are_refused_by_name(names: list[str]) -> None:
    with pytest.raises(LabelsNotUnderstood, match="negative, neutral and positive") as caught:
        sentiments_of(dict(enumerate(names)))
    assert str(names) in str(caught.value)
