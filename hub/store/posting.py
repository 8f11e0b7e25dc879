"""Records of what waits for a person before a destination shows it, and of the brake that stops a flood.

Both leave the work where it is: a row that waits is a row, a paused destination keeps its queue.
"""

from datetime import timedelta
from uuid import UUID

from connectors.base import Receipt
from hub.broker.base import deliver_queue
from hub.store import delivering, wanting
from hub.store.deciding import DecisionRefusedError
from hub.store.delivering import DeliveryClaim
from hub.store.instants import micros
from hub.store.unit import Store, Unit

#: What becomes due within this time counts as one flood.
FLOOD = timedelta(hours=1)
BRAKED = "braked"
#: error code of what a person does not let a destination show
NOT_APPROVED = "not_approved"


async def hold(unit: Unit, claim: DeliveryClaim) -> None:
    """A person is asked whether the destination may show this revision. Raises LeaseLostError."""
    await delivering.rest(unit, claim, "held", "a person is asked")
    unit.tell("post_held", content_id=claim.content_id, revision=claim.wanted_revision, destination=claim.destination)


#: The revision that waits; of it somebody has decided who saw this one, or did not say what he saw.
_SEEN = "state = 'held' AND wanted_revision = coalesce(CAST(? AS INTEGER), wanted_revision)"


async def approve(
    unit: Unit, destination: str, content_id: UUID, *, revision: int | None = None, who: str, why: str
) -> int:  # fmt: skip
    """Somebody says yes to the revision that waits; `revision` is the one that was looked at.

    Returns it; raises DecisionRefusedError when nothing waits, or another one.
    """
    rows = await unit.tx.fetch(
        "UPDATE delivery SET state = 'ready', cleared_revision = wanted_revision, due_at = ?"
        f" WHERE destination = ? AND content_id = ? AND {_SEEN} RETURNING id, wanted_revision",
        unit.at, destination, str(content_id), revision,
    )  # fmt: skip
    for row in rows:
        unit.ring(deliver_queue(destination), row["id"])
    return _decided(unit, rows, "post_approved", destination, content_id, who, why)


async def refuse(
    unit: Unit, destination: str, content_id: UUID, *, revision: int | None = None, who: str, why: str
) -> int:  # fmt: skip
    """Somebody says no: it is not shown there unless a newer revision is. Returns and raises as `approve`."""
    rows = await unit.tx.fetch(
        "UPDATE delivery SET state = 'refused', error_code = ?, error_sentence = ?, failed_since = ?"
        f" WHERE destination = ? AND content_id = ? AND {_SEEN} RETURNING id, wanted_revision",
        NOT_APPROVED, "Ban biên tập không cho đăng nội dung này tại đây." + (f" Lý do: {why}" if why else ""), unit.at,
        destination, str(content_id), revision,
    )  # fmt: skip
    return _decided(unit, rows, "post_refused", destination, content_id, who, why)


async def confirm(
    unit: Unit, destination: str, content_id: UUID, *, remote_id: str = "", who: str, why: str
) -> int:  # fmt: skip
    """Somebody has seen it there after a call without an answer, under `remote_id` where they say so.

    Returns the revision; raises DecisionRefusedError.
    """
    rows = await unit.tx.fetch(
        "SELECT id, wanted_revision FROM delivery WHERE destination = ? AND content_id = ? AND state = 'parked'",
        destination, str(content_id),
    )  # fmt: skip
    revision = _decided(unit, rows, "post_confirmed", destination, content_id, who, why)
    await unit.tx.execute(
        "UPDATE attempt SET outcome = 'done', detail = ? WHERE delivery = ? AND outcome = 'unknown'",
        f"seen by {who}"[:1000], rows[0]["id"],
    )  # fmt: skip
    receipt = Receipt(remote_id=remote_id, revision=revision, note=f"seen by {who}")
    await wanting.shown(unit, destination, content_id, revision, receipt)
    return revision


def _decided(
    unit: Unit, rows: list[dict[str, int]], what: str, destination: str, content_id: UUID, who: str, why: str
) -> int:  # fmt: skip
    if not rows:
        raise DecisionRefusedError(
            f"nothing of {content_id} waits at {destination}",
            sentence="Tại nơi nhận đó không có gì về nội dung này đang chờ quyết định: đã được xử lý, đã gỡ, hoặc chưa"
            " tới lượt.",
        )
    revision = rows[0]["wanted_revision"]
    unit.tell(what, who=who, content_id=content_id, revision=revision, destination=destination, why={"why": why})
    return revision


async def brake(store: Store, destination: str, most: int) -> bool:
    """Pause a destination to which more than `most` new items became due at once; whether it was.

    What a person has let go on (`hub resume destination`) is not counted again.
    """
    now = store.now()
    rows = await store.fetch(
        "SELECT count(*) AS n FROM delivery d JOIN destination p ON p.name = d.destination AND p.state = 'active'"
        " WHERE d.destination = ? AND d.state = 'ready' AND d.sent_revision = 0"
        " AND d.state IN ('ready', 'sending')"  # said again: it names the partial index
        " AND d.due_at <= ? AND d.wanted_at > ? AND d.wanted_at > coalesce(p.released_at, 0)",
        destination, micros(now), micros(now - FLOOD),
    )  # fmt: skip
    waiting = int(rows[0]["n"])
    if waiting <= most:
        return False
    async with store.unit() as unit:
        paused = await unit.tx.execute(
            "UPDATE destination SET state = 'paused', fault_code = ?, fault_sentence = ?, fault_since = ?"
            " WHERE name = ? AND state = 'active'",
            BRAKED,
            f"Có {waiting} nội dung mới cùng chờ đăng, vượt mức {most} trong một giờ, nên hệ thống dừng lại để tránh"
            " đăng dồn dập. Ban biên tập xem lại (hub posts list, hub withdraw), rồi cho đi tiếp bằng lệnh"
            f" hub resume destination {destination}.",
            unit.at, destination,
        )  # fmt: skip
        if paused:
            unit.tell("destination_braked", destination=destination, why={"waiting": waiting, "most": most})
    return True
