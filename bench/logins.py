"""Does the time of an answer tell whether there is such a login? Wanted: medians that differ by 5 ms at most.

Run: python bench/logins.py [N]     N pairs of wrong logins, taken in turns so that the machine's mood is the same;
processor time is told beside the clock's, for a machine that is busy with other things.
"""

import asyncio
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

from hub.access import passwords
from hub.app import open_hub
from hub.commands.sign_in import Caller, NotLetInError, sign_in
from hub.rules.access import Grant, Role
from hub.settings import load_settings
from hub.store import accounts

WANTED_MS = 5.0


async def main(pairs: int) -> int:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "settings.toml").write_text('[hub]\nname = "Tỉnh Mẫu"\n', "utf-8")
        async with open_hub(load_settings(Path(folder) / "settings.toml")) as hub:
            kept = await passwords.hashed("con mèo ngồi trên mái ngói")
            async with hub.engine.store.unit() as unit:
                for n in range(pairs):  # one each: delays shall not be what is measured
                    await accounts.add_account(
                        unit, login=f"co-{n}", name="x", password_hash=kept, grants=[Grant(Role.EDITOR)], by="bench",
                        password_at=unit.now,
                    )  # fmt: skip
            taken: dict[str, list[float]] = {"co": [], "khong": []}
            worked: dict[str, list[float]] = {"co": [], "khong": []}
            for n in range(pairs):
                for kind in taken:
                    begun, work = perf_counter(), process_time()
                    try:
                        await sign_in(
                            hub.engine, f"{kind}-{n}", "sai mật khẩu rồi", Caller(address=f"2001:db8:{n:x}::1")
                        )
                    except NotLetInError:
                        taken[kind].append((perf_counter() - begun) * 1_000)
                        worked[kind].append((process_time() - work) * 1_000)
    known, unknown = median(taken["co"]), median(taken["khong"])
    work = [median(worked[kind]) for kind in worked]
    print(f"{pairs} pairs, processor: known {work[0]:.1f} ms, unknown {work[1]:.1f} ms")
    apart = abs(known - unknown)
    print(f"{pairs} pairs, clock: known {known:.1f} ms, unknown {unknown:.1f} ms, difference {apart:.2f} ms")
    return 0 if apart <= WANTED_MS else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)))
