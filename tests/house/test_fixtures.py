"""The tools of the tests are real, and stop when they should."""

import smtplib
from datetime import timedelta

import psutil
import pytest
from django.core.mail import EmailMessage, send_mail
from django.utils import timezone

from jobs import heartbeat, tasks
from jobs.waking import publish
from tests.processes import answers
from tests.waiting import wait_until


@pytest.mark.servers
def test_a_real_worker_does_what_the_test_queues(celery_worker_process):
    celery_worker_process()
    assert publish(tasks.heartbeat)
    age = wait_until(lambda: heartbeat.age(name=heartbeat.WORKER, now=timezone.now()), what="the worker's heartbeat")
    assert age < timedelta(seconds=30)


@pytest.mark.servers
def test_a_killed_worker_leaves_no_process(celery_worker_process):
    worker = celery_worker_process()
    family = [psutil.Process(worker.pid), *psutil.Process(worker.pid).children(recursive=True)]
    assert len(family) == 3
    worker.kill()
    _, alive = psutil.wait_procs(family, timeout=5)
    assert alive == []


@pytest.mark.servers
def test_a_stopped_worker_ends_well(celery_worker_process):
    assert celery_worker_process().stop() == 0


@pytest.mark.servers
def test_the_site_runs_under_gunicorn_on_the_database_of_the_test(gunicorn_site):
    assert answers(f"{gunicorn_site()}/health/ready")


def test_the_mail_sink_keeps_what_it_is_sent(smtp_sink, settings):
    smtp_sink.use_in(settings)
    send_mail("A subject", "Words — with a dash", "from@synergi.example", ["to@northtown.example"])
    [message] = smtp_sink.to("to@northtown.example")
    assert (message["Subject"], message.get_content().strip()) == ("A subject", "Words — with a dash")


@pytest.mark.parametrize("answer", ["451 4.3.0 Try again later", "550 5.1.1 No such person"])
def test_the_mail_sink_refuses_when_told_to(smtp_sink, settings, answer):
    smtp_sink.use_in(settings)
    smtp_sink.refuse(answer)
    with pytest.raises(smtplib.SMTPDataError) as refused:
        EmailMessage("S", "T", "from@synergi.example", ["to@northtown.example"]).send()
    assert refused.value.smtp_code == int(answer[:3])


def test_the_mail_sink_hangs_when_told_to(smtp_sink, settings):
    smtp_sink.use_in(settings)
    settings.EMAIL_TIMEOUT = 0.3
    smtp_sink.hang()
    with pytest.raises(smtplib.SMTPServerDisconnected, match="timed out"):
        EmailMessage("S", "T", "from@synergi.example", ["to@northtown.example"]).send()


@pytest.mark.browser
def test_axe_speaks_up(page, axe):
    page.set_content('<html lang="en"><title>T</title><main><h1>H</h1><img src="x"></main></html>')
    with pytest.raises(AssertionError, match="image-alt"):
        axe(page)
    page.set_content('<html lang="en"><title>T</title><main><h1>H</h1><p>Text</p></main></html>')
    axe.everywhere(page)


def test_the_nu_checker_speaks_up(nu):
    good = '<!doctype html><html lang="en"><title>T</title><p>Text</p></html>'
    nu({"good": good, "good too": good})
    with pytest.raises(AssertionError, match=r"- bad:1: Element .p. not allowed"):
        nu({"good": good, "bad": '<!doctype html><html lang="en"><title>T</title><ul><p>Text</p></ul></html>'})
