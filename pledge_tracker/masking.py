"""Keeps the tokens of mailed links out of the log: whoever reads one could act for the person."""

import logging
import re

_TOKEN = re.compile(r"((?:manage|invitation)/)[^/\s?\"']+")


class MaskTokens(logging.Filter):
    """Django names the address of a refused or failed request; the token in it becomes "…"."""

    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        if (masked := _TOKEN.sub(r"\1…", said)) != said:
            record.msg, record.args = masked, ()
        return True
