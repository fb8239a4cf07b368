"""The command `python -m bot audit`, which an auditor runs."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.command_line._export import defused, to_csv
from core.domain.audit import AuditEntry, Head, NewEntry, Tag
from tests.commands import Place, set_environment

AT = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture
def place(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    place = Place(set_environment(monkeypatch, tmp_path, database_url))
    yield place
    place.database.close()


def test_a_whole_log_holds(place, capsys):
    """An untouched log ends with 0 and shows its head, which is the next anchor."""
    head = place.log_some(5)

    assert main(["audit", "verify"]) == 0
    assert f"5 entries, head {head}" in capsys.readouterr().out


def test_the_first_bad_entry_is_named(place, capsys):
    """A changed entry ends with 1 and its number, in both languages."""
    place.log_some(5)
    place.sql("UPDATE audit_entries SET operation = 313 WHERE seq >= 3")

    assert main(["audit", "verify"]) == 1
    shown = capsys.readouterr().out
    assert "第 3 条" in shown
    assert "entry 3" in shown
    assert "被改动过" in shown


def cut_to(place: Place, seq: int) -> None:
    """Cuts the log after an entry, with its head, as somebody would do to hide its end."""
    place.sql(
        f"DELETE FROM audit_entries WHERE seq > {seq}",
        f"UPDATE audit_head SET seq = {seq}, hash = (SELECT hash FROM audit_entries WHERE seq = {seq})",
    )


def test_a_cut_tail_needs_an_anchor(place, capsys):
    """Without an anchor a log cut with its head looks whole; with one from a card it does not."""
    head = place.log_some(5)
    cut_to(place, 3)

    assert main(["audit", "verify"]) == 0
    assert main(["audit", "verify", "--anchor", head.short]) == 1
    assert "entry 4" in capsys.readouterr().out


def test_backups_are_anchors(place, capsys):
    """The head in the receipt of a backup shows a cut log, although nobody has kept an anchor."""
    head = place.log_some(5)
    receipt = place.vault.seal(312, [], head, AT)
    place.database.run_sync(lambda uow: uow.backups.add(receipt))
    assert main(["audit", "verify"]) == 0
    cut_to(place, 3)

    assert main(["audit", "verify"]) == 1
    assert "entry 4" in capsys.readouterr().out


def test_a_database_set_back_is_shown_by_its_vault(place):
    """A database replaced by an old copy is found by the later head in a file of the vault."""
    place.vault.seal(312, [], place.log_some(5), AT)
    assert main(["audit", "verify"]) == 0
    cut_to(place, 3)

    assert main(["audit", "verify"]) == 1


def test_every_right_anchor_is_accepted(place):
    """Anchors are accepted in full or short, in small or capital letters, and several at once."""
    first = place.log_some(2)
    second = place.log_some(3)

    anchors = [str(first), second.short.upper(), f" {second} "]
    assert main(["audit", "verify", *(word for anchor in anchors for word in ("--anchor", anchor))]) == 0


@pytest.mark.parametrize(
    "words", ["", "5", "5:", "5:abc", "0:" + "0" * 64, "x:" + "0" * 64, "5:" + "g" * 64, "-1:" + "0" * 64]
)
def test_an_anchor_that_is_none_is_bad_use(words, capsys):
    """A mistyped anchor ends with 2 and tells how one looks."""
    with pytest.raises(SystemExit) as ended:
        main(["audit", "verify", "--anchor", words])

    assert ended.value.code == 2
    assert "SEQ:HASH" in capsys.readouterr().err


def test_another_key_does_not_verify(place, monkeypatch, capsys):
    """With a wrong SEAL_KEY nothing holds, from the first entry on."""
    place.log_some(2)
    monkeypatch.setenv("VOIDBOT_SEAL_KEY", "A" * 43 + "=")

    assert main(["audit", "verify"]) == 1
    said = capsys.readouterr().out
    assert "entry 1" in said
    assert "or VOIDBOT_SEAL_KEY is not the one the log was made with" in said


def test_a_log_is_checked_without_the_vault_key(place, monkeypatch):
    """An auditor who may not open backups can still check the log."""
    place.log_some(2)
    monkeypatch.delenv("VOIDBOT_VAULT_KEY")

    assert main(["audit", "verify"]) == 0


def test_a_missing_database_is_not_a_whole_log(tmp_path, monkeypatch, capsys):
    """A mistyped address is bad use, not an empty log that holds."""
    set_environment(monkeypatch, tmp_path, f"sqlite:///{tmp_path}/nowhere.db")

    assert main(["audit", "verify"]) == 2


def test_an_export_holds_every_column(place, capsys):
    """JSON Lines carry what the hash covers, so that anybody with the key can check the copy."""
    place.log(NewEntry(Tag.BACKUP_WRITTEN, operation=7, detail={"records": 2}))
    head = place.log_some(1)
    capsys.readouterr()

    assert main(["audit", "export"]) == 0
    first, second = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (first["seq"], first["tag"], first["operation"]) == (1, "worker:backup:written", 7)
    assert (first["detail"], first["subject"], first["prev"]) == ('{"records":2}', "", "0" * 64)
    assert (second["prev"], second["hash"]) == (first["hash"], head.hash)
    assert datetime.fromisoformat(first["at"]).tzinfo is not None


def test_an_export_to_a_file_writes_over_nothing(place, tmp_path, capsys):
    """An export never overwrites a file: it writes nothing and returns 1."""
    place.log_some(3)
    file = tmp_path / "log.csv"

    assert main(["audit", "export", "--format", "csv", "--output", str(file)]) == 0
    rows = list(csv.DictReader(io.StringIO(file.read_text("utf-8-sig"))))
    assert [row["seq"] for row in rows] == ["1", "2", "3"]
    before = file.read_bytes()
    assert main(["audit", "export", "--output", str(file)]) == 1
    assert file.read_bytes() == before


def test_cells_cannot_run_as_formulas():
    """Whatever a forged log holds, a spreadsheet shows it as text."""
    starts = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"]
    target = io.StringIO()
    to_csv([AuditEntry(-1, AT, start, start, start, None, start, start, start) for start in starts], target)

    for row in csv.reader(io.StringIO(target.getvalue().removeprefix("\ufeff"))):
        assert not [cell for cell in row[1:] if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert defused("plain") == "plain"
    assert defused(-5) == -5


def test_no_name_leaves_with_an_export(place, capsys):
    """People and records are pseudonyms in whatever is exported."""
    place.log_some(3)
    main(["audit", "export"])

    shown = capsys.readouterr().out
    assert "zhangsan" not in shown
    assert "C1" not in shown


def test_an_empty_log_holds(place):
    """An empty log holds, unless an anchor names an entry."""
    assert main(["audit", "verify"]) == 0
    assert main(["audit", "verify", "--anchor", str(Head(1, "a" * 64))]) == 1
