"""A small analyser and a broker that only remembers, so that workers are tested without models."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

from nlp.aspect_changes import AspectChanges
from nlp.aspects import AspectFinder
from nlp.dictionary import Dictionary
from nlp.summary import ReadReview
from settings import Settings
from storage import chunks, jobs, uploads
from storage.models import Chunk, Job
from tests.storage.factories import analysis
from workers import daily, digests, exports, forecasts, imports, leases, refresh, scoring, search, undo
from workers.artifacts import Artifacts
from workers.context import Context

VERSION = "small-1"
ALERT = {
    "alert_id": 1,
    "product_id": 7,
    "product": "空气炸锅 [5L](http://evil)",
    "kind": "aspect_complaints",
    "aspect": "物流",
    "day": "2026-11-11",
    "came_back": True,
    "units_lost": 35.4,
    "now": 0.182,
    "before": 0.091,
    "low": 0.032,
    "high": 0.15,
    "n": 120,
    "n_before": 400,
}
REPORT: dict[str, Any] = {
    "job_id": "00000000-0000-0000-0000-000000000001",
    "product_id": 7,
    "title": "空气炸锅 [5L](http://evil)",
    "week": "2026-11-23",
    "file": "空气炸锅-2026-11-23.xlsx",
    "products": None,
    "units": {"now": 1230.0, "before": 1100.0, "days": 7, "days_before": 7, "until": "2026-11-22"},
    "net": {
        **{"now": 0.42, "before": 0.38, "low": 0.3, "high": 0.54, "n": 120, "n_before": 90, "days": 30},
        "until": "2026-11-21",
    },
    "ahead": {"units": 2500.0, "low": 2000.0, "high": 3000.0, "days": 14, "from": "2026-11-23"},
    "url": "https://fengping.example.com/products/7/exports",
}


class SmallReader:
    """Finds a text negative when it says 差; fails on 毒."""

    def __init__(self, version: str = VERSION) -> None:
        self.version = version
        self.read: list[str] = []

    def __call__(
        self,
        texts: Sequence[str],
        only: Collection[str] | None = None,
        ratings: Sequence[float | None] | None = None,
    ) -> list[dict[str, Any]]:
        if any("毒" in text for text in texts):
            raise RuntimeError("poisonous text")
        self.read += texts
        return [analysis("negative", -0.8) if "差" in text else analysis("positive", 0.8) for text in texts]

    def with_dictionary(self, dictionary: Dictionary) -> "SmallReader":
        own = SmallReader(f"{self.version}+{dictionary.version}")
        own.read = self.read
        return own

    @property
    def aspect_finder(self) -> AspectFinder:
        return AspectFinder()

    def with_aspects(self, changes: AspectChanges) -> "SmallReader":
        own = SmallReader(f"{self.version}+{changes.version}")
        own.read = self.read
        return own

    def describe(self, titles: Sequence[str], descriptions: Sequence[str]) -> list[dict[str, Any]]:
        """Find a bag where there is 包, and place it elsewhere than the rest."""
        texts = [f"{title}\n{said}".strip() for title, said in zip(titles, descriptions, strict=True)]
        return [
            answer
            | {
                "category": {"name": None, "confidence": 0.0, "source": "words"},
                "embedding": [1.0, 0.0] if "包" in text else [0.0, 1.0],
            }
            for text, answer in zip(texts, self(texts), strict=True)
        ]


class SmallDigester:
    """Names the reviews it was given."""

    def __init__(self) -> None:
        self.version = "digest-1"
        self.given: list[tuple[list[ReadReview], list[str]]] = []

    def __call__(self, reviews: list[ReadReview], names: list[str]) -> dict[str, Any]:
        self.given.append((reviews, names))
        return {"reviews": len(reviews), "ids": sorted(review.id for review in reviews)}


class SmallArtifacts(Artifacts):
    """A small analyser and digester, and of the real forecasters the quick one."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.small = SmallReader()
        self.small_digester = SmallDigester()

    def digester(self, reader: Any) -> SmallDigester:
        return self.small_digester

    def _shared_reader(self) -> SmallReader:
        return self.small

    def new_forecaster(self, **options: Any) -> Any:
        return super().new_forecaster(**{**options, "models": ["Regression"]})


class Sent(list[tuple[str, tuple[int | str, ...], str]]):
    """Messages, in the order they were sent."""

    def __call__(self, task: str, args: tuple[int | str, ...], queue: str) -> None:
        self.append((task, args, queue))


WORK = {
    "import": imports.import_chunk,
    "score": scoring.score_chunk,
    "suspects": search.search_chunk,
    "daily": daily.rebuild_daily,
    "digest": digests.digest_chunk,
    "undo": undo.undo_chunk,
    "export": exports.export_file,
}


def work_off(context: Context, job_id: UUID) -> Job:
    """Do what waits of a job, as workers would, until nothing waits."""
    while True:
        with context.sessions() as session:
            job = session.get_one(Job, job_id)
            pending = chunks.pending_chunks(session, job.workspace_id, job_id)
        if not pending:
            return job
        work(context, pending[0])


def work(context: Context, chunk: Chunk) -> None:
    if chunk.stage in WORK:
        leases.work_on(context, chunk.id, WORK[chunk.stage])
    elif chunk.stage == "analyze":
        leases.work_on_job(context, chunk.job_id, scoring.analyze_texts)
    else:
        refresh.train_models(context, chunk.job_id)


def run_waiting(context: Context, run_id: UUID) -> None:
    forecasts.run_forecast(context, run_id)


def csv_import(
    context: Context, workspace_id: int, kind: str, header: str, lines: Iterable[str], **params: Any
) -> UUID:
    """Upload a small CSV file and write down its import."""
    return text_import(context, workspace_id, kind, "\n".join([header, *lines]) + "\n", **params)


def text_import(context: Context, workspace_id: int, kind: str, text: str, **params: Any) -> UUID:
    folder = context.settings.uploads_dir
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{kind}-{len(list(folder.iterdir()))}.csv"
    (folder / name).write_text(text, encoding="utf-8")
    with context.sessions.begin() as session:
        upload = uploads.add_upload(
            session, workspace_id, path=name, original_name=name, sha256="0" * 64, size=len(text)
        )
        return jobs.create_job(session, workspace_id, f"import_{kind}", upload_id=upload.id, params=params).id
