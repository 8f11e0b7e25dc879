"""At which line of a TOML text a key stands; the standard parser does not say."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

_HEADER = re.compile(r"\s*(\[\[?)\s*([\w.\"-]+)\s*\]")
_KEY = re.compile(r"\s*([\w.\"-]+)\s*=")
_LONG_QUOTES = re.compile(r'"""|\'\'\'')

Path = tuple[str | int, ...]


def lines_of(text: str) -> Mapping[Path, int]:
    """Line numbers, from 1, of all tables and keys. Keys inside inline tables are not found: their table is."""
    found: dict[Path, int] = {}
    tables: Counter[str] = Counter()
    table: Path = ()
    in_long_text = False
    for number, line in enumerate(text.splitlines(), start=1):
        was_in_long_text, in_long_text = in_long_text, in_long_text ^ (len(_LONG_QUOTES.findall(line)) % 2 == 1)
        if was_in_long_text:
            continue
        if header := _HEADER.match(line):
            name = header[2].replace('"', "")
            table = (*name.split("."),)
            if header[1] == "[[":
                table, tables[name] = (*table, tables[name]), tables[name] + 1
            found.setdefault(table, number)
        elif key := _KEY.match(line):
            found.setdefault((*table, *key[1].replace('"', "").split(".")), number)
    return found


def line_of(lines: Mapping[Path, int], path: Sequence[str | int]) -> int:
    """The line of the nearest thing that holds this path; 0 when nothing does."""
    for end in range(len(path), 0, -1):
        if line := lines.get(tuple(path[:end])):
            return line
    return 0
