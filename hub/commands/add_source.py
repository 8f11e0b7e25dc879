"""Add a source from the console, or remove one that was: its entry is a file of its own in sources.d.

    entry ──> checked by the loader, as if it stood there ──> sources.d/NAME.toml ──> in force at once (embedded)
                                                                                  └─> at the next start (many hosts)

A file that a person wrote is never touched (docs/adr/037).
"""

import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from connectors.errors import ConfigError
from hub.engine import Engine
from hub.settings import ConfigErrors, Settings, SourceSettings, load_settings
from hub.settings.load import SOURCES_DIR
from hub.settings.writing import table
from hub.sources import source_row
from hub.store import roster
from hub.store.deciding import DecisionRefusedError

#: First line of each file that is written here; without it a file is a person's.
HEADING: Final = "# Do trang quản trị ghi (written by the console): gỡ nguồn tại trang Nguồn tin.\n"


class SourceRefusedError(ConfigError):
    """The entry of a new source does not hold, or cannot be written."""

    code = "source_refused"


class NotWritableError(SourceRefusedError):
    """The folder of the settings takes no file: the entry has to be pasted by hand."""

    code = "settings_not_writable"


@dataclass(frozen=True, slots=True)
class Added:
    """What became of an entry."""

    name: str
    file: str  #: beside the settings file
    in_force: bool  #: at once; else when each process starts next


async def add_source(engine: Engine, entry: Mapping[str, Any], *, who: str, why: str = "") -> Added:
    """Write the [[source]] with these keys and put it in force. Raises SourceRefusedError, NotWritableError."""
    register, text = engine.register, HEADING + table("[[source]]", entry)
    name = str(entry.get("name", ""))
    async with register.writing:
        source = await asyncio.to_thread(_checked, register.settings, name, text)
        if source.member not in {member.code for member in register.settings.members}:
            raise SourceRefusedError(
                f"member {source.member} is not in force yet",
                sentence=f"Đơn vị {source.member} mới có trong tệp cấu hình, chưa có hiệu lực. Hãy khởi động lại hệ"
                " thống rồi thêm nguồn.",
            )
        await asyncio.to_thread(_write, register.folder / f"{name}.toml", text)
        live = engine.store.database.dialect == "sqlite"
        try:
            await _put_in_force(engine, source, live=live, who=who, why=why)
        except BaseException:
            register.leave(name)
            (register.folder / f"{name}.toml").unlink(missing_ok=True)
            raise
    return Added(name=name, file=f"{SOURCES_DIR}/{name}.toml", in_force=live)


async def _put_in_force(engine: Engine, source: SourceSettings, *, live: bool, who: str, why: str) -> None:
    """Where processes share a database, others would claim what only this one knows: there it waits for a start."""
    if live:
        engine.register.join(source)  # before the commit, after which it is claimed
    async with engine.store.unit() as unit:
        if live:
            await roster.source_added(unit, source_row(source), who=who, why=why)
        else:
            unit.tell("source_written", who=who, source=source.name, why={"url": source.url, "why": why})


async def remove_source(engine: Engine, name: str, *, who: str, why: str = "") -> None:
    """Delete the entry of a source that was added here; what it brought stays. Raises DecisionRefusedError."""
    register = engine.register
    async with register.writing:
        if not await asyncio.to_thread(is_ours, register.folder, name):
            raise DecisionRefusedError(
                f"source {name[:100]} was not added by the console",
                sentence="Nguồn này do người ghi trong settings.toml, không phải do trang quản trị thêm. Hãy xoá hoặc"
                " sửa mục [[source]] trong tệp rồi khởi động lại; trong lúc chờ có thể tạm dừng nguồn.",
            )
        try:
            await asyncio.to_thread((register.folder / f"{name}.toml").unlink)
        except OSError as error:
            raise _not_writable(register.folder, error) from error
        register.leave(name)
        async with engine.store.unit() as unit:
            await roster.source_removed(unit, name, who=who, why=why)


def is_ours(folder: Path, name: str) -> bool:
    """Whether the entry of this source was written here."""
    if "/" in name:
        return False
    try:
        with (folder / f"{name}.toml").open(encoding="utf-8") as file:
            return file.readline() == HEADING
    except (OSError, UnicodeDecodeError):
        return False


def _checked(settings: Settings, name: str, text: str) -> SourceSettings:
    """The source as the loader understands it beside all that stands on the disk now."""
    came, file = settings.provenance, f"{name}.toml"
    if (settings.folder / SOURCES_DIR / Path(file).name).exists():
        raise SourceRefusedError(
            f"{SOURCES_DIR}/{file} is there already", code="source_exists",
            sentence=f"Đã có tệp {SOURCES_DIR}/{Path(file).name}. Hãy đặt tên khác cho nguồn mới.",
        )  # fmt: skip
    try:
        loaded = load_settings(came.file, also={file: text}, **came.given)
    except ConfigErrors as error:
        ours = [fault for fault in error.faults if fault.file == f"{SOURCES_DIR}/{file}"]
        if len(ours) == len(error.faults):
            told = "; ".join(f"{fault.key.removeprefix('source[0].')} {fault.value}: {fault.allowed}" for fault in ours)
            sentence = f"Chưa thêm được nguồn vì có giá trị chưa hợp lệ: {told}."
        else:
            told = "; ".join([str(fault) for fault in error.faults if fault not in ours][:3])
            sentence = f"Tệp cấu hình trên máy chủ đang có lỗi nên chưa thêm được nguồn. Hãy sửa trước: {told}."
        raise SourceRefusedError(str(error), sentence=sentence) from error
    return next(source for source in loaded.sources if source.name == name)


def _write(path: Path, text: str) -> None:
    """All of it or nothing, also when the power fails in between."""
    draft = path.with_name(f".{path.name}.draft")
    try:
        path.parent.mkdir(exist_ok=True)
        with draft.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise _not_writable(path.parent, error) from error


def _not_writable(folder: Path, error: OSError) -> NotWritableError:
    return NotWritableError(
        f"{folder}: {error.strerror}",
        sentence=f"Hệ thống không ghi được vào thư mục {SOURCES_DIR} bên cạnh tệp cấu hình ({error.strerror}). Hãy cấp"
        " quyền ghi cho tài khoản chạy hệ thống, hoặc chép mục dưới đây vào tệp cấu hình rồi khởi động lại.",
    )
