"""A private RabbitMQ in a temporary folder, on loopback, that a test may stop, kill and wipe.

    with RabbitServer() as server:
        url = server.create_vhost()             # amqp://hub:hub@127.0.0.1:PORT/t-0
        server.stop(); server.start()

Vhosts are how tests keep apart: a node takes many seconds to start, a vhost a fraction. A node is born with a batch
of them, and has those again after a wipe; asking through rabbitmqctl takes a second, so more are made by the batch.
"""

import base64
import hashlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType

from tests.servers.processes import ServerFailedError, answers, free_port, is_running, send, tail, wait_until

USER = PASSWORD = "hub"
#: Vhosts made at once, and vhosts a node is born with.
BATCH = 16

CONFIG = """
listeners.tcp.local = 127.0.0.1:{port}
load_definitions = {definitions}
log.file.level = warning
log.console = false
vm_memory_high_watermark.absolute = 512MB
disk_free_limit.absolute = 100MB
"""


MAKE_VHOSTS = """
[begin
   Name = list_to_binary("t-" ++ integer_to_list(N)),
   ok = rabbit_vhost:add(Name, <<"hub">>),
   ok = rabbit_auth_backend_internal:set_permissions(<<"hub">>, Name, <<".*">>, <<".*">>, <<".*">>, <<"hub">>)
 end || N <- lists:seq({first}, {last})].
"""


def find_scripts() -> Path | None:
    """The folder of RabbitMQ's own scripts. The wrappers on PATH change user and folder, so they are of no use here."""
    for folder in (Path("/usr/lib/rabbitmq/bin"), *sorted(Path("/usr/lib/rabbitmq/lib").glob("*/sbin"))):
        if (folder / "rabbitmq-server").exists() and find_epmd():
            return folder
    return None


def find_epmd() -> Path | None:
    """Erlang's port mapper."""
    found = shutil.which("epmd")
    return Path(found) if found else next(iter(Path("/usr/lib/erlang").glob("erts-*/bin/epmd")), None)


class RabbitServer:
    """One private node; its port stays the same through restarts and wipes."""

    def __init__(self, port: int | None = None) -> None:
        self.port = port or free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="hub-rabbit-"))
        self._epmd_port, self._distribution_port = free_port(), free_port()
        self._pid_file, self._log = self.folder / "pid", self.folder / "log"
        self._epmd: subprocess.Popen[bytes] | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._handed_out, self._made = 0, BATCH

    def url(self, vhost: str = "/") -> str:
        """Address of a vhost on this node."""
        return f"amqp://{USER}:{PASSWORD}@127.0.0.1:{self.port}/{'%2F' if vhost == '/' else vhost}"

    def create_vhost(self) -> str:
        """A vhost nobody used before; returns its address."""
        name, self._handed_out = f"t-{self._handed_out}", self._handed_out + 1
        if self._handed_out > self._made:
            self.control("eval", MAKE_VHOSTS.format(first=self._made, last=self._made + BATCH - 1))
            self._made += BATCH
        return self.url(name)

    def start(self) -> None:
        """Start and wait until it takes connections."""
        scripts = find_scripts()
        if scripts is None:
            raise ServerFailedError("RabbitMQ is not installed: no script rabbitmq-server")
        self._write_config()
        self._pid_file.unlink(missing_ok=True)
        with self._log.open("ab") as log:
            if self._epmd is None:
                # Ours, in the foreground, so that its pid is known; else the node would leave a daemon behind.
                self._epmd = subprocess.Popen(
                    [str(find_epmd()), "-port", str(self._epmd_port), "-address", "127.0.0.1"],
                    stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                )  # fmt: skip
                wait_until(lambda: answers("127.0.0.1", self._epmd_port), 5)
            self._process = subprocess.Popen(
                [str(scripts / "rabbitmq-server")], cwd=self.folder, env=self._environment(),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        process = self._process
        wait_until(lambda: answers("127.0.0.1", self.port) or process.poll() is not None, 60)
        if process.poll() is not None or not answers("127.0.0.1", self.port):
            self.close()
            raise ServerFailedError(f"RabbitMQ did not start:\n{tail(self._log)}")

    def stop(self) -> None:
        """Stop as an operator would."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL to the node."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        """Stop and start with the same data."""
        self.stop()
        self.start()

    def wipe(self) -> None:
        """Stop and forget all data; `start` makes an empty node at the same address, with empty vhosts."""
        self.kill()
        shutil.rmtree(self.folder / "mnesia", ignore_errors=True)
        self._handed_out, self._made = 0, BATCH

    def close(self) -> None:
        """Stop, end epmd and remove the folder."""
        self.kill()
        if self._epmd is not None:
            self._epmd.terminate()
            self._epmd.wait(timeout=5)
            self._epmd = None
        shutil.rmtree(self.folder, ignore_errors=True)

    def control(self, *arguments: str) -> str:
        """Run rabbitmqctl on this node; about a second."""
        command = [str(find_scripts()) + "/rabbitmqctl", *arguments]
        done = subprocess.run(command, env=self._environment(), capture_output=True, text=True, timeout=60)
        if done.returncode:
            raise ServerFailedError(f"rabbitmqctl {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def _write_config(self) -> None:
        salt = b"salt"
        digest = hashlib.sha256(salt + PASSWORD.encode()).digest()
        vhosts = ["/", *(f"t-{number}" for number in range(BATCH))]
        everything = {"user": USER, "configure": ".*", "write": ".*", "read": ".*"}
        definitions = {
            "users": [{
                "name": USER, "password_hash": base64.b64encode(salt + digest).decode(),
                "hashing_algorithm": "rabbit_password_hashing_sha256", "tags": ["administrator"],
            }],
            "vhosts": [{"name": name} for name in vhosts],
            "permissions": [{"vhost": name, **everything} for name in vhosts],
        }  # fmt: skip
        path = self.folder / "definitions.json"
        path.write_text(json.dumps(definitions))
        (self.folder / "rabbitmq.conf").write_text(CONFIG.format(port=self.port, definitions=path))
        (self.folder / "enabled_plugins").write_text("[].")

    def _environment(self) -> dict[str, str]:
        own = {
            "HOME": str(self.folder),  # the Erlang cookie is kept there
            "RABBITMQ_NODENAME": "hub@localhost",
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "enabled_plugins"),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(self.folder / "logs"),
            "RABBITMQ_PID_FILE": str(self._pid_file),
            "RABBITMQ_DIST_PORT": str(self._distribution_port),
            "ERL_EPMD_PORT": str(self._epmd_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 2:2 -kernel inet_dist_use_interface {127,0,0,1}",
        }
        inherited = {key: value for key, value in os.environ.items() if not key.startswith(("RABBITMQ_", "ERL_"))}
        return inherited | own

    def _end(self, signum: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        node = int(self._pid_file.read_text()) if self._pid_file.exists() else process.pid
        send([node], signum)
        if not wait_until(lambda: process.poll() is not None and not is_running(node), 20):
            send([node], signal.SIGKILL)
            process.kill()
        process.wait()

    def __enter__(self) -> "RabbitServer":
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
