"""Makes the checks of `doctor`. Each is a function that returns rows, and none of them changes anything."""

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from pathlib import Path
from shutil import disk_usage

import aiohttp

from bot.channels.wecom_app.client import WeComClient
from bot.channels.wecom_app.errors import unreachable_advice
from bot.command_line.opening import open_database, open_policy, open_roster
from config.settings import KEYS, WECOM, Settings, load_settings
from core.domain.actions import Action
from core.domain.approval.plan import undecidable
from core.domain.audit import AuditEntry, chain_key, message_of
from core.domain.errors import ConfigError, PlatformError, PlatformUnreachable, StoreUnavailable
from core.domain.people import Person, Right
from core.domain.policy import Policy
from core.domain.roster import Roster
from core.storage.migrate import SchemaState, state
from core.vault.keys import seal_keys

MOST_DRIFT = timedelta(seconds=30)
"""How far a clock may be off before `doctor` calls it bad; callbacks are refused as stale at 5 minutes."""
LEAST_FREE = 1 << 30
"""Bytes that must be free: no backup fits on a full disk, and without a backup nothing is executed."""
_CLOCK_TIMEOUT = aiohttp.ClientTimeout(total=5)


class Mark(StrEnum):
    GOOD = "✓"
    NOTE = "!"
    BAD = "✗"


@dataclass(frozen=True, slots=True)
class Row:
    what: str
    mark: Mark
    words: str


def settings_rows() -> tuple[Settings | None, list[Row]]:
    """Checks the settings that `serve` needs. Where some are missing, the other checks can still use the rest.

    Returns None for the settings when they cannot be read at all.
    """
    try:
        return load_settings(*WECOM, *KEYS), [Row("设置 settings", Mark.GOOD, "齐全 · complete")]
    except ConfigError as error:
        rows = [Row("设置 settings", Mark.BAD, fault) for fault in error.faults]
    try:
        return load_settings(), rows
    except ConfigError:
        return None, rows


def file_rows(settings: Settings) -> Iterator[Row]:
    """Checks the policy file, the roles file, and whether every request finds enough approvers."""
    policy = roster = None
    try:
        policy = open_policy(settings)
        yield Row("规则 policy", Mark.GOOD, str(settings.policy_file))
    except ConfigError as error:
        yield from (Row("规则 policy", Mark.BAD, f"{error.where}: {fault}") for fault in error.faults)
    try:
        roster = open_roster(settings)
        yield Row("人员 roles", Mark.GOOD, f"{settings.roles_file} ({len(roster.people)} 人 · people)")
    except ConfigError as error:
        yield from (Row("人员 roles", Mark.BAD, f"{error.where}: {fault}") for fault in error.faults)
    if policy and roster:
        yield from approver_rows(policy, roster)


def approver_rows(policy: Policy, roster: Roster) -> Iterator[Row]:
    if not roster.people:
        yield Row(
            "审批人 approvers", Mark.BAD, "人员文件里没有人 · the roles file names nobody: VOIDBOT_ROLES_FILE"
        )
        return
    short = {
        person: actions
        for person in roster.people
        if (actions := undecidable(person, policy.approval, roster.people, roster.rights))
    }
    for person, actions in short.items():
        words = f"审批人不够 · too few may approve for {person.userid} ({', '.join(actions)})"
        bad = any(_is_fault(person, action, short, roster) for action in actions)
        yield Row("审批人 approvers", Mark.BAD if bad else Mark.NOTE, words)
    if not short:
        yield Row("审批人 approvers", Mark.GOOD, "每项申请都有人可批 · every request finds enough approvers")


def _is_fault(person: Person, action: Action, short: Mapping[Person, Sequence[Action]], roster: Roster) -> bool:
    """Returns whether a lack of approvers is a fault; in a small team some lacks are only to be noted.

    There nobody may be left to decide an approver's own request, or a purge.
    """
    if action is Action.PURGE:
        return False
    of = roster.rights.of
    for_nobody = all(action in short.get(one, ()) for one in roster.people if action.right in of(one))
    return for_nobody or Right.APPROVE not in of(person)


def database_rows(settings: Settings) -> Iterator[Row]:
    name = "数据库 database"
    try:
        found = state(settings.database_url)
        if found is SchemaState.EMPTY:
            yield Row(name, Mark.NOTE, "空的，serve 会建表 · empty, serve will fill it")
        elif found is SchemaState.CURRENT:
            yield Row(name, Mark.GOOD, "最新版本 · up to date")
            if settings.seal_key.get_secret_value():  # without it the log cannot be read
                yield from _opened_database_rows(settings)
        elif found is SchemaState.BEHIND:
            yield Row(name, Mark.BAD, "版本较旧 · older version; run: python -m bot db upgrade")
        else:
            yield Row(name, Mark.BAD, "不是本版本的数据库 · of a newer version or another program")
    except StoreUnavailable as error:
        yield Row(name, Mark.BAD, f"不可用 · not available: {error}")


