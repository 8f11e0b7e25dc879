"""Where attachments are kept, once by checksum: a folder, or an S3-compatible store.

    open_files(settings) -> Files       put · get · has · size · remove, by the SHA-256 of the bytes

No name of a member's file ever becomes a name on our disk (docs/security/threats.md, 12).
"""

from hub.files.base import Files, FilesAwayError, FilesLostError, checksum
from hub.files.folder import FolderFiles
from hub.settings import Settings

__all__ = ["Files", "FilesAwayError", "FilesLostError", "FolderFiles", "checksum", "open_files"]


def open_files(settings: Settings) -> Files:
    """The store that `[files]` names. Raises ConfigError when what it needs is not installed."""
    if settings.files.s3 is None:
        return FolderFiles(settings.data_dir / settings.files.folder)
    from hub.files.s3 import S3Files  # the extra `s3`, for those who use it

    return S3Files(settings.files.s3)
