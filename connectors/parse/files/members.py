"""Names of members of a zip file: whether two programs could take two of them for the same part."""

from collections.abc import Iterable


def has_twins(names: Iterable[str]) -> bool:
    """Whether two parts that hold text or tables have one name; upper case and the signs of other systems do not tell.

    OPC (ECMA-376-2, 6.2) forbids it, and programs differ in which of the two they show: the one that is read here could
    be another one than readers see.
    """
    parts = [_plain(name) for name in names if name.lower().endswith((".xml", ".rels"))]
    return len(set(parts)) < len(parts)


def _plain(name: str) -> str:
    steps = name.lower().replace("\\", "/").split("/")
    return "/".join(step for step in steps if step not in ("", "."))
