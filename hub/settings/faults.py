"""What is wrong with the settings: every fault at once, one line each, in the words of whoever writes the file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError

from connectors.errors import ConfigError
from hub.settings.describe import allowed, at_path, keys_at, masked
from hub.settings.entries import CONFIG
from hub.settings.secrets import Unreadable

Path = tuple[str | int, ...]

#: What is said of a settings file that is not there.
NO_FILE = "there is no such file"


@dataclass(frozen=True, slots=True)
class Wrong:
    """A fault by its place in the values, before it is known which file they came from."""

    path: Path
    value: str  #: as written, secrets masked; empty when there is none
    allowed: str


@dataclass(frozen=True, slots=True, order=True)
class SettingsFault:
    """One thing that is wrong."""

    file: str  #: name of the file, or of the environment variable
    line: int  #: 0 when unknown
    key: str  #: `source[3].every`
    value: str
    allowed: str

    def __str__(self) -> str:
        """One line: where, what, and what is allowed."""
        where = f"{self.file}:{self.line}" if self.line else self.file
        what = f"{self.key} = {self.value}" if self.value else self.key
        return f"{where}: {what}: {self.allowed}" if what else f"{where}: {self.allowed}"


class ConfigErrors(ConfigError):
    """The settings cannot work; `faults` lists all that is wrong with them."""

    def __init__(self, faults: Sequence[SettingsFault]) -> None:
        self.faults = tuple(faults)
        absent = next((fault.file for fault in self.faults if fault.allowed.startswith(NO_FILE)), "")
        super().__init__(
            "\n".join(str(fault) for fault in self.faults),
            sentence=f"Không có tệp cấu hình «{absent}» trong thư mục này. Hãy tạo tệp đó, hoặc chỉ đúng tệp bằng"
            " --settings hay biến môi trường HUB_SETTINGS."
            if absent
            else f"Cấu hình có {len(self.faults)} lỗi nên hệ thống chưa khởi động."
            " Đề nghị sửa các dòng nêu trên rồi chạy lại lệnh «hub check».",
        )


def key_path(path: Path) -> str:
    """`("source", 3, "every")` as `source[3].every`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.lstrip(".")


def explain(error: ValidationError, model: type[BaseModel], values: Mapping[str, Any]) -> Iterator[Wrong]:
    """What pydantic found, in our words; each key once."""
    seen: set[Path] = set()
    for found in error.errors():
        steps = found["loc"]
        path = steps[:2] + steps[3:] if steps[2:3] == (CONFIG,) else steps
        if path in seen or _is_switched_off(path, values, found["input"]):
            continue
        seen.add(path)
        yield Wrong(path, *_value_and_allowed(found, path, model, values))


def _value_and_allowed(found: Any, path: Path, model: type[BaseModel], values: Mapping[str, Any]) -> tuple[str, str]:
    field = at_path(model, path, values)
    match found["type"], found["input"]:
        case _, Unreadable(why):
            return "***", why
        case "extra_forbidden", _:
            known = keys_at(model, path[:-1], values)
            near = get_close_matches(str(path[-1]), known, n=1)
            hint = f"did you mean {near[0]}? " if near else ""
            return "", f"unknown key; {hint}known: {', '.join(known)}"
        case "missing", _:
            return "", f"missing; {allowed(field)}"
        case "value_error", value:
            why = str(found["ctx"]["error"])
            # Our own checks say "not a duration" where the declaration says it better.
            return masked(field, path, value), (allowed(field) if why.startswith("not ") else why)
        case _, value:
            return masked(field, path, value), allowed(field) or found["msg"]


def _is_switched_off(path: Path, values: Mapping[str, Any], value: object) -> bool:
    """Whether this is the missing secret of a destination that is not in use."""
    if not isinstance(value, Unreadable) or path[0] != "destination":
        return False
    entry = values["destination"][path[1]]
    return isinstance(entry, Mapping) and entry.get("enabled") is False
