"""Records of people's decisions: editions, runs of a source, endpoints, set-aside deliveries.

Every function writes into a unit that the command opened, fenced by the state that the person saw: two people who
decide at once cannot both win.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from connectors.errors import HubError
from hub.broker.base import HARVEST, NORMALISE, deliver_queue
from hub.rules.retry import UNTOLD
from hub.rules.routing import Routing
from hub.store import announcing, drafting, numbers, planning, publishing, searching, wanting
from hub.store.captures import CAPTURE_HAS_BODY
from hub.store.database import marks
from hub.store.editions import supersede
from hub.store.harvesting import TOLD_TO_WAIT
from hub.store.states import DISCARDED, RELEASED, CaptureState, DeliveryState, EditionOrigin, EndpointState, ItemState
from hub.store.unit import Store, Unit
from hub.store.wanting import Wanted
from schemas.edition import EditionState
from schemas.item import ITEM, ItemBase, Kind


class DecisionRefusedError(HubError):
    """This cannot be decided now: what it is about has changed, or does not exist."""

    code = "decision_refused"


class SecondPersonNeededError(DecisionRefusedError):
    """The settings want two people for this, and one of them would be both."""

    code = "second_person_needed"

    def __init__(self, cause: str) -> None:
        super().__init__(
            cause,
            sentence="Việc này cần hai người: người viết hoặc người đề nghị không tự duyệt. Nhờ một người khác có quyền"
            " xem và xác nhận.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Decidable:
    """An edition with what a decision about it must know."""

    content_id: UUID
    revision: int
    state: EditionState
    item: ItemBase | None
    item_revision: int
    item_state: ItemState
    source: str
    member: str
    kind: Kind
    origin: EditionOrigin = EditionOrigin.SOURCE
    author: str = ""  #: login of who wrote it; empty: its source did
    restricted: bool = False  #: a screen holds it
    why: str = "{}"  #: JSON: change, review, routing and screens with their reasons

    def released(self) -> "Decidable":
        """The same, after the duty officer let it go on."""
        return replace(self, restricted=False)


async def decidable(store: Store, content_id: UUID, revision: int | None) -> Decidable:
    """The edition to decide about; without a revision the newest. Raises DecisionRefusedError when there is none."""
    rows = await store.fetch(
        "SELECT e.revision, e.state, e.body, i.revision AS item_revision, i.state AS item_state, i.source, i.member,"
        " i.kind, e.origin, e.author, e.restricted, e.why FROM item i JOIN edition e ON e.content_id = i.content_id"
        " WHERE i.content_id = ? AND e.revision = coalesce(CAST(? AS INTEGER), i.revision)",
        str(content_id), revision,
    )  # fmt: skip
    if not rows:
        raise DecisionRefusedError(
            f"no edition {revision} of {content_id}" if revision else f"no item {content_id}",
            sentence="Không có nội dung này trong hệ thống. Kiểm tra lại mã nội dung và số phiên bản.",
        )
    row = rows[0]
    return Decidable(
        content_id=content_id, revision=row["revision"], state=EditionState(row["state"]),
        item=ITEM.validate_json(row["body"]) if row["body"] else None, item_revision=row["item_revision"],
        item_state=ItemState(row["item_state"]), source=row["source"], member=row["member"],
        kind=Kind(row["kind"]), origin=EditionOrigin(row["origin"]), author=row["author"],
        restricted=bool(row["restricted"]), why=row["why"],
    )  # fmt: skip


def refuse_restricted(edition: Decidable) -> None:
    """Raises DecisionRefusedError for what a screen holds: the duty officer releases it first, or rejects it."""
    if edition.restricted:
        raise DecisionRefusedError(
            f"edition {edition.revision} of {edition.content_id} is held by a screen", code="screened",
            sentence="Phiên bản này đang bị tạm giữ để kiểm tra bí mật nhà nước hoặc dữ liệu cá nhân; người trực phải"
            " xem và cho đi tiếp trước.",
        )  # fmt: skip


async def _decide(unit: Unit, edition: Decidable, state: EditionState, who: str, remark: str = "") -> None:
    changed = await unit.tx.execute(
        "UPDATE edition SET state = ?, decided_by = ?, decided_at = ?, remark = ?"
        " WHERE content_id = ? AND revision = ? AND state = ?",
        state, who, unit.at, remark, str(edition.content_id), edition.revision, EditionState.HELD,
    )  # fmt: skip
    if changed != 1:
        raise not_held(edition)


def not_held(edition: Decidable) -> DecisionRefusedError:
    """What a person is told who decides about an edition that waits for nobody."""
    return DecisionRefusedError(
        f"edition {edition.revision} of {edition.content_id} is not held any more",
        sentence="Phiên bản này vừa được người khác xử lý hoặc đã có phiên bản mới hơn."
        " Mở lại để xem tình trạng hiện tại.",
    )


async def still_held(unit: Unit, edition: Decidable) -> None:
    """Nobody decides about the edition until this unit ends. Raises DecisionRefusedError when somebody has."""
    changed = await unit.tx.execute(
        "UPDATE edition SET state = state WHERE content_id = ? AND revision = ? AND state = 'held'",
        str(edition.content_id), edition.revision,
    )  # fmt: skip
    if changed != 1:
        raise not_held(edition)


async def approved(unit: Unit, edition: Decidable, routing: Routing, *, who: str, why: str) -> None:
    """A held edition is public from now on, and wanted everywhere it belongs."""
    refuse_restricted(edition)
    await _decide(unit, edition, EditionState.APPROVED, who)
    changed = await unit.tx.execute(
        "UPDATE item SET approved_revision = ?, state = 'live', withdrawn_by = '', changed_at = ?, public_at = ?,"
        " change_number = NULL WHERE content_id = ? AND approved_revision < ?",
        edition.revision, unit.at, unit.at, str(edition.content_id), edition.revision,
    )  # fmt: skip
    if changed != 1:
        raise DecisionRefusedError(
            f"a newer edition of {edition.content_id} is public",
            sentence="Một phiên bản mới hơn đã được công khai; không thể duyệt phiên bản cũ.",
        )
    await supersede(unit, edition.content_id, edition.revision, approved=True)
    await planning.carried_out(unit, edition.content_id, edition.revision)
    await drafting.taken(unit, edition.content_id, edition.revision)
    if edition.item is not None:
        await publishing.retag(unit, [(edition.content_id, edition.item.tags)])
    wanted = Wanted(
        content_id=edition.content_id, revision=edition.revision, destinations=routing.destinations,
        not_before=routing.not_before,
    )  # fmt: skip
    await wanting.want_everywhere(unit, [wanted])
    if edition.item is not None:
        await numbers.made_public(unit, [(edition.content_id, edition.item)])
        await announcing.made_public(unit, [(edition.content_id, edition.revision, edition.item)])
    await searching.renewed(unit, [edition.content_id])
    unit.tell("approved", who=who, content_id=edition.content_id, revision=edition.revision, why={"why": why})


async def rejected(unit: Unit, edition: Decidable, *, who: str, why: str) -> None:
    """A held edition will not be public; what was public before stays."""
    await _decide(unit, edition, EditionState.REJECTED, who)
    await _not_taken(unit, edition, remark=why, who=who)
    unit.tell("rejected", who=who, content_id=edition.content_id, revision=edition.revision, why={"why": why})


async def returned(unit: Unit, edition: Decidable, *, remark: str, who: str) -> None:
    """A held edition goes back to whoever wrote it, with a remark; what was public before stays."""
    await _decide(unit, edition, EditionState.REJECTED, who, remark)
    await _not_taken(unit, edition, remark=remark, who=who)
    unit.tell("returned", who=who, content_id=edition.content_id, revision=edition.revision, why={"why": remark})


async def _not_taken(unit: Unit, edition: Decidable, *, remark: str, who: str) -> None:
    """What waited for a yes to this edition: its plan, and the contributor who wrote it; its title is no name of it."""
    standing = await unit.tx.fetch(
        "SELECT body, restricted FROM edition WHERE content_id = ? AND state IN ('held', 'approved')"
        " AND body IS NOT NULL ORDER BY revision DESC LIMIT 1",
        str(edition.content_id),
    )
    for row in standing:
        title = ITEM.validate_json(row["body"]).title
        await unit.tx.execute(
            "UPDATE item SET title = ?, restricted = ? WHERE content_id = ?",
            title, row["restricted"], str(edition.content_id),
        )  # fmt: skip
    await planning.refused(unit, edition.content_id, edition.revision)
    await drafting.returned(unit, edition.content_id, edition.revision, remark=remark, who=who)


async def captures_replayed(
    unit: Unit, *, source: str | None, capture: int | None, who: str
) -> tuple[int, int]:  # fmt: skip
    """Read kept captures again with today's mapping. Returns how many will be, and how many have no body any more.

    Each capture speaks only of items of which no newer capture said anything, so an old text never comes back. Runs
    that a person threw away stay away, unless this very capture is named; so do those of sources that were removed.
    """
    where = "state IN ('done', 'rejected', 'dead') AND source IN (SELECT name FROM source WHERE state <> 'removed')"
    args = list[str | int]()
    if capture is None:
        where += f" AND released <> {DISCARDED}"
    if capture is not None:
        where, args = where + " AND id = ?", [capture]
    elif source is not None:
        where, args = where + " AND source = ?", [source]
    if capture is not None:
        await _refuse_purged(unit, capture)
    rows = await unit.tx.fetch(
        f"UPDATE capture SET state = ?, replay = 1, attempts = 0, due_at = ? WHERE {where} AND {CAPTURE_HAS_BODY}"
        " RETURNING id",
        CaptureState.NEW, unit.at, *args,
    )  # fmt: skip
    lost = where.replace("'dead')", "'dead', 'purged')")
    [gone] = await unit.tx.fetch(f"SELECT count(*) AS n FROM capture WHERE {lost} AND NOT {CAPTURE_HAS_BODY}", *args)
    for row in sorted(rows, key=lambda row: row["id"]):
        unit.ring(NORMALISE, row["id"])
    unit.tell("replayed", who=who, source=source or "", why={"captures": len(rows), "capture": capture})
    return len(rows), gone["n"]


async def _refuse_purged(unit: Unit, capture: int) -> None:
    if await unit.tx.fetch("SELECT id FROM capture WHERE id = ? AND state = ?", capture, CaptureState.PURGED):
        raise DecisionRefusedError(
            f"capture {capture} is purged", code="purged",
            sentence="Bản thu này có nội dung mang dấu hiệu bí mật nhà nước nên đã bị xoá bản gốc, không thể đọc lại.",
        )  # fmt: skip


async def run_released(unit: Unit, capture: int, *, who: str, why: str) -> None:
    """A person looked at a held run and lets it go on."""
    await _run_decided(unit, capture, f"state = 'new', released = {RELEASED}, attempts = 0", "run_released", who, why)
    unit.ring(NORMALISE, capture)


async def run_discarded(unit: Unit, capture: int, *, who: str, why: str) -> None:
    """A person looked at a held run and throws it away; what the site shows next is judged anew."""
    await _run_decided(unit, capture, f"state = 'rejected', released = {DISCARDED}", "run_discarded", who, why)
    rows = await unit.tx.fetch(
        "SELECT n.id FROM capture c JOIN capture n ON n.source = c.source AND n.state = 'new'"
        " WHERE c.id = ? ORDER BY n.id LIMIT 1",
        capture,
    )
    for row in rows:
        unit.ring(NORMALISE, row["id"])


async def _run_decided(unit: Unit, capture: int, changes: str, what: str, who: str, why: str) -> None:
    rows = await unit.tx.fetch(
        f"UPDATE capture SET {changes}, due_at = ? WHERE id = ? AND state = 'held' RETURNING source", unit.at, capture
    )
    if not rows:
        raise DecisionRefusedError(
            f"capture {capture} is not held",
            sentence="Lượt thu này không còn ở trạng thái tạm giữ. Mở lại để xem tình trạng hiện tại.",
        )
    well = await unit.tx.execute(
        "UPDATE source SET failures = 0, fault_code = '', fault_stage = '', fault_side = '', fault_sentence = '',"
        " fault_since = NULL WHERE name = ? AND fault_stage = 'normalise'",
        rows[0]["source"],
    )
    if well:
        unit.tell("source_recovered", source=rows[0]["source"])
    unit.tell(what, who=who, source=rows[0]["source"], why={"capture": capture, "why": why})


async def endpoint_set(
    unit: Unit, table: str, name: str, state: EndpointState, *, who: str, why: str
) -> None:  # fmt: skip
    """Pause or resume a source or a destination. Its work waits, nothing is dropped."""
    assert table in ("source", "destination")
    well = ", failures = 0, fault_code = '', fault_sentence = '', fault_since = NULL"
    well += ", fault_stage = '', fault_side = '', due_at = ?" if table == "source" else ""
    well += ", open_until = NULL, released_at = ?" if table == "destination" else ""
    resumed = state is EndpointState.ACTIVE
    changed = await unit.tx.execute(
        f"UPDATE {table} SET state = ?{well if resumed else ''} WHERE name = ? AND state <> 'removed'",
        state, *([unit.at] if resumed else []), name,
    )  # fmt: skip
    if changed != 1:
        raise DecisionRefusedError(
            f"no {table} {name}",
            sentence=f"Không có nguồn hoặc nơi nhận tên «{name}». Tên là khoá name trong settings.toml.",
        )
    source, destination = (name, "") if table == "source" else ("", name)
    unit.tell(f"{table}_{state}", who=who, source=source, destination=destination, why={"why": why})
    if resumed and table == "source":
        unit.ring(HARVEST, name)
    elif resumed:
        await _tried_afresh(unit, name)


async def source_due(unit: Unit, name: str, *, who: str) -> None:
    """Ask a source at once, but for one that told us to wait: it would only make us wait longer."""
    rows = await unit.tx.fetch("SELECT state, due_at, rhythm_reason FROM source WHERE name = ?", name)
    if not rows or rows[0]["state"] != EndpointState.ACTIVE:
        raise DecisionRefusedError(
            f"source {name} is not active",
            sentence="Nguồn đang tạm dừng, bị chặn hoặc đã bỏ nên không thu ngay được. Hãy cho nguồn chạy tiếp trước.",
        )
    if rows[0]["due_at"] > unit.at and rows[0]["rhythm_reason"].startswith(TOLD_TO_WAIT):
        raise DecisionRefusedError(
            f"source {name} told us to wait",
            sentence="Trang nguồn yêu cầu chờ rồi mới được hỏi lại; hệ thống tự thu khi hết thời gian chờ.",
        )
    await unit.tx.execute("UPDATE source SET due_at = ? WHERE name = ? AND due_at > ?", unit.at, name, unit.at)
    unit.tell("source_asked", who=who, source=name)
    unit.ring(HARVEST, name)


async def _tried_afresh(unit: Unit, destination: str) -> None:
    """What failed while a destination was unwell is due at once, with all its patience; shut windows stay shut."""
    rows = await unit.tx.fetch(
        "UPDATE delivery SET due_at = ?, attempts = 0, failed_since = NULL"
        " WHERE destination = ? AND state = 'ready' AND error_code NOT IN ('', 'settling') RETURNING id",
        unit.at, destination,
    )  # fmt: skip
    for row in rows:
        unit.ring(deliver_queue(destination), row["id"])


async def deliveries_freed(unit: Unit, ids: Sequence[int] | None, *, who: str) -> int:
    """Send again what was refused or parked; without ids everything. Returns how many."""
    chosen = f" AND id IN ({marks(len(ids))})" if ids is not None else ""
    # Whoever frees what nobody could tell says that it is not there; else it would be asked about for ever.
    await unit.tx.execute(
        "UPDATE attempt SET outcome = 'later', detail = ? WHERE outcome = 'unknown' AND delivery IN"
        f" (SELECT id FROM delivery WHERE state = 'parked' AND error_code = ?{chosen})",
        f"not there, says {who}"[:1000], UNTOLD, *(ids or ()),
    )  # fmt: skip
    rows = await unit.tx.fetch(
        f"UPDATE delivery SET state = 'ready', attempts = 0, failed_since = NULL, due_at = ?"
        f" WHERE state IN (?, ?){chosen} RETURNING id, destination",
        unit.at, DeliveryState.REFUSED, DeliveryState.PARKED, *(ids or ()),
    )  # fmt: skip
    for row in rows:
        unit.ring(deliver_queue(row["destination"]), row["id"])
    unit.tell("deliveries_freed", who=who, why={"deliveries": len(rows)})
    return len(rows)
