"""Addresses that lead inside, in every spelling that some resolver, parser or browser reads; and public ones.

`forms()` are of 127.0.0.1 and other inside places, made from the numbers themselves; `public()` must never be refused.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final

#: The networks of the product's promise, each with an address in it.
INSIDE_V4: Final = (
    "0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1",
    "172.31.255.254",
    "192.0.0.1", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1",
    "240.0.0.1", "255.255.255.255",
)  # fmt: skip
INSIDE_V6: Final = (
    "::", "::1", "::2", "100::1", "100:0:0:1::1", "2001::1", "2001:20::1", "2001:db8::1", "2002:7f00:1::", "3fff::1",
    "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1", "64:ff9b:1::1",
)  # fmt: skip
PUBLIC: Final = (
    "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.1", "100.63.255.255", "100.128.0.1", "126.255.255.255", "128.0.0.1",
    "169.253.255.255", "169.255.0.1", "172.15.255.255", "172.32.0.1", "192.0.1.1", "192.0.3.1", "192.88.98.1",
    "192.167.255.255", "192.169.0.1", "198.17.255.255", "198.20.0.1", "198.51.99.1", "203.0.112.1", "203.162.0.1",
    "203.113.128.1", "210.245.0.1", "113.160.0.1", "14.160.0.1", "27.64.0.1", "42.112.0.1", "58.186.0.1", "103.1.200.1",
    "115.73.0.1", "171.224.0.1", "222.252.0.1", "223.255.255.255", "2001:4860:4860::8888", "2400:cb00::1",
    "2405:4800::1", "2606:4700::1111", "2a00:1450::1", "2620:fe::fe",
)  # fmt: skip
_CIRCLED: Final = "⓪①②③④⑤⑥⑦⑧⑨"
_DIGITS: Final = {
    "full-width": "０１２３４５６７８９", "circled": _CIRCLED, "arabic": "٠١٢٣٤٥٦٧٨٩", "bold": "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗",
    "superscript": "⁰¹²³⁴⁵⁶⁷⁸⁹", "subscript": "₀₁₂₃₄₅₆₇₈₉", "double-struck": "𝟘𝟙𝟚𝟛𝟜𝟝𝟞𝟟𝟠𝟡", "devanagari": "०१२३४५६७८९",
}  # fmt: skip
_DOTS: Final = ("。", "．", "｡", "․", "%2e", "%E3%80%82")
#: Names that resolvers know without asking anybody.
_NAMES: Final = (
    "localhost", "LOCALHOST", "localhost.", "a.localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback",
    "ｌocalhost", "ⓛocalhost", "localhoſt", "metadata.google.internal", "loc\u00adalhost", "localhost%00.gov.vn",
    "lo\u200bcalhost",
)  # fmt: skip
_SCHEMES: Final = (
    "file:///etc/passwd", "file://localhost/etc/passwd", "gopher://127.0.0.1:{port}/_x", "dict://127.0.0.1:{port}/x",
    "ftp://127.0.0.1:{port}/", "ldap://127.0.0.1:{port}/", "jar:http://127.0.0.1:{port}/!/", "data:text/xml,<rss/>",
    "unix:/run/x.sock", "http+unix://%2Frun%2Fx/", "netdoc:///etc/passwd", "ws://127.0.0.1:{port}/", "php://input",
    "view-source:http://127.0.0.1:{port}/", "url:http://127.0.0.1:{port}/", "http:127.0.0.1:{port}",
    "http:/127.0.0.1:{port}/",
    "http:///127.0.0.1:{port}/", "//127.0.0.1:{port}/", "\\\\127.0.0.1:{port}\\", "https:\\\\127.0.0.1:{port}/",
    "hTTp://127.0.0.1:{port}/", "http://127.0.0.1:{port}",
)  # fmt: skip
#: Two readers of one address: what one takes for the host is the user name, the path or a query to the other.
_DOUBLE: Final = (
    "http://so.example.vn@127.0.0.1:{port}/", "http://127.0.0.1:{port}@so.example.vn/",
    "http://so.example.vn:80@127.0.0.1:{port}/",
    "http://so.example.vn\\@127.0.0.1:{port}/", "http://127.0.0.1:{port}\\@so.example.vn/",
    "http://so.example.vn#@127.0.0.1:{port}/",
    "http://so.example.vn%40127.0.0.1:{port}/", "http://so.example.vn?@127.0.0.1:{port}/",
    "http://127.0.0.1:{port}#.so.example.vn/",
    "http://127.0.0.1:{port}%23.so.example.vn/", "http://127.0.0.1:{port}%2f.so.example.vn/",
    "http://127.0.0.1%00.so.example.vn:{port}/",
    "http://127.0.0.1\t:{port}/", "http://127.0.0.1\n:{port}/", "http://127.0.0.1\r\n:{port}/",
    "http:// 127.0.0.1:{port}/",
    "http://127.0.0.1 :{port}/", "http://[::1]@127.0.0.1:{port}/", "http://[so.example.vn]@127.0.0.1:{port}/",
    "http://127.0.0.1:{port}:80/", "http://127.0.0.1:0{port}/", "http://127.0.0.1:%3{port}/",
    "http://127.0.0.1:+{port}/",
    "http://127.0.0.1:{port}/\r\nX-Injected: 1", "http://127.0.0.1:{port}/%0d%0aX-Injected:%201",
    "http://127.0.0.1;@so.example.vn:{port}/",
    "http://so.example.vn&@127.0.0.1:{port}/", "http://127.1.1.1:{port}\\@127.2.2.2:80/", "http://[127.0.0.1]:{port}/",
    "http://[::127.0.0.1]:{port}/", "http://127.0.0.1./:{port}/", "http://127.0.0.1.:{port}/",
    "http://127.0.0.1..:{port}/",
    "http://127.0.0.1:{port}\uff0fx/", "http://127.0.0.1\uff1a{port}/", "http://①②⑦.⓪.⓪.①:{port}/",
    "http://user:pw@127.0.0.1:{port}/",
    "http://%31%32%37.0.0.1:{port}/", "http://127%2e0%2e0%2e1:{port}/", "http://0x7f.0x0.0x0.0x1:{port}/",
    "http://127.0.0.1:{port}/?a=http://so.example.vn/", "http://127.0.0.1:{port}/http://so.example.vn/",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Form:
    """One spelling."""

    kind: str
    url: str


def forms(port: int = 8099) -> list[Form]:
    """Every spelling once; `port` is where a listener would notice."""
    found = {url: kind for kind, url in _all(port)}
    return [Form(kind, url) for url, kind in found.items()]


def _all(port: int) -> Iterator[tuple[str, str]]:
    for text in INSIDE_V4:
        yield "dotted", f"http://{text}:{port}/"
    for text in ("127.0.0.1", "10.1.2.3", "169.254.169.254", "192.168.1.1", "0.0.0.0"):
        for host in _numbers(IPv4Address(text)):
            yield "number", f"http://{host}:{port}/"
        for host in _embedded(int(IPv4Address(text))):
            yield "IPv6 that holds IPv4", f"http://[{host}]:{port}/"
    for text in INSIDE_V6:
        for host in (text, ip_address(text).exploded, text.upper()):
            yield "IPv6", f"http://[{host}]:{port}/"
    for text in ("fe80::1%25eth0", "fe80::1%eth0", "::1%251", "2606:4700::1%25lo"):
        yield "scope", f"http://[{text}]:{port}/"
    for text in ("127.0.0.1", "169.254.169.254"):
        for digits in _DIGITS.values():
            host = text.translate({ord(str(n)): each for n, each in enumerate(digits)})
            yield "Unicode digits", f"http://{host}:{port}/"
            yield "Unicode digits", f"http://{host.replace('.', '。')}:{port}/"
        for dot in _DOTS:
            yield "Unicode dots", f"http://{text.replace('.', dot)}:{port}/"
    for name in _NAMES:
        yield "name", f"http://{name}:{port}/"
    for text in _SCHEMES:
        yield "scheme", text.format(port=port)
    for text in _DOUBLE:
        yield "two readings", text.format(port=port)
    for scheme, text in itertools.product(("https", "HTTP"), ("127.0.0.1", "[::1]", "localhost", "2130706433")):
        yield "other scheme of the web", f"{scheme}://{text}:{port}/"
    for other in (22, 25, 3306, 5432, 5672, 6379, 9200, 11211, 15672, 27017):
        yield "port of a server", f"http://127.0.0.1:{other}/"


def _numbers(address: IPv4Address) -> Iterator[str]:
    """How inet_aton and browsers write one IPv4 address."""
    a, b, c, d = address.packed
    number = int(address)
    yield from (str(number), hex(number), f"0{number:o}", f"0x{number:X}", f"0X{number:x}", f"00{number:012o}")
    yield from (f"{a}.{number & 0xFFFFFF}", f"{a}.{b}.{number & 0xFFFF}", f"{a:#x}.{number & 0xFFFFFF:#x}")
    yield from (".".join(f"0{each:o}" for each in address.packed), ".".join(hex(each) for each in address.packed))
    yield from (f"0{a:o}.{b}.{c:#x}.{d}", f"{a:03}.{b:03}.{c:03}.{d:03}", f"{a}.{b}.{c}.{d}.", f"{number + 2**32}")
    yield from (f"{a + 256}.{b}.{c}.{d}", f"0000{a:o}.{b}.{c}.{d}")


def _embedded(number: int) -> Iterator[str]:
    """IPv6 forms that hold an IPv4 address."""
    low = f"{number >> 16:x}:{number & 0xFFFF:x}"
    dotted = str(IPv4Address(number))
    for prefix in ("::", "::ffff:", "::ffff:0:", "64:ff9b::", "64:ff9b:1::", "0:0:0:0:0:ffff:"):
        yield f"{prefix}{low}"
        yield f"{prefix}{dotted}"
    yield f"2002:{low}::"
    yield str(IPv6Address(0x2001 << 112 | (number ^ 0xFFFFFFFF)))  # Teredo keeps its bits turned
    yield f"fe80::5efe:{low}"  # ISATAP


def public(port: int = 80) -> list[str]:
    """Addresses that are nobody's inside."""
    return [f"http://[{each}]:{port}/" if ":" in each else f"http://{each}:{port}/" for each in PUBLIC]
