from collections import Counter

from nlp.lexicons import aspect_tree, modifiers, stop_words


def test_stop_words_are_plain() -> None:
    assert len(stop_words()) > 300
    assert all(word == word.strip().lower() for word in stop_words())
    assert "#" not in stop_words()


def test_modifiers_have_the_kinds_the_rules_read() -> None:
    assert set(modifiers()) == {"negations", "degrees", "fillers", "excess", "irrealis"}
    assert modifiers()["excess"] <= modifiers()["degrees"]
    assert not modifiers()["negations"] & modifiers()["degrees"]


def test_tree_covers_the_shop() -> None:
    categories = {branch["category"].partition("/")[0] for branch in aspect_tree()["tree"]}
    wanted = "物流 包装 质量 价格 服务 外观 尺寸 材质 气味 效果 性能 续航 屏幕 口感 安装 售后"
    assert set(wanted.split()) <= categories


def test_a_word_names_one_aspect_and_has_one_polarity() -> None:
    tree = aspect_tree()["tree"]
    named = Counter(word for branch in tree for word in branch["aspects"])
    assert [word for word, times in named.items() if times > 1] == []
    for branch in tree:
        assert not set(branch["positive"]) & set(branch["negative"]), branch["category"]
    implied = [
        {(word, name) for branch in tree for name in branch["implies"] for word in branch["implies"][name]}
    ]
    polarities = Counter(word for word, _ in implied[0])
    assert [word for word, times in polarities.items() if times > 1] == []
    opinions = aspect_tree()["opinions"]
    assert not set(opinions["positive"]) & set(opinions["negative"])


def test_ignored_words_hide_no_known_ones() -> None:
    tree = aspect_tree()
    known = {word for branch in tree["tree"] for word in branch["aspects"]}
    known |= {word for branch in tree["tree"] for words in branch["implies"].values() for word in words}
    known |= {word for words in tree["opinions"].values() for word in words}
    assert not known & set(tree["ignored"])
