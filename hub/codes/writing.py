"""A list as a CSV file that a board edits and loads again: what is written reads back as the same records."""

import csv
import io
from collections.abc import Iterable

from hub.rules.codes import Code, Successor

#: Headings of the columns that every list has.
HEADINGS = ("mã", "tên", "từ ngày", "đến ngày", "mã cấp trên", "mã kế thừa", "xác nhận")
#: Headings of attributes that have one in Vietnamese; every other attribute stands under its own name.
NAMES = {
    "kind": "loại", "note": "ghi chú", "group": "nhóm", "prefix": "mã UBND", "ministry": "mã ngành",
    "abbreviation": "viết tắt", "words": "tên khác",
}  # fmt: skip


def as_csv(records: Iterable[Code]) -> str:
    """All records with a header row; the byte order mark makes Excel read it as UTF-8."""
    listed = list(records)
    others = sorted({column for one in listed for column in one.attributes if column != "raw"})
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow((*HEADINGS, *(NAMES.get(column, column) for column in others)))
    for one in listed:
        writer.writerow(
            (
                one.attributes.get("raw", one.code),
                one.name,
                one.valid_from or "",
                one.valid_until or "",
                one.parent,
                "; ".join(map(_written, one.successors)),
                "" if one.confirmed else "chưa",
                *(one.attributes.get(column, "") for column in others),
            )
        )
    return "\ufeff" + out.getvalue()


def _written(successor: Successor) -> str:
    code = f"{successor.list}:{successor.code}" if successor.list else successor.code
    return f"{code} (một phần)" if successor.part else code
