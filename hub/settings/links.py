"""Names in the settings that must lead somewhere: members of sources, destinations of routes, parents, successors; and
our own address, where others are told to come to us.

Works on the values as written, so that a broken link is reported beside faults of other kinds.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from hub.settings.faults import Path, Wrong

#: Which key names an entry, by table.
NAMED_BY = {
    "member": "code", "source": "name", "destination": "name", "digest": "name", "counter": "name", "duty": "name",
}  # fmt: skip


def broken_links(values: Mapping[str, Any]) -> Iterator[Wrong]:
    """Names that are given twice, and names that nothing has."""
    names = {table: _names(values, table) for table in NAMED_BY}
    for table, key in NAMED_BY.items():
        yield from _twice(table, key, names[table])
    for table, index, entry in _entries(values, "source"):
        yield from _unknown((table, index, "member"), entry.get("member"), "member", names)
    for table, index, entry in _entries(values, "counter"):
        yield from _unknown((table, index, "member"), entry.get("member"), "member", names)
    for table, index, entry in _entries(values, "member"):
        yield from _unknown((table, index, "parent"), entry.get("parent"), "member", names)
        for place, code in _texts(entry.get("successors")):
            yield from _unknown((table, index, "successors", place), code, "member", names)
    for table, index, entry in _entries(values, "route"):
        for place, name in _texts(entry.get("to")):
            yield from _unknown((table, index, "to", place), name, "destination", names)
        when = entry.get("when")
        for key in ("member", "source"):
            for place, name in _texts(when.get(key) if isinstance(when, Mapping) else None):
                if not set("*?[") & set(name):
                    yield from _unknown((table, index, "when", key, place), name, key, names)
    for table, index, entry in _entries(values, "duty"):
        for place, code in _texts(entry.get("members")):
            yield from _unknown((table, index, "members", place), code, "member", names)
    for table, index, entry in _entries(values, "digest"):
        for place, code in _texts(entry.get("members")):
            if not set("*?[") & set(code):
                yield from _unknown((table, index, "members", place), code, "member", names)
    yield from _circles(values)
    yield from _unreachable(values)
    yield from _unsendable(values)


def _unreachable(values: Mapping[str, Any]) -> Iterator[Wrong]:
    """Sources that a WebSub hub shall push to, while nobody outside knows where we are."""
    web = values.get("web")
    if isinstance(web, Mapping) and web.get("base_url"):
        return
    for table, index, entry in _entries(values, "source"):
        if entry.get("websub") is True:
            yield Wrong((table, index, "websub"), "true", "false while web.base_url is not set: no hub could reach us")


def _unsendable(values: Mapping[str, Any]) -> Iterator[Wrong]:
    """Digests, while there is no server that would take them."""
    if not any(entry.get("enabled") is not False for _, _, entry in _entries(values, "digest")):
        return
    mail = values.get("mail")
    for key in ("host", "sender"):
        if not isinstance(mail, Mapping) or not mail.get(key):
            yield Wrong(("mail", key), "", "missing, while a [[digest]] is to be sent")


def _circles(values: Mapping[str, Any]) -> Iterator[Wrong]:
    codes = {index: code for index, code in _names(values, "member")}
    parents = {code: values["member"][index].get("parent") for index, code in codes.items()}
    for table, index, entry in _entries(values, "member"):
        above, code = entry.get("parent"), codes.get(index)
        for _ in parents:
            if above is None or above == code:
                break
            above = parents.get(above) if isinstance(above, str) else None
        if above is not None and above == code:
            yield Wrong((table, index, "parent"), f'"{entry["parent"]}"', "a member that does not stand below this one")


def _twice(table: str, key: str, names: Sequence[tuple[int, str]]) -> Iterator[Wrong]:
    counts = Counter(name for _, name in names)
    seen: set[str] = set()
    for index, name in names:
        if counts[name] > 1 and name in seen:
            yield Wrong((table, index, key), f'"{name}"', f"a {key} that no other {table} has")
        seen.add(name)


def _unknown(path: Path, name: object, table: str, names: Mapping[str, Sequence[tuple[int, str]]]) -> Iterator[Wrong]:
    known = [known for _, known in names[table]]
    if not isinstance(name, str) or name in known:
        return
    near = get_close_matches(name, known, n=1)
    listed = ", ".join(known[:8]) + (", …" if len(known) > 8 else "")
    hint = f"did you mean {near[0]}?" if near else f"there are: {listed}" if known else f"there is no [[{table}]]"
    yield Wrong(path, f'"{name}"', f"the {NAMED_BY[table]} of a [[{table}]]; {hint}")


def _names(values: Mapping[str, Any], table: str) -> list[tuple[int, str]]:
    key = NAMED_BY[table]
    return [(index, entry[key]) for _, index, entry in _entries(values, table) if isinstance(entry.get(key), str)]


def _entries(values: Mapping[str, Any], table: str) -> Iterator[tuple[str, int, Mapping[str, Any]]]:
    entries = values.get(table)
    for index, entry in enumerate(entries if isinstance(entries, Sequence) and not isinstance(entries, str) else ()):
        if isinstance(entry, Mapping):
            yield table, index, entry


def _texts(values: object) -> Iterator[tuple[int, str]]:
    for index, value in enumerate(values if isinstance(values, list | tuple) else ()):
        if isinstance(value, str):
            yield index, value
