"""How long somebody waits who guesses passwords or codes: nothing the first times, then twice as long each time.

    account:LOGIN   guesses from browsers in which this account never signed in: at most 10 an hour
    known:LOGIN     guesses from browsers in which it did, whatever happens elsewhere: at most 10 an hour
    address:PLACE   guesses from one address, at whatever account; an office behind one address has some more

So at most 20 guesses an hour are evaluated for one account (ASVS 5.0, 6.3.1), nobody waits longer than a quarter of an
hour, and whoever guesses from afar does not keep the owner out of a browser that signed in before. A guess that comes
too early is not evaluated and does not lengthen the wait. A guess that was right is taken back; the wrong ones before
it stay, or the owner's logins would give a guesser new tries.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Address, ip_address, ip_network
from typing import Final

#: Silence after which wrong guesses are forgotten.
FORGOTTEN: Final = timedelta(hours=1)
#: Evaluated guesses for one account within an hour, all ways together.
MOST_AN_HOUR: Final = 20


@dataclass(frozen=True, slots=True)
class Patience:
    """What one way in puts up with."""

    free: int  #: wrong guesses without a wait
    first: timedelta  #: the wait after the next one; each further one waits twice as long
    longest: timedelta


ACCOUNT: Final = Patience(3, timedelta(seconds=30), timedelta(minutes=15))
ADDRESS: Final = Patience(20, timedelta(seconds=15), timedelta(minutes=5))


@dataclass(frozen=True, slots=True)
class Delay:
    """What is remembered of one way in."""

    failures: int
    failed_at: datetime
    until: datetime  #: no guess is evaluated before


def waits(delay: Delay | None, now: datetime) -> timedelta | None:
    """How long a guess has to wait; None: it is evaluated."""
    return delay.until - now if delay is not None and delay.until > now else None


def counted(delay: Delay | None, now: datetime, patience: Patience) -> Delay:
    """One wrong guess more, which was evaluated now."""
    failures = 1 if delay is None or delay.failed_at + FORGOTTEN <= now else delay.failures + 1
    return Delay(failures, now, now + _wait(failures, patience))


def place_of(address: str) -> str:
    """Who is taken for one guesser or caller: an IPv4 address, or an IPv6 network of /64, which is one household's.

    Proxies that listen on both write IPv4 as `::ffff:203.0.113.7`; all of these lie in one /64, and are not one place.
    """
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(ip, IPv4Address):
        return str(ip)
    return str(ip.ipv4_mapped or ip_network((ip, 64), strict=False))


def _wait(failures: int, patience: Patience) -> timedelta:
    beyond = failures - patience.free
    # 2 ** 20 times half a minute is a year: no need to count further, and nothing overflows.
    return timedelta() if beyond < 0 else min(patience.first * 2 ** min(beyond, 20), patience.longest)
