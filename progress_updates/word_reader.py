"""The process that reads the words of one Word document: an order as JSON on stdin, the words on stdout. No Django."""

import json
import os
import re
import sys
import zipfile

import mammoth

from jobs.limits import TOO_MUCH_MEMORY, limit


def words_of(path: str, largest_part: int) -> str:
    """Raises ValueError where a part, whatever its name, unpacks to more than `largest_part` bytes."""
    with open(path, "rb") as file:
        with zipfile.ZipFile(file) as archive:
            if any(member.file_size > largest_part for member in archive.infolist()):
                raise ValueError
        text: str = mammoth.extract_raw_text(file).value
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def main() -> int:
    order = json.load(sys.stdin)
    limit(seconds=order["seconds"], bytes_=order["bytes"])
    try:
        words = words_of(order["path"], order["largest_part"])
    except MemoryError:
        return TOO_MUCH_MEMORY
    except Exception as error:
        print(type(error).__name__, file=sys.stderr)  # noqa: T201
        return 1
    sys.stdout.buffer.write(words.encode())
    sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    code = main()
    # Nothing of the interpreter's own end may change the verdict.
    os._exit(code)
