"""Write docs/reference/settings.md from the declarations themselves: `python -m hub.settings.reference`."""

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from connectors.fields import Allowed
from connectors.registry import destination_connector, known, source_connector
from hub.settings.counters import CounterSettings
from hub.settings.describe import allowed, fields_of, slot_of
from hub.settings.digests import DigestSettings
from hub.settings.duties import DutySettings
from hub.settings.entries import DestinationSettings, MemberSettings, RouteSettings, SourceSettings, When, Window
from hub.settings.sections import ApiSettings, S3Settings, Sections, SingleSignOnSettings

PAGE = Path("docs/reference/settings.md")

INTRODUCTION = """\
# Settings

<!-- Made by `python -m hub.settings.reference` from the declarations in hub/settings and connectors; do not edit. -->

`settings.toml` lies where the hub is started, or where `--settings` or `HUB_SETTINGS` says. `hub check` reports every
fault at once: file and line, key, value, what is allowed; it ends with 1 when there is one. Unknown keys are faults.

Further `[[source]]` tables, and nothing else, may stand in `sources.d/*.toml` beside it; the console writes the sources
that are added there, a file each. They follow those of `settings.toml`, in the order of the files' names.

A key of a section that stands alone (`[hub]` to `[fetch]`) can be set from outside. What stands first wins:

1. the environment: `HUB_WEB__PORT=9000` is `port` of `[web]`; an unknown `HUB_SECTION__KEY` is a fault;
2. a secret file: `hub_database__url` in `/run/secrets`, or in the folder that `HUB_SECRETS_DIR` names;
3. `settings.toml`.

Secrets are written as `{ env = "NAME" }` or `{ file = "path" }`. Relative paths, that of the SQLite file included,
start at the folder of `settings.toml`.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([INTRODUCTION, *_lines()]).rstrip() + "\n"


def _lines() -> Iterator[str]:
    connectors = known()
    if connectors.broken:
        raise RuntimeError(f"the page would lack connectors that do not import: {dict(connectors.broken)}")
    for name, field in Sections.model_fields.items():
        yield from _table(f"[{name}]", field.annotation)
        if name == "web":
            yield from _table("[web.api]", ApiSettings)
        if name == "files":
            yield from _table("[files] s3", S3Settings)
        if name == "console":
            yield from _table("[console] single_sign_on", SingleSignOnSettings)
    yield from _table("[[member]]", MemberSettings)
    yield from _table("[[source]]", SourceSettings)
    for name in connectors.sources:
        title, config = f'[[source]] with connector = "{name}"', source_connector(name).Config
        yield from _table(title, config, SourceSettings)
    yield from _table("[[destination]]", DestinationSettings)
    for name in connectors.destinations:
        yield from _table(
            f'[[destination]] with connector = "{name}"', destination_connector(name).Config, DestinationSettings
        )
    yield from _table("[[route]]", RouteSettings)
    yield from _table("[[route]] when", When)
    yield from _table("[[route]] when window", Window)
    yield from _table("[[digest]]", DigestSettings)
    yield from _table("[[duty]]", DutySettings)
    yield from _table("[[counter]]", CounterSettings)


def _table(title: str, model: Any, common: type[BaseModel] | None = None) -> Iterator[str]:
    """One table of keys, without those that are `common` to all of its kind."""
    remarks = _remarks(model)
    fields = {key: field for key, field in fields_of(model).items() if not common or key not in common.model_fields}
    yield f"## `{title}`\n"
    yield f"{(model.__doc__ or '').strip().splitlines()[0]}\n"
    yield "| Key | Meaning | Default | Allowed |"
    yield "|---|---|---|---|"
    for key, field in fields.items():
        row = (f"`{key}`", field.description or remarks.get(key, ""), _default(field), allowed(slot_of(field)))
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"
    yield ""


def _remarks(model: type[BaseModel]) -> dict[str, str]:
    """What `#:` says behind the fields of a connector's Config."""
    remarks: dict[str, str] = {}
    name = ""
    for line in inspect.getsource(model).splitlines():
        if declared := re.match(r"    (\w+): ", line):
            name = declared[1]
        if remark := re.search(r"#: (.+)$", line):
            remarks.setdefault(name, remark[1])
    return remarks


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    if isinstance(value, BaseModel) or value is None or value in ((), frozenset()):
        return ""
    for mark in field.metadata:
        if isinstance(mark, Allowed) and mark.written:
            return f'`"{mark.written(value)}"`'
    match value:
        case SecretStr():
            return f'`"{value.get_secret_value()}"`'
        case str():  # an Enum's member too
            return f'`"{value!s}"`'
        case bool():
            return f"`{str(value).lower()}`"
        case tuple():
            return "`[" + ", ".join(f'"{each}"' for each in value) + "]`"
    return f"`{value}`"


if __name__ == "__main__":
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
    print(f"wrote {PAGE}")
