"""Attachments are kept once by checksum: one suite over the folder and the S3 store, and what each alone promises."""

import asyncio
import hashlib
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.files import Files, FilesAwayError, FilesLostError, FolderFiles, checksum, open_files
from hub.files.folder import WRITING
from hub.settings import load_settings
from hub.settings.faults import ConfigErrors
from tests.fakes.s3 import Bucket
from tests.fakes.server import Fault

DECISION = b"%PDF-1.7 Quy\xe1\xba\xbft \xc4\x91\xe1\xbb\x8bnh 12/Q\xc4\x90-UBND"
SHA = hashlib.sha256(DECISION).hexdigest()
KEY = "AKIDTINHMAU"

S3 = """
[hub]
testing = true
[files.s3]
bucket = "tep"
endpoint = "{endpoint}"
prefix = "hub/dinh-kem"
access_key = "AKIDTINHMAU"
secret_key = "khoa-bi-mat-cua-kho"
"""


@pytest.fixture
async def bucket() -> AsyncIterator[Bucket]:
    async with Bucket("tep", KEY) as bucket:
        yield bucket


def configured(folder: Path, text: str) -> Files:
    path = folder / "settings.toml"
    path.write_text(text, encoding="utf-8")
    return open_files(load_settings(path))


@pytest.fixture(params=["folder", "s3"])
def files(request: pytest.FixtureRequest, tmp_path: Path, bucket: Bucket) -> Files:
    return configured(tmp_path, "" if request.param == "folder" else S3.format(endpoint=bucket.origin))


# ------------------------------------------------------------------------------------------ what every store promises


async def test_what_was_put_is_got_back_by_its_checksum(files: Files) -> None:
    assert await files.put(DECISION) == SHA == checksum(DECISION)
    assert await files.get(SHA) == DECISION
    assert await files.has(SHA)
    assert await files.size(SHA) == len(DECISION)


async def test_an_empty_file_is_a_file(files: Files) -> None:
    assert await files.get(await files.put(b"")) == b""
    assert await files.size(checksum(b"")) == 0


async def test_what_was_never_put_is_missing_by_name(files: Files) -> None:
    assert not await files.has(SHA)
    assert await files.size(SHA) is None
    with pytest.raises(FilesLostError) as lost:
        await files.get(SHA)
    assert lost.value.code == "files_lost"
    assert SHA in str(lost.value)
    assert lost.value.sentence.endswith(".")


async def test_a_removed_file_is_gone_and_may_be_removed_again(files: Files) -> None:
    await files.put(DECISION)
    await files.remove(SHA)
    await files.remove(SHA)
    assert not await files.has(SHA)


async def test_the_same_bytes_are_kept_once_however_many_put_them_at_once(files: Files) -> None:
    assert set(await asyncio.gather(*(files.put(DECISION) for _ in range(8)))) == {SHA}
    assert await files.get(SHA) == DECISION


@pytest.mark.parametrize(
    "name", ["", "../../etc/passwd", "a" * 63, "A" * 64, "g" * 64, "a" * 64 + "\n", "/" + "a" * 63]
)
async def test_nothing_but_a_checksum_becomes_a_name_in_the_store(files: Files, name: str) -> None:
    for asked in (files.get, files.has, files.size, files.remove):
        with pytest.raises(ValueError, match="checksum"):
            await asked(name)


# ------------------------------------------------------------------------------------------------------- the folder


def kept(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and path.name != "settings.toml"]


async def test_a_file_lies_under_its_checksum_and_nowhere_else(tmp_path: Path) -> None:
    await configured(tmp_path, '[files]\nfolder = "tep"').put(DECISION)
    [path] = kept(tmp_path)
    assert path.relative_to(tmp_path).as_posix() == f"var/tep/{SHA[:2]}/{SHA[2:]}"
    assert path.stat().st_mode & 0o077 == 0, "only the account of the hub reads it"


async def test_bytes_that_changed_on_disk_are_not_handed_out_and_are_mended_by_the_next_put(tmp_path: Path) -> None:
    files = FolderFiles(tmp_path)
    await files.put(DECISION)
    (tmp_path / SHA[:2] / SHA[2:]).write_bytes(DECISION[:-1] + b"?")
    with pytest.raises(FilesLostError, match="changed"):
        await files.get(SHA)
    await files.put(DECISION)
    assert await files.get(SHA) == DECISION


async def test_a_file_that_is_there_is_not_written_again(tmp_path: Path) -> None:
    files = FolderFiles(tmp_path)
    await files.put(DECISION)
    path = tmp_path / SHA[:2] / SHA[2:]
    before = path.stat()
    await files.put(DECISION)
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


KILLED = """
import asyncio, os, sys
from pathlib import Path
from hub.files import FolderFiles
step, folder = sys.argv[1], Path(sys.argv[2])
def die(event, args):
    if event == step:
        os._exit(9)
sys.addaudithook(die)
asyncio.run(FolderFiles(folder).put(b"x" * 100_000))
"""


