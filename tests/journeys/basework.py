"""A national base that drifts: procedures of two members, differences sown with an answer key, and a base that fails.

The key is written by whoever sows, from what it did to the base; the hub's own comparison never touches it.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random
from typing import Any

import orjson

from hub.app import Hub
from hub.store.delivering import public
from schemas.edition import PublishedItem
from tests.fakes.dvcqg import DSTCODE, NationalBase
from tests.fakes.server import Fault

PASSWORD = "mat-khau-thu-nghiem"
#: What may be changed in a record.
EDITS = ("title", "fee", "paper", "agency_text", "basis")


@dataclass
class AnswerKey:
    """What is wrong, by kind and key."""

    wrong: set[tuple[str, str]] = field(default_factory=set)
    fields: dict[str, str] = field(default_factory=dict)  #: key of an edited record -> field that was changed

    def sow(self, kind: str, key: str) -> None:
        self.wrong.add((kind, key))


def code_of(number: int) -> str:
    """The code of the n-th procedure."""
    return f"{1 + number % 3}.{100_000 + number:06}.000.00.00.H52"


def record(number: int, **changes: Any) -> dict[str, Any]:
    """The record of the n-th procedure, as a member's one-stop system gives it."""
    return {
        "MATTHC": code_of(number),
        "TENTTHC": f"Cấp giấy xác nhận đủ điều kiện hoạt động số {number}",
        "TRANGTHAI": 1,
        "MACOQUANCONGBO": "H52",
        "QUYETDINH": f"{100 + number % 400}/QĐ-UBND",
        "CAPTHUCHIEN": [{"CAPTHUCHIEN": "Cấp tỉnh"}],
        "LINHVUCTHUCHIEN": [{"MALINHVUC": "G09-YT05", "TENLINHVUC": "Khám bệnh, chữa bệnh"}],
        "TRINHTUTHUCHIEN": [
            {"TRUONGHOP": "", "TRINHTU": [{"TENTRINHTU": "Nộp hồ sơ"}, {"TENTRINHTU": "Nhận kết quả"}]}
        ],
        "CACHTHUCTHUCHIEN": [
            {
                "KENH": "1",
                "THOIGIAN": [
                    {
                        "THOIGIANGIAIQUYET": 3 + number % 20,
                        "DONVITINH": "Ngày làm việc",
                        "MOTA": "",
                        "PHILEPHI": [
                            {"MAPHILEPHI": "1", "SOTIEN": f"{10 + number % 90}.000", "DONVI": "Đồng", "MOTA": ""}
                        ],
                    }
                ],
            }
        ],
        "THANHPHANHOSO": [
            {"TRUONGHOP": "", "GIAYTO": [{"TENGIAYTO": "Đơn đề nghị", "SOBANCHINH": "1", "SOBANSAO": "0"}]}
        ],
        "MOTACOQUANTHUCHIEN": "Sở Y tế tỉnh Mẫu",
        "CANCUPHAPLY": [{"SOVANBAN": "96/2023/NĐ-CP", "TENVANBAN": "Quy định chi tiết Luật Khám bệnh, chữa bệnh"}],
        **changes,
    }


def edited(held: dict[str, Any], rng: Random) -> tuple[dict[str, Any], str]:
    """A record that somebody changed in the base, and the field in which it differs now."""
    match rng.choice(EDITS):
        case "title":
            return {**held, "TENTTHC": held["TENTTHC"] + " (sửa tại cơ sở dữ liệu)"}, "title"
        case "fee":
            [way] = held["CACHTHUCTHUCHIEN"]
            [limit] = way["THOIGIAN"]
            fees = [{**limit["PHILEPHI"][0], "SOTIEN": "999.000"}]
            return {**held, "CACHTHUCTHUCHIEN": [{**way, "THOIGIAN": [{**limit, "PHILEPHI": fees}]}]}, "ways"
        case "paper":
            [case] = held["THANHPHANHOSO"]
            return {**held, "THANHPHANHOSO": [{**case, "GIAYTO": []}]}, "dossiers"
        case "agency_text":
            return {**held, "MOTACOQUANTHUCHIEN": "Trung tâm Phục vụ hành chính công"}, "executing_text"
        case _:
            return {**held, "CANCUPHAPLY": []}, "legal_basis"


