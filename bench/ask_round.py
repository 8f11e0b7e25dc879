"""Asks the hub at work in a folder for a round over all sources, and waits for its end: `ask_round.py DATA_DIR`.

What `hub once --all` does beside a running hub, with nothing imported but the socket.
"""

import asyncio
import sys
from pathlib import Path

from hub.control_socket import ask

#: seconds between two looks
LOOK = 0.05


async def main(data_dir: Path) -> None:
    """One round."""
    began = await ask(data_dir, "begin_round", {"everything": True, "who": "cli:bench"})
    while await ask(data_dir, "left_of_round", {"began": began}):  # noqa: ASYNC110 - the work is elsewhere
        await asyncio.sleep(LOOK)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
