"""A procedure as an XML file: the record of the national base under the names of its share service LayThuTuc.

    <THUTUC><MATTHC>1.004194</MATTHC>…<TRINHTUTHUCHIEN><TRUONGHOP/><TRINHTU><TENTRINHTU>Nộp hồ sơ</TENTRINHTU>…

An array is its element repeated, a value that nobody knows an empty element. Sections follow the national page, so that
the file reads like it; schemas/xsd/procedure.xsd says what comes out of here.
"""

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, Final

from lxml import etree

from connectors.parse.nationalprocedure import write_national
from hub.sheets.characters import legal
from schemas.procedure import Procedure

ROOT: Final = "THUTUC"
#: Fields of the record in the order of the national page; what it does not show stands behind.
ORDER: Final = (
    "MATTHC", "QUYETDINH", "TENTTHC", "CAPTHUCHIEN", "LOAITTHC", "LINHVUCTHUCHIEN", "TRINHTUTHUCHIEN",
    "CACHTHUCTHUCHIEN", "THANHPHANHOSO", "DOITUONGTHUCHIEN", "MOTADOITUONGTHUCHIEN", "COQUANTHUCHIEN",
    "MOTACOQUANTHUCHIEN", "COQUANCOTHAMQUYEN", "MOTACOQUANTHAMQUYEN", "DIACHITIEPNHAN", "COQUANDUOCUYQUYEN",
    "COQUANPHOIHOP", "KETQUATHUCHIEN", "CANCUPHAPLY", "YEUCAU", "TUKHOA", "MOTA", "TTHCLIENQUAN", "TTHCLIENTHONG",
    "TRANGTHAI", "ID", "MACOQUANCONGBO", "IDQUYETDINHCONGBO",
)  # fmt: skip


def record(item: Procedure) -> bytes:
    """The record of a procedure as a document in UTF-8; characters that XML cannot carry are left out."""
    root = etree.Element(ROOT)
    said = write_national(item)
    for name in ORDER:
        _write(root, name, said[name])
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def _write(parent: etree._Element, name: str, value: Any) -> None:
    for one in value if isinstance(value, list) else [value]:
        element = etree.SubElement(parent, name)
        if isinstance(one, Mapping):
            for key, inner in one.items():
                _write(element, key, inner)
        else:
            element.text = legal(str(one))


def fault(document: bytes) -> str:
    """Where a record breaks its schema, for us; empty: it is valid."""
    schema = _schema()
    if schema.validate(etree.fromstring(document)):
        return ""
    return str(schema.error_log.last_error)


@cache
def _schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.fromstring(resources.files("schemas").joinpath("xsd", "procedure.xsd").read_bytes()))
