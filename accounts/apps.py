from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from mail import holding

        holding.let_pass("sign_in_code")
