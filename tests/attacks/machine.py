"""What jobs must be, beside what the database says they are, step by step."""

import itertools
from collections import Counter
from dataclasses import dataclass
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from storage import chunks, jobs
from storage.chunks import Lease
from storage.errors import Conflict, LeaseLost
from storage.models import Chunk, Job, Refusal, Workspace
from storage.progress import progress
from tests.storage.factories import make_import, make_workspace
from workers import stages, sweep
from workers.context import Context

UNFINISHED = ("pending", "running")
PAST = func.clock_timestamp() - func.make_interval(0, 0, 0, 1)
MOST_JOBS, MOST_CHUNKS = 2, 100
ANY = st.integers(0, 999)
SIZES = st.integers(1, 4)


@dataclass
class Piece:
    """What a chunk must be; `plan` is the chunk that a job of scores begins with."""

    job_id: UUID
    stage: str
    lines: range
    plan: bool = False
    state: str = "pending"
    owner: str = ""
    silent: bool = False
    due: bool = True
    written: int = 0


class JobsMachine(RuleBasedStateMachine):
    """Users, workers, clocks and sweeps in any order.

    Whoever works writes a line for each row in the transaction that counts it, as imports and scores do,
    and may be a worker who was slow and does not know that somebody else has the chunk by now.
    Every third row of a file is refused; the others are scored.
    """

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context
        self.kinds: dict[UUID, str] = {}
        self.totals: dict[UUID, int] = {}
        self.states: dict[UUID, str] = {}
        self.pieces: dict[int, Piece] = {}
        self.hands: list[Lease] = []
        self.names = itertools.count()
        with context.sessions.begin() as session:
            self.workspace_id = make_workspace(session).id

    # What users do

    @precondition(lambda self: len(self.kinds) < MOST_JOBS)
    @rule(rows=st.integers(0, 7))
    def import_a_file(self, rows: int) -> None:
        with self.context.sessions.begin() as session:
            job = make_import(session, self.workspace_id, total=rows)
            self._know(session, job, rows)

    @rule(rows=st.integers(0, 5))
    def score_anew(self, rows: int) -> None:
        waiting = {id for id, kind in self.kinds.items() if (kind, self.states[id]) == ("score", "queued")}
        if len(self.kinds) >= MOST_JOBS and not waiting:
            return
        with self.context.sessions.begin() as session:
            job = jobs.create_job(session, self.workspace_id, "score")
            assert job.id in waiting if waiting else job.id not in self.kinds
            if not waiting:
                self._know(session, job, rows)

    @precondition(lambda self: self.kinds)
    @rule(which=ANY)
    def cancel(self, which: int) -> None:
        id = self._job(which)
        allowed = self.states[id] in jobs.ACTIVE
        try:
            with self.context.sessions.begin() as session:
                jobs.cancel_job(session, self.workspace_id, id)
        except Conflict:
            assert not allowed
            return
        assert allowed
        self.states[id] = "cancelled"
        for piece in self._pieces(id):
            if piece.state in UNFINISHED:
                piece.state, piece.owner = "cancelled", ""

    @precondition(lambda self: self.kinds)
    @rule(which=ANY)
    def retry(self, which: int) -> None:
        id = self._job(which)
        waits = [i for i, kind in self.kinds.items() if (kind, self.states[i]) == ("score", "queued")]
        allowed = self.states[id] in ("failed", "cancelled") and not (self.kinds[id] == "score" and waits)
        try:
            with self.context.sessions.begin() as session:
                jobs.retry_job(session, self.workspace_id, id)
        except Conflict:
            assert not allowed
            return
        assert allowed
        self.states[id] = "queued"
        for piece in self._pieces(id):
            if piece.state in ("quarantined", "cancelled"):
                piece.state, piece.due, piece.silent = "pending", True, False

    # What workers do

    @precondition(lambda self: self.pieces)
    @rule(which=ANY, sure=st.booleans())
    def claim(self, which: int, sure: bool) -> None:
        """Try a chunk that is there to be taken, or any."""
        ids = (self._claimable() if sure else []) or sorted(self.pieces)
        self._take(ids[which % len(ids)])

    @precondition(lambda self: self.hands)
    @rule(which=ANY)
    def somebody_takes_over(self, which: int) -> None:
        """Take the chunk of a worker who is slow; they know nothing of it."""
        id = self._hand(which).chunk_id
        self.all_leases_run_out()
        self._take(id)

    def _take(self, id: int) -> None:
        piece, owner = self.pieces[id], f"worker {next(self.names)}"
        with self.context.sessions.begin() as session:
            chunk = chunks.claim(session, id, owner, 600)
        assert (chunk is not None) is (id in self._claimable())
        if chunk is not None:
            piece.state, piece.owner, piece.silent = "running", owner, False
            self.states[piece.job_id] = "running"
            self.hands.append(Lease(id, owner, 600))

    @precondition(lambda self: self.hands)
    @rule(which=ANY, size=SIZES)
    def write_some(self, which: int, size: int) -> None:
        lease = self._hand(which)
        self._as_owner(lease, lambda session: self._write(session, lease, size))

    @precondition(lambda self: self.hands)
    @rule(which=ANY)
    def finish(self, which: int) -> None:
        lease = self._hand(which)
        piece = self.pieces[lease.chunk_id]

        def work(session: Session) -> None:
            if piece.plan and not piece.written:
                self._split(session, lease)
            else:
                self._write(session, lease, len(piece.lines))
                chunks.finish(session, lease)
            self._advance(session, piece)

        if self._as_owner(lease, work):
            piece.state, piece.owner = "done", ""
            self._settle(piece.job_id)

    @precondition(lambda self: self.hands)
    @rule(which=ANY)
    def show_a_sign_of_life(self, which: int) -> None:
        lease = self._hand(which)
        if self._as_owner(lease, lambda session: chunks.renew(session, lease)):
            self.pieces[lease.chunk_id].silent = False

    @precondition(lambda self: self.hands)
    @rule(which=ANY, error=st.sampled_from(["", "it failed"]))
    def put_back(self, which: int, error: str) -> None:
        lease = self._hand(which)
        if self._as_owner(
            lease, lambda session: chunks.put_back(session, lease, delay_seconds=600, error=error)
        ):
            piece = self.pieces[lease.chunk_id]
            piece.state, piece.owner, piece.due = "pending", "", False

    @precondition(lambda self: self.hands)
    @rule(which=ANY)
    def give_up(self, which: int) -> None:
        lease = self._hand(which)
        piece = self.pieces[lease.chunk_id]

        def work(session: Session) -> None:
            chunks.quarantine(session, lease, "hopeless")
            self._advance(session, piece)

        if self._as_owner(lease, work):
            piece.state, piece.owner = "quarantined", ""
            self._settle(piece.job_id)

    @precondition(lambda self: self.hands)
    @rule(which=ANY)
    def die(self, which: int) -> None:
        self.hands.remove(self._hand(which))

    # What time does

    @rule()
    def all_leases_run_out(self) -> None:
        self._set(Chunk.state == "running", lease_until=PAST)
        for piece in self.pieces.values():
            piece.silent = piece.state == "running"

    @rule()
    def a_pause_is_over(self) -> None:
        self._set(Chunk.not_before.is_not(None), not_before=PAST)
        for piece in self.pieces.values():
            piece.due = True

    @rule()
    def the_sweep_wakes_what_waits(self) -> None:
        sent: list[object] = []
        woken = Context(
            self.context.settings,
            self.context.sessions,
            self.context.artifacts,
            lambda _task, args, _queue: sent.append(args[0]),
        )
        sweep.sweep(woken, lambda _queue: 0)
        assert sorted(id for id in sent if id in self.pieces) == self._claimable()

    # What must hold after each step

    @invariant()
    def the_database_agrees(self) -> None:
        with self.context.sessions() as session:
            stored = session.execute(
                select(Chunk.id, Chunk.state, Chunk.leased_by).where(Chunk.workspace_id == self.workspace_id)
            )
            assert {(id, state, owner) for id, state, owner in stored} == {
                (id, piece.state, piece.owner) for id, piece in self.pieces.items()
            }
            for job in session.scalars(select(Job).where(Job.workspace_id == self.workspace_id)).unique():
                assert job.state == self.states[job.id]
                self._check_progress(session, job)

    @invariant()
    def every_row_is_there_once(self) -> None:
        wanted = Counter(
            (piece.job_id, piece.stage, line)
            for piece in self.pieces.values()
            if not piece.plan
            for line in piece.lines[: piece.written]
        )
        with self.context.sessions() as session:
            found = session.execute(
                select(Refusal.job_id, Refusal.code, Refusal.line).where(
                    Refusal.workspace_id == self.workspace_id
                )
            )
            assert Counter(tuple(row) for row in found) == wanted

    @invariant()
    def what_has_not_ended_can_go_on(self) -> None:
        for id, state in self.states.items():
            assert any(piece.state in UNFINISHED for piece in self._pieces(id)) is (state in jobs.ACTIVE)

    def teardown(self) -> None:
        """Let time pass and workers work: everything ends by itself, and nothing is missing."""
        try:
            for _ in range(MOST_CHUNKS):
                if not set(jobs.ACTIVE).intersection(self.states.values()):
                    break
                self.a_pause_is_over()
                self.all_leases_run_out()
                self._take(self._claimable()[0])
                self.finish(len(self.hands) - 1)
            assert not set(jobs.ACTIVE).intersection(self.states.values())
            self.the_database_agrees()
            self.every_row_is_there_once()
        finally:
            with self.context.sessions.begin() as session:
                session.execute(delete(Workspace).where(Workspace.id == self.workspace_id))

    def _know(self, session: Session, job: Job, rows: int) -> None:
        [first] = chunks.pending_chunks(session, self.workspace_id, job.id)
        self.kinds[job.id], self.totals[job.id], self.states[job.id] = job.kind, rows, "queued"
        self.pieces[first.id] = Piece(job.id, first.stage, range(rows), plan=job.kind == "score")

    def _job(self, which: int) -> UUID:
        return list(self.kinds)[which % len(self.kinds)]

    def _hand(self, which: int) -> Lease:
        return self.hands[which % len(self.hands)]

    def _pieces(self, job_id: UUID) -> list[Piece]:
        return [piece for piece in self.pieces.values() if piece.job_id == job_id]

    def _claimable(self) -> list[int]:
        return sorted(
            id
            for id, piece in self.pieces.items()
            if self.states[piece.job_id] in jobs.ACTIVE
            and ((piece.state == "pending" and piece.due) or (piece.state == "running" and piece.silent))
        )

    def _as_owner(self, lease: Lease, work: object) -> bool:
        """Do a worker's work in one transaction; it must fail exactly when the chunk is not theirs."""
        piece = self.pieces[lease.chunk_id]
        owns = piece.state == "running" and piece.owner == lease.owner
        written, known = piece.written, dict(self.pieces)
        try:
            with self.context.sessions.begin() as session:
                work(session)  # type: ignore[operator]
        except LeaseLost:
            assert not owns
            piece.written, self.pieces = written, known
            return False
        assert owns
        piece.silent = False
        return True

    def _write(self, session: Session, lease: Lease, size: int) -> None:
        piece = self.pieces[lease.chunk_id]
        if piece.plan:
            return chunks.renew(session, lease)
        lines = piece.lines[piece.written : piece.written + size]
        rows = [{"line": line, "column": "", "value": "", "code": piece.stage} for line in lines]
        jobs.add_refusals(session, self.workspace_id, piece.job_id, rows)
        refused = [line for line in lines if line % 3 == 2] if piece.stage == "import" else []
        piece.written += len(lines)
        if piece.stage == "import" and len(lines) > len(refused):
            self._add_scores(session, piece.job_id, [line for line in lines if line not in refused])
        counts = {"done": len(lines) - len(refused), "failed": len(refused), "cursor": piece.written}
        chunks.record(session, lease, **counts)
        return None

    def _add_scores(self, session: Session, job_id: UUID, lines: list[int]) -> None:
        [added] = chunks.add_chunks(session, self.workspace_id, job_id, "score", [(len(lines), {})])
        self.pieces[added.id] = Piece(job_id, "score", lines)  # type: ignore[arg-type]

    def _split(self, session: Session, lease: Lease) -> None:
        plan = self.pieces[lease.chunk_id]
        parts = [plan.lines[start : start + 2] for start in range(0, len(plan.lines), 2)]
        added = chunks.split(session, lease, [(len(part), {}) for part in parts])
        for chunk, part in zip(added, parts, strict=True):
            self.pieces[chunk.id] = Piece(plan.job_id, "score", part)
        plan.written = len(plan.lines)

    def _advance(self, session: Session, piece: Piece) -> None:
        job = session.get_one(Job, piece.job_id)
        stages.advance(session, self.context.settings, job)

    def _settle(self, job_id: UUID) -> None:
        """Derive the job's state from its chunks, as `advance` should have."""
        states = {piece.state for piece in self._pieces(job_id)}
        if not states.intersection(UNFINISHED):
            self.states[job_id] = "failed" if "quarantined" in states else "succeeded"

    def _check_progress(self, session: Session, job: Job) -> None:
        found = progress(session, job)
        through, total = found.done + found.failed, self.totals[job.id]
        assert through <= total
        if job.state == "succeeded":
            assert (through, found.total) == (total, total)
            refused = total // 3 if job.kind == "import_reviews" else 0
            assert found.failed == refused

    def _set(self, *where: object, **values: object) -> None:
        with self.context.sessions.begin() as session:
            session.execute(
                update(Chunk).where(Chunk.workspace_id == self.workspace_id, *where).values(**values)
            )  # type: ignore[arg-type]
