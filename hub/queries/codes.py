"""Which codes are in force? Lists with their versions, what became of one code, and what a board should look at.

A list that no board has loaded yet is the one that comes with the program: version 0.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from connectors.errors import HubError
from hub.codes.lists import LISTS, CodeError
from hub.codes.shipped import shipped
from hub.rules.calendar import WorkingCalendar
from hub.rules.codes import CodeList, Resolution, Weakness, weaknesses
from hub.rules.places import Asked, Places
from hub.store import codes
from hub.store.codes import CodeVersion, RefusedRow
from hub.store.unit import Store


class UnknownListError(HubError):
    """There is no list of codes of this name."""

    code = "unknown_list"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListInForce:
    """A list as it is in force."""

    list: str
    title: str  #: for a clerk
    version: int  #: 0 = the one that comes with the program
    entries: int
    rejected: int = 0
    loaded_at: datetime | None = None
    loaded_by: str = ""
    origin: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a board should look at in one list."""

    list: str
    refused: Sequence[RefusedRow]
    weaknesses: Sequence[Weakness]


async def overview(store: Store) -> list[ListInForce]:
    """Every list that there is, loaded or shipped or still empty."""
    return [_in_force(name, await codes.newest(store, name)) for name in LISTS]


def _in_force(name: str, version: CodeVersion | None) -> ListInForce:
    if version is None:
        come = shipped(name)
        return ListInForce(list=name, title=LISTS[name].title, version=0, entries=len(come.records) if come else 0)
    return ListInForce(
        list=name, title=LISTS[name].title, version=version.version, entries=version.counts["entries"],
        rejected=version.counts["rejected"], loaded_at=version.loaded_at, loaded_by=version.loaded_by,
        origin=version.origin,
    )  # fmt: skip


async def history(store: Store, name: str) -> list[CodeVersion]:
    """Every load of a list, newest first. Raises UnknownListError."""
    return await codes.versions(store, _known(name))


async def in_force(store: Store, name: str, *, version: int | None = None) -> CodeList:
    """The records of a list; of an older version when one is named. Raises UnknownListError."""
    loaded = await codes.versions(store, _known(name))
    if version is not None:
        loaded = [one for one in loaded if one.version == version]
        if not loaded and version != 0:
            raise UnknownListError(
                f"{name} has no version {version}",
                sentence=f"Danh mục {name} không có phiên bản {version}. Xem các phiên bản bằng lệnh hub codes list.",
            )
    if loaded and version != 0:
        return CodeList(await codes.records(store, loaded[0]))
    come = shipped(name)
    return come.records if come else CodeList(())


async def resolve(store: Store, name: str, what: str, *, on: date, then: date | None = None) -> Resolution:
    """What a code of a list has become, however it is written; a place may be called by its name.

    Raises UnknownListError.
    """
    try:
        code = LISTS[_known(name)].mend(what)
    except CodeError as error:
        if name not in _PLACES:
            raise UnknownListError(
                f"{what[:60]!r} is no code of {name}", code="bad_code", sentence=error.sentence
            ) from error  # fmt: skip
        code = what
    if name in _PLACES:
        return _PLACES[name](await places(store), Asked(text=code, then=then), on=on)
    return (await in_force(store, name)).resolve(code, on=on, then=then)


#: Lists whose records have names that are asked for; a district has become what its communes have.
_PLACES = {"provinces": Places.province, "districts": Places.district, "communes": Places.commune}


async def calendar(store: Store) -> WorkingCalendar:
    """The working days in force."""
    return WorkingCalendar.of(await in_force(store, "holidays"))


async def places(store: Store) -> Places:
    """The tree of administrative units in force."""
    return Places(*[await in_force(store, name) for name in ("provinces", "districts", "communes")])


async def check(store: Store, name: str = "") -> list[Checked]:
    """Refused rows and weak records of one list, or of all that there are."""
    lists = {each: await in_force(store, each) for each in LISTS}
    found = []
    for each in (_known(name),) if name else LISTS:
        version = await codes.newest(store, each)
        refused = await codes.refused(store, version) if version else []
        found.append(Checked(list=each, refused=refused, weaknesses=weak(each, lists)))
    return found


def weak(name: str, lists: Mapping[str, CodeList]) -> list[Weakness]:
    """Records of a list that somebody should look at; parents are looked for in lists that hold anything."""
    kind = LISTS[name]
    parents = [lists[parent] for parent in kind.parents if lists.get(parent)]
    complete = len(parents) == len(kind.parents)
    return list(weaknesses(lists[name], parents if complete else (), may_end=kind.may_end))


def _known(name: str) -> str:
    if name not in LISTS:
        raise UnknownListError(
            f"{name[:40]!r}: one of {', '.join(LISTS)}",
            sentence=f"Không có danh mục này. Các danh mục: {', '.join(LISTS)}.",
        )
    return name
