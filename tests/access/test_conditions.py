"""Whose address a request comes from, behind proxies and without them."""

from ipaddress import ip_network

import pytest

from hub.access.conditions import Conditions

BEHIND = Conditions(trusted_proxies=(ip_network("10.0.0.0/8"), ip_network("::1/128")))


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.7", "", "203.0.113.7"),
        ("203.0.113.7", "198.51.100.9", "203.0.113.7"),  # nobody of ours says so
        ("10.0.0.1", "198.51.100.9", "198.51.100.9"),
        ("10.0.0.1", "1.2.3.4, 198.51.100.9", "198.51.100.9"),  # what stands before it anybody may have written
        ("10.0.0.1", "198.51.100.9, 10.0.0.2", "198.51.100.9"),
        ("::1", "2001:db8::7", "2001:db8::7"),
        ("10.0.0.1", "198.51.100.9, ::ffff:10.0.0.2", "198.51.100.9"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "nonsense", "nonsense"),
        ("", "198.51.100.9", ""),
    ],
)
def test_a_proxy_of_ours_is_believed_and_nobody_else(peer: str, forwarded: str, address: str) -> None:
    assert BEHIND.address(peer, forwarded) == address


def test_without_proxies_nothing_that_is_sent_is_believed() -> None:
    assert Conditions().address("10.0.0.1", "198.51.100.9") == "10.0.0.1"
