"""Production's settings, with one more address: the view that does nothing."""

from pledge_tracker.settings import *  # noqa: F403

ROOT_URLCONF = "bench.urls"
