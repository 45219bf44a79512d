"""Rows that are added and never changed. On PostgreSQL the application's role cannot, either: application_role.py."""

from typing import Any, NoReturn

from django.db import models


class NeverChanged(Exception):
    """Somebody tried to change or delete what is only ever added to."""

    def __init__(self) -> None:
        super().__init__("Rows of this table are added, never changed or deleted.")


class AppendOnlyQuerySet(models.QuerySet[Any]):
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

    def save(self, *args: Any, **options: Any) -> None:
        if not self._state.adding:
            raise NeverChanged
        super().save(*args, **options)

    def delete(self, *args: Any, **options: Any) -> NoReturn:
        raise NeverChanged
