import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from nlp import PARTS, Analyzer
from nlp.aspects import AspectFinder
from nlp.cache import ScoreCache
from nlp.checks import check_all
from nlp.dictionary import Dictionary
from nlp.engines import UnknownEngine
from nlp.segment import Segmenter
from tests.nlp.conftest import WordCounter

ROOT = Path(__file__).parents[2]
GOOD, BAD = "质量很好，物流快", "质量差，慢，失望"


def test_passes_every_check(analyzer: Analyzer) -> None:
    check_all(analyzer)


def test_whole_answer(analyzer: Analyzer) -> None:
    (answer,) = analyzer(["质量很好，联系13812345678"])
    assert tuple(answer) == PARTS
    assert answer["sentiment"]["label"] == "positive"
    (aspect,) = answer["aspects"]
    assert (aspect["category"], aspect["aspect"], aspect["opinion"]) == ("质量", "质量", "很好")
    assert (aspect["polarity"], aspect["start"], aspect["end"]) == ("positive", 0, 2)
    assert answer["suspect"] == {"is_suspect": False, "reasons": []}
    assert "质量" in answer["keywords"]
    assert (answer["pii"], answer["language"]) == (["phone"], "zh")
    assert answer["analyzer"] == analyzer.version


def test_a_platforms_own_words_are_no_opinion(analyzer: Analyzer) -> None:
    default, own = "默认五星好评", "质量很好"
    assert AspectFinder().find(default)
    answers = analyzer([default, own], only=["sentiment", "aspects", "keywords"])
    assert [len(answer["aspects"]) for answer in answers] == [0, 1]
    assert (answers[0]["sentiment"]["label"], answers[0]["keywords"]) == ("neutral", [])


def test_score_and_labels(analyzer: Analyzer, classifier: WordCounter) -> None:
    good, bad, unsure = (row["sentiment"] for row in analyzer([GOOD, BAD, "好差"], only=["sentiment"]))
    assert (good["label"], bad["label"], unsure["label"]) == ("positive", "negative", "uncertain")
    assert good["score"] == pytest.approx(good["positive"] - good["negative"])
    assert good["score"] > 0 > bad["score"]
    classifier.threshold = 1.1  # type: ignore[misc]
    assert analyzer([GOOD], only=["sentiment"])[0]["sentiment"]["label"] == "uncertain"


def test_equal_texts_are_scored_once(analyzer: Analyzer, classifier: WordCounter) -> None:
    answers = analyzer([GOOD, BAD, GOOD, f" {GOOD}\n"], only=["sentiment"])
    assert classifier.asked == [[GOOD, BAD]]
    assert answers[0] == answers[2] == answers[3] != answers[1]


def test_what_was_scored_before_is_remembered(
    analyzer: Analyzer, classifier: WordCounter, segmenter: Segmenter
) -> None:
    first = analyzer([GOOD, BAD], only=["sentiment"])
    again = analyzer.with_dictionary(Dictionary())([BAD, "慢", GOOD], only=["sentiment"])
    assert [again[2], again[0]] == first
    assert classifier.asked == [[GOOD, BAD], ["慢"]]
    forgetful = Analyzer(classifier, segmenter, scores=ScoreCache(0))
    assert forgetful([GOOD], only=["sentiment"]) == forgetful([GOOD], only=["sentiment"]) == first[:1]
    assert classifier.asked[2:] == [[GOOD], [GOOD]]


@pytest.mark.parametrize("text", ["", " \n\x00", "此用户没有填写评价。", "系统默认好评！"])
def test_texts_that_say_nothing_are_neutral_without_the_model(
    analyzer: Analyzer, classifier: WordCounter, text: str
) -> None:
    (answer,) = analyzer([text])
    expected = {"label": "neutral", "score": 0.0, "negative": 0.0, "neutral": 1.0, "positive": 0.0}
    assert answer["sentiment"] == expected
    assert answer["suspect"]["is_suspect"]
    assert classifier.asked == []


def test_only_some_parts(analyzer: Analyzer, classifier: WordCounter) -> None:
    assert [set(answer) for answer in analyzer([GOOD], only={"pii", "aspects"})] == [{"aspects", "pii"}]
    assert classifier.asked == []


