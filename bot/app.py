"""The composition root: the only module that knows all parts, builds them in order and closes them in reverse."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from secrets import token_hex

import structlog
from aiohttp import web

from bot.alarms import SealAlarm
from bot.channels.wecom_app.address import WECOM_APP
from bot.channels.wecom_app.batching import InboxBatcher, inbox_writer
from bot.channels.wecom_app.callback import MAX_BODY, CallbackDoor
from bot.channels.wecom_app.client import WeComClient
from bot.channels.wecom_app.clock import PlatformClock
from bot.channels.wecom_app.messenger import AppMessenger
from bot.channels.wecom_app.views import CallbackEndpoint, add_callback_routes
from bot.command_line.opening import open_database, open_policy, open_publisher, open_roster, open_vault_to_write
from bot.courier import Courier
from bot.directory import Directory
from bot.dispatch import Dispatcher
from bot.executor import Executor
from bot.health import health_routes
from bot.metrics import Metrics, metrics_routes
from bot.schedule import Jobs, Schedule
from bot.seeding import seed
from bot.worker import Worker
from config.settings import Settings
from core.crm.embedded.store import EmbeddedCrm
from core.domain.address import Channel
from core.domain.errors import BackupNotProven
from core.domain.people import Language
from core.ports.crm import LocalConnector
from core.ports.messages import Messenger
from core.services.audit import seal_existing
from core.services.executing.shared import Tools
from core.storage.db import Database
from core.storage.migrate import prepare
from core.storage.wakes import listen
from core.vault.sealed import SealedVault
from handlers.context import Desk

log = structlog.get_logger(__name__)


def program_version() -> str:
    try:
        return version("voidbot")
    except PackageNotFoundError:  # run from its folder without being installed, as `make run` does
        return "0.1.0"


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a running application that tests look at. Handlers never use it."""

    settings: Settings
    db: Database
    desk: Desk
    worker: Worker
    client: WeComClient


PARTS: web.AppKey[Parts] = web.AppKey("parts", Parts)


def create_app(
    settings: Settings,
    *,
    crm: Callable[[Database], LocalConnector] | None = None,
    clock: PlatformClock | None = None,
    messengers: Mapping[Channel, Messenger] | None = None,
) -> web.Application:
    """Builds the application. `messengers` are channels beside WeCom's app chat, or in its place.

    Raises ConfigError, AuditBroken or StoreUnavailable before anything runs.
    """
    prepare(settings.database_url)
    clock = clock or PlatformClock(settings.wecom_api_base)
    db = open_database(settings, clock.clock)
    app = web.Application(client_max_size=MAX_BODY)
    try:
        build(app, settings, db, crm(db) if crm else EmbeddedCrm(db), clock, messengers or {})
    except BaseException:  # a start that fails must not leave the threads of the database behind
        db.close()
        raise
    return app


def build(
    app: web.Application,
    settings: Settings,
    db: Database,
    crm: LocalConnector,
    clock: PlatformClock,
    messengers: Mapping[Channel, Messenger],
) -> None:
    policy, roster = open_policy(settings), open_roster(settings)
    # The owner of this process's leases. The random part is needed: containers may share host name and process id.
    owner = f"{socket.gethostname()[:32]}-{os.getpid()}-{token_hex(4)}"
    publish = open_publisher(settings, crm)
    keys = publish.teller.audience.keys
    desk = Desk(db, crm, policy, keys, settings.zone, Language(settings.language))
    alarm = SealAlarm(db, publish)
    db.on_unsound = alarm.met
    # Sealed before anything reads a row. Roles and policy are there before a message or job asks for them.
    db.run_sync(lambda uow: publish(uow, *seal_existing(uow), *seed(uow, settings, roster, policy)))
    client = WeComClient(
        corp_id=settings.wecom_corp_id,
        agent_id=settings.wecom_agent_id,
        secret=settings.wecom_secret.get_secret_value(),
        base_url=settings.wecom_api_base,
        version=program_version(),
        now=clock.now,
    )
    metrics = Metrics()
    dispatcher = Dispatcher(desk, publish, owner)
    executor = Executor(Tools(db, crm, _vault(settings), policy, publish), owner)
    served = {WECOM_APP: AppMessenger(client), **messengers}
    courier = Courier(db, served, owner, publish, metrics.delivery)
    batcher = InboxBatcher(inbox_writer(db))
    worker = Worker(dispatcher.run_once, executor.run_once, courier.run_once, batcher.quiet)
    db.on_stored = worker.wake
    schedule = Schedule(Jobs(desk, publish, Directory(desk, publish, client.member)))
    clock.on_jump = schedule.look_now
    door = CallbackDoor(
        token=settings.wecom_token.get_secret_value(),
        aes_key=settings.wecom_aes_key.get_secret_value(),
        corp_id=settings.wecom_corp_id,
        agent_id=settings.wecom_agent_id,
    )
    app[PARTS] = Parts(settings, db, desk, worker, client)
    add_callback_routes(app, CallbackEndpoint(door, batcher.store, clock.now, metrics.callback))
    checks = {
        "database": lambda: _database_answers(db),
        "wecom": client.check,
        "crm": lambda: _crm_answers(crm),
    }
    app.add_routes(health_routes(checks))
    app.add_routes(
        metrics_routes(metrics, lambda: db.read(lambda uow: (uow.waiting(), uow.operations.by_state())))
    )
    app.cleanup_ctx.append(_lifecycle(settings.database_url, clock, client, db, batcher, worker, schedule, alarm))


def _vault(settings: Settings) -> SealedVault:
    """Opens the vault and removes the drafts of killed runs. Raises ConfigError when the folder takes no files."""
    vault = open_vault_to_write(settings)
    try:
        swept = vault.sweep()
    except BackupNotProven as error:  # drafts take room but do no harm: the bot starts all the same
        log.warning("vault_not_swept", why=str(error))
    else:
        if swept:
            log.info("abandoned_drafts_removed", count=swept)
    return vault


def _lifecycle(
    url: str,
    clock: PlatformClock,
    client: WeComClient,
    db: Database,
    batcher: InboxBatcher,
    worker: Worker,
    schedule: Schedule,
    alarm: SealAlarm,
) -> Callable[[web.Application], AsyncIterator[None]]:
    async def run(_app: web.Application) -> AsyncIterator[None]:
        # The stack ends what it holds in reverse: first the callbacks already taken are stored, then jobs and
        # loops stop, and the connections they use close last.
        async with AsyncExitStack() as stack:
            stack.callback(db.close)
            alarm.start()
            stack.push_async_callback(alarm.stop)
            stack.push_async_callback(client.close)
            await clock.start()
            stack.push_async_callback(clock.stop)
            worker.start()
            stack.push_async_callback(worker.stop)
            listening = asyncio.create_task(listen(url, worker.wake), name="listen")
            stack.callback(listening.cancel)
            schedule.start()
            stack.callback(schedule.stop)
            stack.push_async_callback(batcher.close)
            yield

    return run


async def _database_answers(db: Database) -> None:
    await db.read(lambda uow: uow.audit.head())


async def _crm_answers(crm: LocalConnector) -> None:
    await crm.read([])  # no records: only whether it answers
