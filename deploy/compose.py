"""Reads docker-compose.yml as docker compose does, as far as ours goes: anchors, and ${NAME:-word} from .env."""

import re
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

VARIABLE = re.compile(r"\$\$|\$\{(\w+)(?::([-?])([^}]*))?\}")


def read(path: Path, env: dict[str, str]) -> dict[str, Any]:
    """The file with every variable filled in. Raises ValueError where one is required and empty."""
    found: dict[str, Any] = _filled(YAML(typ="safe", pure=True).load(path.read_text()), env)
    return found


def names(path: Path) -> set[str]:
    """The variables that the file asks for."""
    return {match[1] for match in VARIABLE.finditer(path.read_text()) if match[1]}


def read_env(path: Path) -> dict[str, str]:
    lines = (line for line in path.read_text().splitlines() if line and not line.startswith("#"))
    return {name: value for name, _, value in (line.partition("=") for line in lines)}


def _filled(value: Any, env: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _filled(one, env) for key, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, env) for one in value]
    return VARIABLE.sub(lambda match: _value(match, env), value) if isinstance(value, str) else value


def _value(match: re.Match[str], env: dict[str, str]) -> str:
    name, kind, word = match.groups()
    if name is None:
        return "$"
    if not env.get(name) and kind == "?":
        raise ValueError(f"{name}: {word}")
    return env.get(name) or (word if kind == "-" else "")
