"""A report as a PDF: what the Word file says, in the same form, set by typst (hub/reports/report.typ).

It is tagged for readers of the screen, and the same snapshot, words, number and signature give the same bytes.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from hub.reports import typesetting, wording
from hub.reports.charts import Chart
from hub.reports.paper import Appendix, Block, Paper, Text, paper, recipients
from hub.reports.snapshot import Signed, Slot, Snapshot
from hub.reports.tables import Table, Value


def pdf(
    snapshot: Snapshot, words: Mapping[Slot, str], *, number: str = "", signed: Signed | None = None
) -> bytes:  # fmt: skip
    """The file."""
    told = paper(snapshot, words, number=number, signed=signed)
    return typesetting.pdf(_data(told, snapshot.head.agency), made=snapshot.made_at)


def _data(told: Paper, author: str) -> dict[str, Any]:
    """What the template reads."""
    nation, motto = wording.NATION
    return {
        "above": told.above, "agency": told.agency, "nation": nation, "motto": motto, "number": told.number,
        "dateline": told.dateline, "kind": wording.REPORT, "title": told.title, "subject": told.subject,
        "author": author, "body": [_block(block) for block in told.body], "to": wording.RECIPIENTS,
        "recipients": recipients(told), "signer_title": told.signer_title, "signed": wording.SIGNED,
        "signer": told.signed.name if told.signed else "", "appendices": _appendices(told.appendices),
    }  # fmt: skip


def _appendices(blocks: Sequence[Block]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for block in blocks:
        if isinstance(block, Appendix):
            found.append({"name": block.name, "title": block.title, "wide": block.wide, "blocks": []})
        else:
            found[-1]["blocks"].append(_block(block))
    return found


def _block(block: Block) -> dict[str, Any]:
    match block:
        case Text():
            return {"is": "text", "text": block.text, "form": block.form}
        case Chart():
            return {"is": "chart", "svg": block.svg, "caption": block.caption, "told": block.told}
        case Table():
            return _table(block)
        case Appendix():
            raise TypeError("an appendix holds blocks and is none")


def _table(table: Table) -> dict[str, Any]:
    rows = [_row(table, row, "part" if at in table.parts else "") for at, row in enumerate(table.rows)]
    if table.last:
        rows.append(_row(table, table.last, "sum"))
    columns = [{"name": one.name, "width": one.width, "align": one.align} for one in table.columns]
    return {"is": "table", "columns": columns, "rows": rows}


def _row(table: Table, row: Sequence[Value], look: str) -> dict[str, Any]:
    return {"look": look, "cells": [one.show(value) for one, value in zip(table.columns, row, strict=True)]}
