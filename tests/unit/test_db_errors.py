"""A database error tells its reason, but not the values of the row."""

import io
import logging
from pathlib import Path

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from bot.command_line.opening import open_database
from config.logs import configure_logs
from core.crm.embedded.tables import customers
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
