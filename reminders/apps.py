from django.apps import AppConfig


class RemindersConfig(AppConfig):
    name = "reminders"

    def ready(self) -> None:
        from mail import guards
        from reminders import emails, looking_again

        guards.register(emails.KIND, looking_again.still_wanted)
