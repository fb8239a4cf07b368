"""The vault gives back what was sealed, and refuses every file that was changed."""

import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from time import time

import pyrage
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.audit import Head
from core.domain.errors import BackupNotProven, StoreUnavailable
from core.domain.records import Kind, RecordRef
from core.domain.snapshots import Snapshot
from core.ports.vault import BackupReceipt
from core.vault.keys import vault_keys
from core.vault.sealed import SealedVault

KEY = bytes(range(32))
HEAD = Head(8071, "9f" * 32)
AT = datetime(2026, 11, 22, 8, 0, 0, 123456, tzinfo=UTC)


def customer(
    number: str, body: bytes = b'{"name":"\xe5\xae\x8f\xe8\xbf\x9c\xe7\xa7\x91\xe6\x8a\x80"}', version: int = 7
) -> Snapshot:
    return Snapshot(RecordRef(Kind.CUSTOMER, number), version, body)


SOME = [
    customer("C1024"),
    customer("C1025", b'{"name":"Hongyuan"}'),
    Snapshot(RecordRef(Kind.SEGMENT, "G12"), 1, b"{}"),
]

snapshots = st.lists(
    st.builds(
        Snapshot,
        st.builds(RecordRef, st.sampled_from(Kind), st.text(max_size=12)),
        st.integers(min_value=-(2**63), max_value=2**63),
        st.binary(max_size=60).map(lambda raw: raw.replace(b"\n", b" ")),
    ),
    max_size=8,
)


@pytest.fixture
def vault(tmp_path: Path) -> SealedVault:
    return SealedVault(tmp_path / "vault", KEY)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "vault"


@contextmanager
def fresh_vault() -> Iterator[tuple[SealedVault, Path]]:
    with tempfile.TemporaryDirectory() as name:
        yield SealedVault(Path(name), KEY), Path(name)


def refused(vault: SealedVault, receipt: BackupReceipt) -> str:
    """Checks that both ways of reading refuse the file, and returns the reason."""
    with pytest.raises(BackupNotProven):
        list(vault.open(receipt))
    with pytest.raises(BackupNotProven) as caught:
        vault.verify(receipt)
    return str(caught.value)


def test_only_abandoned_drafts_are_swept_up(vault, folder):
    """A sweep removes yesterday's draft, but no draft being written, no backup and no file of others."""
    vault.seal(312, [], Head(), AT)
    yesterday = time() - 86400
    for name in (".B-0312.age.01.tmp", ".B-0313.age.02.tmp", "B-0314.age", "notes.tmp"):
        (folder / name).write_bytes(b"")
        os.utime(folder / name, (yesterday, yesterday))
    (folder / ".B-0313.age.02.tmp").write_bytes(b"more")

    assert vault.sweep() == 1
    assert vault.names() == [".B-0313.age.02.tmp", "B-0312.age", "B-0314.age", "notes.tmp"]


def test_nothing_to_sweep_where_no_vault_is_yet(tmp_path):
    """A sweep works before the first backup, when there is no folder."""
    assert SealedVault(tmp_path / "none", KEY).sweep() == 0


@settings(max_examples=60, deadline=None)
@given(snapshots)
def test_what_goes_in_comes_out(sealed):
    """Any record sets, whatever bytes they hold, come back as they were and in their order."""
    with fresh_vault() as (vault, _):
        receipt = vault.seal(312, sealed, HEAD, AT)
        vault.verify(receipt)

        assert list(vault.open(receipt)) == sealed
        assert vault.examine("B-0312.age") == receipt


def test_a_receipt_says_what_the_file_is(vault, folder):
    """Operation, count, size, head and time are those of the file, and only its owner may read it."""
    receipt = vault.seal(312, iter(SOME), HEAD, AT)
    path = folder / "B-0312.age"

    assert (receipt.operation, receipt.file, receipt.records) == (312, "B-0312.age", 3)
    assert (receipt.head, receipt.made_at, receipt.size) == (HEAD, AT, path.stat().st_size)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert b"Hongyuan" not in path.read_bytes()
    assert vault.names() == ["B-0312.age"]


