"""Files below MEDIA_ROOT, named by the hash of their bytes: written whole or not at all."""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from jobs.crashpoints import reached


@dataclass(frozen=True)
class Written:
    """Where the bytes lie, below MEDIA_ROOT, and what they are."""

    file: str
    sha256: str
    bytes: int


def write(content: bytes, *, folder: str, suffix: str) -> Written:
    """Puts the bytes under a name made of their hash. A kill at any point leaves the whole file or none."""
    sha256 = hashlib.sha256(content).hexdigest()
    file = f"{folder}/{sha256[:2]}/{sha256}{suffix}"
    target = Path(settings.MEDIA_ROOT) / file
    target.parent.mkdir(parents=True, exist_ok=True)
    _replace(target, content)
    return Written(file=file, sha256=sha256, bytes=len(content))


def write_beside(path: Path, content: bytes) -> None:
    """What was made from a file that is named by its hash, beside it. Whole or not at all."""
    _replace(path, content)


def _replace(target: Path, content: bytes) -> None:
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".being-written-")
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(content[: len(content) // 2])
            out.flush()
            reached("files.half_written")
            out.write(content[len(content) // 2 :])
            out.flush()
            os.fsync(out.fileno())
        os.chmod(temporary, 0o644)
        reached("files.written")
        os.replace(temporary, target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
