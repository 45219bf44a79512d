"""Files of documents: written whole or not at all."""

from jobs import files
from jobs.files import Written

FOLDER = "documents"


def write(content: bytes, *, suffix: str) -> Written:
    """Puts the bytes under a name made of their hash. A kill at any point leaves the whole file or none."""
    return files.write(content, folder=FOLDER, suffix=suffix)
