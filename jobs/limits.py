"""What a child process may use. Called by the child itself; no Django."""

import os
import resource

MEBIBYTE = 1024 * 1024
# Exit code of a child that met the limit of its memory.
TOO_MUCH_MEMORY = 3


def limit(*, seconds: int, bytes_: int) -> None:
    """The kernel ends a child that wants more than its share; a crash leaves no core file. Pages go first."""
    os.nice(10)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (bytes_, bytes_))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
