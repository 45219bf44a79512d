from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from jobs import heartbeat
from mail import holding
from mail.models import Message, State
from mail.outbox import queue
from tests.factories.accounts import make_caseworker, make_user

pytestmark = pytest.mark.django_db


def make_message(*, to: str = "somebody@northtown.example", now: datetime) -> Message:
    context = {"code": "ABC123", "purpose": "sign_in"}
    return queue(to=to, kind="sign_in_code", template="sign_in_code", context=context, now=now)


def figures(client) -> dict[str, object]:
    return client.get("/status?format=json").json()


def test_an_empty_site_waits_for_nothing(client):
    shown = figures(client)
    assert shown.pop("as_at")
    assert {name: value for name, value in shown.items() if value} == {}
    assert (shown["mail_oldest_unsent_seconds"], shown["worker_heartbeat_seconds"]) == (None, None)


def test_the_age_of_the_oldest_unsent_mail_is_told(client):
    make_message(now=timezone.now() - timedelta(minutes=10))
    assert figures(client)["mail_queued"] == 1
    assert figures(client)["mail_oldest_unsent_seconds"] in range(600, 610)


def test_the_last_runs_are_told(client):
    now = timezone.now()
    heartbeat.beat(name=heartbeat.WORKER, now=now - timedelta(seconds=40))
    heartbeat.beat(name="reminders", now=now - timedelta(hours=1))
    shown = figures(client)
    assert shown["worker_heartbeat_seconds"] in range(40, 50)
    assert shown["planner_last_run_seconds"] in range(3600, 3610)


def test_a_machine_that_asks_for_json_gets_it(client):
    assert client.get("/status", headers={"accept": "application/json"}).headers["Content-Type"] == "application/json"


def failed_message():
    message = make_message(now=timezone.now())
    Message.objects.filter(pk=message.pk).update(state=State.FAILED, error="No such person")


@pytest.mark.parametrize("person", [None, make_user])
def test_the_public_sees_numbers_and_no_names(client, person):
    failed_message()
    if person:
        client.force_login(person())
    page = client.get("/status").content.decode()
    assert "E-mails that failed</th>" in page
    assert "somebody@northtown.example" not in page


def test_the_team_is_led_to_what_is_stuck(client):
    failed_message()
    assert "/staff/stuck/" not in client.get("/status").content.decode()
    client.force_login(make_caseworker())
    page = client.get("/status").content.decode()
    assert page.count('href="/staff/stuck/"') == 1
    assert "somebody@northtown.example" not in page


def test_the_page_is_valid_html(client, nu):
    nu({"status": client.get("/status").content.decode()})


def test_mail_on_hold_is_told(client):
    assert figures(client)["mail_on_hold_seconds"] is None
    holding.begin(now=timezone.now() - timedelta(minutes=5))
    assert figures(client)["mail_on_hold_seconds"] in range(300, 310)
