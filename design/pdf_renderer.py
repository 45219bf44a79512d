"""The process that makes one PDF: an order as JSON on stdin, the PDF on stdout. No Django, no network."""

import json
import logging
import os
import re
import sys
from io import BytesIO
from typing import Any

from weasyprint import HTML
from weasyprint.urls import URLFetcher, URLFetcherResponse

from jobs.limits import TOO_MUCH_MEMORY, limit

# Pictures that we made ourselves may stand in the HTML itself.
DRAWN_BY_US = re.compile(r"data:image/(png|jpeg|svg\+xml)[;,]")
TYPES = {"css": "text/css", "woff2": "font/woff2"}


class NotAllowed(ValueError):
    """An address that is not one of our own files."""


class OwnFilesOnly(URLFetcher):
    """Reads asset:NAME for the names given, and data: pictures; refuses every other address unopened."""

    def __init__(self, assets: dict[str, str]) -> None:
        super().__init__(allowed_protocols={"data"}, allow_redirects=False)
        self.assets = assets

    def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
        if DRAWN_BY_US.match(url):
            return super().fetch(url, headers)
        scheme, _, name = url.partition(":")
        if scheme != "asset" or name not in self.assets:
            raise NotAllowed("not one of our own files")
        with open(self.assets[name], "rb") as file:
            return URLFetcherResponse(url, file.read(), {"Content-Type": TYPES[name.rpartition(".")[2]]})


def render(order: dict[str, Any]) -> bytes:
    pdf = BytesIO()
    document = HTML(
        string=order["html"],
        base_url=order["base_url"] or "asset:",
        url_fetcher=OwnFilesOnly(order["assets"]),
    )
    document.write_pdf(pdf, pdf_variant="pdf/ua-1", presentational_hints=False)
    return pdf.getvalue()


def main() -> int:
    order = json.load(sys.stdin)
    limit(seconds=order["seconds"], bytes_=order["bytes"])
    # WeasyPrint quotes addresses and text in its warnings; logs carry neither.
    logging.getLogger("weasyprint").setLevel(logging.CRITICAL)
    try:
        pdf = render(order)
    except MemoryError:
        return TOO_MUCH_MEMORY
    except Exception as error:
        print(type(error).__name__, file=sys.stderr)  # noqa: T201
        return 1
    sys.stdout.buffer.write(pdf)
    sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    code = main()
    # Nothing of the interpreter's own end may change the verdict.
    os._exit(code)
