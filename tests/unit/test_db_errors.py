"""A database error tells its reason, but not the values of the row."""

import io
import logging
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from bot.command_line.opening import open_database
from config.logs import configure_logs
from core.crm.embedded.tables import customers
from core.storage.engines import one_shot_engine
from tests.scenario.settling import town_settings

SECRET = "机密客户名"


def test_no_row_gets_into_the_log(database_url: str, tmp_path: Path) -> None:
    """A row that the database refuses is logged with the reason and without its values."""
    database = open_database(town_settings(tmp_path, database_url, "http://127.0.0.1:1"))
    lines = io.StringIO()
    configure_logs(stream=lines)
    row = {"number": "L1", "name": SECRET, "owner": "wangmin", "created_at": None}
    try:
        with pytest.raises(IntegrityError) as refused:
            database.run_sync(lambda uow: uow.connection.execute(insert(customers), [row]))
        logging.getLogger("test").error("it failed", exc_info=refused.value)
    finally:
        configure_logs()
        database.close()
    assert "created_at" in lines.getvalue()
    assert SECRET not in lines.getvalue()
    assert "wangmin" not in lines.getvalue()


def test_many_open_a_new_file_at_once(tmp_path: Path) -> None:
    """Replicas that start together on a new SQLite file all get it, although only one can switch it to WAL."""
    for number in range(30):
        together = Barrier(6)

        def opened(url: str = f"sqlite:///{tmp_path}/{number}.db", together: Barrier = together) -> None:
            engine = one_shot_engine(url)
            together.wait()
            with engine.begin() as connection:
                connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS t (a)")
            engine.dispose()

        with ThreadPoolExecutor(6) as threads:
            for opening in [threads.submit(opened) for _ in range(6)]:
                opening.result()
