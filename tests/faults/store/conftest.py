"""Stores on both engines (see `tests.support.stores`)."""

from tests.support.stores import mall, own_store, own_url, postgres_store, sqlite_store, store

__all__ = ["mall", "own_store", "own_url", "postgres_store", "sqlite_store", "store"]
