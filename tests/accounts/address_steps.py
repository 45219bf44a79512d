"""Somebody changes their address, step by step."""

from django.http import HttpResponse
from django.test import Client

from mail.models import Message
from tests.factories.accounts import mailed_code

PAGE, CODE = "/account/address/", "/account/address/code/"
OLD, NEW = "ama@northtown.example", "ama.mensah@northtown.example"
WRONG = "BCDF-BCDF"


def ask(client: Client, email: str = NEW) -> HttpResponse:
    return client.post(PAGE, {"email": email})


def type_code(client: Client, code: str) -> HttpResponse:
    return client.post(CODE, {"code": code})


def changes(client: Client, email: str = NEW) -> None:
    ask(client, email)
    assert type_code(client, mailed_code(email)).status_code == 302


def signs_in_by_mail(email: str) -> Client:
    """In another browser, by typing the code: that session is listed as every real one."""
    browser = Client()
    browser.post("/account/login/", {"email": email})
    browser.post("/account/login/code/", {"code": mailed_code(email)})
    return browser


def told(kind: str) -> list[str]:
    return list(Message.objects.filter(kind=kind).order_by("pk").values_list("to", flat=True))
