"""Resolves relative addresses against xml:base and the address of the feed."""

from urllib.parse import urljoin


def join(base: str, address: str | None) -> str:
    """Resolve `address` against `base`; what cannot be resolved comes back as it is (the gate refuses it later)."""
    if not address:
        return base
    address = address.strip()
    if address.startswith(("http://", "https://")) or not base:
        return address
    try:
        return urljoin(base, address)
    except ValueError:
        return address
