"""A workspace's own words, changed and tried, for pages and API alike."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from storage import dictionary
from storage.models import DictionaryWord, Job
from webapp import jobs
from webapp.auth.audit import note

QUIET_SECONDS = 10
"""More words may follow; only then is everything scored anew."""

MOST_AT_ONCE = 500


def cleaned(word: str) -> str | None:
    """Return a word in half-width letters, or None where it cannot be one."""
    plain = unicodedata.normalize("NFKC", word).strip()
    return plain if dictionary.WORD.fullmatch(plain) else None


def put_words(
    session: Session, workspace_id: int, words: Iterable[Mapping[str, Any]], user_id: int | None
) -> list[DictionaryWord]:
    """Put words in, as `storage.dictionary.put_words` does, and write down what changed."""
    before = {word.word: word.kind for word in dictionary.workspace_words(session, workspace_id)}
    put = dictionary.put_words(session, workspace_id, words, user_id)
    known = {word.word: before[word.word] for word in put if word.word in before}
    put_in = {word.word: word.kind for word in put}
    note(session, workspace_id, "dictionary.put", before=known, after=put_in)
    return put


def remove_word(session: Session, workspace_id: int, word_id: int) -> DictionaryWord:
    """Take a word away and write it down, or raise `NotFound`."""
    gone = dictionary.remove_word(session, workspace_id, word_id)
    note(session, workspace_id, "dictionary.remove", gone.word, before={gone.word: gone.kind})
    return gone


def remove_words(session: Session, workspace_id: int, words: Sequence[str]) -> list[DictionaryWord]:
    """Take those of some words away that are there."""
    wanted = {word.lower() for word in words}
    known = dictionary.workspace_words(session, workspace_id)
    return [remove_word(session, workspace_id, one.id) for one in known if one.word.lower() in wanted]


def score_anew(session: Session, workspace_id: int, user_id: int | None) -> Job:
    """Start the job that reads everything by the changed words, after a quiet time."""
    return jobs.start(session, workspace_id, "score", user_id=user_id, delay_seconds=QUIET_SECONDS)


def study(session: Session, workspace_id: int, wish: Mapping[str, Any], user_id: int | None) -> Job:
    """Start the job that suggests words, or tries a change, on the newest reviews."""
    params = {"words": dict(wish)}
    return jobs.start(session, workspace_id, "analyze", user_id=user_id, params=params, total=1)
