"""Two processes on one PostgreSQL share the work: everything is done once, and one of them can die."""

import asyncio
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp
from aiohttp import web
from sqlalchemy import Connection, insert, select

from bot.command_line.opening import open_database
from core.crm.embedded.indexing import index_customers
from core.crm.embedded.tables import customers
from core.domain.audit import Tag
from core.domain.outbox import DeliveryKind
from core.storage.tables import deliveries
from tests.pretend import AES_KEY, AGENT, CORP, ROLES, SECRET, TOKEN, free_port, open_wecom
from tests.scenario.listening import Message, card, look
from tests.scenario.settling import KEY, after_hours, now, open_bot, town_settings
from tests.scenario.town import Town
from tests.scenario.weather import log_holds, log_tags

ROOT = Path(__file__).parents[2]
REPS = tuple(f"rep{number}" for number in range(8))
EACH = 5
"""Customers of each rep: 40 in all."""
WAIT = 90
PEOPLE = ROLES + "".join(
    f'[people.{rep}]\nname = "销售{number}"\nroles = ["rep"]\nleader = "{leader}"\n'
    for number, (rep, leader) in enumerate(zip(REPS, ("liqiang", "chenjie") * 4, strict=True))
)


def settle(connection: Connection) -> None:
    for rep in REPS:
        for number in range(EACH):
            row = {
                "number": f"{rep.upper()}N{number}",
                "name": f"{rep}的第{number}家公司",
                "owner": rep,
                "level": "C",
            }
            connection.execute(insert(customers).values(**row, created_at=now()))
    index_customers(connection, list(connection.execute(select(customers.c.id)).scalars()))


