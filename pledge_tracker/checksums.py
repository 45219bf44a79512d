"""What the site holds, in few numbers: two sites with the same numbers hold the same rows and the same files.

A backup keeps them beside the data, and a restore compares.
"""

import hashlib
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from progress_updates.models import Snapshot

# A row's text, hashed to 60 bits; summed, the order of rows does not matter. PostgreSQL only.
ROWS = "SELECT count(*), coalesce(sum(('x' || substr(md5(t::text), 1, 15))::bit(60)::bigint), 0)::text FROM {} AS t"


def of_everything() -> dict[str, Any]:
    """Rows of every table with a checksum of their content, the signed records, the files below MEDIA_ROOT."""
    return {"tables": tables(), "signed_records": signed_records(), "files": files(Path(settings.MEDIA_ROOT))}


def tables() -> dict[str, list[Any]]:
    """Name of each table → number of rows and checksum of their content."""
    found = {}
    with connection.cursor() as cursor:
        for name in sorted(connection.introspection.table_names(cursor)):
            cursor.execute(ROWS.format(connection.ops.quote_name(name)))
            found[name] = list(cursor.fetchone())
    return found


def signed_records() -> str:
    """One SHA-256 over those of all signed records, in the order of their keys."""
    together = hashlib.sha256()
    for sha256 in Snapshot.objects.order_by("pk").values_list("sha256", flat=True).iterator():
        together.update(sha256.encode())
    return together.hexdigest()


def files(folder: Path) -> list[Any]:
    """Number of files, their bytes, and one SHA-256 over all names and contents. Half-written ones do not count."""
    together, count, size = hashlib.sha256(), 0, 0
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".")):
        content = path.read_bytes()
        together.update(f"{path.relative_to(folder)}\0{hashlib.sha256(content).hexdigest()}\n".encode())
        count, size = count + 1, size + len(content)
    return [count, size, together.hexdigest()]
