"""People in a journey: what they do with a browser and their mail, in their own words."""

import re
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from email.message import EmailMessage
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client
from playwright.sync_api import BrowserContext, Locator, Page, expect

from accounts.models import User
from tests.factories.accounts import passkey_record, sign_in
from tests.smtp import SmtpSink
from tests.waiting import wait_until

CODE = re.compile(r"^\s*([A-Z]{4}-[A-Z]{4})\s*$", re.MULTILINE)
RECORDS = "account_authentication_methods"


@dataclass
class Site:
    """The address of the site, and where its mail arrives."""

    url: str
    mail: SmtpSink


class Person:
    """Somebody with a browser of their own. `page` is there for what has no word here."""

    def __init__(self, context: BrowserContext, site: Site, name: str, email: str) -> None:
        self.site, self.name, self.email = site, name, email
        self._context, self._read, self.problems = context, 0, list[str]()
        self.page: Page = context.new_page()
        self.page.set_default_timeout(15_000)
        self.page.on("pageerror", lambda error: self.problems.append(f"{self.page.url}: {error}"))
        self.page.on("console", self._listen)

    def _listen(self, message: object) -> None:
        if getattr(message, "type", "") == "error" and "status of" not in str(getattr(message, "text", "")):
            self.problems.append(f"{self.page.url}: {message.text}")  # type: ignore[attr-defined]

    def leave(self) -> None:
        """Goes home; nothing may have gone wrong in their browser."""
        with suppress(Exception):
            self._context.close()
        assert self.problems == [], f"In the browser of {self.name}"

    # --- Pages ---------------------------------------------------------------------------------------

    def opens(self, address: str) -> "Person":
        self.page.goto(address if address.startswith("http") else f"{self.site.url}{address}")
        return self

    def follows(self, link: str) -> None:
        self.page.get_by_role("link", name=link).first.click()

    def presses(self, button: str) -> None:
        self.page.get_by_role("button", name=button, exact=True).first.click()

    def types(self, label: str, text: str) -> None:
        self.page.get_by_label(label, exact=True).fill(text)

    def types_date(self, legend: str, day: date) -> None:
        group = self.page.get_by_role("group", name=legend)
        for part in ("day", "month", "year"):
            group.get_by_label(part.capitalize(), exact=True).fill(str(getattr(day, part)))

    def chooses(self, option: str) -> None:
        self.page.get_by_label(option, exact=True).check()

    def reads(self, heading: str) -> None:
        """Is on the page with this first heading."""
        expect(self.page.locator("h1")).to_contain_text(heading)

    def sees(self, text: str) -> None:
        expect(self.main).to_contain_text(text)

    def does_not_see(self, text: str) -> None:
        expect(self.page.locator("h1")).to_be_visible()
        expect(self.main).not_to_contain_text(text)

    @property
    def main(self) -> Locator:
        return self.page.locator("body")

    def waits_until_it_says(self, address: str, text: str, seconds: float = 60) -> None:
        """Opens an address again and again until it has these words."""
        wait_until(lambda: text in self._text_at(address), what=f"{address} says “{text}”", seconds=seconds)

    def _text_at(self, address: str) -> str:
        return self.opens(address).page.locator("body").inner_text()

    # --- Mail ----------------------------------------------------------------------------------------

    def mail(self, about: str) -> EmailMessage:
        """The next mail with these words in its subject, waited for."""

        def found() -> EmailMessage | None:
            unread = list(enumerate(self.site.mail.to(self.email)))[self._read :]
            return next((self._mark(n, m) for n, m in unread if about in str(m["Subject"])), None)

        message = wait_until(found, what=f"a mail to {self.email} about “{about}”")
        assert message is not None
        return message

    def _mark(self, number: int, message: EmailMessage) -> EmailMessage:
        self._read = number + 1
        return message

    def puts_old_mail_aside(self) -> None:
        self._read = len(self.site.mail.to(self.email))

    def follows_mail(self, about: str) -> None:
        """Opens the first address in the mail that is one of the site’s."""
        [address, *_] = re.findall(rf"{re.escape(self.site.url)}/\S+", plain(self.mail(about)))
        self.opens(address)

    # --- Proving who they are ------------------------------------------------------------------------

    def signs_in(self, at: str = "/account/login/") -> None:
        self.opens(at)
        self.reads("Sign in")
        self.types("E-mail address", self.email)
        self.presses("Send me a code")
        self.types_the_code()
        self._has_a_second_factor()

    def _has_a_second_factor(self) -> None:
        """As if a member of the Synergi team had used a passkey: the ceremony itself is walked elsewhere."""
        self.page.wait_for_url(lambda url: "/account/login" not in url)
        wanted = parse_qs(urlsplit(self.page.url).query).get("next", ["/staff/"])[0]
        if "/account/second-factor/" in self.page.url:
            session = self._session()
            session[RECORDS] = [*session[RECORDS], passkey_record(time.time())]
            session.save()
            self.opens(wanted)

    def types_the_code(self) -> None:
        found = CODE.search(plain(self.mail("Your code")))
        assert found, "The mail holds no code."
        self.types("Code", found[1])
        self.presses("Continue")
        expect(self.page.get_by_label("Code", exact=True)).to_have_count(0)

    def proves_who_they_are(self) -> None:
        """The page asked for a fresh proof; afterwards they are back where they were."""
        self.reads("Confirm that it is you")
        self.presses("Send me a code")
        self.types_the_code()

    def is_signed_in(self) -> "Person":
        """Signed in a moment ago, without a mail: for tests that are about something else."""
        client = sign_in(Client(), User.objects.get(email=self.email))
        key = client.cookies[settings.SESSION_COOKIE_NAME].value
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": key, "url": self.site.url}
        self._context.add_cookies([cookie])  # type: ignore[list-item]
        return self

    def comes_back_an_hour_later(self) -> None:
        """Their last proof is an hour old now."""
        session = self._session()
        session[RECORDS] = [{**record, "at": time.time() - 3600} for record in session[RECORDS]]
        session.save()

    def _session(self) -> SessionStore:
        cookies = {cookie["name"]: cookie["value"] for cookie in self._context.cookies()}
        return SessionStore(cookies[settings.SESSION_COOKIE_NAME])


def plain(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())
