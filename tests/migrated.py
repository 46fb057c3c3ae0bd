"""The test database as the migrations left it: kept as a copy, put back after a test that commits.

Django empties the tables instead, and inserts those rows again: where that fails once, because the
test has broken the connection, left a lock or changed a table, every later test lacks groups,
clinic and privacy page. Here the whole database is replaced whenever anything is unusual.
"""

import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from psycopg import sql

# Columns, triggers and constraints; a table that was made anew has another number.
SCHEMA = """
    SELECT
        (SELECT array_agg(attrelid || ' ' || attname || ' ' || atttypid ORDER BY 1)
         FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
         WHERE relnamespace = 'public'::regnamespace),
        (SELECT array_agg(tgname ORDER BY 1) FROM pg_trigger),
        (SELECT array_agg(conname ORDER BY 1) FROM pg_constraint)
"""
OTHERS = """
    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


def keep() -> "SQLiteCopy | PostgreSQLCopy":
    """A copy of the test database as it is now."""
    settings = connections[DEFAULT_DB_ALIAS].settings_dict
    drop_connection()
    kind = SQLiteCopy if settings["ENGINE"].endswith("sqlite3") else PostgreSQLCopy
    return kind(settings)


def drop_connection() -> None:
    """Close this thread's connection, in whatever state it is, and let Django make another."""
    wrapper = connections[DEFAULT_DB_ALIAS]
    if wrapper.connection is not None:
        with suppress(Exception):
            wrapper.connection.close()
    del connections[DEFAULT_DB_ALIAS]


class SQLiteCopy:
    """A file beside the database, which takes its place. Other threads keep the old file."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self._name = str(settings["NAME"])
        self._copy = Path(f"{self._name}_migrated")
        source, target = sqlite3.connect(self._name), sqlite3.connect(self._copy)
        with closing(source), closing(target):
            source.backup(target)

    def put_back(self, *, whole: bool) -> None:
        """Replace the database by the copy."""
        drop_connection()
        fresh = Path(f"{self._name}_fresh")
        fresh.write_bytes(self._copy.read_bytes())
        for log in ("-wal", "-shm"):
            Path(f"{self._name}{log}").unlink(missing_ok=True)
        fresh.replace(self._name)

    def forget(self) -> None:
        """Remove the copy."""
        self._copy.unlink()


class PostgreSQLCopy:
    """The rows, and a database as template for when the rows are not enough: it takes 20 times as
    long. TRUNCATE takes longer still."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self._name = str(settings["NAME"])
        self._copy = f"{self._name}_migrated"
        names = {"HOST": "host", "PORT": "port", "USER": "user", "PASSWORD": "password"}
        self._server = {names[key]: settings[key] for key in names if settings.get(key)}
        self._replace(self._copy, by=self._name)
        with self._connect(self._name) as database:
            self._schema = database.execute(SCHEMA).fetchone()
            tables = database.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            self._rows = {name: _read(database, name) for (name,) in tables.fetchall()}
            counters = "SELECT sequencename, last_value FROM pg_sequences"
            self._counters = database.execute(counters).fetchall()

    def put_back(self, *, whole: bool) -> None:
        """Put the rows back; the `whole` database, if so asked or if anything else has changed."""
        drop_connection()
        try:
            whole = whole or not self._put_rows_back()
        except psycopg.Error:
            whole = True
        if whole:
            self._replace(self._name, by=self._copy)

    def forget(self) -> None:
        """Remove the copy, and the database."""
        with self._connect("postgres") as server:
            server.execute(_drop(self._copy))
            server.execute(_drop(self._name))

    def _connect(self, name: str) -> psycopg.Connection:
        return psycopg.connect(dbname=name, autocommit=True, **self._server)

    def _put_rows_back(self) -> bool:
        with self._connect(self._name) as database:
            database.execute(OTHERS)
            if database.execute(SCHEMA).fetchone() != self._schema:
                return False
            with database.transaction():
                # Neither guards nor foreign keys are asked.
                database.execute("SET LOCAL session_replication_role = replica")
                for name in self._rows:
                    database.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(name)))
                for name, rows in self._rows.items():
                    _write(database, name, rows)
                for name, value in self._counters:
                    database.execute(
                        "SELECT setval(%s::text::regclass, %s, %s)",
                        (f'"{name}"', value or 1, value is not None),
                    )
        return True

    def _replace(self, name: str, *, by: str) -> None:
        create = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        with self._connect("postgres") as server:
            server.execute(_drop(name))
            server.execute(create.format(sql.Identifier(name), sql.Identifier(by)))


def _read(database: psycopg.Connection, table: str) -> bytes:
    copy = sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(table))
    with database.cursor().copy(copy) as rows:
        return b"".join(rows)


def _write(database: psycopg.Connection, table: str, rows: bytes) -> None:
    if rows:
        copy = sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(table))
        with database.cursor().copy(copy) as target:
            target.write(rows)


def _drop(name: str) -> sql.Composed:
    return sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
