from django.apps import AppConfig


class RemindersConfig(AppConfig):
    name = "reminders"

    def ready(self) -> None:
        from mail import guards
        from reminders import chase, emails, looking_again

        guards.register(emails.KIND, looking_again.still_wanted)
        guards.register(chase.KIND, chase.still_wanted)