def test_any_age_program_opens_a_backup(vault, folder):
    """With the identity printed for the day of the restore, plain age gives readable lines."""
    vault.seal(312, SOME, HEAD, AT)
    identity = pyrage.x25519.Identity.from_str(vault_keys(KEY).identity)

    plain = pyrage.decrypt((folder / "B-0312.age").read_bytes(), [identity]).decode()

    assert plain.splitlines()[1] == '{"kind":"customer","number":"C1024","version":7,"record":{"name":"宏远科技"}}'


def test_every_flipped_byte_is_refused(vault, folder):
    """A backup with any one byte changed is refused."""
    receipt = vault.seal(312, SOME, HEAD, AT)
    path = folder / receipt.file
    good = path.read_bytes()
    for place in range(len(good)):
        path.write_bytes(good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :])
        with pytest.raises(BackupNotProven):
            vault.verify(receipt)
        with pytest.raises(BackupNotProven):
            next(vault.open(receipt), None)


@settings(max_examples=60, deadline=None)
@given(st.floats(min_value=0, max_value=1, exclude_max=True), st.binary(min_size=1, max_size=20))
def test_a_cut_or_longer_file_is_refused(kept, more):
    """A file cut to any length is refused, even to none."""
    with fresh_vault() as (vault, folder):
        receipt = vault.seal(312, SOME, HEAD, AT)
        path = folder / receipt.file
        good = path.read_bytes()
        path.write_bytes(good[: int(len(good) * kept)])
        refused(vault, receipt)
        path.write_bytes(good + more)
        refused(vault, receipt)


def test_a_big_backup_cut_between_its_blocks_is_refused(vault, folder):
    """age seals in blocks of 64 KiB: losing whole blocks from the end is noticed as well."""
    receipt = vault.seal(312, (customer(f"C{n}", b"[%b]" % (b"1," * 500 + b"1")) for n in range(300)), HEAD, AT)
    path = folder / receipt.file
    good = path.read_bytes()
    path.write_bytes(good[: len(good) - (len(good) % 65552)])

    refused(vault, receipt)


def test_the_backup_of_another_operation_is_refused(vault, folder):
    """Two good files with swapped names are both refused."""
    one = vault.seal(1, SOME, HEAD, AT)
    two = vault.seal(2, SOME, HEAD, AT)
    (folder / one.file).rename(folder / "kept")
    (folder / two.file).rename(folder / one.file)
    (folder / "kept").rename(folder / two.file)

    assert "#0002" in refused(vault, one)
    assert "#0001" in refused(vault, two)


def test_another_key_opens_nothing(vault, folder):
    """A vault with a wrong VAULT_KEY says so and gives nothing."""
    receipt = vault.seal(312, SOME, HEAD, AT)

    assert "key" in refused(SealedVault(folder, bytes(32)), receipt)


def test_a_backup_forged_for_the_recipient_is_refused(vault, folder):
    """A file encrypted to the vault's public recipient is no backup, since it lacks the vault's MAC key."""
    receipt = vault.seal(312, SOME, HEAD, AT)
    path = folder / receipt.file
    identity = pyrage.x25519.Identity.from_str(vault_keys(KEY).identity)
    plain = pyrage.decrypt(path.read_bytes(), [identity])
    path.write_bytes(pyrage.encrypt(plain.replace(b"Hongyuan", b"Evilcorp"), [identity.to_public()]))

    refused(vault, receipt)
    with pytest.raises(BackupNotProven, match="not what was sealed"):
        vault.examine(receipt.file)


PLAIN_FAULTS: dict[str, Callable[[list[bytes]], bytes]] = {
    "nothing in it": lambda lines: b"",
    "no trailer": lambda lines: b"".join(lines[:-1]),
    "no header": lambda lines: b"".join(lines[1:]),
    "a line lost": lambda lines: b"".join([lines[0], *lines[2:]]),
    "a line twice": lambda lines: b"".join([*lines[:2], *lines[1:]]),
    "lines swapped": lambda lines: b"".join([lines[0], lines[2], lines[1], *lines[3:]]),
    "a line more": lambda lines: b"".join([*lines, lines[1]]),
    "no last line end": lambda lines: b"".join(lines)[:-1],
    "another operation": lambda lines: b"".join(lines).replace(b":312,", b":313,", 1),
    "another head": lambda lines: b"".join(lines).replace(b"8071:", b"8072:", 1),
    "a newer format": lambda lines: b"".join(lines).replace(b'backup":1', b'backup":2', 1),
    "a header of nonsense": lambda lines: b"[]\n" + b"".join(lines[1:]),
    "an unknown kind": lambda lines: b"".join(lines).replace(b'"segment"', b'"nonsense"'),
}