@pytest.mark.parametrize("step", ["tempfile.mkstemp", "os.rename"])
async def test_a_crash_while_writing_leaves_no_half_file(tmp_path: Path, step: str) -> None:
    died = await asyncio.create_subprocess_exec(sys.executable, "-c", KILLED, step, str(tmp_path))
    assert await died.wait() == 9
    files, body = FolderFiles(tmp_path), b"x" * 100_000
    assert not await files.has(checksum(body))
    assert await files.get(await files.put(body)) == body
    assert all(path.name.startswith(WRITING) or path.name == checksum(body)[2:] for path in kept(tmp_path))


async def test_a_folder_that_cannot_be_written_is_named_as_ours_to_mend(tmp_path: Path) -> None:
    (tmp_path / "tep").write_text("a file where the folder should be")
    with pytest.raises(FilesAwayError) as away:
        await FolderFiles(tmp_path / "tep").put(DECISION)
    assert away.value.code == "files_away"
    assert "kỹ thuật" in away.value.sentence


@settings(max_examples=25, deadline=None)
@given(st.binary(max_size=2_000))
def test_any_bytes_come_back_as_they_were(tmp_path_factory: pytest.TempPathFactory, body: bytes) -> None:
    async def there_and_back() -> bytes:
        files = FolderFiles(tmp_path_factory.getbasetemp() / "any")
        return await files.get(await files.put(body))

    assert asyncio.run(there_and_back()) == body


# ------------------------------------------------------------------------------------------------------ the S3 store


async def test_every_call_to_the_bucket_is_signed_and_goes_below_the_prefix(tmp_path: Path, bucket: Bucket) -> None:
    files = configured(tmp_path, S3.format(endpoint=bucket.origin))
    await files.put(DECISION)
    await files.put(DECISION)
    assert bucket.objects == {f"hub/dinh-kem/{SHA[:2]}/{SHA[2:]}": DECISION}
    assert [method for method, _ in bucket.asked] == ["HEAD", "PUT", "HEAD"], "what is there is not sent again"
    assert bucket.unsigned == 0


async def test_a_key_that_the_bucket_refuses_is_an_error_that_does_not_show_it(tmp_path: Path, bucket: Bucket) -> None:
    files = configured(tmp_path, S3.format(endpoint=bucket.origin).replace(KEY, "AKIDKHAC"))
    with pytest.raises(FilesAwayError) as away:
        await files.put(DECISION)
    assert bucket.unsigned == 1
    assert not bucket.objects
    assert "khoa-bi-mat" not in str(away.value)


async def test_a_bucket_that_fails_once_is_asked_again(tmp_path: Path, bucket: Bucket) -> None:
    files = configured(tmp_path, S3.format(endpoint=bucket.origin))
    bucket.fail_next(Fault(status=503))
    await files.put(DECISION)
    assert await files.get(SHA) == DECISION


async def test_a_bucket_that_is_not_there_is_an_error_and_not_an_empty_one(tmp_path: Path, bucket: Bucket) -> None:
    files = configured(tmp_path, S3.format(endpoint=bucket.origin).replace('"tep"', '"khac"'))
    with pytest.raises(FilesAwayError):
        await files.put(DECISION)
    with pytest.raises(FilesAwayError):
        await files.remove(SHA)


async def test_bytes_that_changed_in_the_bucket_are_not_handed_out(tmp_path: Path, bucket: Bucket) -> None:
    files = configured(tmp_path, S3.format(endpoint=bucket.origin))
    await files.put(DECISION)
    bucket.objects = {key: b"?" * len(DECISION) for key in bucket.objects}
    with pytest.raises(FilesLostError, match="changed"):
        await files.get(SHA)


def test_a_bucket_without_obstore_says_what_to_install(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(S3.format(endpoint="http://127.0.0.1:9"), encoding="utf-8")
    program = (
        "import sys; sys.modules['obstore'] = None\n"
        "from hub.files import open_files; from hub.settings import load_settings\n"
        "from connectors.errors import ConfigError\n"
        "try:\n    open_files(load_settings(sys.argv[1]))\n"
        "except ConfigError as error:\n    print(error.code, error)"
    )
    asked = [sys.executable, "-c", program, str(path)]
    said = subprocess.run(asked, timeout=30, check=True, capture_output=True, text=True)
    assert said.stdout == "extra_missing [files] s3 needs obstore: install provincial-hub[s3]\n"


def test_keys_of_the_bucket_stand_outside_the_settings_file(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(S3.format(endpoint="http://127.0.0.1:9").replace("testing = true", ""), encoding="utf-8")
    with pytest.raises(ConfigErrors) as wrong:
        load_settings(path)
    assert {fault.key for fault in wrong.value.faults} == {"files.s3.access_key", "files.s3.secret_key"}
    assert "khoa-bi-mat" not in str(wrong.value)


def test_an_empty_bucket_name_is_a_fault_of_the_settings(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text('[files]\ns3 = { bucket = "" }', encoding="utf-8")
    with pytest.raises(ConfigErrors, match=r"files\.s3\.bucket"):
        load_settings(path)
