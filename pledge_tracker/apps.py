from django.apps import AppConfig


class PledgeTrackerConfig(AppConfig):
    name = "pledge_tracker"
