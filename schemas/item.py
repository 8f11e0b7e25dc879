"""The canonical item: what a source says under one identity, after normalising. One shape per kind.

What all kinds share stands in schemas/base.py, documents and procedures in files of their own.
"""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, TypeAdapter

from schemas.base import ADDRESS_LIMIT, TITLE_LIMIT, Attachment, Author, Frozen, ItemBase, Kind, last_change
from schemas.document import Document
from schemas.procedure import Procedure

__all__ = [
    "ADDRESS_LIMIT", "ITEM", "ITEM_TYPES", "TITLE_LIMIT", "Attachment", "Author", "Document", "Frozen", "Item",
    "ItemBase", "Kind", "News", "Notice", "Procedure", "Question", "last_change",
]  # fmt: skip


class News(ItemBase):
    """News and articles (tin, bài)."""

    kind: Literal[Kind.NEWS] = Kind.NEWS


class Notice(ItemBase):
    """Announcements: invitations, tenders, recruitment, planning consultations (thông báo)."""

    kind: Literal[Kind.NOTICE] = Kind.NOTICE


class Question(ItemBase):
    """Questions from citizens with the answer of the office (hỏi đáp)."""

    kind: Literal[Kind.QUESTION] = Kind.QUESTION


Item = Annotated[News | Notice | Document | Procedure | Question, Field(discriminator="kind")]

# By itself it remembers 16,000 short values that it read, for ever: 1.5 MB, and hardly a value comes twice.
ITEM: TypeAdapter[Item] = TypeAdapter(Item, config=ConfigDict(cache_strings="keys"))
"""Reads and writes any item: `ITEM.validate_json(body)`."""

ITEM_TYPES: dict[Kind, type[News | Notice | Document | Procedure | Question]] = {
    Kind.NEWS: News,
    Kind.NOTICE: Notice,
    Kind.DOCUMENT: Document,
    Kind.PROCEDURE: Procedure,
    Kind.QUESTION: Question,
}
