"""A national base of legal documents (văn bản), by officers or through a write service.

How a base is asked, told and compared is connectors/nationalbase.py; its protocol is connectors/shareservice.py, and
its records are read and written by connectors/parse/nationaldocument.py. A document is known by its issuer, number and
day of issue; the base has ids of its own, which its list tells.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Self, cast

from pydantic import Field, ValidationError, field_validator, model_validator

from connectors.base import Difference, SourceContext
from connectors.errors import Fault, RejectedError, TransientError
from connectors.nationalbase import KEY_LIMIT, BaseServices, NationalBase, Read, Shown
from connectors.parse.data.jsontext import text_of
from connectors.parse.documentdifferences import FIELDS, document_differences
from connectors.parse.documentkey import number_in_key, written_key
from connectors.parse.item import make_item
from connectors.parse.nationaldocument import NUMBER, identity, national_names, read_document, write_document
from connectors.parse.numbers import number_key
from connectors.parse.shareanswer import Naming
from connectors.parse.text import clean_text
from connectors.shareservice import Path
from schemas.document import Document
from schemas.edition import PublishedItem
from schemas.item import Kind

if TYPE_CHECKING:
    from connectors.http import Http

#: Records that are looked at to find a document whose list tells too little.
_CANDIDATES: Final = 20
#: Kept by the base as copies of its own, and not compared.
_NOT_COMPARED: Final = frozenset({"VBPQToanVan", "ListFileAttach"})


class Config(BaseServices):
    """Keys of a base of documents in settings.toml; the services are named in the letter that issues the account."""

    list_service: Path = Field(description="what gives the list of documents; by GET a path below the address")
    record_service: Path = Field(description="what gives one document")
    id_field: str = Field(
        default="ItemID", pattern=r"^\w{1,100}$", description="field of the base's own id in the list"
    )
    id_parameter: str = Field(default="ItemID", pattern=r"^\w{1,100}$", description="parameter of one document's id")
    number_parameter: str = Field(
        default="", pattern=r"^\w{0,100}$",
        description="parameter of the list that narrows it to one number; left out: the whole list is read to look",
    )  # fmt: skip
    whole: bool = Field(
        default=True, description="the list is everything of ours that is there: what is not in it is missing"
    )
    state_field: str = Field(default="", max_length=100, description="field that says that a document was taken back")
    withdrawn_values: tuple[str, ...] = Field(
        default=("Đã gỡ", "Thu hồi"), max_length=20, description="values of it that do"
    )

    @field_validator("ignore")
    @classmethod
    def _are_fields(cls, ignore: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := [name for name in ignore if name not in FIELDS]:
            raise ValueError(f"{', '.join(unknown)}: not one of {', '.join(sorted(FIELDS))}")
        return ignore

    @model_validator(mode="after")
    def _can_take_back(self) -> Self:
        if self.push.publish and not self.push.withdraw:
            raise ValueError("push.withdraw: documents that are published must be able to be taken back")
        return self


class Connector(NationalBase[Document]):
    """A national base of documents."""

    def __init__(self, name: str, config: Config) -> None:
        super().__init__(
            name, config, DocumentCodec(config), list_service=config.list_service,
            record_service=config.record_service, id_parameter=config.id_parameter, whole=config.whole,
        )  # fmt: skip
        self._number_parameter = config.number_parameter

    async def _ids_of(self, http: "Http", key: str) -> Sequence[str]:
        """The ids of those documents of the list that may be the one.

        Raises TransientError: `too_many`, where the list says so little that nobody can tell.
        """
        number = number_in_key(key)
        listed = await self.listed(http, {self._number_parameter: number} if self._number_parameter else None)
        sure = [id for id, told in listed.items() if told == key]
        open_ = [id for id, told in listed.items() if not told]
        if not sure and len(open_) > _CANDIDATES:
            raise TransientError(
                f"{len(open_)} documents of the list may be this one", code="too_many", fault=Fault.HUB,
                sentence="Danh sách của cơ sở dữ liệu văn bản không cho biết số, ký hiệu nên chưa kiểm tra được văn bản"
                " đã có hay chưa. Bộ phận kỹ thuật cần khai báo tham số tìm theo số (number_parameter).",
            )  # fmt: skip
        return sure or open_


class DocumentCodec:
    """Documents as the base has them."""

    def __init__(self, config: Config) -> None:
        id_field = config.id_field.upper().replace("_", "")
        self.ids = Naming(id_field, lambda stated: clean_text(text_of(stated)), config.names, carried=False)
        self.rows = Naming(NUMBER.upper(), lambda stated: number_key(text_of(stated)), config.names)
        self._config = config
        self._left_out = national_names(config.ignore)
        self._state = config.state_field.upper().replace("_", "")
        self._gone = frozenset(clean_text(value).casefold() for value in config.withdrawn_values)
        self._context = SourceContext(name="", kind=Kind.DOCUMENT, url=config.url)

    def item_of(self, edition: PublishedItem) -> Document:
        """The document of an edition. Raises RejectedError: `not_a_document`, `no_key`."""
        if edition.kind is not Kind.DOCUMENT:
            raise _not_a_document(f"kind {edition.kind}")
        shared = {
            "title": edition.title, "content_html": edition.content_html,
            "attachments": edition.attachments,
        }  # fmt: skip
        try:
            item = Document.model_validate({"guid": "-", **shared, **edition.details})
        except ValidationError as error:
            raise _not_a_document(f"{error.error_count()} faults in its details") from error
        if not written_key(item):
            raise _no_key()
        return item

    def shown(self, item: Document) -> Shown:
        """Its record."""
        record = {name: value for name, value in write_document(item).items() if name not in self._left_out}
        return Shown(key=written_key(item), record=record)

    def taken_back(self, item: Document | None, key: str, id: str) -> Mapping[str, Any]:
        """What tells it from others, and its id in the base where that is known."""
        record = identity(item) if item is not None else {NUMBER: number_in_key(key)}
        return {self._config.id_field: id} | record if id else record

    def read(self, record: Mapping[str, Any]) -> Read[Document]:
        """What a record says. Raises RejectedError: `no_key`, `no_text`, `secrecy_mark`."""
        row = self.rows.row(record)
        item = cast(
            Document, make_item(read_document(row), self._context, base=self._config.url, pointer="document").item
        )
        key = written_key(item)
        if not key:
            raise _no_key()
        owner = item.issuer.code or item.issuer.name
        withdrawn = bool(self._state) and clean_text(text_of(row.get(self._state))).casefold() in self._gone
        return Read(item=item, key=key[:KEY_LIMIT], owner=owner, withdrawn=withdrawn)

    def kept(self, item: Document) -> Mapping[str, Any]:
        """The record without files, full text and what the base keeps for itself."""
        left_out = self._left_out | _NOT_COMPARED
        return {name: value for name, value in write_document(item).items() if name not in left_out}

    def key_in_list(self, row: Mapping[str, Any]) -> str:
        """The key, where the list says issuer, number and day of issue."""
        try:
            return self.read(row).key
        except RejectedError:
            return ""

    def differences(self, ours: Document, theirs: Document) -> Sequence[Difference]:
        """Field by field."""
        return document_differences(ours, theirs, ignore=self._config.ignore)


def _not_a_document(cause: str) -> RejectedError:
    return RejectedError(
        cause, code="not_a_document", fault=Fault.HUB,
        sentence="Nơi nhận này chỉ nhận văn bản. Bộ phận kỹ thuật cần kiểm tra tuyến phân phối (route).",
    )  # fmt: skip


def _no_key() -> RejectedError:
    return RejectedError(
        "issuer, number or day of issue is missing", code="no_key", fault=Fault.MEMBER,
        sentence="Văn bản này thiếu số, ký hiệu, cơ quan ban hành hoặc ngày ban hành nên không thể đưa lên cơ sở dữ"
        " liệu văn bản. Đơn vị cần bổ sung tại trang nguồn.",
    )  # fmt: skip
