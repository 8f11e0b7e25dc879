"""The address guard alone: the table, the doors in it, and the socket that it makes."""

import socket
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.addresses import METADATA_HOSTS, REFUSED, Gate, RefusedAddress, literal_address, parse_allowance
from connectors.parse.url import host_of, web_url

INSIDE = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.0.9",
    "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.2.7", "192.88.99.1", "192.168.1.1",
    "198.18.0.1",
    "198.19.255.255", "198.51.100.3", "203.0.113.9", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:0:127.0.0.1", "64:ff9b::7f00:1",
    "64:ff9b::808:808", "64:ff9b:1::1", "100::1", "100:0:0:1::1", "2001::1", "2001:20::1", "2001:db8::1",
    "2002:7f00:1::",
    "2002:808:808::1", "3fff::1", "5f00::1", "fc00::1", "fd00::1", "fe80::1", "fe80::1%eth0", "2606:4700::1%2",
    "fec0::1",
    "ff02::1",
]  # fmt: skip

OUTSIDE = [
    "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0",
    "169.253.255.255", "172.15.255.255", "172.32.0.0", "192.0.1.1", "192.167.255.255", "192.169.0.0", "198.17.255.255",
    "198.20.0.0", "203.162.0.1", "223.255.255.255", "2001:200::1", "2001:4860:4860::8888", "2400:cb00::1",
    "2405:4800::1",
    "2606:4700::1111", "2a00::1",
]  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_an_inside_address_is_refused(address: str) -> None:
    assert not Gate().admits(address, 80)


@pytest.mark.parametrize("address", OUTSIDE)
def test_a_public_address_is_admitted_on_web_ports_only(address: str) -> None:
    assert Gate().admits(address, 443)
    assert not Gate().admits(address, 5432)
    assert Gate(ports=frozenset({8443})).admits(address, 8443)


@given(st.ip_addresses(v=4))
def test_every_ipv6_form_of_an_inside_ipv4_address_is_refused(address: object) -> None:
    number = int(address)  # type: ignore[call-overload]
    forms = [
        number,
        0xFFFF << 32 | number,
        0xFFFF << 48 | number,
        0x64FF9B << 96 | number,
        0x2002 << 112 | number << 80,
    ]
    assert not any(Gate().admits(str(ip_address(form.to_bytes(16))), 80) for form in forms)


@given(st.ip_addresses())
def test_the_gate_agrees_with_the_table_for_any_address(address: object) -> None:
    inside = any(address in net for net in REFUSED)
    assert Gate().admits(str(address), 80) is not inside


@pytest.mark.parametrize(
    "url",
    [
        "http://127.1/", "http://0/", "http://2130706433/", "http://0x7f000001/", "http://017700000001/",
        "http://0x7f.1/",
        "http://0177.0.0.1/", "http://10.1/", "http://0x0a.1/", "http://LOCALHOST/", "http://①②⑦.⓪.⓪.①/",
        "http://127。0。0。1/", "http://１２７.０.０.１/", "http://[::ffff:7f00:1]/", "http://[::1]/", "http://[::]/",
        "http://localhost./", "http://a.localhost/", "http://localhost.localdomain/", "http://[fe80::1%25eth0]/",
        "http://user@8.8.8.8/", "http://8.8.8.8\\@127.0.0.1/", "http://127.0.0.1:80\\@8.8.8.8/", "file:///etc/passwd",
        "gopher://8.8.8.8/", "http://metadata.google.internal/", "http://8.8.8.8:25/", "http://so.vn:6379/",
    ],
)  # fmt: skip
def test_odd_spellings_of_an_inside_place_end_before_any_look_up(url: str) -> None:
    checked = web_url(url)
    port = int(checked.rpartition(":")[2].strip("/") or 80) if checked.count(":") == 2 else 80
    assert not checked or not Gate().admits_host(host_of(checked), port)


def test_a_name_is_let_through_to_the_name_service() -> None:
    assert literal_address("sonla.gov.vn") is None
    assert Gate().admits_host("sonla.gov.vn", 443)


def test_names_of_our_own_servers_are_refused_in_any_case() -> None:
    gate = Gate(hosts_refused=METADATA_HOSTS | {"db.noi-bo.vn"})
    assert not gate.admits_host("DB.noi-bo.vn.", 443)
    assert gate.admits_host("web.noi-bo.vn", 443)


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("127.0.0.1:9100", ("127.0.0.1", 9100), ("127.0.0.2", 9100)),
        ("10.1.0.0/16:8080", ("10.1.255.1", 8080), ("10.2.0.1", 8080)),
        ("[::1]:80", ("::1", 80), ("::1", 443)),
        ("[fd12::/32]:443", ("fd12::9", 443), ("fd13::9", 443)),
    ],
)
def test_an_allowance_opens_exactly_its_own_door(text: str, inside: tuple[str, int], outside: tuple[str, int]) -> None:
    door = parse_allowance(text)
    gate = Gate(allow=frozenset({door}))
    assert str(door) == text
    assert gate.admits(*inside)
    assert not gate.admits(*outside)
    assert not gate.admits(inside[0], inside[1] + 1)
    both = Gate(allow=frozenset({door, parse_allowance("[2001:db8::]:8443"), parse_allowance("192.168.7.0/24:81")}))
    assert both.admits(*inside)
    assert both.admits("2001:db8::", 8443)
    assert both.admits("192.168.7.200", 81)
    assert not both.admits("192.168.8.200", 81)
    assert not both.admits(*outside)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("127.0.0.1", "ADDRESS:PORT"),
        ("127.0.0.1:", "ADDRESS:PORT"),
        ("localhost:80", "ADDRESS:PORT"),
        ("::1:80", "ADDRESS:PORT"),
        ("127.0.0.1:0", "1 to 65535"),
        ("127.0.0.1:99999", "1 to 65535"),
        ("10.1.2.3/16:80", "host bits"),
        ("300.0.0.1:80", "300.0.0.1"),
        ("[10.0.0.1]:80x", "ADDRESS:PORT"),
        ("0.0.0.0/0:80", "switch the guard off"),
        ("[::/0]:443", "switch the guard off"),
    ],
)
def test_a_wrong_allowance_says_what_is_wrong(text: str, why: str) -> None:
    with pytest.raises(ValueError, match="(?s)" + why.replace("[", r"\[")):
        parse_allowance(text)


def _info(address: str, port: int, *scope: int) -> tuple[object, ...]:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return (family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, port, *scope))


def test_the_socket_is_made_only_for_what_the_gate_admits() -> None:
    gate = Gate(allow=frozenset({parse_allowance("127.0.0.1:9100")}))
    gate.open_socket(_info("127.0.0.1", 9100)).close()
    for info in (_info("127.0.0.1", 9101), _info("::1", 80, 0, 0), _info("2606:4700::1", 80, 0, 3)):
        with pytest.raises(RefusedAddress, match=r"^address refused$"):
            gate.open_socket(info)
    with pytest.raises(RefusedAddress):
        gate.open_socket((socket.AF_UNIX, socket.SOCK_STREAM, 0, "", "/run/some.sock"))


def test_an_address_of_this_machine_is_refused_even_when_the_table_lets_it_pass() -> None:
    own, elsewhere = Gate(refused=()), _info("192.0.2.1", 80)
    with pytest.raises(RefusedAddress):
        own.open_socket(_info("127.0.0.1", 80))
    own.open_socket(elsewhere).close()
    own.open_socket(_info("255.255.255.255", 80)).close()  # no route to ask the kernel about: the dial itself fails


def test_the_table_names_each_network_once() -> None:
    assert len(set(REFUSED)) == len(REFUSED) == 33
