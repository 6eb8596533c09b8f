"""A store as an older MLflow had made it, by MLflow's own migrations: the tables of then with the rows of now."""

import sqlite3
from contextlib import closing
from pathlib import Path

import mlflow.store.db_migrations
from alembic import command
from alembic.config import Config
from mlflow.store.tracking.dbmodels.initial_models import Base as InitialBase
from sqlalchemy import create_engine

OLDER = "3500859a5d39"
"""The revision of MLflow 2.13 or so: there were no models and no spans."""


def as_older(file: Path, revision: str = OLDER) -> None:
    """Put a store with the tables of `revision` in the place of `file`, with all rows that have a place there."""
    older = file.with_suffix(".older")
    config = Config()
    config.set_main_option("script_location", str(Path(mlflow.store.db_migrations.__file__).parent))
    engine = create_engine(f"sqlite:///{older}")
    InitialBase.metadata.create_all(engine)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()
    with closing(sqlite3.connect(older)) as database, database:
        database.execute("ATTACH ? AS now", [str(file)])
        then, now = (_tables(database, schema) for schema in ("main", "now"))
        for table in then.keys() & now.keys() - {"alembic_version"}:
            shared = ", ".join(f'"{name}"' for name in then[table] & now[table])
            database.execute(f'INSERT OR IGNORE INTO main."{table}" ({shared}) SELECT {shared} FROM now."{table}"')
    older.replace(file)


def _tables(database: sqlite3.Connection, schema: str) -> dict[str, set[str]]:
    found = database.execute(f"SELECT name FROM {schema}.sqlite_master WHERE type = 'table'").fetchall()
    return {table: {row[1] for row in database.execute(f'PRAGMA {schema}.table_info("{table}")')} for (table,) in found}
