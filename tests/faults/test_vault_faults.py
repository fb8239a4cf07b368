"""No proven backup, no action: whatever happens to the file, the customer stays until a backup is proven."""

import errno
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bot import executor
from core.domain.audit import Tag
from core.domain.errors import BackupNotProven
from core.domain.operation.life import State
from core.domain.people import Role
from core.services.executing import backup
from core.vault import sealed
from core.vault.sealed import SealedVault
from tests.scenario.listening import Message
from tests.scenario.town import Town


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-7])


DAMAGES = pytest.mark.parametrize("damage", [flip, cut_off, Path.unlink], ids=["flipped", "cut", "deleted"])
Damage = Callable[[Path], None]


async def approve(town: Town) -> None:
    _, decide = await town.submits("wangmin", "作废客户 宏远科技", reason="duplicate", why="重复")
    await town.tap("liqiang", decide, "同意")


async def stops(town: Town) -> None:
    """Waits until the log says that the backup is not proven, and checks that nothing has changed."""
    await town.logs(1, Tag.BACKUP_FAILED)
    assert await town.status("C1024") == "active"
    (operation,) = await town.operations()
    assert operation.state is State.EXECUTING


async def comes_through(town: Town) -> Message:
    await town.advance("1m")
    done = await town.gets_card("wangmin", title="已作废", line="B-0001", button="撤销")
    assert await town.status("C1024") == "voided"
    return done


@pytest.fixture
def once(monkeypatch: pytest.MonkeyPatch) -> Callable[[object, str, Callable[..., None]], None]:
    """Returns a function that makes something happen just before the first call of another function."""

    def before_first(owner: object, name: str, happens: Callable[..., None]) -> None:
        call = getattr(owner, name)
        met: list[int] = []

        def watched(*args: object, **kwargs: object) -> object:
            if not met:
                met.append(1)
                happens(*args)
            return call(*args, **kwargs)

        monkeypatch.setattr(owner, name, watched)

    return before_first


@DAMAGES
async def test_damage_before_the_reading_back(town: Town, once, damage: Damage):
    """A file that differs from what was written stops the operation, which goes on once a write succeeds."""
    folder = town.settings.vault_dir
    once(SealedVault, "_prove", lambda _vault, name, *_: damage(folder / name))
    await approve(town)
    await stops(town)
    await comes_through(town)


@DAMAGES
async def test_damage_between_backup_and_action(town: Town, once, damage: Damage):
    """The backup is proven again right before the action; when it is damaged, another one is made first."""
    folder = town.settings.vault_dir
    once(backup, "_held", lambda _vault, receipt: damage(folder / receipt.file))
    await approve(town)
    await stops(town)
    await comes_through(town)
    receipt = await town.db.read(lambda uow: uow.backups.get(1))
    held = list(sealed.SealedVault(folder, town.settings.vault_key_bytes).open(receipt))
    assert [str(snapshot.ref.number) for snapshot in held] == ["C1024"]


@pytest.mark.parametrize("number", [errno.EIO, errno.ENOSPC], ids=["EIO", "ENOSPC"])
async def test_a_disk_that_does_not_keep(town: Town, once, number: int):
    """After a failed fsync or on a full disk there is no proof: the operation waits and goes on when it can."""

    def fails(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    once(sealed, "_sync", fails)
    await approve(town)
    await stops(town)
    await comes_through(town)
    assert [path.name for path in town.settings.vault_dir.iterdir()] == ["B-0001.age"]


async def test_a_disk_that_never_keeps(town: Town, monkeypatch: pytest.MonkeyPatch):
    """After three tries the operation ends: nothing was changed, and everybody concerned is told exactly once."""

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(sealed, "encrypt", full)
    await approve(town)
    await stops(town)
    for tries in (2, 3):
        await town.advance("1m")
        await town.logs(tries, Tag.BACKUP_FAILED)
    for who in ("wangmin", "liqiang"):
        await town.hears(who, "#0001：备份没通过验证", "什么都没改", "编号 E-0001", "已通知管理员")
    await town.hears("chenjie", "E-0001", "#0001", "没有做成", "起因：")
    for who in ("wangmin", "liqiang", "chenjie"):
        await town.hears_nothing(who)
    assert await town.status("C1024") == "active"
    assert [operation.state for operation in await town.operations()] == [State.FAILED]


async def test_an_undo_whose_backup_is_gone(town: Town):
    """An undo needs no backup to be done, but tells that the records could not be compared with it."""
    await approve(town)
    done = await town.gets_card("wangmin", title="已作废", line="B-0001", button="撤销")
    (town.settings.vault_dir / "B-0001.age").unlink()
    await town.tap("wangmin", done, "撤销")
    for who in ("wangmin", "liqiang"):
        await town.hears(who, "#0001 已撤销", "读不出来")
    assert await town.status("C1024") == "active"
    assert [operation.state for operation in await town.operations()] == [State.UNDONE, State.DONE]


async def test_votes_lost_after_the_action(town: Town, once):
    """An approver who loses the role between action and outcome changes nothing: it is done, and told as done."""

    def dies(*_: object) -> None:
        raise BackupNotProven("as if the process had ended here")

    once(executor, "proof_of_undo", dies)
    await approve(town)
    await town.logs(1, Tag.BACKUP_FAILED)
    assert await town.status("C1024") == "voided"

    def demote(uow):
        person = uow.people.get("liqiang")
        uow.people.put(replace(person, roles=person.roles - {Role.APPROVER}))

    await town.db.run(demote)
    await town.advance("1m")
    await town.gets_card("wangmin", title="已作废", button="撤销")
    assert [operation.state for operation in await town.operations()] == [State.DONE]
