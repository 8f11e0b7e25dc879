"""Legal and directive documents (văn bản)."""

from typing import Literal

from schemas.base import ItemBase, Kind


class Document(ItemBase):
    """Legal and directive documents (văn bản)."""

    kind: Literal[Kind.DOCUMENT] = Kind.DOCUMENT
