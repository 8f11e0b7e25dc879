"""`hub package`: what an officer needs to enter a procedure or document by hand, as folders of files."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from hub.cli.invocation import Invocation

if TYPE_CHECKING:
    from hub.queries.package import Asked
    from hub.settings import Settings
    from hub.sheets.package import Package
    from hub.store.unit import Store

commands = typer.Typer()


@commands.command()
def package(
    context: typer.Context,
    to: Annotated[Path, typer.Option(file_okay=False, help="Folder to write to; made if it is not there.")],
    content_id: Annotated[UUID | None, typer.Argument(help="One public item; see `hub trace`.")] = None,
    destination: Annotated[str, typer.Option(help="All open tasks of this destination instead.")] = "",
) -> None:
    """Write the files from which an officer enters a record: Word, XML, JSON, and a note of what is lacking."""
    from hub.cli import opening

    if (content_id is None) == (not destination):
        raise typer.BadParameter("give either a CONTENT_ID or --destination")
    call: Invocation = context.obj

    async def work(settings: "Settings") -> list[dict[str, Any]]:
        async with opening.reading(settings) as store:
            if content_id is not None:
                return [await _one(store, settings, content_id, to)]
            return await _all(store, settings, destination, to)

    packed = opening.run(call, work, quiet=True)
    call.answer({"folder": str(to), "packages": packed}, lambda: _told(packed, to))


async def _one(store: "Store", settings: "Settings", content_id: UUID, to: Path) -> dict[str, Any]:
    import asyncio

    from hub.queries.package import public_edition
    from hub.sheets import folder
    from hub.sheets.package import package
    from hub.sheets.requirements import requirements

    asked = requirements(settings.completeness)
    made = package(await public_edition(store, content_id), asked, settings.zone)
    await asyncio.to_thread(folder.write, to, made)
    return {"task": None, "content_id": str(content_id), "folder": made.name, **_lacking(made)}


async def _all(store: "Store", settings: "Settings", destination: str, to: Path) -> list[dict[str, Any]]:
    """One folder for each task that has something to show, and the list of all."""
    import asyncio

    from hub.queries.package import asked
    from hub.sheets import folder
    from hub.sheets.package import package
    from hub.sheets.requirements import requirements

    needed = requirements(settings.completeness)
    packed, rows, names = [], [], set[str]()
    async for each in asked(store, settings.zone, destination):
        made = package(each.item, needed, settings.zone, task="\n".join(_task(each))) if each.item else None
        name = made.name if made else ""
        if made:
            # Where officers open it, capital letters do not tell two folders apart.
            name = f"{name}-{each.task.id}" if name.lower() in names else name
            names.add(name.lower())
            await asyncio.to_thread(folder.write, to, made, name)
        lacking = _lacking(made)
        packed.append({"task": each.task.id, "content_id": each.task.content_id, "folder": name, **lacking})
        rows.append(_row(each, name, lacking))
    await asyncio.to_thread(folder.write_index, to, rows)
    return packed


def _lacking(made: "Package | None") -> dict[str, Any]:
    from hub.rules.completeness import Severity

    return {severity.value: made.count(severity) if made else 0 for severity in Severity}


def _task(asked: "Asked") -> Iterator[str]:
    """What is to be done, for the note."""
    from hub.cli.words import TASKS
    from hub.sheets.procedures import field_name

    task = asked.task
    yield f"Việc số {task.id}: {TASKS.get(task.what, task.what)} tại {task.destination}"
    if task.due:
        yield f"Hạn: {task.due:%d/%m/%Y}" + (f", QUÁ HẠN {task.overdue} ngày làm việc" if task.overdue else "")
    yield f"Làm xong, báo bằng lệnh: hub tasks done {task.id}"
    if asked.differences:
        yield from ("", "KHÁC VỚI BẢN ĐANG CÔNG KHAI (theo lần đối soát gần nhất)")
    for one in asked.differences:
        yield f"- {field_name(one['field'])}: cần là «{one['ours']}», đang là «{one['theirs']}»"


def _row(asked: "Asked", name: str, lacking: dict[str, Any]) -> dict[str, object]:
    from hub.cli.words import TASKS

    task = asked.task
    return {
        "Việc số": task.id,
        "Việc": TASKS.get(task.what, task.what),
        "Hạn": f"{task.due:%d/%m/%Y}" if task.due else "",
        "Quá hạn (ngày làm việc)": task.overdue or "",
        "Mã": task.subject,
        "Tên": task.title,
        "Đơn vị": task.member,
        "Thư mục": name,
        "Thiếu, phải bổ sung": lacking["must"] or "",
        "Nên bổ sung": lacking["should"] or "",
        "Mã nội dung": task.content_id,
    }


def _told(packed: Sequence[dict[str, Any]], to: Path) -> Iterator[str]:
    for each in packed:
        task = f"việc {each['task']}: " if each["task"] else ""
        lacking = f"thiếu {each['must']} mục bắt buộc" if each["must"] else "đủ mục bắt buộc"
        more = f", {each['should']} mục nên bổ sung" if each["should"] else ""
        yield task + (f"{to / each['folder']} – {lacking}{more}" if each["folder"] else "không có nội dung để nhập")
    if not packed:
        yield "Không có việc nào đang chờ cán bộ."
