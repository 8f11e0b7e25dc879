"""The one gate for every address that comes from outside, the key that finds a page again, and what is asked next."""

import ipaddress
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import quote_plus, unquote_plus, urljoin, urlsplit

from schemas.item import ADDRESS_LIMIT

#: An ordinary address that needs no mending: named host, lower case, only characters that RFC 3986 allows.
_ORDINARY = re.compile(
    r"https?://(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,10}[a-z]{2,24}(?::[1-9][0-9]{0,3})?"
    r"(?:[/?#](?:[!#$&-;=?-Z\[\]_a-z~]++|%[0-9A-Fa-f]{2})*+)?"
)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
#: WHATWG: spaces and C0 controls around an address are dropped, tabs and line ends inside it too.
_AROUND = "".join(map(chr, range(0x21))) + "\x7f\x85\xa0\u200b\u2028\u2029\u3000\ufeff"
_LINE_ENDS = str.maketrans("", "", "\t\r\n")
_REFUSED = re.compile(r"[\x00-\x1f\x7f-\x9f\\\ud800-\udfff]")
_TO_ENCODE = re.compile(r'[^!-~]|["<>^`{|}]|%(?![0-9A-Fa-f]{2})')
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
#: The last label of a host that a dialler would take for a number: 127.1, 0x7f.1, 2130706433.
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_DOTS = re.compile("[\u3002\uff0e\uff61]")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")

#: Query parameters that say where a reader came from, not which page is meant.
_TRACKING = re.compile(
    r"(?:utm_\w*|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|yclid|twclid|ttclid|li_fat_id|igshid|igsh|mc_[ce]id"
    r"|_ga|_gl|_x_tr_\w*|_hsenc|_hsmi|zarsrc|zanpid|fb_(?:action_ids|action_types|ref|source)|phpsessid|jsessionid)"
    r"(?:=|$)",
    re.IGNORECASE,
)
_SESSION = re.compile(r";jsessionid=[^/?#]*", re.IGNORECASE)
#: What stands for itself in a query that we make: addresses, lists and the parameters of OData stay readable.
_IN_QUERY = "/:,$"


def web_url(text: str, base: str = "") -> str:
    """`text` as an absolute http or https address that is safe to store, fetch and print, or `""`.

    Refused: other schemes, backslashes, controls, user names, hosts that a resolver could read in two ways, and more
    than 2,048 characters. A relative address needs a `base`. Path, query and fragment stay as the source wrote them,
    except that what an address may not contain is percent-encoded; international hosts become A-labels.
    """
    if len(text) <= ADDRESS_LIMIT and _ORDINARY.fullmatch(text):
        return text
    text = text.strip(_AROUND).translate(_LINE_ENDS)
    if not text or len(text) > ADDRESS_LIMIT or _REFUSED.search(text):
        return ""
    scheme = _SCHEME.match(text)
    if scheme is None:
        origin, base = _base(base)
        if not base:
            return ""
        if text[0] == "/" and text[1:2] != "/" and "/." not in text:
            text = origin + text
            if len(text) <= ADDRESS_LIMIT and _ORDINARY.fullmatch(text):
                return text
        else:
            try:
                text = urljoin(base, text)
            except ValueError:
                return ""
    elif not text[: scheme.end() + 2].lower().startswith(("http://", "https://")):
        return ""
    return _checked(text)


@lru_cache(maxsize=256)
def _base(base: str) -> tuple[str, str]:
    """Origin and address of a base; empty when it is none."""
    url = web_url(base) if base else ""
    return "/".join(url.split("/", 3)[:3]).partition("?")[0].partition("#")[0], url


def _checked(text: str) -> str:
    """An absolute address, mended where that is safe, or `""`."""
    scheme, _, rest = text.partition("://")
    end = next((i for i, c in enumerate(rest) if c in "/?#"), len(rest))
    authority = _authority(rest[:end])
    if not authority:
        return ""
    url = f"{scheme.lower()}://{authority}{_TO_ENCODE.sub(_percent, rest[end:])}"
    return url if len(url) <= ADDRESS_LIMIT else ""


def _percent(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match[0].encode())


