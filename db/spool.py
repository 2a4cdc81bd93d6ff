"""The print spool's memory (see `app.ports.paper.SpoolStore`)."""

from __future__ import annotations

from uuid import UUID

from app.ports.clock import Clock
from app.ports.paper import PrintJob, PrintState
from app.sync.envelope import instant
from db.connection import Connection, Row
from db.store import Store
from db.work import job_id

_COLUMNS = "job, operation_id, document, copy, state, cause, queued_at"


def _job(row: Row) -> PrintJob:
    job, operation, document, copy, state, cause, queued_at = row
    return PrintJob(job, operation, document, copy, PrintState(state), cause, queued_at)


class SqlSpool:
    def __init__(self, store: Store, mall: str, desk: str, clock: Clock) -> None:
        self._store = store
        self._mall = mall
        self._desk = desk
        self._clock = clock

    def next_queued(self) -> PrintJob | None:
        return self._one("AND state IN ('queued', 'failed') ORDER BY queued_at, copy LIMIT 1")

    def get(self, job_id: UUID) -> PrintJob | None:
        return self._one("AND job = :job", job=job_id)

    def _one(self, condition: str, **values: object) -> PrintJob | None:
        row = self._store.read(
            lambda connection: connection.row(
                f"SELECT {_COLUMNS} FROM print_job WHERE mall_id = :mall AND desk = :desk {condition}",
                mall=self._mall,
                desk=self._desk,
                **values,
            )
        )
        return _job(row) if row else None

    def set_state(self, job_id: UUID, state: PrintState, cause: str | None) -> None:
        self._store.write(lambda connection: self._set(connection, job_id, state, cause))

    def _set(self, connection: Connection, job: UUID, state: PrintState, cause: str | None) -> None:
        connection.run(
            "UPDATE print_job SET state = :state, cause = :cause WHERE mall_id = :mall AND job = :job",
            mall=self._mall,
            job=job,
            state=state.value,
            cause=cause,
        )

    def recent(self, limit: int) -> tuple[PrintJob, ...]:
        rows = self._store.read(
            lambda connection: connection.rows(
                f"SELECT {_COLUMNS} FROM print_job WHERE mall_id = :mall AND desk = :desk "
                "ORDER BY queued_at DESC, copy DESC LIMIT :limit",
                mall=self._mall,
                desk=self._desk,
                limit=limit,
            )
        )
        return tuple(_job(row) for row in rows)

    def add_copy(self, job_id_: UUID) -> PrintJob:
        def write(connection: Connection) -> PrintJob:
            found = connection.row(
                "SELECT operation_id, document FROM print_job WHERE mall_id = :mall AND job = :job",
                mall=self._mall,
                job=job_id_,
            )
            assert found is not None, "a copy of a job that was shown"
            operation, document = found
            last = connection.row(
                "SELECT max(copy) FROM print_job WHERE mall_id = :mall AND desk = :desk "
                "AND operation_id = :operation AND document = :document",
                mall=self._mall,
                desk=self._desk,
                operation=operation,
                document=document,
            )
            copy = (last[0] if last else 0) + 1
            self._set(connection, job_id_, PrintState.REPLACED, None)
            new = PrintJob(
                job_id(operation, document, copy),
                operation,
                document,
                copy,
                PrintState.QUEUED,
                None,
                instant(self._clock.wall_ms()),
            )
            connection.run(
                f"INSERT INTO print_job (mall_id, desk, {_COLUMNS}) VALUES "
                "(:mall, :desk, :job, :operation, :document, :copy, :state, NULL, :queued_at)",
                mall=self._mall,
                desk=self._desk,
                job=new.job_id,
                operation=operation,
                document=document,
                copy=copy,
                state=new.state.value,
                queued_at=new.queued_at,
            )
            return new

        return self._store.write(write)

    def recover(self) -> tuple[PrintJob, ...]:
        def write(connection: Connection) -> tuple[PrintJob, ...]:
            connection.run(
                "UPDATE print_job SET state = 'uncertain', cause = 'printer.interrupted' WHERE mall_id = :mall "
                "AND desk = :desk AND state IN ('sending', 'waiting')",
                mall=self._mall,
                desk=self._desk,
            )
            rows = connection.rows(
                f"SELECT {_COLUMNS} FROM print_job WHERE mall_id = :mall AND desk = :desk "
                "AND state = 'uncertain' AND cause = 'printer.interrupted'",
                mall=self._mall,
                desk=self._desk,
            )
            return tuple(_job(row) for row in rows)

        return self._store.write(write)
