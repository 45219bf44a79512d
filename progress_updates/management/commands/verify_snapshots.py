"""Checks that everything that was signed is still what was signed."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from progress_updates.models import Snapshot


class Command(BaseCommand):
    help = "Recomputes the SHA-256 of every signed record and compares it with the one kept beside it."

    def handle(self, *args: Any, **options: Any) -> None:
        checked, broken = 0, 0
        for snapshot in Snapshot.objects.order_by("pk").iterator(chunk_size=200):
            checked += 1
            if not snapshot.is_intact():
                broken += 1
                self.stderr.write(f"Broken: snapshot {snapshot.pk} of update {snapshot.update_id}.")
        self.stdout.write(f"Checked: {checked}. Intact: {checked - broken}. Broken: {broken}.")
        if broken:
            raise CommandError("Some signed records are not what was signed. Restore them from a backup.")
