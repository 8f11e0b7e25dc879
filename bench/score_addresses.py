"""Our address guard in the form that the scoring tool calls: may this address be fetched, judged without DNS?"""

from urllib.parse import urlsplit

from connectors.addresses import Gate
from connectors.parse.url import host_of, web_url


def may_fetch(url: str) -> bool:
    """Whether the client would go as far as asking the name service."""
    checked = web_url(url)
    parts = urlsplit(checked)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return bool(checked) and Gate().admits_host(host_of(checked), port)
