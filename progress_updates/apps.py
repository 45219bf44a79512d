from django.apps import AppConfig


class ProgressUpdatesConfig(AppConfig):
    name = "progress_updates"
