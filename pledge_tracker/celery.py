"""The Celery application: `celery -A pledge_tracker worker`, `celery -A pledge_tracker beat`."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pledge_tracker.settings")

app = Celery("pledge_tracker")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