async def void_everything(town: Town, each: int) -> list[tuple[str, Message]]:
    """Each rep asks for so many of their customers, one after another; their leaders approve as the cards come.

    Returns the cards of the submitted requests, each with its rep.
    """
    async with asyncio.timeout(WAIT):
        *of_reps, _, _ = await asyncio.gather(
            *(ask_for_all(town, rep, each) for rep in REPS),
            *(approve_all(town, who, each * len(REPS) // 2) for who in ("liqiang", "chenjie")),
        )
        await town.settled()
    return [(rep, submitted) for rep, cards in zip(REPS, of_reps, strict=True) for submitted in cards or ()]


async def ask_for_all(town: Town, rep: str, each: int) -> list[Message]:
    """All cards to confirm first; then each is submitted and done, in an order that nobody can know."""
    mine = [f"{rep.upper()}N{number}" for number in range(each)]
    confirm = [await town.proposes(rep, f"作废客户 {customer}", line=f"客户 {customer} ") for customer in mine]
    for asked in confirm:
        await town.tap(rep, asked, "确认作废", reason="duplicate", force=True)
    of_each = [card(line=f"对象 {customer} ") for customer in mine for _ in ("submitted", "done")]
    came = await town.gets_all(rep, *of_each)
    for done in came[1::2]:
        await town.becomes(rep, done, title="已作废", button="撤销")
    return came[::2]


async def approve_all(town: Town, who: str, count: int) -> None:
    for _ in range(count):
        decide = await town.gets_card(who, button=("同意", "驳回"))
        await town.tap(who, decide, "同意", force=True)


async def closed_at_a_tap(town: Town, rep: str, submitted: Message) -> None:
    """Checks a card that was left open: its answer was lost with the killed process, and a tap closes it."""
    sent = select(deliveries.c.attempts).where(
        deliveries.c.task_id == submitted["card"]["task_id"], deliveries.c.kind == DeliveryKind.CARD
    )
    assert await town.db.read(lambda uow: uow.connection.execute(sent).scalar_one()) > 1
    await town.tap(rep, submitted, "催一下")
    await town.hears(rep, "已经执行完了")
    await town.becomes(rep, submitted, grey="已执行")


async def statuses(town: Town) -> dict[str, int]:
    mine = select(customers.c.status).where(customers.c.number.like("REP%"))
    return await town.db.read(lambda uow: dict(Counter(uow.connection.execute(mine).scalars())))


async def everything_once(town: Town, each: int) -> None:
    operations = await town.operations()
    assert Counter(str(operation.state) for operation in operations) == {"done": len(REPS) * each}
    assert len({operation.targets.first[0].ref for operation in operations}) == len(operations)
    assert all(len(operation.votes) == 1 for operation in operations)
    assert await log_tags(town, Tag.TARGET_OUTCOME) == len(operations)
    assert await log_tags(town, Tag.OPERATION_FINISHED) == len(operations)
    await town.finish()
    await log_holds(town)


@asynccontextmanager
async def crossroads(*ports: int) -> AsyncIterator[int]:
    """A load balancer: callbacks go to the bots in turn, and past one that is gone."""
    turn = 0

    async def forward(request: web.Request) -> web.Response:
        nonlocal turn
        body = await request.read()
        for _ in ports:
            turn += 1
            address = f"http://127.0.0.1:{ports[turn % len(ports)]}{request.raw_path}"
            try:
                async with session.post(address, data=body, headers={"Content-Type": "text/xml"}) as answer:
                    return web.Response(status=answer.status, body=await answer.read())
            except aiohttp.ClientError:
                continue
        return web.Response(status=502)

    app = web.Application()
    app.router.add_post("/wecom/callback", forward)
    runner, port = web.AppRunner(app, access_log=None), free_port()
    await runner.setup()
    async with aiohttp.ClientSession() as session:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        try:
            yield port
        finally:
            await runner.cleanup()


async def test_two_applications_share_the_work(postgres_url: str, tmp_path: Path) -> None:
    """16 voids by eight people, callbacks going to both in turn: each done once, one chain, nothing doubled."""
    ports = free_port(), free_port()
    async with AsyncExitStack() as stack:
        gate = await stack.enter_async_context(crossroads(*ports))
        wecom = await stack.enter_async_context(open_wecom(tmp_path, gate, roles=PEOPLE, member_per_minute=10**6))
        town = await town_of(stack, tmp_path, postgres_url, wecom)
        for port in ports:
            await stack.enter_async_context(open_bot(town.settings, port))
        for rep, submitted in await void_everything(town, 2):
            await town.becomes(rep, submitted, grey="已执行")
        await everything_once(town, 2)


async def town_of(stack: AsyncExitStack, folder: Path, url: str, wecom: str) -> Town:
    settings = town_settings(folder, url, wecom, policy_file=after_hours(folder))
    settings.roles_file.write_text(PEOPLE, encoding="utf-8")
    db = open_database(settings)
    stack.callback(db.close)
    await db.run(lambda uow: settle(uow.connection))
    http = await stack.enter_async_context(aiohttp.ClientSession())
    return Town(wecom, "", http, db, settings)


@asynccontextmanager
async def served(town: Town, port: int, log: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """`python -m bot serve`, as an operator starts it."""
    settings = town.settings
    environment = {
        "PATH": os.environ["PATH"],
        "VOIDBOT_PORT": str(port),
        "VOIDBOT_DATABASE_URL": settings.database_url,
        "VOIDBOT_WECOM_API_BASE": town.wecom,
        "VOIDBOT_WECOM_CORP_ID": CORP,
        "VOIDBOT_WECOM_AGENT_ID": str(AGENT),
        "VOIDBOT_WECOM_SECRET": SECRET,
        "VOIDBOT_WECOM_TOKEN": TOKEN,
        "VOIDBOT_WECOM_AES_KEY": AES_KEY,
        "VOIDBOT_SEAL_KEY": KEY,
        "VOIDBOT_VAULT_KEY": KEY,
        "VOIDBOT_VAULT_DIR": str(settings.vault_dir),
        "VOIDBOT_ROLES_FILE": str(settings.roles_file),
        "VOIDBOT_POLICY_FILE": str(settings.policy_file),
    }
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "serve", cwd=ROOT, env=environment, stdout=output, stderr=output
        )
    try:
        async with asyncio.timeout(WAIT):
            while not await alive(town, port):
                assert process.returncode is None, log.read_text()
                await asyncio.sleep(0.1)
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def alive(town: Town, port: int) -> bool:
    try:
        async with town.http.get(f"http://127.0.0.1:{port}/healthz") as answer:
            return answer.status == 200
    except aiohttp.ClientError:
        return False


async def test_one_process_dies_and_the_other_finishes(postgres_url: str, tmp_path: Path) -> None:
    """Two `serve` processes; one is killed in the middle of 40 voids: the other does the rest, nothing twice."""
    ports = free_port(), free_port()
    async with AsyncExitStack() as stack:
        gate = await stack.enter_async_context(crossroads(*ports))
        wecom = await stack.enter_async_context(open_wecom(tmp_path, gate, roles=PEOPLE, member_per_minute=10**6))
        town = await town_of(stack, tmp_path, postgres_url, wecom)
        first = await stack.enter_async_context(served(town, ports[0], tmp_path / "first.log"))
        await stack.enter_async_context(served(town, ports[1], tmp_path / "second.log"))
        work = asyncio.create_task(void_everything(town, EACH))
        while (await statuses(town)).get("voided", 0) < len(REPS):
            await asyncio.sleep(0.05)
        first.send_signal(signal.SIGKILL)
        await first.wait()
        await town.advance("90s")  # what it had in hand is free when its lease ends
        for rep, submitted in await work:
            (shown,) = (await town.chat(rep, submitted["id"] - 1))[:1]
            if look(shown).buttons:
                await closed_at_a_tap(town, rep, submitted)
            else:
                await town.becomes(rep, submitted, grey="已执行")
        await everything_once(town, EACH)
