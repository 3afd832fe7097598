"""Words of a workspace's own: the analyser they make, those to suggest, and what others would change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy.orm import Session

from nlp.dictionary import Dictionary
from storage import aspects, dictionary
from workers.artifacts import Reader
from workers.aspects import changes_of
from workers.leases import Assignment

SAMPLE = 20_000
"""Newest reviews that suggestions and previews are made from."""


def dictionary_of(session: Session, workspace_id: int) -> Dictionary:
    """Return the words of a workspace as the segmenter takes them."""
    words = dictionary.workspace_words(session, workspace_id)
    return Dictionary(
        {word.word: word.weight for word in words if word.kind == "keep"},
        frozenset(word.word for word in words if word.kind == "split"),
    )


def reader_of(assignment: Assignment) -> Reader:
    """Return the analyser of the workspace that an assignment is for."""
    with assignment.context.sessions() as session:
        own = dictionary_of(session, assignment.workspace_id)
        changes = changes_of(aspects.categories(session, assignment.workspace_id))
    return assignment.context.artifacts.reader(own, changes)


def study(assignment: Assignment) -> dict[str, Any]:
    """Suggest words, or tell what a change of words would do, from the newest reviews, as the job asks.

    Returns
    -------
    dict
        `texts` (how many were read) and `suggestions`; or the fields of `nlp.impact.Impact`.
    """
    wish = assignment.job.params["words"]
    with assignment.context.sessions() as session:
        own = dictionary_of(session, assignment.workspace_id)
        texts = dictionary.sample_texts(session, assignment.workspace_id, SAMPLE)
    return (
        _suggest(texts, own, wish["suggest"]) if "suggest" in wish else _preview(texts, own, wish["preview"])
    )


def _suggest(texts: list[str], own: Dictionary, wish: Mapping[str, Any]) -> dict[str, Any]:
    from nlp.new_words import new_words
    from nlp.segment import Segmenter

    found = new_words(lambda: texts, Segmenter(dictionary=own), top=wish["top"], least=wish["least"])
    return {"texts": len(texts), "suggestions": [{**asdict(word), "score": word.score} for word in found]}


def _preview(texts: list[str], own: Dictionary, wish: Mapping[str, Any]) -> dict[str, Any]:
    from nlp.impact import impact
    from nlp.segment import Segmenter

    kept = {entry["word"]: entry.get("weight") for entry in wish["words"] if entry["kind"] == "keep"}
    split = [entry["word"] for entry in wish["words"] if entry["kind"] == "split"]
    changed = own.changed(kept, split, wish["remove"])
    return asdict(impact(texts, Segmenter(dictionary=own), Segmenter(dictionary=changed)))
