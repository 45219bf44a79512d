"""Two journeys of joining: a leader's organisation applies and is approved; a supporter joins, changes and leaves."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from signatories.models import Application, Supporter, SupporterState
from tests.factories.signatories import make_organisation
from tests.journeys.people import Person, plain

pytestmark = [pytest.mark.browser, pytest.mark.servers, pytest.mark.timeout(300)]
TRUST = "Northtown Mental Health NHS Trust"
WORDS = "I was detained three times before anybody asked what would help."
NEW_WORDS = "I was detained three times. Now I sit on the board that asks."


def test_from_the_application_to_the_accepted_invitation(
    worker: Any, publisher: Person, person: Callable[..., Person]
) -> None:
    make_organisation(name=TRUST, ods_code="X9A")
    contact = person("Tom Ashworth", "tom.ashworth@northtown.example")
    leader = person("Dr Ngozi Bello", "ngozi.bello@northtown.example")

    _the_contact_applies(contact, leader)
    _staff_approve(publisher)
    assert "We have mailed an invitation to Dr Ngozi Bello." in plain(contact.mail("Your application is approved"))
    leader.follows_mail("Accept your invitation to sign the pledge")
    leader.reads("Your invitation")
    leader.presses("Accept the invitation")
    leader.signs_in()
    leader.reads(TRUST)
    _a_second_application_is_declined(contact, leader, publisher)


def _the_contact_applies(contact: Person, leader: Person) -> None:
    contact.opens("/").follows("Sign the pledge")
    contact.reads("Sign the pledge")
    contact.sees("Work in partnership with local ethnic minority communities")
    contact.follows("Go to the application")
    contact.presses("Send the application")
    contact.sees("Enter the name of the organisation.")
    _fills_in(contact, leader, TRUST)
    contact.presses("Send the application")
    contact.reads("We have your application")
    contact.sees("Within 14 days")
    assert contact.page.url.endswith("/sign-the-pledge/received/")
    contact.mail("We answer your application to sign the pledge by")


def _fills_in(contact: Person, leader: Person, organisation: str) -> None:
    contact.types("Name of the organisation", organisation)
    contact.types("Full name of the leader", leader.name)
    contact.types("Role of the leader", "Chief executive")
    contact.types("E-mail address of the leader", leader.email)
    contact.types("Your full name", contact.name)
    contact.types("Your e-mail address", contact.email)
    contact.types("Why do you want to sign the pledge?", "Our board has promised it, and wants to be held to it.")


def _staff_approve(publisher: Person) -> None:
    publisher.mail("Decide: somebody asks to join the pledge")
    publisher.signs_in(at="/staff/")
    publisher.follows("1 application to sign the pledge")
    publisher.follows(TRUST)
    publisher.sees("Our board has promised it")
    assert publisher.page.get_by_label("Organisation", exact=True).input_value() == f"{TRUST} (X9A)"
    publisher.presses("Approve and send the invitation")
    publisher.reads("Invitation sent")


def _a_second_application_is_declined(contact: Person, leader: Person, publisher: Person) -> None:
    contact.opens("/sign-the-pledge/")
    _fills_in(contact, leader, "Northtown Mood Diaries")
    contact.presses("Send the application")
    contact.reads("We have your application")
    publisher.opens("/staff/applications/").follows("Northtown Mood Diaries")
    publisher.page.get_by_text("Decline it instead").click()
    publisher.types("Why not?", "The pledge is for bodies that provide or commission care.")
    publisher.presses("Decline the application")
    publisher.sees("Declined. Your reason goes to the contact by e-mail.")
    told = plain(contact.mail("About your application to sign the pledge: Northtown Mood Diaries"))
    assert "The pledge is for bodies that provide or commission care." in told
    assert set(Application.objects.values_list("state", flat=True)) == {"approved", "declined"}


def test_a_supporter_joins_is_published_changes_words_and_leaves(
    worker: Any, publisher: Person, person: Callable[..., Person]
) -> None:
    grace, visitor = person("Grace Addo", "grace.addo@southmoor.example"), person()

    _grace_joins(grace)
    link = _the_link_in(plain(grace.mail("Keep this message")))
    _a_scanner_opens(visitor, link)
    visitor.opens("/supporters/").does_not_see(grace.name)
    _staff_publish_her(publisher)
    grace.mail("You are on the list of Pledge Supporters")
    visitor.opens("/supporters/").sees(WORDS)
    _she_changes_her_words(grace, link)
    visitor.opens("/supporters/").sees(WORDS)
    _staff_publish_the_new_words(publisher)
    visitor.opens("/supporters/").sees(NEW_WORDS)
    _she_leaves_with_a_fresh_link(grace, link)
    visitor.opens("/supporters/").does_not_see(grace.name)
    row = Supporter.objects.get()
    assert (row.state, row.name, row.statement, row.email) == (SupporterState.LEFT, "", "", "")


def _grace_joins(grace: Person) -> None:
    grace.opens("/supporters/").follows("Become a supporter")
    grace.chooses("A person")
    grace.types("Your name, or that of your organisation", grace.name)
    grace.types("Why you support the pledge", WORDS)
    grace.types("E-mail address", grace.email)
    grace.presses("Send")
    grace.sees("Agree that we publish your name and words, or do not join.")
    grace.chooses("Publish this name and these words on the list of supporters")
    grace.presses("Send")
    grace.reads("Thank you for backing the pledge")


def _the_link_in(text: str) -> str:
    found = re.search(r"/supporters/manage/[\w-]+/", text)
    assert found
    return found.group()


def _a_scanner_opens(visitor: Person, link: str) -> None:
    before = Supporter.objects.values().get()
    for _time in range(5):
        visitor.opens(link).reads("Your words as a supporter")
        assert visitor.page.request.head(f"{visitor.site.url}{link}").status == 200
    assert Supporter.objects.values().get() == before


def _staff_publish_her(publisher: Person) -> None:
    publisher.signs_in(at="/staff/supporters/")
    publisher.follows("Grace Addo")
    publisher.sees(WORDS)
    publisher.comes_back_an_hour_later()
    publisher.presses("Publish on the list")
    publisher.proves_who_they_are()
    publisher.presses("Publish on the list")
    publisher.sees("Published. The name stands on the public list.")


def _she_changes_her_words(grace: Person, link: str) -> None:
    grace.opens(link).sees("They stand on the public list.")
    grace.types("Why you support the pledge", NEW_WORDS)
    grace.presses("Save my words")
    grace.sees("wait for the Synergi team")
    grace.sees(WORDS)


def _staff_publish_the_new_words(publisher: Person) -> None:
    publisher.opens("/staff/").follows("1 supporter, new or with new words")
    publisher.follows("Grace Addo")
    publisher.sees(NEW_WORDS)
    publisher.sees(WORDS)
    publisher.presses("Publish the new words")
    publisher.sees("The new words stand on the public list.")


def _she_leaves_with_a_fresh_link(grace: Person, old_link: str) -> None:
    grace.opens("/supporters/").follows("Change your words or leave")
    grace.types("E-mail address", grace.email)
    grace.presses("Mail me a fresh link")
    grace.reads("Look into your mail")
    link = _the_link_in(plain(grace.mail("your fresh link")))
    grace.opens(old_link).reads("This link does not work")
    grace.opens(link).presses("Leave")
    grace.reads("You have left")
