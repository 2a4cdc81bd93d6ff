"""The print spool's memory (see `app.ports.paper.SpoolStore`)."""

from __future__ import annotations

from uuid import UUID

from app.ports.paper import PrintJob, PrintState
from db.connection import Connection, Row
from db.store import Store

_COLUMNS = "job, operation_id, document, copy, state, cause, queued_at"


def _job(row: Row) -> PrintJob:
    job, operation, document, copy, state, cause, queued_at = row
    return PrintJob(job, operation, document, copy, PrintState(state), cause, queued_at)


class SqlSpool:
    def __init__(self, store: Store, mall: str, desk: str) -> None:
        self._store = store
        self._mall = mall
        self._desk = desk

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
