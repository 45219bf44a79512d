"""The tests themselves run on the databases that production uses."""

import os

from django.conf import settings
from django.db import connection


def test_the_tests_run_on_postgresql(db):
    assert connection.vendor == "postgresql"


def test_the_broker_is_redis():
    assert os.environ["REDIS_URL"] == settings.CELERY_BROKER_URL
    assert settings.CELERY_BROKER_URL.startswith("redis://")


def test_files_of_a_test_run_stay_out_of_the_project(settings):
    assert settings.BASE_DIR not in settings.MEDIA_ROOT.parents
    assert settings.BASE_DIR not in settings.VAR_DIR.parents
