from django.apps import AppConfig
from django.db.models.signals import post_migrate


class SignatoriesConfig(AppConfig):
    name = "signatories"

    def ready(self) -> None:
        from signatories.wordings import write_after_migrate

        post_migrate.connect(write_after_migrate, sender=self)