def base_settings(base: NationalBase, **keys: Any) -> dict[str, Any]:
    """The destination of settings.toml that writes to this base."""
    return {
        "connector": "procedures", "url": base.origin,
        "session": {"username": "tinhmau", "password": PASSWORD, "login_path": "adapter/login",
                    "call_path": "adapter/share", "dstcode": DSTCODE, "unit": "H52"},
        "push": {"publish": "CongBoTTHC", "withdraw": "HuyCongBoTTHC", "path": "adapter/integrate", "batch": 20,
                 "wait": "5ms", "busy": ["77"]},
        "not_found": ["44"], "allow_private": [f"127.0.0.1:{base.port}"], "settling": "10s", "timeout": "2s",
        "rate": "1000/s", "concurrency": 20, **keys,
    }  # fmt: skip


async def fill(hub: Hub, base: NationalBase, name: str) -> None:
    """The base holds every public procedure as the hub would write it, one owner each."""
    connector = hub.engine.destinations[name].destination
    rows = await hub.engine.store.fetch(
        "SELECT e.content_id, e.revision, e.update_type, e.body, e.withdrawal, i.member, m.name AS member_name,"
        " i.source FROM edition e JOIN item i ON i.content_id = e.content_id LEFT JOIN member m ON m.code = i.member"
        " WHERE e.state = 'approved' ORDER BY i.first_seen, e.content_id"
    )
    for row in rows:
        item = public(row)
        assert isinstance(item, PublishedItem)
        payload = connector.present(item)
        base.procedures.setdefault(payload.key, {**orjson.loads(payload.body), "ID": len(base.procedures)})


def misbehave(base: NationalBase, rng: Random, keys: list[str]) -> None:
    """Sessions end, rows fail inside good answers, records come as single objects, calls are lost after commit."""
    base.session_calls = 37
    base.success = rng.choice([0, "0", "00"])
    base.shape = lambda held: held if int(held.get("ID") or 0) % 2 else [held]
    base.row_shape = lambda results: results[0] if len(results) == 1 else results
    for key in rng.sample(keys, max(1, len(keys) // 50)):
        base.refused[key] = 1
    for key in rng.sample(keys, max(1, len(keys) // 40)):
        base.faults_of[key] = [rng.choice([Fault(status=500), Fault(html=True), Fault(reset=True)])]


def trouble_writes(base: NationalBase, rng: Random, calls: int) -> int:
    """A third of the next writes get no answer; half of these after the base has taken them. Returns how many."""
    through = asyncio.Event()
    through.set()
    base.faults_at_writes = True
    lost = 0
    for _ in range(calls):
        if rng.random() < 1 / 3:
            lost += 1
            base.fail_next(Fault(reset=True, committed=rng.random() < 0.5))
        else:
            base.fail_next(Fault(wait=through))
    return lost


class Passing(dict[str, tuple[object, str]]):
    """Rows that are refused three times inside good answers, as busy, and then taken."""

    def __init__(self, codes: Iterable[str]) -> None:
        super().__init__((code, ("77", "Hệ thống bận")) for code in codes)
        self._left = Counter({code: 3 for code in self})

    def __getitem__(self, code: str) -> tuple[object, str]:
        told = super().__getitem__(code)
        self._left[code] -= 1
        if not self._left[code]:
            del self[code]
        return told


def doubled(base: NationalBase) -> list[tuple[str, str]]:
    """Rows that took effect more than once with the same content."""
    seen = Counter((effect.action, effect.code, repr(sorted(effect.record.items()))) for effect in base.effects)
    return [(action, code) for (action, code, _), times in seen.items() if times > 1]


def shown(base: NationalBase) -> set[str]:
    """Codes that a citizen sees there."""
    return {code for code, held in base.procedures.items() if str(held["TRANGTHAI"]) == "1"}
