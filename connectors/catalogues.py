"""Catalogues of a share interface: which service gives a list of codes, and under which names its rows have them.

    {"MALINHVUC": "G03-GD10", "TENLINHVUC": "Giáo dục", "MANGANH": "G03"}
    ->  {"code": "G03-GD10", "name": "Giáo dục", "ministry": "G03"}

Only two catalogues have field names that are known from documents. Of any other one the code is the only field whose
name begins with MA, and the name the only one that begins with TEN; where there are several, the settings must say.
A platform of a province that keeps a list in several catalogues, one for each level, has several of them here.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Final, Protocol, runtime_checkable

from pydantic import BeforeValidator, Field

from connectors.base import Capture, ConnectorConfig
from connectors.errors import ConfigError, Fault, RejectedError, TransientError
from connectors.fields import Allowed
from connectors.parse.codes import folded_keys
from connectors.parse.data import jsontext
from connectors.parse.details import prose
from connectors.parse.shareanswer import read_reply
from connectors.parse.text import clean_text, cut
from connectors.shareservice import Asking, Path

if TYPE_CHECKING:
    from connectors.http import Http

#: Longest text of one cell that is kept, in characters, and most rows of a catalogue.
_CELL_LIMIT: Final = 2_000
_ROW_LIMIT: Final = 200_000
#: Names of fields that an error quotes.
_SHOWN: Final = 12

FieldName = Annotated[str, Field(max_length=100)]
#: One row under the names of our columns: code, name, parent and further ones.
CatalogueRow = Mapping[str, str]


class Catalogue(ConnectorConfig):
    """One catalogue of a base."""

    service: Path
    code: FieldName = ""  #: empty: the only field that begins with MA
    name: FieldName = ""  #: empty: the only field that begins with TEN
    parent: FieldName = ""
    columns: dict[FieldName, FieldName] = Field(default={}, max_length=50)  #: column of the list = field of the base
    parameters: dict[FieldName, Annotated[str, Field(max_length=500)]] = Field(default={}, max_length=20)


def _several(value: object) -> object:
    return [value] if isinstance(value, (Mapping, Catalogue)) else value


#: The catalogues that make one list; in the settings a table, or an array of tables.
Catalogues = Annotated[tuple[Catalogue, ...], BeforeValidator(_several), Field(min_length=1, max_length=20)]
#: What a source says of its catalogues: list of codes -> its catalogues.
CatalogueSettings = Annotated[
    dict[Annotated[str, Field(pattern=r"^[a-z-]{1,40}$")], Catalogues],
    Allowed("a table of lists of codes, each a table with the keys service, code, name, parent, columns, parameters"),
]

#: The services of the national base, by the list of codes that they make.
DEFAULTS: Final[Mapping[str, Sequence[Catalogue]]] = {
    name: (Catalogue.model_validate(keys),)
    for name, keys in {
        "fields": {
            "service": "LayDanhMucLinhVuc", "code": "MALINHVUC", "name": "TENLINHVUC",
            "columns": {"ministry": "MANGANH"},
        },
        "organisations": {
            "service": "LayDanhMucCoQuan", "code": "MADONVI", "name": "TENDONVI", "columns": {"level": "CAPDONVI"},
        },
        "provinces": {"service": "LayDanhMucTinhThanh"},
        "districts": {"service": "LayDanhMucQuanHuyen"},
        "communes": {"service": "LayDanhMucPhuongXa"},
    }.items()
}  # fmt: skip


@runtime_checkable
class Cataloguing(Protocol):
    """A source that gives lists of codes too."""

    async def catalogue(self, http: "Http", name: str) -> Sequence[CatalogueRow]:
        """The rows of a list. Raises ConfigError: `no_catalogue`; RejectedError; the errors of a fetch."""
        ...


async def read_catalogues(
    service: Asking, configured: Mapping[str, Sequence[Catalogue]], name: str
) -> list[CatalogueRow]:
    """Ask for every catalogue that makes a list, one after the other; `configured` takes the place of the defaults.

    Raises ConfigError: `no_catalogue`; TransientError: `call_refused`; RejectedError: `catalogue_empty`,
    `catalogue_fields`, or what came in place of an answer.
    """
    known = {**DEFAULTS, **configured}
    if name not in known:
        raise ConfigError(
            f"no catalogue makes the list {name[:60]!r}; known: {', '.join(sorted(known))}",
            code="no_catalogue",
            sentence=f"Nguồn này chưa khai báo dịch vụ nào cho danh mục {name[:60]}. Cần bổ sung khoá catalogues của"
            " nguồn trong settings.toml.",
        )
    rows: list[CatalogueRow] = []
    for one in known[name]:
        rows += catalogue_rows(await service.call(one.service, one.parameters), one)
    return rows[:_ROW_LIMIT]


def catalogue_rows(answer: Capture, wanted: Catalogue) -> list[CatalogueRow]:
    """The rows of one answer; one that is no object has its text for a name. Raises as `read_catalogues`."""
    reply = read_reply(answer.body, answer.content_type)
    if not reply.ok:
        raise TransientError(
            f"{wanted.service} was refused, error_code {reply.code!r}", code="call_refused", fault=Fault.MEMBER,
            sentence=f"Cơ sở dữ liệu từ chối cung cấp danh mục ({wanted.service}). Cần liên hệ đơn vị quản lý kết nối"
            " để kiểm tra quyền của tài khoản.",
        )  # fmt: skip
    rows = [folded_keys(row) if isinstance(row, Mapping) else {"": row} for row in reply.rows]
    fields = list(dict.fromkeys(name for row in rows for name in row if name))
    if not fields:
        raise RejectedError(
            f"{wanted.service} gave no rows", code="catalogue_empty",
            sentence=f"Dịch vụ {wanted.service} trả về danh mục rỗng nên không có gì để nạp. Đề nghị đơn vị quản lý kết"
            " nối kiểm tra lại.",
        )  # fmt: skip
    named = {
        "code": _field(wanted.code, "MA", fields, wanted.service),
        "name": _field(wanted.name, "TEN", fields, wanted.service),
        **({"parent": _folded(wanted.parent)} if wanted.parent else {}),
        **{column: _folded(field) for column, field in wanted.columns.items()},
    }
    return [_row(row, named) for row in rows]


def _row(row: Mapping[str, Any], named: Mapping[str, str]) -> CatalogueRow:
    cells = {column: _cell(row.get(field)) for column, field in named.items()}
    return {**cells, "name": _cell(row[""])} if "" in row else cells


def _cell(value: object) -> str:
    return cut(clean_text(prose(jsontext.text_of(value)[: 10 * _CELL_LIMIT])), _CELL_LIMIT)


def _folded(name: str) -> str:
    return next(iter(folded_keys({name: None})))


def _field(stated: str, beginning: str, fields: Sequence[str], service: str) -> str:
    """The field that the settings name, or the only one with this beginning. Raises RejectedError."""
    wanted = _folded(stated)
    found = [one for one in fields if (one == wanted if stated else one.startswith(beginning))]
    if len(found) == 1:
        return found[0]
    shown = ", ".join(cut(clean_text(one), 40) for one in fields[:_SHOWN])
    raise RejectedError(
        f"{service}: {len(found)} fields for {stated or beginning + '…'!r} among {shown}", code="catalogue_fields",
        sentence=f"Danh mục của dịch vụ {service} có các trường {shown}; không rõ trường nào là mã, trường nào là tên."
        " Cần ghi rõ hai khoá code và name của danh mục này trong settings.toml.",
    )  # fmt: skip
