"""Sets up what tests of the command line share: an environment with a migrated database, keys and a vault."""

import base64
from pathlib import Path

import pytest

from bot.command_line.opening import open_database, open_vault
from config.settings import Settings, load_settings
from core.domain.audit import Head, NewEntry, Tag
from core.storage.db import Database
from core.vault.sealed import SealedVault

SEAL_KEY = bytes(range(32))
VAULT_KEY = bytes(range(32, 64))


def set_environment(patch: pytest.MonkeyPatch, folder: Path, url: str) -> Settings:
    for field in Settings.model_fields:
        patch.delenv(f"VOIDBOT_{field.upper()}", raising=False)
    patch.chdir(folder)
    patch.setenv("VOIDBOT_DATABASE_URL", url)
    patch.setenv("VOIDBOT_SEAL_KEY", base64.b64encode(SEAL_KEY).decode())
    patch.setenv("VOIDBOT_VAULT_KEY", base64.b64encode(VAULT_KEY).decode())
    patch.setenv("VOIDBOT_VAULT_DIR", str(folder / "vault"))
    return load_settings("seal_key", "vault_key")


class Place:
    """The database and vault of a bot, as an operator finds them."""

    def __init__(self, settings: Settings) -> None:
        self.database: Database = open_database(settings)
        self.vault: SealedVault = open_vault(settings)
        self.folder: Path = settings.vault_dir

    def log(self, *events: NewEntry) -> Head:
        self.database.run_sync(lambda uow: uow.audit.append(*events))
        head: Head = self.database.read_sync(lambda uow: uow.audit.head())
        return head

    def log_some(self, count: int) -> Head:
        return self.log(*(NewEntry(Tag.TARGET_OUTCOME, "zhangsan", f"customer:C{n}", 312) for n in range(count)))

    def sql(self, *statements: str) -> None:
        with self.database.engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
