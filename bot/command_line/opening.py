"""Opens database, vault, policy and roles from the settings, in the same way for the bot and its commands."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from tempfile import TemporaryFile

from cards.keys import KeyRing
from config.files import DEFAULT_POLICY, DEFAULT_ROLES, read_toml
from config.logs import configure_logs
from config.policy_file import policy_from
from config.roles_file import roster_from
from config.settings import Settings, load_settings
from core.domain.audit import Pseudonyms
from core.domain.errors import ConfigError
from core.domain.people import Language
from core.domain.policy import Policy
from core.domain.roster import Roster
from core.ports.crm import LocalConnector
from core.storage.db import Clock, Database
from core.storage.migrate import SchemaState, prepare, state
from core.storage.uow import SqlUnitOfWork, StoreKeys
from core.vault.keys import seal_keys
from core.vault.sealed import SealedVault, make_folder
from notify.audience import Audience
from notify.publisher import Publisher
from notify.telling import Teller


def open_database(settings: Settings, clock: Clock | None = None) -> Database:
    """Returns the database, which connects at its first use. The caller closes it.

    Raises ConfigError without a SEAL_KEY.
    """
    keys = seal_keys(settings.seal_key_bytes)
    store = StoreKeys(keys.audit_chain, Pseudonyms(keys.pseudonyms), keys.rows)
    return Database(settings.database_url, partial(SqlUnitOfWork, store), clock)


def open_publisher(settings: Settings, crm: LocalConnector) -> Publisher:
    """Returns the publisher of events, with the keys of this bot. Raises ConfigError without a SEAL_KEY."""
    keys = KeyRing(seal_keys(settings.seal_key_bytes).button_keys)
    return Publisher(Teller(Audience(keys, settings.zone), crm))


def open_vault(settings: Settings) -> SealedVault:
    """Raises ConfigError without a VAULT_KEY."""
    return SealedVault(settings.vault_dir, settings.vault_key_bytes)


def open_vault_to_write(settings: Settings) -> SealedVault:
    """Opens the vault after a test that its folder takes files, since nothing is executed without a backup.

    Raises ConfigError.
    """
    try:
        make_folder(settings.vault_dir)
        with TemporaryFile(dir=settings.vault_dir):
            pass
    except OSError as error:
        fault = f"{settings.vault_dir} cannot be written · 无法写入: {error.strerror}"
        raise ConfigError("VOIDBOT_VAULT_DIR", [fault]) from error
    return open_vault(settings)


def open_policy(settings: Settings) -> Policy:
    """Raises ConfigError naming the setting, the file and every fault in it."""
    try:
        return policy_from(read_toml(settings.policy_file), read_toml(DEFAULT_POLICY))
    except ConfigError as error:
        raise ConfigError(f"VOIDBOT_POLICY_FILE {settings.policy_file}", error.faults) from error


def open_roster(settings: Settings) -> Roster:
    """Raises ConfigError naming the setting, the file and every fault in it."""
    try:
        return roster_from(read_toml(settings.roles_file), read_toml(DEFAULT_ROLES), Language(settings.language))
    except ConfigError as error:
        raise ConfigError(f"VOIDBOT_ROLES_FILE {settings.roles_file}", error.faults) from error


@contextmanager
def at_work(*needs: str, may_create: bool = False) -> Iterator[tuple[Settings, Database]]:
    """Opens settings and database for a command, with masked logs and a checked schema, and closes the database.

    `needs` are settings beyond SEAL_KEY. `may_create` fills an empty database instead of refusing it; it is only
    for commands that put something into it, since a mistyped address must not look like an empty log.
    Raises ConfigError, StoreUnavailable.
    """
    settings = load_settings("seal_key", *needs)
    configure_logs(settings.secrets)
    if not may_create and state(settings.database_url) is SchemaState.EMPTY:
        raise ConfigError(
            "VOIDBOT_DATABASE_URL",
            ["there is nothing in this database; is the address right? · 该数据库是空的，地址是否有误？"],
        )
    prepare(settings.database_url)
    database = open_database(settings)
    try:
        yield settings, database
    finally:
        database.close()
