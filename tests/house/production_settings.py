"""The settings of production, word for word, and two addresses more, at which the site fails on demand."""

from pledge_tracker.settings import *  # noqa: F403

ROOT_URLCONF = "tests.house.production_urls"
