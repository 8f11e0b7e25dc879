"""Messages of the document exchange axis (edXML, QCVN 102:2016/BTTTT with Amendment 1:2022), read and written.

    bytes  -- reading.parse -->  Message | Status  -- writing.build -->  bytes        (message.py has the shapes)
    Message  -- documents.entry_of -->  Entry        Document  -- documents.message_of -->  Message

Texts stay as they were sent: what a reader of the axis wrote in a field comes out of it again.
"""

from connectors.parse.edxml.documents import entry_of, gone, message_of
from connectors.parse.edxml.message import (
    Attachment,
    Business,
    BusinessType,
    Code,
    DocumentType,
    Header,
    Message,
    Organ,
    OtherInfo,
    Promulgation,
    Receiver,
    Replacement,
    ResponseFor,
    Signer,
    Staff,
    Status,
    StatusCode,
    Trace,
)
from connectors.parse.edxml.reading import parse, unpacked
from connectors.parse.edxml.writing import build

__all__ = [
    "Attachment", "Business", "BusinessType", "Code", "DocumentType", "Header", "Message", "Organ", "OtherInfo",
    "Promulgation", "Receiver", "Replacement", "ResponseFor", "Signer", "Staff", "Status", "StatusCode", "Trace",
    "build", "entry_of", "gone", "message_of", "parse", "unpacked",
]  # fmt: skip