@pytest.mark.parametrize("fault", PLAIN_FAULTS)
def test_plain_text_changed_by_a_key_holder_without_the_mac_is_refused(vault, folder, fault):
    """A well encrypted file with a malformed content is refused, for each kind of malformation."""
    vault.seal(312, SOME, HEAD, AT)
    path = folder / "B-0312.age"
    identity = pyrage.x25519.Identity.from_str(vault_keys(KEY).identity)
    lines = pyrage.decrypt(path.read_bytes(), [identity]).splitlines(keepends=True)
    path.write_bytes(pyrage.encrypt(PLAIN_FAULTS[fault](lines), [identity.to_public()]))

    with pytest.raises(BackupNotProven):
        vault.examine("B-0312.age")


@pytest.mark.parametrize(
    "change",
    [
        {"records": 4},
        {"content_hash": "0" * 64},
        {"file_hash": "0" * 64},
        {"head": Head(1, "a" * 64)},
        {"size": 1},
        {"operation": 9},
    ],
)
def test_a_changed_receipt_does_not_fit(vault, change):
    """A receipt that differs from the file in any point is refused."""
    receipt = vault.seal(312, SOME, HEAD, AT)

    refused(vault, replace(receipt, **change))


@pytest.mark.parametrize("name", ["../B-0312.age", "/etc/passwd", "B-0312.age.bak", ""])
def test_only_the_names_of_backups_are_opened(vault, name):
    """A receipt cannot lead out of the folder."""
    receipt = vault.seal(312, SOME, HEAD, AT)

    assert "name" in refused(vault, replace(receipt, file=name))


def test_a_missing_file_is_named(vault, folder):
    """The refusal of a deleted file names it."""
    receipt = vault.seal(312, SOME, HEAD, AT)
    (folder / receipt.file).unlink()

    assert refused(vault, receipt) == "B-0312.age: No such file or directory"


def test_sealing_the_same_again_keeps_the_first_file(vault, folder):
    """A resumed operation finds its own backup, proves it and goes on with it."""
    first = vault.seal(312, SOME, HEAD, AT)
    before = (folder / first.file).read_bytes()

    assert vault.seal(312, SOME, Head(9000, "b" * 64), AT) == first
    assert (folder / first.file).read_bytes() == before
    assert vault.names() == ["B-0312.age"]


def test_another_content_never_replaces_a_backup(vault, folder):
    """A second attempt that found other records gets a file beside the first one."""
    first = vault.seal(312, SOME, HEAD, AT)
    second = vault.seal(312, SOME[:1], HEAD, AT)
    (folder / "B-0312.3.age").write_bytes(b"")
    fourth = vault.seal(312, [], HEAD, AT)

    assert (second.file, fourth.file) == ("B-0312.2.age", "B-0312.4.age")
    assert vault.find(312) == ["B-0312.4.age", "B-0312.3.age", "B-0312.2.age", "B-0312.age"]
    for receipt in (first, second, fourth):
        vault.verify(receipt)


def test_a_record_set_of_two_lines_is_not_sealed(vault):
    """A body that breaks the one-line rule stops the backup instead of making one nobody can read."""
    with pytest.raises(BackupNotProven, match="not one line"):
        vault.seal(312, [customer("C1", b"{}\n{}")], HEAD, AT)

    assert vault.names() == []


def test_an_error_while_reading_records_comes_through(vault):
    """When the database goes away in the middle, the caller sees that, and no half backup stays."""

    def records() -> Iterator[Snapshot]:
        yield SOME[0]
        raise StoreUnavailable("gone")

    with pytest.raises(StoreUnavailable):
        vault.seal(312, records(), HEAD, AT)

    assert vault.names() == []


