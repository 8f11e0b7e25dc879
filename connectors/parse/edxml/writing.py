"""A message of the axis as bytes: the namespace and order of QCVN 102:2016/BTTTT, files in base64 outside the envelope.

What says nothing is left out. schemas/xsd/edxml-document.xsd and edxml-status.xsd say what comes out of here.
"""

import base64
import re
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final

from lxml import etree

from connectors.parse.edxml.message import NAMESPACE, Message, Slot, Status

if TYPE_CHECKING:
    from connectors.parse.edxml.signing import Signer

#: What XML cannot carry; lxml refuses to write it.
_ILLEGAL: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NAMES: Final = {"edXML": NAMESPACE}


def build(message: Message | Status, signer: "Signer | None" = None) -> bytes:
    """The message as a document in UTF-8. A signature covers all of it; reports of status have none."""
    if signer is None or isinstance(message, Status):
        return etree.tostring(_tree(message), encoding="UTF-8", xml_declaration=True, pretty_print=True)
    root = _tree(message)
    etree.indent(root)  # before it is signed: a blank that came later would break the signature
    return etree.tostring(signer.signed(root), encoding="UTF-8", xml_declaration=True)


def _tree(message: Message | Status) -> etree._Element:
    root = etree.Element(_name("edXML"), nsmap=_NAMES)
    envelope = etree.SubElement(root, _name("edXMLEnvelope"))
    header = etree.SubElement(envelope, _name("edXMLHeader"))
    if isinstance(message, Status):
        _write(etree.SubElement(header, _name("MessageHeader")), message)
        return root
    _write(etree.SubElement(header, _name("MessageHeader")), message.header)
    traces = etree.SubElement(header, _name("TraceHeaderList"))
    for one in message.trace:
        _write(etree.SubElement(traces, _name("TraceHeader")), one)
    _write(etree.SubElement(traces, _name("Bussiness")), message.business)
    body = etree.SubElement(envelope, _name("edXMLBody"))
    manifest = etree.SubElement(body, _name("edXMLManifest"), version="1.0")
    if message.attachments:
        files = etree.SubElement(root, _name("AttachmentEncoded"))
    for place, file in enumerate(message.attachments, start=1):
        said = {
            "ContentId": f"cid:{file.content_id or place}", "ContentType": file.type, "Description": file.description,
            "AttachmentName": file.name,
        }  # fmt: skip
        _texts(etree.SubElement(manifest, _name("Reference")), said)
        sent = etree.SubElement(files, _name("Attachment"))
        order = ("ContentId", "AttachmentName", "Description", "ContentType")
        _texts(sent, {name: said[name] for name in order})
        if file.body is not None:
            _texts(sent, {"ContentTransferEncoded": base64.b64encode(file.body).decode()})
    return root


def _name(element: str) -> str:
    return f"{{{NAMESPACE}}}{element}"


def _texts(parent: etree._Element, said: dict[str, str]) -> None:
    for name, text in said.items():
        if text:
            etree.SubElement(parent, _name(name)).text = _ILLEGAL.sub("", text)


def _write(parent: etree._Element, shape: Any) -> None:
    """The elements of a shape in the order of its fields; what is empty is left out."""
    for one in fields(shape):
        slot: Slot | None = one.metadata.get("slot")
        value = getattr(shape, one.name)
        if slot is None or value in ("", ()):
            continue
        holder = etree.SubElement(parent, _name(slot.within)) if slot.within else parent
        for each in value if slot.many else (value,):
            if slot.holds is None:
                etree.SubElement(holder, _name(slot.element)).text = _ILLEGAL.sub("", each)
            elif each != slot.holds():
                _write(etree.SubElement(holder, _name(slot.element)), each)
