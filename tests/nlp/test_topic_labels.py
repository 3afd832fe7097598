from nlp.topic_labels import labels_of

SAID = [
    ("安装师傅很专业", ["安装", "师傅", "专业"], 0),
    ("安装师傅准时", ["安装", "师傅", "准时"], 0),
    ("安装师傅态度好", ["安装", "师傅", "态度"], 0),
    ("格力外观好看", ["格力", "外观", "好看"], 1),
    ("格力外观大气", ["格力", "外观", "大气"], 1),
    ("不错不错", ["不错"], 2),
    ("总体不错", ["不错"], 2),
    ("这次买了", ["这次"], 5),
    ("这次很久", ["这次"], 5),
    ("不来人", ["不来"], 3),
    ("都不来", ["不来"], 3),
    ("甲", ["一号"], 4),
    ("乙", ["二号"], 4),
    ("丙", ["三号"], 4),
    ("丁", ["四号"], 4),
    ("戊", ["五号"], 4),
]
TEXTS, WORDS, CLUSTERS = (list(column) for column in zip(*SAID, strict=True))


def test_a_label_is_the_longest_phrase_that_sets_a_cluster_apart() -> None:
    labels = labels_of(TEXTS, WORDS, CLUSTERS)
    assert labels[0].text == "安装师傅"
    assert set(labels[0].words[:2]) == {"安装", "师傅"}


def test_words_that_do_not_follow_one_another_are_no_phrase() -> None:
    apart = [("安装的师傅", ["安装", "师傅"], 0)] * 3 + [("外观", ["外观"], 1)] * 3
    assert labels_of(*(list(column) for column in zip(*apart, strict=True)))[0].text in ("安装", "师傅")


def test_the_products_name_judgements_negations_and_idle_words_are_no_label() -> None:
    labels = labels_of(TEXTS, WORDS, CLUSTERS, names={"格力", "外观"})
    assert not {2, 3, 5} & labels.keys()
    assert 1 not in labels or labels[1].text not in ("格力", "外观", "格力外观")


def test_a_cluster_that_no_phrase_fits_has_no_label() -> None:
    assert 4 not in labels_of(TEXTS, WORDS, CLUSTERS)


def test_a_word_that_is_everywhere_labels_nothing() -> None:
    same = ["空调"] * 6
    assert labels_of(same, [[word] for word in same], [0, 0, 0, 1, 1, 1]) == {}
