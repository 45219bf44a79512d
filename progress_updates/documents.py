"""Documents that Pledge Makers sent: which kinds we keep, told by their bytes, and the words in them.

The name and the type that a browser claims are worth nothing: a file is what its bytes say, and the few kinds
below are all we take. No document is ever opened, shown or made a page of; see docs/decisions on documents.
"""

import io
import json
import re
import unicodedata
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from jobs import children, files
from jobs.limits import MEBIBYTE
from progress_updates.models import SourceDocument

FOLDER = "sources"
# Bytes. A scan of thirty pages has about ten million.
LARGEST = 20 * 1024 * 1024
# Bytes that an archive may unpack to, how many files may be in it, and how large the text of one may be.
LARGEST_UNPACKED, MOST_MEMBERS, LARGEST_TEXT = 200 * 1024 * 1024, 2_000, 8 * 1024 * 1024
LONGEST_NAME = 200
# Seconds and bytes of address space for reading the words of one Word document.
READING_TIME, READING_MEMORY = 5.0, 512 * MEBIBYTE
_CONTROLS = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\ufffe\uffff]")
_MARKUP = re.compile(r"\s*<|<(?:!doctype|html|script|svg|iframe)\b", re.IGNORECASE)


class NotKept(Exception):
    """This file is not one that we keep; the message is a sentence for people."""


@dataclass(frozen=True)
class Kind:
    """A kind of file. `suffixes` are what its name may end with; the first is ours."""

    content_type: str
    suffixes: tuple[str, ...]
    is_it: Callable[[bytes], bool]


def _begins(*starts: bytes) -> Callable[[bytes], bool]:
    return lambda content: content.startswith(starts)


def _is_word(content: bytes) -> bool:
    names = _members(content)
    return "[Content_Types].xml" in names and "word/document.xml" in names and "word/vbaProject.bin" not in names


def _is_open_document(content: bytes) -> bool:
    if "mimetype" not in _members(content):
        return False
    with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open("mimetype") as member:
        return member.read(100) == b"application/vnd.oasis.opendocument.text"


def _is_text(content: bytes) -> bool:
    """Words in UTF-8 or the old Windows code; no controls, and no markup that a browser could take for a page."""
    text = _decoded(content)
    return text is not None and not _CONTROLS.search(text) and not _MARKUP.match(text[:2000].lstrip("\ufeff"))


def _decoded(content: bytes) -> str | None:
    for code in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(code)
        except UnicodeDecodeError:
            continue
    return None


KINDS: tuple[Kind, ...] = (
    Kind("application/pdf", (".pdf",), _begins(b"%PDF-")),
    Kind("image/png", (".png",), _begins(b"\x89PNG\r\n\x1a\n")),
    Kind("image/jpeg", (".jpg", ".jpeg"), _begins(b"\xff\xd8\xff")),
    Kind(
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        (".docx",),
        lambda content: content.startswith(b"PK\x03\x04") and _is_word(content),
    ),
    Kind(
        "application/vnd.oasis.opendocument.text",
        (".odt",),
        lambda content: content.startswith(b"PK\x03\x04") and _is_open_document(content),
    ),
    Kind("text/plain", (".txt", ".csv"), _is_text),
)


def recognise(content: bytes, name: str) -> Kind:
    """What the bytes are, if we keep such files and the name does not say something else. Raises NotKept."""
    if not content:
        raise NotKept(_("The file is empty. Choose another one."))
    if len(content) > LARGEST:
        raise NotKept(_("The file must be smaller than %(size)s.") % {"size": filesizeformat(LARGEST)})
    kind = next((kind for kind in KINDS if kind.is_it(content)), None)
    if kind is None or Path(name).suffix.lower() not in kind.suffixes:
        raise NotKept(
            _("The file must be a Word document (.docx), OpenDocument (.odt), PDF, text (.txt), or a PNG or JPEG scan.")
        )
    return kind


def _members(content: bytes) -> set[str]:
    """The files in an archive, by its own table of contents. Nothing is unpacked. Raises NotKept for a bomb."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            found = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError):
        return set()
    if len(found) > MOST_MEMBERS or sum(member.file_size for member in found) > LARGEST_UNPACKED:
        raise NotKept(_("The file unpacks to far more than a document holds. We do not keep it."))
    return {member.filename for member in found}


def safe_name(name: str) -> str:
    """The sender's name for the file: no path, no controls or marks that turn text around, not too long."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    clean = "".join(each for each in last if unicodedata.category(each)[0] != "C").strip(" .")
    stem, suffix = Path(clean or "document").stem, Path(clean).suffix
    return f"{stem[: LONGEST_NAME - len(suffix)]}{suffix}" if len(suffix) < 10 else clean[:LONGEST_NAME]


def path_of(document: SourceDocument) -> Path:
    return Path(settings.MEDIA_ROOT) / document.file


def store(content: bytes, kind: Kind) -> files.Written:
    return files.write(content, folder=FOLDER, suffix=kind.suffixes[0])


def text_of(document: SourceDocument) -> str:
    """The words of a Word or text document, to be copied from; empty for other kinds, and where none can be read."""
    if document.content_type not in (KINDS[3].content_type, KINDS[5].content_type):
        return ""
    return _text_of(path_of(document), document.content_type)


def _text_of(path: Path, content_type: str) -> str:
    """A file never changes once it is stored under its hash, so the words of a Word document are read once."""
    if content_type == "text/plain":
        return (_decoded(_bytes_of(path)) or "")[:LARGEST_TEXT]
    words = path.with_suffix(".words")
    if path.exists() and not words.exists():
        files.write_beside(words, _words_of_word(path))
    return _bytes_of(words).decode(errors="replace")


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _words_of_word(path: Path) -> bytes:
    """Read in a process with limits, whatever a broken or hostile document does to it. Such a one has no words."""
    order = {
        "path": str(path.resolve()),
        "seconds": int(READING_TIME),
        "bytes": READING_MEMORY,
        "largest_part": LARGEST_TEXT,
    }
    try:
        ran = children.run("progress_updates.word_reader", json.dumps(order).encode(), time_limit=READING_TIME)
    except children.TookTooLong:
        return b""
    return b"" if ran.code else ran.out[:LARGEST_TEXT]
