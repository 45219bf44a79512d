from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    """Each test has its own folder of documents."""
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"
