from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class PledgeTrackerConfig(AppConfig):
    name = "pledge_tracker"

    def ready(self) -> None:
        from pledge_tracker.timetable import write_after_migrate

        # The signal is sent for apps with models only, once all of them are migrated.
        post_migrate.connect(write_after_migrate, sender=apps.get_app_config("django_celery_beat"))
