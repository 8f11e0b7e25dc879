"""Administrative procedures (thủ tục hành chính, TTHC)."""

from typing import Literal

from schemas.base import ItemBase, Kind


class Procedure(ItemBase):
    """Administrative procedures (thủ tục hành chính)."""

    kind: Literal[Kind.PROCEDURE] = Kind.PROCEDURE