def test_a_byte_lost_on_the_way_to_the_disk_is_noticed(vault, folder, monkeypatch):
    """When the disk has kept something else than was written, reading back finds it and removes the file."""
    rename = Path.rename

    def damaging_rename(self: Path, target: Path) -> Path:
        raw = bytearray(self.read_bytes())
        raw[len(raw) // 2] ^= 1
        self.write_bytes(raw)
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", damaging_rename)
    with pytest.raises(BackupNotProven):
        vault.seal(312, SOME, HEAD, AT)

    assert vault.names() == []


@pytest.mark.parametrize("call", ["fsync", "fdopen"])
def test_a_failing_disk_leaves_nothing_behind(vault, monkeypatch, call):
    """When the disk answers with an error there is no backup, no receipt and no file."""

    def broken(*_args: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, call, broken)
    with pytest.raises(BackupNotProven, match=r"B-0312\.age: Input/output error"):
        vault.seal(312, SOME, HEAD, AT)
    monkeypatch.undo()

    assert [name for name in vault.names() if not name.endswith(".tmp")] == []


def test_a_new_folder_is_synced_where_it_stands(tmp_path, monkeypatch):
    """The first backup is not lost with its folder: every new name on the way to it is on the disk first."""
    synced: list[int] = []
    sync = os.fsync

    def noting(file: int) -> None:
        synced.append(os.fstat(file).st_ino)
        sync(file)

    monkeypatch.setattr(os, "fsync", noting)
    folder = tmp_path / "var" / "vault"
    SealedVault(folder, bytes(32)).seal(312, SOME, HEAD, AT)

    above = [path.stat().st_ino for path in (tmp_path, tmp_path / "var")]
    assert synced[:2] == above
    assert folder.stat().st_ino in synced[2:]
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_stopped_reader_leaves_no_thread(vault):
    """Reading only the first record of a backup leaves no thread running."""
    import threading

    receipt = vault.seal(312, (customer(f"C{n}", b"[%b]" % (b"1," * 500 + b"1")) for n in range(3000)), HEAD, AT)
    opened = vault.open(receipt)
    assert next(opened).ref.number == "C0"
    opened.close()

    assert "vault-open" not in {thread.name for thread in threading.enumerate()}


SEAL_IN_CHILD = """
import resource, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from core.domain.audit import Head
from core.domain.errors import BackupNotProven
from core.domain.records import Kind, RecordRef
from core.domain.snapshots import Snapshot
from core.vault.sealed import SealedVault

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
snapshots = (Snapshot(RecordRef(Kind.CUSTOMER, f"C{n}"), 1, b"[" + b"1" * 1000 + b"]") for n in range(1000))
try:
    SealedVault(Path(sys.argv[1]), bytes(32)).seal(7, snapshots, Head(), datetime.now(UTC))
except BackupNotProven as error:
    print(error)
"""


def test_a_full_disk_is_no_backup(tmp_path):
    """When there is no room for the whole file, the refusal has the system's own words and nothing is left."""
    folder = tmp_path / "vault"
    ran = subprocess.run([sys.executable, "-c", SEAL_IN_CHILD, folder], capture_output=True, text=True, check=True)

    assert ran.stdout == "B-0007.age: File too large\n"
    assert list(folder.iterdir()) == []


@pytest.fixture
def unwritable(tmp_path: Path) -> Iterator[Path]:
    """Returns a folder that takes no files; for root, who may write anywhere, one in a kernel file system."""
    if os.getuid() == 0:
        yield Path("/proc/self/vault")
        return
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o500)
    yield folder
    folder.chmod(0o700)


def test_a_folder_without_write_permission_is_no_backup(unwritable):
    """The refusal names the file it could not write."""
    with pytest.raises(BackupNotProven, match=r"B-0312\.age: "):
        SealedVault(unwritable, KEY).seal(312, SOME, HEAD, AT)


def test_a_folder_that_is_a_file_is_no_backup(tmp_path):
    """A VAULT_DIR that is a file is refused."""
    (tmp_path / "vault").write_text("")

    with pytest.raises(BackupNotProven):
        SealedVault(tmp_path / "vault", KEY).seal(312, SOME, HEAD, AT)