def _authority(text: str) -> str:
    """Host and port in their plain form, or `""` when they are odd."""
    if text.startswith("["):
        host, bracket, port = text[1:].partition("]")
        try:
            host = f"[{ipaddress.IPv6Address(host)}]" if bracket and "%" not in host else ""
        except ValueError:
            return ""
        if port and not port.startswith(":"):
            return ""
        port = port[1:]
    else:
        host, _, port = text.partition(":")
        host = _host(host)
    if not host:
        return ""
    if not port:
        return host
    if not (port.isascii() and port.isdigit() and len(port) <= 5 and 0 < int(port) < 65_536):
        return ""
    return f"{host}:{int(port)}"


def _host(text: str) -> str:
    """A named host or dotted IPv4 address in lower case, or `""`."""
    host = text.lower()
    if not host.isascii():
        # Circled or full-width digits and dots turn into an ordinary address inside the resolver: refuse what a
        # compatibility mapping would change, so that what we read is what is dialled.
        if _DOTS.search(host) or unicodedata.normalize("NFKC", host) != unicodedata.normalize("NFC", host):
            return ""
        try:
            host = host.encode("idna").decode("ascii").lower()
        except UnicodeError:
            return ""
    host = host.removesuffix(".")
    labels = host.split(".")
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        return ""
    if _NUMBER.fullmatch(labels[-1]):
        try:
            return str(ipaddress.IPv4Address(host))
        except ValueError:
            return ""
    return host


def host_of(url: str) -> str:
    """The host of an address that passed `web_url`, in lower case, without port; `""` when there is none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def canonical_url(text: str) -> str:
    """A key that stays when scheme, port, `www.`, tracking or the order of the query change; `""` if `text` is no URL.

    The key is for comparing only and cannot be fetched.
    """
    url = web_url(text)
    if not url:
        return ""
    rest = url.partition("://")[2].partition("#")[0]
    rest, _, query = rest.partition("?")
    authority, _, path = rest.partition("/")
    authority = authority.removesuffix(":80").removesuffix(":443").removeprefix("www.")
    path = _SESSION.sub("", _ESCAPE.sub(_plain_escape, path)).strip("/")
    kept = sorted(part for part in query.split("&") if part and not _TRACKING.match(part))
    query = _ESCAPE.sub(_plain_escape, "&".join(kept))
    return authority + (f"/{path}" if path else "") + (f"?{query}" if query else "")


def _plain_escape(match: re.Match[str]) -> str:
    """Escapes compare equal: unreserved characters stand for themselves, hexadecimal digits are upper-case."""
    character = chr(int(match[1], 16))
    return character if character in _UNRESERVED else match[0].upper()


def origin_of(url: str) -> str:
    """Scheme, host and port of an address that passed `web_url`, as it is compared: `https://example.vn`."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def same_host(one: str, other: str) -> bool:
    """Whether two addresses have the same host, with or without `www.`; none is the same as none."""
    return host_of(one).removeprefix("www.") == host_of(other).removeprefix("www.")


def with_parameters(url: str, parameters: Iterable[tuple[str, str]]) -> str:
    """`url` with these parameters in its query, which replace those of their names; one without a value says nothing.

    The other parameters stay as they are written, the fragment goes.
    """
    new = [(name, value) for name, value in parameters if value]
    path, _, query = url.partition("#")[0].partition("?")
    names = {name for name, _ in new}
    kept = [part for part in query.split("&") if part and unquote_plus(part.partition("=")[0]) not in names]
    made = [f"{_in_query(name)}={_in_query(value)}" for name, value in new]
    return f"{path}?{'&'.join([*kept, *made])}" if kept or made else path


def _in_query(text: str) -> str:
    return quote_plus(text, safe=_IN_QUERY, errors="replace")


def next_address(href: str, *, at: str, own: str) -> str:
    """The address of the next page that the page at `at` names; "" when it leads to another site.

    It is asked for where the settings say (`own`), scheme and port included: behind a proxy sites name themselves
    wrongly, and credentials go nowhere else, not even to where the site redirects.
    """
    there = web_url(href, at).partition("#")[0]
    if not there or not (same_host(there, own) or same_host(there, at)):
        return ""
    return origin_of(own) + there[len(origin_of(there)) :]
