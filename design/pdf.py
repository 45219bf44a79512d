"""PDF/UA-1 from HTML, in a process of its own with a time and a memory limit, that fetches nothing.

Documents extend templates/design/document.html. Whatever an address in the HTML says, only the files
named in ASSETS are ever read: no http, no file, no ftp, no redirect, no attachment.
"""

import json
import logging
import signal
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from jobs import children
from jobs.limits import MEBIBYTE, TOO_MUCH_MEMORY

logger = logging.getLogger(__name__)

OUT_OF_MEMORY_SIGNALS = {signal.SIGABRT, signal.SIGTRAP, signal.SIGSEGV, signal.SIGKILL}


class PdfFailed(Exception):
    """Could not be made; `reason` is a sentence for people."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def render_pdf(
    html: str, *, base_url: str | None = None, time_limit: float = 60, memory_limit: int = 1536 * MEBIBYTE
) -> bytes:
    """The whole PDF, tagged (PDF/UA-1). `time_limit` in seconds, `memory_limit` in bytes of address space.

    `base_url` only makes relative links in the text whole; nothing is fetched from it.
    Raises PdfFailed with a sentence for people.
    """
    order = {
        "html": html,
        "base_url": base_url,
        "assets": {name: str(path) for name, path in assets().items()},
        "seconds": int(time_limit) + 1,
        "bytes": memory_limit,
    }
    code, pdf = _run(json.dumps(order).encode(), time_limit)
    if code:
        raise PdfFailed(_reason(code))
    if not pdf.startswith(b"%PDF-") or b"%%EOF" not in pdf[-32:]:
        raise PdfFailed(_("The document came out incomplete."))
    return pdf


def assets() -> dict[str, Path]:
    """The files that a document may read, by the name it knows them by (asset:NAME)."""
    fonts = Path(settings.STATICFILES_DIRS[0]) / "fonts"
    found = {path.name: path for path in sorted(fonts.glob("*.woff2"))}
    if not found:
        raise PdfFailed(_("The typefaces are not built. Run: make assets"))
    return {**found, "document.css": settings.BASE_DIR / "templates" / "design" / "document.css"}


def _run(order: bytes, time_limit: float) -> tuple[int, bytes]:
    try:
        ran = children.run("design.pdf_renderer", order, time_limit=time_limit)
    except children.TookTooLong:
        raise PdfFailed(_("It took longer than %(seconds)g seconds.") % {"seconds": time_limit}) from None
    if ran.code:
        # The renderer names the kind of error only, never the text.
        logger.error("pdf_failed code=%s kind=%s", ran.code, ran.said)
    return ran.code, ran.out


def _reason(code: int) -> str:
    if code == -signal.SIGXCPU:
        return _("It took too much computing time.")
    if code == TOO_MUCH_MEMORY or (code < 0 and -code in OUT_OF_MEMORY_SIGNALS):
        return _("It needed more memory than a document may have.")
    return _("The text could not be laid out as a document.")
