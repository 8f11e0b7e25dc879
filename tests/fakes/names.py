"""A name service for tests: answers may change from one look-up to the next, as in DNS rebinding."""

import socket
from collections.abc import Iterable, Mapping

from aiohttp.abc import AbstractResolver, ResolveResult


class Names(AbstractResolver):
    """Name to addresses: one list for each look-up in turn, the last one for all further ones."""

    def __init__(self, names: Mapping[str, str | Iterable[str]]) -> None:
        self._names = {name: [answer] if isinstance(answer, str) else list(answer) for name, answer in names.items()}
        self.looked_up: list[str] = []

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The next answer for this name; several addresses stand in one answer, parted by blanks."""
        self.looked_up.append(host)
        answers = self._names.get(host)
        if not answers:
            raise OSError(socket.EAI_NONAME, "no such name")
        addresses = (answers.pop(0) if len(answers) > 1 else answers[0]).split()
        return [
            ResolveResult(
                hostname=host, host=address, port=port, proto=0, flags=socket.AI_NUMERICHOST,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
            )
            for address in addresses
        ]  # fmt: skip

    async def close(self) -> None:
        """Nothing is held."""
