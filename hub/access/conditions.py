"""On which terms people come in: what the settings say of sessions, second factors and proxies."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address

from hub.rules.access import Role
from hub.store import people


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """The terms of one hub."""

    idle: timedelta = people.IDLE  #: a session that is not used ends after this
    longest: timedelta = people.LONGEST  #: any session ends after this
    two_factor_for: frozenset[Role] = frozenset({Role.ADMINISTRATOR, Role.CHIEF_EDITOR})
    trusted_proxies: Sequence[IPv4Network | IPv6Network] = ()

    def address(self, peer: str, forwarded: str) -> str:
        """Where a request comes from: `peer` is who opened the connection, `forwarded` what X-Forwarded-For says.

        Read from its end: what stands before the last address that is no proxy of ours anybody may have written.
        """
        address = peer
        for told in reversed([part.strip() for part in forwarded.split(",") if part.strip()][-20:]):
            if not self._is_proxy(address):
                break
            address = told
        return address[:64]

    def _is_proxy(self, address: str) -> bool:
        try:
            ip = ip_address(address)
        except ValueError:
            return False
        if isinstance(ip, IPv6Address):  # a proxy that listens on both writes ::ffff:10.0.0.2
            ip = ip.ipv4_mapped or ip
        return any(ip in network for network in self.trusted_proxies if network.version == ip.version)
