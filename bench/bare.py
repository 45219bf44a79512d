"""WeasyPrint alone: an order as for design.pdf_renderer on the input, one plain pass, nothing more."""

import json
import logging
import sys

from weasyprint import HTML

from design.pdf_renderer import OwnFilesOnly

if __name__ == "__main__":
    order = json.load(sys.stdin)
    logging.getLogger("weasyprint").setLevel(logging.CRITICAL)
    fetcher = OwnFilesOnly(order["assets"])
    sys.stdout.buffer.write(HTML(string=order["html"], base_url="asset:", url_fetcher=fetcher).write_pdf())
