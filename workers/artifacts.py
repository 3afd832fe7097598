"""Models, loaded in the worker's child on first use and kept by the process."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from settings import Settings

if TYPE_CHECKING:
    from nlp.aspect_changes import AspectChanges
    from nlp.aspects import AspectFinder
    from nlp.dictionary import Dictionary
    from nlp.digest import Digester
    from storage.models import ForecastModel

MOST_DICTIONARIES = 3
"""Analysers with words of their own that are kept; each holds 25 MB."""


class Reader(Protocol):
    """What we ask of an analyser of texts."""

    @property
    def version(self) -> str:
        """Changes whenever the same text could be read differently."""

    def __call__(
        self,
        texts: Sequence[str],
        only: Collection[str] | None = None,
        ratings: Sequence[float | None] | None = None,
    ) -> list[dict[str, Any]]:
        """Return an analysis per text, in order."""

    def describe(self, titles: Sequence[str], descriptions: Sequence[str]) -> list[dict[str, Any]]:
        """Return what product texts say, per product, in order; "embedding" is where it is placed."""

    @property
    def aspect_finder(self) -> AspectFinder:
        """Finds the aspects of texts."""

    def with_dictionary(self, dictionary: Dictionary) -> Reader:
        """Return an analyser that shares the models and cuts words by a workspace's dictionary."""

    def with_aspects(self, changes: AspectChanges) -> Reader:
        """Return an analyser that shares the models and finds aspects by a workspace's tree."""


class Artifacts:
    """Gives out the models this process works with.

    Nothing is loaded before the fork: a copy of loaded threads and locks would hang.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._reader: tuple[int, Reader] | None = None
        self._own: dict[tuple[str, str], Reader] = {}
        self._forecaster: tuple[str, Any] | None = None

    def reader(self, dictionary: Dictionary | None = None, aspects: AspectChanges | None = None) -> Reader:
        """Return the analyser for a workspace's words and aspects; models are shared, the last few kept."""
        shared = self._shared_reader()
        versions = (dictionary.version if dictionary else "", aspects.version if aspects else "")
        if not any(versions):
            return shared
        own = self._own.pop(versions, None)
        if own is None:
            own = shared.with_dictionary(dictionary) if dictionary and dictionary.version else shared
            own = own.with_aspects(aspects) if aspects and aspects.version else own
        self._own[versions] = own
        if len(self._own) > MOST_DICTIONARIES:
            del self._own[next(iter(self._own))]
        return own

    def _shared_reader(self) -> Reader:
        """Return the analyser without words of anybody's own, loading it on first use."""
        if self._reader is None or self._reader[0] != os.getpid():
            from nlp import Analyzer
            from nlp.engines import available

            self._own = {}
            chosen, threads = self._settings.sentiment_model or "accurate", self._settings.threads
            folder = None if chosen in available() else Path(chosen)
            self._reader = (os.getpid(), Analyzer.load(chosen, folder, threads=threads))
        return self._reader[1]

    def digester(self, reader: Any) -> Digester:
        """Return what sums up the reviews of a product, by an analyser's own models."""
        from nlp.digest import Digester
        from nlp.writer import Writer

        chosen = self._settings
        writer = (
            Writer(chosen.llm_base_url, chosen.llm_api_key, chosen.llm_model) if chosen.llm_base_url else None
        )
        return Digester(reader, writer)

    def new_forecaster(self, **options: Any) -> Any:
        """Make an untrained forecasting service."""
        self._set_threads()
        from forecasting import Fengping

        return Fengping(**options)

    def forecaster(self, path: str) -> Any:
        """Load a trained forecasting service from its folder; the last one is kept."""
        if self._forecaster is None or self._forecaster[0] != path:
            self._forecaster = path, self.load_forecaster(path)
        return self._forecaster[1]

    def can_load(self, model: ForecastModel) -> bool:
        """Tell whether a model's artefact is there, and of the kind that today's program writes."""
        from forecasting.service_state import FORMAT

        there = (self._settings.artifacts_dir / model.path).is_dir()
        return there and model.params.get("format") == FORMAT

    def load_forecaster(self, path: str) -> Any:
        """Load a trained forecasting service of one's own, to renew it."""
        self._set_threads()
        from forecasting import Fengping

        return Fengping.load(self._settings.artifacts_dir / path)

    def save_forecaster(self, forecaster: Any, path: str) -> None:
        """Write a trained service into its folder, whole or not at all."""
        final = self._settings.artifacts_dir / path
        draft = final.with_name(f".{final.name}.{os.getpid()}")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        forecaster.save(draft)
        shutil.rmtree(final, ignore_errors=True)
        draft.rename(final)

    def forget(self, path: str) -> None:
        """Delete a trained service that nobody needs any more."""
        shutil.rmtree(self._settings.artifacts_dir / path, ignore_errors=True)

    def _set_threads(self) -> None:
        import torch

        torch.set_num_threads(self._settings.threads)
