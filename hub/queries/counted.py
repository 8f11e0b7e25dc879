"""One item as it counts, and the line by which a report keeps it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from hub.rules.coverage import Group
from hub.store.states import TallyState


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """One item as it counts."""

    content_id: str
    source: str
    member: str  #: that published it
    member_name: str
    group: Group
    category: str
    within: tuple[str, ...]  #: codes of the categories for which it counts: its own, and the one that this is a part of
    kind: str
    state: TallyState
    day: date
    dated: bool
    author: str
    photos: int
    files: int
    story: str  #: content id of the origin
    published: datetime | None
    issued: date | None
    first_seen: datetime
    first_public: datetime | None

    @property
    def is_origin(self) -> bool:
        """Whether no other member told this story first."""
        return self.story in ("", self.content_id)


def line_of(counted: Counted) -> dict[str, Any]:
    """What a report keeps of an item that it counted: `report_item.line`, as JSON. Its text and title are not in it."""
    return {
        "source": counted.source, "member": counted.member, "member_name": counted.member_name,
        "group": str(counted.group), "category": counted.category, "within": list(counted.within),
        "kind": counted.kind, "state": str(counted.state), "day": counted.day.isoformat(), "dated": counted.dated,
        "author": counted.author, "photos": counted.photos, "files": counted.files, "story": counted.story,
        "published": _written(counted.published), "issued": _written(counted.issued),
        "first_seen": _written(counted.first_seen), "first_public": _written(counted.first_public),
    }  # fmt: skip


def of_line(content_id: str, line: Mapping[str, Any]) -> Counted:
    """The item that such a line was made of."""
    return Counted(
        content_id=content_id, source=line["source"], member=line["member"], member_name=line["member_name"],
        group=Group(line["group"]), category=line["category"], within=tuple(line["within"]), kind=line["kind"],
        state=TallyState(line["state"]), day=date.fromisoformat(line["day"]), dated=line["dated"],
        author=line["author"], photos=line["photos"], files=line["files"], story=line["story"],
        published=_instant(line["published"]), issued=date.fromisoformat(line["issued"]) if line["issued"] else None,
        first_seen=cast("datetime", _instant(line["first_seen"])), first_public=_instant(line["first_public"]),
    )  # fmt: skip


def _written(at: date | datetime | None) -> str | None:
    return at.isoformat() if at else None


def _instant(written: str | None) -> datetime | None:
    return datetime.fromisoformat(written) if written else None
