"""Builds the national reports that are due and makes the documents that are missing, as the workers do."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from reports import build, statistics


class Command(BaseCommand):
    help = "Builds national reports that are due, and every document that is missing or lost, in this process."

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        build.forget_lost_files(now=now)
        made = build.build_missing(now=now) + build.build_national(now=timezone.now())
        left = statistics.summary(now)
        self.stdout.write(f"Made: {made}. Waiting: {left.waiting}. Being made: {left.building}. Failed: {left.failed}.")
