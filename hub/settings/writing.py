"""Writes tables of settings.toml: for the sample province, and for what `hub discover` proposes."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

#: What a value in the file may be: text, a number, yes or no, texts in a row, or an inline table of such values.
Value = str | int | bool | Sequence[str] | Mapping[str, Any]


def table(heading: str, keys: Mapping[str, Value]) -> str:
    """A table with its heading as it stands there: `[hub]`, `[[source]]`."""
    return "\n".join([heading, *(f"{key} = {toml_value(value)}" for key, value in keys.items()), ""])


def toml_value(value: Value) -> str:
    """A value as TOML writes it."""
    match value:
        case str() if '"' in value and "'" not in value and value.isprintable():
            return f"'{value}'"  # easier to read than a row of backslashes
        case str():
            # The escapes of JSON are escapes of TOML too; only DEL must not stand in TOML as it is.
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case Mapping():
            return _row("{ ", (f"{key} = {toml_value(entry)}" for key, entry in value.items()), " }")
    return _row("[", map(toml_value, value), "]")


def _row(opening: str, entries: Iterable[str], closing: str) -> str:
    return opening + ", ".join(entries) + closing