def _opened_database_rows(settings: Settings) -> Iterator[Row]:
    database = open_database(settings)
    try:
        before = datetime.now(UTC)
        theirs = database.read_sync(lambda uow: uow.now)
        yield drift_row("数据库时钟 database clock", theirs - before)
        head = database.read_sync(lambda uow: uow.audit.head())
        if head.seq:
            newest = database.read_sync(lambda uow: next(uow.audit.entries(after=head.seq - 1), None))
            yield _seal_row(settings, newest)
    finally:
        database.close()


def _seal_row(settings: Settings, entry: AuditEntry | None) -> Row:
    """Checks that the newest entry of the log was chained with this key; `audit verify` checks all of them."""
    name = "日志密钥 log key"
    if entry is None:
        return Row(
            name, Mark.BAD, "最新一条日志不见了 · the newest entry is missing; run: python -m bot audit verify"
        )
    seq, micros, tag, actor, subject, operation, detail, prev, digest = entry.row
    key = chain_key(seal_keys(settings.seal_key_bytes).audit_chain)
    if key.mac(message_of(seq, micros, tag, actor, subject, operation, detail, prev)) == digest:
        return Row(name, Mark.GOOD, "与日志相符 · fits the log")
    return Row(name, Mark.BAD, "与日志不符 · VOIDBOT_SEAL_KEY is not the key of this log, or the log was changed")


def vault_rows(settings: Settings) -> Iterator[Row]:
    name, folder = "备份目录 vault", settings.vault_dir
    # The folder need not exist before the first start; then the nearest one above it tells what is possible.
    home = next((path for path in (folder, *folder.absolute().parents) if path.exists()), Path("/"))
    try:
        # Synced as a backup is: a bad disk may report its error only then.
        with tempfile.TemporaryFile(dir=home) as file:
            file.write(b"voidbot")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        yield Row(name, Mark.BAD, f"{folder} 不可写 · cannot be written: {error.strerror}")
        return
    if folder.exists() and folder.stat().st_mode & 0o077:
        yield Row(name, Mark.NOTE, f"{folder} 其他用户可读 · others may read it; run: chmod 700 {folder}")
    free = disk_usage(home).free
    mark = Mark.GOOD if free >= LEAST_FREE else Mark.BAD
    yield Row(name, mark, f"{folder} 可写 · writable, {free / LEAST_FREE:.1f} GiB 可用 · free")


def key_rows(settings: Settings) -> Iterator[Row]:
    seal, vault = settings.seal_key.get_secret_value(), settings.vault_key.get_secret_value()
    if seal and seal == vault:
        yield Row("密钥 keys", Mark.BAD, "SEAL_KEY 与 VAULT_KEY 相同 · are the same; make two: python -m bot init")
    elif seal and vault:
        yield Row("密钥 keys", Mark.GOOD, "请确认另有一份保存在别处 · make sure a copy is kept elsewhere")


async def wecom_rows(settings: Settings) -> list[Row]:
    """Asks WeCom whether the credentials and this machine's address are accepted.

    Call it only with all needed settings: WeCom bans the address of a caller who is wrong too often.
    """
    name, base = "企业微信 WeCom", settings.wecom_api_base
    official = settings.official_api
    rows = [] if official else [Row(name, Mark.NOTE, f"{base} 不是官方地址 · is not the official address")]
    client = WeComClient(
        corp_id=settings.wecom_corp_id,
        agent_id=settings.wecom_agent_id,
        secret=settings.wecom_secret.get_secret_value(),
        base_url=base,
    )
    try:
        await client.check()
        rows.append(Row(name, Mark.GOOD, "凭证有效 · the credentials are accepted"))
        addresses = await client.callback_ips()
        rows.append(Row(name, Mark.GOOD, f"可信 IP 正常；回调来自 {len(addresses)} 段地址 · address trusted"))
    except PlatformUnreachable as error:
        rows.append(Row(name, Mark.BAD, unreachable_advice(error, base)))
    except PlatformError as error:
        rows.append(Row(name, Mark.BAD, str(error)))
    finally:
        await client.close()
    # The clock of any other address is followed while the bot runs, so it may differ.
    return [*rows, await _platform_clock(base)] if official else rows


async def _platform_clock(base: str) -> Row:
    name = "企业微信时钟 WeCom clock"
    try:
        async with aiohttp.ClientSession(timeout=_CLOCK_TIMEOUT) as session, session.head(base) as answer:
            said = parsedate_to_datetime(answer.headers.get("Date", ""))
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        return Row(name, Mark.NOTE, f"无法得知 · could not be learned: {type(error).__name__}")
    return drift_row(name, said - datetime.now(UTC))


def drift_row(name: str, drift: timedelta) -> Row:
    seconds = f"{drift.total_seconds():+.0f} s"
    if abs(drift) <= MOST_DRIFT:
        return Row(name, Mark.GOOD, seconds)
    return Row(name, Mark.BAD, f"{seconds}：请校时 · set this machine's clock, or use NTP")
