"""The command `python -m bot import --kind KIND FILE`."""

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from bot.command_line.declaring import does
from bot.command_line.opening import at_work, open_publisher, open_roster
from bot.sheets.loading import Summary, import_sheet, opened
from config.settings import Settings
from core.crm.embedded.importing.run import Tally
from core.crm.embedded.store import EmbeddedCrm
from core.domain.sheets.columns import Reading
from core.domain.sheets.faults import UnusableSheet
from core.domain.sheets.people import Directory
from core.domain.sheets.rows import SheetKind
from core.services import use_cases
from core.storage.uow import SqlUnitOfWork

NAME = "import"
HELP = (
    "从 CSV 或 XLSX 导入，按编号更新，重复导入不变；错误行写到 FILE.errors.xlsx · "
    "Import CSV or XLSX by number; the same file again changes nothing; bad rows go to FILE.errors.xlsx."
)
_GOOD, _SOME_BAD, _UNUSABLE = 0, 1, 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    does(parser, use_cases.IMPORT)
    parser.add_argument(
        "--kind", required=True, choices=[kind.value for kind in SheetKind], help="what the rows are · 数据种类"
    )
    parser.add_argument(
        "--errors", type=Path, metavar="PATH", help="where bad rows go (FILE.errors.xlsx) · 错误行写到哪里"
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="CSV (UTF-8, GB18030) or XLSX · 文件")


def run(args: argparse.Namespace) -> int:
    """Imports a file. Returns 0 when all rows are in, 1 when only the good ones are, 2 for an unusable file."""
    path: Path = args.file
    report: Path = args.errors or path.with_name(f"{path.name}.errors.xlsx")
    try:
        _refuse_report(report, path)
        # The file is opened first: an unusable one must not even create a database.
        with opened(path, SheetKind(args.kind)) as source, at_work(may_create=True) as (settings, database):
            reading = database.read_sync(lambda uow: _reading(uow, settings))
            publish = open_publisher(settings, EmbeddedCrm(database))
            with _progress() as progress:
                summary = import_sheet(database, publish, source, reading, report, progress)
    except UnusableSheet as error:
        print(f"{path}：{error.zh}\n{path}: {error.en}", file=sys.stderr)
        return _UNUSABLE
    _tell(summary)
    return _SOME_BAD if summary.tally.bad else _GOOD


class _ReportInTheWay(UnusableSheet):
    def __init__(self, zh: str, en: str) -> None:
        Exception.__init__(self, en)
        self.zh, self.en = zh, en


def _refuse_report(report: Path, file: Path) -> None:
    """Raises UnusableSheet when bad rows could not be written to `report`, before any row is imported."""
    if report.resolve() == file.resolve():
        raise _ReportInTheWay("--errors 不能是要导入的文件", "--errors must not be the file to import")
    if not report.parent.is_dir() or report.is_dir() or not os.access(report.parent, os.W_OK):
        raise _ReportInTheWay(
            f"错误行无法写到 {report}，请用 --errors 另指位置",
            f"bad rows cannot be written to {report}; see --errors",
        )


def _reading(uow: SqlUnitOfWork, settings: Settings) -> Reading:
    """Returns what rows are read with. Owners may be named as in the roles file, also before the first start."""
    # The stored people come second, as they replace those of the file.
    people = {person.id: person for person in (*open_roster(settings).people, *uow.people.everybody())}
    return Reading(settings.zone, uow.now, Directory(people.values()))


@contextmanager
def _progress() -> Iterator[Callable[[float, Tally], None]]:
    """Shows a progress bar at a terminal, and nothing to scripts."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task("导入 importing", total=1.0)

        def show(part: float, tally: Tally) -> None:
            done = tally.created + tally.changed + tally.same + tally.bad
            bar.update(task, completed=part, description=f"导入 importing {done:,}")

        yield show


def _tell(summary: Summary) -> None:
    tally = summary.tally
    if summary.ignored:
        print(f"没有用到的列 · columns left alone: {', '.join(summary.ignored)}")
    print(
        f"导入完成：新增 {tally.created}，更新 {tally.changed}，未变 {tally.same}，错误 {tally.bad} · "
        f"Imported: {tally.created} new, {tally.changed} changed, {tally.same} unchanged, {tally.bad} bad"
    )
    if summary.report:
        print(f"错误行见 · bad rows are in: {summary.report}")
