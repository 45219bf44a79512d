"""The mailbox of the demonstration: convenient there, absent everywhere else."""

import os
import re
import subprocess
import sys
from datetime import timedelta

import pytest
from django.conf import settings as site_settings
from django.urls import reverse

from mail import demo_mailbox, sending
from mail.layout import Kind
from tests.factories.mail import NOW, make_message
from tests.production import PRODUCTION

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _demonstration(settings, tmp_path):
    settings.DEMO = True
    settings.ROOT_URLCONF = "tests.mail.demo_urls"
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = settings.DEMO_MAILBOX = tmp_path / "mailbox"


def send(**more) -> None:
    make_message(**more)
    sending.send_due(now=NOW + timedelta(days=1))


def test_an_empty_mailbox_says_so(client):
    page = client.get("/demo/mail/").content.decode()
    assert "There is no message yet." in page


def test_messages_are_listed_newest_first(client):
    send(name="First")
    send(name="Second")
    page = client.get("/demo/mail/").content.decode()
    assert re.findall(r'<a class="govuk-link" href="/demo/mail/[^"]+">(.*?)</a>', page) == [
        "Answer Second by Friday",
        "Answer First by Friday",
    ]


def test_messages_of_one_run_share_a_file_and_are_told_apart():
    for n in range(3):
        make_message(name=f"N{n}")
    sending.send_due(now=NOW)
    mails = demo_mailbox.mails()
    assert len({mail.file for mail in mails}) == 1
    assert [(mail.number, mail.subject) for mail in mails] == [
        (2, "Answer N2 by Friday"),
        (1, "Answer N1 by Friday"),
        (0, "Answer N0 by Friday"),
    ]
    assert [demo_mailbox.find(file=mail.file, number=mail.number) for mail in mails] == mails


def test_only_messages_to_somebody(client):
    send(to="ada@trust.example", name="Ada")
    send(to="bo@trust.example", name="Bo")
    page = client.get("/demo/mail/?to=BO@trust").content.decode()
    assert "Answer Bo by Friday" in page
    assert "Answer Ada by Friday" not in page
    assert 'value="BO@trust"' in page
    assert "There is no message to “nobody”." in client.get("/demo/mail/?to=nobody").content.decode()


def test_a_message_shows_its_button_and_its_headers(client):
    send(to="ada@trust.example")
    page = client.get(address_of(demo_mailbox.mails()[0])).content.decode()
    assert '<a class="govuk-button" href="http://127.0.0.1:8000/workspace/northtown/">Write your answer</a>' in page
    assert "ada@trust.example" in page
    assert "<title>Answer Northtown by Friday" in page


def address_of(mail) -> str:
    return reverse("demo-mail", args=[mail.file, mail.number])


def test_a_code_stands_large(client):
    send(note="Your code is:\nX7K2PQ")
    assert '<p class="govuk-heading-xl">X7K2PQ</p>' in client.get(address_of(demo_mailbox.mails()[0])).content.decode()


def test_addresses_of_others_are_links_and_markup_is_text(client):
    send(note='See https://other.example/ <script>alert(1)</script> <a href="javascript:alert(1)">x</a>')
    page = client.get(address_of(demo_mailbox.mails()[0])).content.decode()
    assert '<a class="govuk-link" href="https://other.example/" rel="nofollow">https://other.example/</a>' in page
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert 'href="javascript' not in page


def test_long_words_in_many_scripts_come_back_whole():
    subject = "Grüße, 你好, مرحبا " + "x" * 150
    send(name=subject, note="Ünïcödé " * 50)
    mail = demo_mailbox.mails()[0]
    assert mail.subject == f"Answer {subject.strip()} by Friday"
    assert ("Ünïcödé " * 50).strip() in [line for block in mail.blocks for line in block.lines]


def test_a_message_still_being_written_waits(settings):
    send()
    [path] = settings.DEMO_MAILBOX.glob("*.log")
    path.write_bytes(path.read_bytes() + b"Subject: half a mess")
    assert len(demo_mailbox.mails()) == 1


def test_a_message_that_is_not_there_is_404(client):
    send()
    mail = demo_mailbox.mails()[0]
    assert client.get(f"/demo/mail/{mail.file}/7/").status_code == 404
    assert client.get("/demo/mail/nothing.log/0/").status_code == 404


@pytest.mark.parametrize(
    "name", ["..%2Fsecret.log", "..%5Csecret.log", "%2Fetc%2Fpasswd", "..", "secret.txt", "%00secret.log"]
)
def test_no_name_leads_out_of_the_mailbox(client, settings, name):
    send()
    settings.DEMO_MAILBOX.joinpath("../secret.log").write_bytes(
        b"Subject: secret\nTo: a@b.example\nDate: Mon, 28 Sep 2026 09:00:00 +0000\n\nsecret" + b"\n" + b"-" * 79 + b"\n"
    )
    settings.DEMO_MAILBOX.joinpath("secret.txt").write_bytes(b"secret\n" + b"-" * 79 + b"\n")
    answer = client.get(f"/demo/mail/{name}/0/")
    assert answer.status_code == 404
    assert b"secret" not in answer.content.replace(name.encode(), b"")


def test_the_pages_set_no_cookie_and_are_not_kept(client):
    answer = client.get("/demo/mail/")
    assert answer.cookies == {}
    assert "Cookie" not in answer.get("Vary", "")
    assert "no-store" in answer["Cache-Control"]


def test_outside_the_demonstration_the_pages_are_404_even_if_somebody_includes_them(client, settings):
    send()
    address = address_of(demo_mailbox.mails()[0])
    settings.DEMO = False
    assert client.get("/demo/mail/").status_code == 404
    assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    ("environment", "said"), [("local", "404"), ("test", "404"), ("production", "404"), ("demo", "demo-mailbox")]
)
def test_the_addresses_exist_in_the_demonstration_only(environment, said, tmp_path):
    """Asked of a process of its own, because settings are read once."""
    code = (
        "import django; django.setup()\n"
        "from django.urls import Resolver404, resolve\n"
        "try: print(resolve('/demo/mail/').url_name)\n"
        "except Resolver404: print('404')\n"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code],
        cwd=site_settings.BASE_DIR,
        env={**os.environ, **PRODUCTION, "MEDIA_ROOT": str(tmp_path), "ENVIRONMENT": environment},
        capture_output=True,
        text=True,
    )
    assert answer.stdout.strip() == said, answer.stderr


def test_a_mail_with_html_only_shows_no_body(settings):
    from django.core.mail import EmailMessage

    email = EmailMessage("Hello", "<b>x</b>", "a@b.example", ["c@d.example"])
    email.content_subtype = "html"
    email.send()
    assert demo_mailbox.mails()[0].blocks == ()


def test_a_button_block_is_one(settings):
    send()
    assert Kind.BUTTON in [block.kind for block in demo_mailbox.mails()[0].blocks]