@pytest.mark.parametrize("only", [["sentimant"], []])
def test_unknown_parts_are_refused(analyzer: Analyzer, only: list[str]) -> None:
    with pytest.raises(ValueError, match="known are sentiment, aspects"):
        analyzer([GOOD], only=only)


def test_one_string_is_refused(analyzer: Analyzer) -> None:
    with pytest.raises(ValueError, match="sequence of texts"):
        analyzer(GOOD)


def test_ratings_are_held_against_the_words(analyzer: Analyzer, classifier: WordCounter) -> None:
    bad = "差差差，慢慢慢，失失失"
    assert analyzer([bad], only=["suspect"], ratings=[5])[0]["suspect"]["reasons"] == ["rating_contradicts"]
    assert analyzer([bad], only=["suspect"])[0]["suspect"]["reasons"] == []
    assert classifier.asked == [[bad]]


def test_templates_are_looked_for_in_the_batch(analyzer: Analyzer) -> None:
    copied = "宝贝收到了，质量非常好，和描述一致"
    answers = analyzer([copied] * 3 + [GOOD], only=["suspect"])
    assert [answer["suspect"]["reasons"] for answer in answers] == [["duplicate"]] * 3 + [[]]


def test_version_names_model_and_code(classifier: WordCounter, segmenter: Segmenter) -> None:
    one = Analyzer(classifier, segmenter).version
    assert one.startswith("words-1+")
    classifier.version = "words-2"  # type: ignore[misc]
    assert Analyzer(classifier, segmenter).version == one.replace("words-1", "words-2")


def test_a_dictionary_changes_words_and_version_and_shares_the_models(
    analyzer: Analyzer, classifier: WordCounter
) -> None:
    own = analyzer.with_dictionary(Dictionary({"快递员": None}))
    assert own.version.startswith(f"{analyzer.version}+")
    assert own.classifier is classifier
    assert own.aspect_finder is analyzer.aspect_finder
    both = [one(["快递员热情"], only=["keywords"])[0]["keywords"] for one in (analyzer, own)]
    assert both == [["快递", "热情"], ["快递员", "热情"]]
    assert own.with_dictionary(Dictionary()).version == analyzer.version


def test_unknown_engine_is_refused_with_those_there_are() -> None:
    with pytest.raises(UnknownEngine, match=r"'slow'.*available: "):
        Analyzer.load("slow")


def loaded_after(code: str) -> set[str]:
    script = f"import sys\n{code}\nprint(*sys.modules)"
    command = [sys.executable, "-c", script]
    run = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    return {name.partition(".")[0] for name in run.stdout.split()}


def test_import_is_cheap_and_sentiment_needs_no_words() -> None:
    heavy = {"jieba", "onnxruntime", "torch", "transformers", "pandas", "numpy", "sklearn"}
    assert not loaded_after("import nlp") & heavy
    code = "import nlp; nlp.Analyzer.load()(['质量很好'], only=['sentiment'])"
    assert not loaded_after(code) & {"jieba", "torch", "transformers", "pandas"}


@pytest.fixture(scope="module")
def bundled() -> Analyzer:
    """The bundled model without a memory, so that a text asked for twice is read twice."""
    return Analyzer(Analyzer.load().classifier, scores=ScoreCache(0))


def test_bundled_model_passes_every_check(bundled: Analyzer) -> None:
    check_all(bundled)


@pytest.mark.parametrize(
    ("text", "sign"),
    [("物流很快，质量非常好，很满意", 1), ("质量太差了，用了两天就坏了，客服也不理人", -1)],
)
def test_bundled_model_reads_plain_reviews_right(bundled: Analyzer, text: str, sign: int) -> None:
    sentiment: dict[str, Any] = bundled([text], only=["sentiment"])[0]["sentiment"]
    assert sentiment["score"] * sign > 0.5
    assert sentiment["label"] == ("positive" if sign > 0 else "negative")


def test_what_the_platform_wrote_gives_no_keywords() -> None:
    analyzer = Analyzer.load()
    silent, said = analyzer(["此用户未填写评价内容", "物流很快，包装结实"], only=["keywords"])
    assert silent["keywords"] == []
    assert "物流" in said["keywords"]
