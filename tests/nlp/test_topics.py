import random

import pytest

from nlp.clauses import Clause
from nlp.keywords import KeywordFinder
from nlp.segment import Segmenter
from nlp.topics import FEWEST_CLAUSES, MOST_CLAUSES, Topics, find_topics
from tests.nlp.letters import SENTENCES, THINGS, LetterEncoder

SAID = [Clause(number, text, 0, len(text)) for number, text in enumerate(SENTENCES)]


@pytest.fixture(scope="module")
def words(segmenter: Segmenter):
    return KeywordFinder(segmenter).words


def found(clauses: list[Clause], words, **options) -> Topics:
    return find_topics(clauses, LetterEncoder().embed, words, **options)


def test_each_thing_is_a_topic_of_its_own(words) -> None:
    topics = found(SAID, words)
    assert (topics.clauses, topics.read) == (len(SAID), len(SAID))
    for topic in topics.topics:
        [thing] = [thing for thing in THINGS if thing in topic.label or thing in topic.words]
        inside = [clause for clause in topic.clauses if thing in clause.text]
        assert len(inside) == len(topic.clauses)
    covered = {
        thing for thing in THINGS for topic in topics.topics if thing in topic.label + "".join(topic.words)
    }
    assert covered == set(THINGS)


def test_order_does_not_matter_and_two_runs_are_the_same(words) -> None:
    shuffled = random.Random(3).sample(SAID, len(SAID))
    assert found(shuffled, words) == found(SAID, words) == found(SAID, words)


def test_equal_texts_are_one_clause_that_several_reviews_say(words) -> None:
    again = [Clause(clause.review + 1000, clause.text, 0, clause.end) for clause in SAID]
    once, twice = found(SAID, words), found([*SAID, *again], words)
    assert [topic.clauses for topic in once.topics] == [topic.clauses for topic in twice.topics]
    assert [2 * len(topic.reviews) for topic in once.topics] == [len(topic.reviews) for topic in twice.topics]


def test_the_largest_topics_come_first_and_no_label_twice(words) -> None:
    topics = found(
        [clause for clause in SAID if "客服" not in clause.text or clause.review % 2], words
    ).topics
    assert [len(topic.reviews) for topic in topics] == sorted((len(t.reviews) for t in topics), reverse=True)
    assert len({topic.label for topic in topics}) == len(topics)


def test_one_reviewer_alone_makes_no_topic(words) -> None:
    talker = [Clause(1, clause.text, clause.start, clause.end) for clause in SAID]
    assert found(talker, words).topics == []


def test_the_products_own_name_is_no_topic(words) -> None:
    assert all(topic.label != "屏幕" for topic in found(SAID, words, names={"屏幕", "显示"}).topics)


def test_too_few_clauses_have_no_topics(words) -> None:
    assert found(SAID[: FEWEST_CLAUSES - 1], words).topics == []
    assert found([], words) == Topics(0, 0, [])


def test_equal_words_everywhere_do_no_harm(words) -> None:
    same = [Clause(number, f"物流速度{number}", 0, 6) for number in range(100)]
    assert found(same, words).read == 100


def test_no_more_clauses_than_the_bound_are_read(words) -> None:
    many = [Clause(number, f"{clause.text}{number}", 0, 1) for number in range(40) for clause in SAID]
    asked: list[int] = []

    def embed(texts):
        asked.append(len(texts))
        return LetterEncoder().embed(texts)

    topics = find_topics(many, embed, words)
    assert topics.clauses == len(many) > MOST_CLAUSES == topics.read >= asked[0]
