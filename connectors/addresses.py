"""The address guard: which addresses may be dialled, decided by one table at the socket.

    URL ─▶ web_url ─▶ Gate.admits_host (literals) ─▶ DNS ─▶ Gate.open_socket ─▶ connect
                                                           ▲ sees what is really dialled

Names, redirects and names whose answer flips between two look-ups all end at `open_socket`. The ranges are refused
whole, without unwrapping mapped or translated forms, and `ipaddress.is_global` is not used: it is True for
`::7f00:1`, `64:ff9b::7f00:1` and more. An administrator's allowance (addresses with one port) beats the table.
"""

import re
import socket
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, Final

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

#: Ports of a public address that need no further permission.
WEB_PORTS: Final = frozenset({80, 443})

#: Names under which clouds serve credentials to whoever asks from inside.
METADATA_HOSTS: Final = frozenset({"metadata", "metadata.google.internal", "metadata.azure.internal", "instance-data"})

#: Never dialled without an allowance: this network, private, loopback, link-local, documentation, multicast, reserved,
#: and every IPv6 form that embeds an IPv4 address (IANA special-purpose registries, RFC 6890 and its updates).
REFUSED: Final[tuple[Network, ...]] = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4",
        "::/128", "::1/128", "::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64",
        "100:0:0:1::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10",
        "fec0::/10", "ff00::/8",
    )
)  # fmt: skip

#: An allowance wider than this would switch the guard off rather than open a door in it.
_WIDEST: Final = {4: 8, 6: 7}

_ALLOWANCE: Final = re.compile(
    r"(?:\[(?P<six>[0-9a-fA-F:.]+(?:/\d{1,3})?)\]|(?P<four>[0-9.]+(?:/\d{1,2})?)):(?P<port>\d{1,5})"
)


class RefusedAddress(OSError):
    """The guard refuses this address."""

    def __init__(self) -> None:
        # The text is constant: the dialler merges failures with different texts into one that has lost its class.
        super().__init__("address refused")


@dataclass(frozen=True, slots=True)
class Allowance:
    """A door in the guard, set by an administrator: addresses that may be dialled on one port."""

    network: Network
    port: int

    def covers(self, address: Address, port: int) -> bool:
        """Whether this address and port go through the door."""
        return port == self.port and address.version == self.network.version and address in self.network

    def __str__(self) -> str:
        """The form `parse_allowance` reads."""
        bare = self.network.prefixlen == self.network.max_prefixlen
        text = str(self.network.network_address) if bare else str(self.network)
        return f"[{text}]:{self.port}" if self.network.version == 6 else f"{text}:{self.port}"


def parse_allowance(text: str) -> Allowance:
    """Read `127.0.0.1:9100`, `10.1.0.0/16:8080` or `[::1]:80`. Raises ValueError saying what is wrong."""
    match = _ALLOWANCE.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not ADDRESS:PORT, NETWORK/BITS:PORT or [IPV6]:PORT")
    port = int(match["port"])
    if not 0 < port < 65_536:
        raise ValueError(f"{text!r}: the port must be 1 to 65535")
    try:
        network = ip_network(match["six"] or match["four"])
    except ValueError as error:
        raise ValueError(f"{text!r}: {error}") from None
    if network.prefixlen < _WIDEST[network.version]:
        raise ValueError(f"{text!r}: a network wider than /{_WIDEST[network.version]} would switch the guard off")
    return Allowance(network, port)


@dataclass(frozen=True, slots=True)
class Gate:
    """What one endpoint may dial: public addresses on `ports`, and what an allowance covers."""

    allow: frozenset[Allowance] = frozenset()
    ports: frozenset[int] = WEB_PORTS
    hosts_refused: frozenset[str] = METADATA_HOSTS  #: by name, lower case: metadata services, our database and broker
    refused: tuple[Network, ...] = REFUSED
    #: doors of one address, found at once however many there are, and the wider ones
    _single: frozenset[tuple[Address, int]] = field(init=False, repr=False, compare=False)
    _wide: tuple[Allowance, ...] = field(init=False, repr=False, compare=False)
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        single = [door for door in self.allow if door.network.num_addresses == 1]
        object.__setattr__(self, "_single", frozenset((door.network.network_address, door.port) for door in single))
        object.__setattr__(self, "_wide", tuple(self.allow.difference(single)))
        # Each request asks by it for its session; of thirty networks it takes longer than opening a socket.
        object.__setattr__(self, "_hash", hash((self.allow, self.ports, self.hosts_refused, self.refused)))

    def __hash__(self) -> int:
        return self._hash

    def admits(self, address: str, port: int) -> bool:
        """Whether this address may be dialled on this port."""
        if "%" in address:  # a scope id: only link-local addresses need one
            return False
        ip = ip_address(address)
        if self._is_allowed(ip, port):
            return True
        return port in self.ports and not any(ip in net for net in self.refused if net.version == ip.version)

    def admits_host(self, host: str, port: int) -> bool:
        """Whether this host of a URL may be asked at all; a name goes on to DNS, whose answer `open_socket` judges."""
        if literal := literal_address(host):
            return self.admits(literal, port)
        if host.lower().rstrip(".") in self.hosts_refused:
            return False
        return port in self.ports or any(door.port == port for door in self.allow)

    def open_socket(self, info: tuple[Any, ...]) -> socket.socket:
        """Make the socket for an address about to be dialled (aiohttp's `socket_factory`). Raises RefusedAddress."""
        family, kind, proto, _, where = info
        if family not in (socket.AF_INET, socket.AF_INET6):
            raise RefusedAddress
        host, port, scope = where[0], where[1], where[3] if len(where) > 3 else 0
        if scope or not self.admits(host, port):
            raise RefusedAddress
        if not self._is_allowed(ip_address(host), port) and _is_our_own(family, host, port):
            raise RefusedAddress
        return socket.socket(family, kind, proto)

    def _is_allowed(self, ip: Address, port: int) -> bool:
        """Whether an allowance covers it."""
        return (ip, port) in self._single or any(door.covers(ip, port) for door in self._wide)


def literal_address(host: str) -> str | None:
    """The address that a host of a checked URL stands for without asking DNS, or None for a name.

    `connectors.parse.url.web_url` has already refused hosts that a dialler reads as a number in disguise (`0x7f.1`,
    `2130706433`); `localhost` and all names below it are this machine (RFC 6761).
    """
    plain = host.lower().rstrip(".")
    if plain == "localhost" or plain.endswith((".localhost", ".localdomain")):
        return "127.0.0.1"
    try:
        ip_address(plain)
    except ValueError:
        return None
    return plain


def _is_our_own(family: int, host: str, port: int) -> bool:
    """Whether the address belongs to this machine: the kernel would reach it from that same address.

    Connecting a datagram socket sends nothing; it only picks the source address.
    """
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((host, port))
        except OSError:  # no route: the real dial will say so
            return False
        return bool(ip_address(probe.getsockname()[0]) == ip_address(host))
