"""Which items does a number count, or a list show? One value, and the one way to write it into an address."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Final
from urllib.parse import urlencode

from connectors.errors import HubError
from hub.rules.coverage import Group
from hub.store.states import TallyState
from schemas.item import Kind

#: `Filter.category` of the items that no category fits.
NO_CATEGORY: Final = "-"


class BadFilterError(HubError):
    """A list was asked for in a way that names none."""

    code = "bad_filter"

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what} cannot be read",
            sentence="Địa chỉ của danh sách này không đúng nên không mở được. Hãy mở lại từ con số trên trang số liệu"
            " hoặc báo cáo.",
        )


@dataclass(frozen=True, slots=True)
class Filter:
    """Which items; an empty field chooses everything."""

    first: date
    last: date  #: with it
    state: TallyState = TallyState.PUBLIC
    member: str = ""
    group: str = ""  #: hub.rules.coverage.Group
    category: str = ""  #: with its parts; NO_CATEGORY: those that no category fits
    kind: str = ""
    author: str = ""
    source: str = ""
    once: bool | None = True  #: True: each story once, at its origin; False: only its copies; None: both
    undated: bool = False  #: only those that count on the day on which they were first seen
    photos: bool = False  #: only those with photos
    report: int | None = None  #: as this report counted them

    def query(self) -> str:
        """The one way to write it into an address."""
        written = {"first": self.first.isoformat(), "last": self.last.isoformat()}
        for each in fields(self)[2:]:
            value = getattr(self, each.name)
            if value != each.default:
                written[each.name] = _ONCE[value] if each.name == "once" else str(int(value)) \
                    if isinstance(value, bool) else str(value)  # fmt: skip
        return urlencode(written)

    @classmethod
    def read(cls, written: Mapping[str, str]) -> "Filter":
        """The filter that `query` wrote; what else stands there is left alone. Raises BadFilterError."""
        try:
            found = cls(
                first=date.fromisoformat(written["first"]), last=date.fromisoformat(written["last"]),
                state=TallyState(written.get("state") or TallyState.PUBLIC), member=written.get("member", ""),
                group=Group(given) if (given := written.get("group", "")) else "",
                category=written.get("category", ""), kind=Kind(given) if (given := written.get("kind", "")) else "",
                author=written.get("author", ""), source=written.get("source", ""),
                once=_READ_ONCE[written.get("once") or "origins"], undated=_READ_FLAG[written.get("undated") or "0"],
                photos=_READ_FLAG[written.get("photos") or "0"],
                report=int(given) if (given := written.get("report", "")) else None,
            )  # fmt: skip
        except (KeyError, ValueError) as error:
            raise BadFilterError(urlencode(dict(written))[:200]) from error
        if found.last < found.first or (found.report is not None and not 0 < found.report < 1 << 62):
            raise BadFilterError(found.query())
        return found


_ONCE: Final = {True: "origins", False: "copies", None: "all"}
_READ_ONCE: Final = {word: once for once, word in _ONCE.items()}
_READ_FLAG: Final = {"0": False, "1": True}
