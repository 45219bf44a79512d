"""Rows that are added and never changed. On PostgreSQL the application's role cannot, either: application_role.py."""

from collections.abc import Iterable
from typing import Any, NoReturn

from django.db import models


class NeverChanged(Exception):
    """Somebody tried to change or delete what is only ever added to."""

    def __init__(self) -> None:
        super().__init__("Rows of this table are added, never changed or deleted.")


class AppendOnlyQuerySet(models.QuerySet[Any]):
    def bulk_create(self, objs: Iterable[Any], *args: Any, **options: Any) -> list[Any]:
        if options.get("update_conflicts"):
            raise NeverChanged
        return super().bulk_create(objs, *args, **options)

    def update(self, **fields: Any) -> NoReturn:
        raise NeverChanged

    def bulk_update(self, *args: Any, **options: Any) -> NoReturn:
        raise NeverChanged

    def delete(self) -> NoReturn:
        raise NeverChanged


class AppendOnly(models.Model):
    """A base for such rows."""

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, **options: Any) -> None:
        """A new row with the number of one that is there would otherwise take its place."""
        if not self._state.adding:
            raise NeverChanged
        super().save(**options | {"force_insert": True})

    def delete(self, *args: Any, **options: Any) -> NoReturn:
        raise NeverChanged
