"""The national base of administrative procedures (thủ tục hành chính), by officers or through a write service.

How a base is asked, told and compared is connectors/nationalbase.py; its protocol is connectors/shareservice.py, and
its records are read and written by connectors/parse/nationalprocedure.py. The key of a procedure there is its code.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from pydantic import Field, ValidationError, field_validator

from connectors.base import Difference, SourceContext
from connectors.errors import Fault, RejectedError
from connectors.nationalbase import KEY_LIMIT, BaseServices, NationalBase, Read, Shown
from connectors.parse.item import make_item
from connectors.parse.nationalprocedure import (
    full_code,
    national_names,
    procedure_naming,
    read_national,
    write_national,
)
from connectors.parse.proceduredifferences import FIELDS, procedure_differences
from connectors.shareservice import ProcedureServices
from schemas.edition import PublishedItem
from schemas.item import Kind
from schemas.procedure import Procedure, Status

_IN_FORCE: Final = "1"
#: The base makes these itself; where a source has told us, they help it to know the record again.
_KEYS_OF_THE_BASE: Final = ("ID", "IDQUYETDINHCONGBO")


class Config(ProcedureServices, BaseServices):
    """Keys of a base of procedures in settings.toml."""

    withdrawn_status: str = Field(
        default="0", max_length=100, description="TRANGTHAI of a record that is taken back; 1 is in force"
    )

    @field_validator("ignore")
    @classmethod
    def _are_fields(cls, ignore: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := [name for name in ignore if name not in FIELDS]:
            raise ValueError(f"{', '.join(unknown)}: not one of {', '.join(sorted(FIELDS))}")
        return ignore


class Connector(NationalBase[Procedure]):
    """The national base of procedures."""

    def __init__(self, name: str, config: Config) -> None:
        super().__init__(
            name, config, ProcedureCodec(config), list_service=config.list_service,
            record_service=config.record_service, id_parameter=config.code_parameter,
        )  # fmt: skip


class ProcedureCodec:
    """Procedures as the base has them."""

    def __init__(self, config: Config) -> None:
        self.ids = self.rows = procedure_naming(config.names)
        self._config = config
        self._left_out = national_names(config.ignore)
        self._context = SourceContext(name="", kind=Kind.PROCEDURE, url=config.url)

    def item_of(self, edition: PublishedItem) -> Procedure:
        """The procedure of an edition. Raises RejectedError: `not_a_procedure`, `no_code`, `not_in_force`."""
        if edition.kind is not Kind.PROCEDURE:
            raise _not_a_procedure(f"kind {edition.kind}")
        try:
            stated = Procedure.model_validate({"guid": "-", "title": edition.title, **edition.details})
        except ValidationError as error:
            raise _not_a_procedure(f"{error.error_count()} faults in its details") from error
        code = full_code(stated.code)
        if not code or len(code) > KEY_LIMIT:
            raise RejectedError(
                "a procedure without a code", code="no_code", fault=Fault.MEMBER,
                sentence="Thủ tục này chưa có mã nên không thể đưa lên cơ sở dữ liệu quốc gia. Đơn vị cần bổ sung mã"
                " thủ tục tại trang nguồn.",
            )  # fmt: skip
        announced_by = self._config.agency or stated.announced_by
        return stated.model_copy(update={"guid": code, "code": code, "announced_by": announced_by})

    def shown(self, item: Procedure) -> Shown:
        """Its record, in force."""
        if item.status is Status.WITHDRAWN:
            raise RejectedError(
                "the item says that it is not in force", code="not_in_force", fault=Fault.MEMBER,
                sentence="Thủ tục này ghi là không còn hiệu lực nên không công bố lên cơ sở dữ liệu quốc gia. Nếu đúng"
                " như vậy, hãy gỡ thủ tục; nếu không, đơn vị cần sửa tình trạng tại trang nguồn.",
            )  # fmt: skip
        return Shown(key=item.code, record=self._written(item) | {"TRANGTHAI": _IN_FORCE})

    def taken_back(self, item: Procedure | None, key: str, id: str) -> Mapping[str, Any]:
        """The same record with another status; of what is not known any more the code alone."""
        record = self._written(item) if item is not None else {"MATTHC": key}
        return record | {"TRANGTHAI": self._config.withdrawn_status}

    def _written(self, item: Procedure) -> dict[str, Any]:
        record = write_national(item)
        for name in _KEYS_OF_THE_BASE:
            if not record[name]:
                del record[name]
        return {name: value for name, value in record.items() if name not in self._left_out}

    def read(self, record: Mapping[str, Any]) -> Read[Procedure]:
        """What a record says; it is in force unless its status says otherwise."""
        entry = read_national(record, self._config.names)
        item = cast(Procedure, make_item(entry, self._context, base=self._config.url, pointer=entry["id"]).item)
        withdrawn = item.status is Status.WITHDRAWN
        return Read(item=item, key=full_code(item.code)[:KEY_LIMIT], owner=item.announced_by, withdrawn=withdrawn)

    def kept(self, item: Procedure) -> Mapping[str, Any]:
        """The record without what the base keeps for itself."""
        record = write_national(item)
        return {name: value for name, value in record.items() if name not in {*self._left_out, *_KEYS_OF_THE_BASE}}

    def key_in_list(self, row: Mapping[str, Any]) -> str:
        """The code in its right form."""
        return self.ids.key_of(row)[:KEY_LIMIT]

    def differences(self, ours: Procedure, theirs: Procedure) -> Sequence[Difference]:
        """Field by field."""
        return procedure_differences(ours, theirs, ignore=self._config.ignore)


def _not_a_procedure(cause: str) -> RejectedError:
    return RejectedError(
        cause, code="not_a_procedure", fault=Fault.HUB,
        sentence="Nơi nhận này chỉ nhận thủ tục hành chính. Bộ phận kỹ thuật cần kiểm tra tuyến phân phối (route).",
    )  # fmt: skip
