from django.apps import AppConfig


class ProgressUpdatesConfig(AppConfig):
    name = "progress_updates"

    def ready(self) -> None:
        from mail import guards
        from progress_updates import emails

        guards.register("update_to_sign", emails.signature_still_wanted)
