"""A base of legal documents behind the same protocol: ids of its own, records under VBPQ names, a write service.

POST /adapter/share       service LayDanhSachVanBan [soKyHieu]  -> rows with id, number, issuer and day
                          service LayVanBan, ItemID             -> one record
POST /adapter/integrate   service DongBoVanBan, GoVanBan        -> a result for each number
"""

from typing import Any

from tests.fakes.dvcqg import Effect, NationalBase

LIST, RECORD = "LayDanhSachVanBan", "LayVanBan"
PUBLISH, WITHDRAW = "DongBoVanBan", "GoVanBan"
NUMBER, ISSUER, ISSUED = "VBPQSokyhieu", "VBPQCoquanbanhanh", "VBPQNgayBanHanh"


class DocumentBase(NationalBase):
    """Documents by the id that the base gave them."""

    asked_by = "ItemID"
    known_by = NUMBER

    def __init__(self, password: str = "") -> None:
        super().__init__(*([password] if password else []))
        self.documents: dict[str, dict[str, Any]] = {}
        self.told_in_list = (NUMBER, ISSUER, ISSUED)  #: fields of the rows of the list

    def hold(self, number: str, issuer: str, issued: str, **fields: Any) -> str:
        """Put a document into the base; returns its id."""
        record = {NUMBER: number, ISSUER: f"17;#{issuer}", ISSUED: issued, "Title": f"Về {number}", **fields}
        return self._keep(record)

    def answer(self, service: str, code: str) -> dict[str, Any]:
        if service in self.fixed:
            return self.fixed[service]
        if service == LIST:
            rows = [{"ItemID": id, **{name: one.get(name) for name in self.told_in_list}}
                    for id, one in self.documents.items() if not one.get("gone")]  # fmt: skip
            return {"error_code": self.success, "result": rows}
        record = self.documents.get(code)
        return {"error_code": self.success, "result": self.shape(record) if record else []}

    def write(self, service: str, row: dict[str, Any]) -> dict[str, Any]:
        number = row.get(NUMBER, "")
        if number in self.row_errors:
            error, message = self.row_errors[number]
            return {NUMBER: number, "error_code": error, "message": message}
        id = str(row["ItemID"]) if row.get("ItemID") else self._id_of(row)
        held = self.documents.get(id)
        if service == PUBLISH:
            self._keep(row, id)
        elif held is None or held.get("gone"):
            return {NUMBER: number, "error_code": "44", "message": "Không tồn tại"}
        else:
            held["gone"] = True
        self.effects.append(Effect("put" if service == PUBLISH else "delete", number, row))
        return {NUMBER: number, "error_code": self.success, "message": ""}

    def _keep(self, record: dict[str, Any], id: str = "") -> str:
        id = id or str(1001 + len(self.documents))
        self.documents[id] = {"ItemID": int(id), **record}
        return id

    def _id_of(self, row: dict[str, Any]) -> str:
        same = (row.get(NUMBER), row.get(ISSUED))
        found = (id for id, one in self.documents.items() if (one.get(NUMBER), one.get(ISSUED)) == same)
        return next(found, "")
