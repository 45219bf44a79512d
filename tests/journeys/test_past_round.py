"""A past round is imported and read by the public, told once from end to end in a browser."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from mail.models import Message
from progress_updates.models import ProgressUpdate, Round
from tests.browser import AxeCheck, NuCheck
from tests.factories.accounts import make_caseworker
from tests.factories.past import make_docx
from tests.factories.signatories import make_public_pledge_maker
from tests.journeys.people import Person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]
NORTHTOWN, EASTMERE, GREYHAVEN = "Northtown Mental Health NHS Trust", "Eastmere Together", "Greyhaven NHS Trust"
ROUND = "Round 1, spring 2021"
ROWS = f"""pledge_maker,question,text,received_on,document,leader,signed_on
{NORTHTOWN},why,We want everyone to get the same good care.,2021-04-29,report.docx,Dr Ifeoma Asante,2021-04-28
{NORTHTOWN},objective-3,The forum decided where the drop-in is.,,,,
"""


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "round.csv").write_text(ROWS, encoding="utf-8")
    (tmp_path / "report.docx").write_bytes(make_docx("We want everyone to get the same good care."))
    (tmp_path / "mail.txt").write_text("Why: <b>we</b> owe it to Eastmere.\n\nSigned, H. Okoro", encoding="utf-8")
    return tmp_path


def test_a_past_round_is_imported_and_read_by_the_public(
    publisher: Person, person: Callable[..., Person], folder: Path, axe: AxeCheck, nu: NuCheck
) -> None:
    for name in (NORTHTOWN, EASTMERE, GREYHAVEN):
        make_public_pledge_maker(name=name)
    colleague = make_caseworker(email="casey@synergi.example")
    reviewer, visitor = person(colleague.name, colleague.email), person()
    mails = Message.objects.exclude(kind="sign_in_code").count()
    looked: dict[str, str] = {}

    def look(who: Person) -> None:
        axe.everywhere(who.page)
        looked[who.page.url] = who.page.request.get(who.page.url).text()

    _a_past_round_is_made(publisher)
    _a_leader_of_then_is_added(publisher)
    _the_table_is_imported(publisher, folder, look)
    _another_is_entered_by_hand(publisher, folder, look)
    _a_colleague_reviews(reviewer)
    _it_is_published(publisher)
    _the_public_reads(visitor, look)
    nu(looked)
    assert Message.objects.exclude(kind="sign_in_code").count() == mails


def _a_past_round_is_made(staff: Person) -> None:
    staff.is_signed_in().opens("/staff/rounds/")
    staff.follows("Make a past round, from before Pledge Tracker")
    staff.types("Name of the round", ROUND)
    staff.types_date("First day of the period", date(2020, 8, 5))
    staff.types_date("Last day of the period", date(2021, 3, 31))
    staff.types_date("Asked for on", date(2021, 3, 1))
    staff.types_date("Due", date(2021, 4, 30))
    staff.types_date("First published", date(2021, 5, 25))
    staff.presses("Save the past round")
    for name in (NORTHTOWN, EASTMERE, GREYHAVEN):
        staff.page.get_by_label(name).check()
    staff.presses("Make it part of the history")
    staff.sees("The round is part of the history, with 3 Pledge Makers.")


def _a_leader_of_then_is_added(staff: Person) -> None:
    for slug, name in (("northtown-mental-health-nhs-trust", "Dr Ifeoma Asante"), ("eastmere-together", "H. Okoro")):
        staff.opens(f"/staff/pledge-makers/{slug}/leaders/new/")
        staff.types("Name", name)
        staff.types("Their role then", "Chief executive")
        staff.types_date("Leader from", date(2020, 8, 5))
        staff.types_date("Leader until", date(2022, 6, 30))
        staff.presses("Add the leader")
        staff.sees(f"{name} is now listed as an earlier leader.")


def _the_table_is_imported(staff: Person, folder: Path, look: Callable[[Person], None]) -> None:
    staff.opens(f"/staff/rounds/{Round.objects.get().slug}/on-behalf/")
    staff.follows("Import the whole round from a table")
    staff.page.get_by_label("The table", exact=True).set_input_files(folder / "round.csv")
    staff.presses("Import")
    staff.sees("line 2, column document: the file “report.docx” is not there.")
    look(staff)
    staff.page.get_by_label("The table", exact=True).set_input_files(folder / "round.csv")
    staff.page.get_by_label("The documents that it names").set_input_files(folder / "report.docx")
    staff.presses("Import")
    staff.sees("1 entered, 1 of them submitted with a signed document.")


def _another_is_entered_by_hand(staff: Person, folder: Path, look: Callable[[Person], None]) -> None:
    staff.page.get_by_label("Which Pledge Maker sent it?").select_option(label=EASTMERE)
    staff.page.get_by_label("The document").set_input_files(folder / "mail.txt")
    staff.types_date("When did it reach the Synergi team?", date(2021, 5, 3))
    staff.presses("Keep the document and go on")
    staff.follows("Why we are a Pledge Maker")
    expect(staff.page.get_by_role("region", name="Words of mail.txt")).to_contain_text("<b>we</b> owe it to Eastmere.")
    look(staff)
    staff.types("Your answer", "We owe it to Eastmere.")
    expect(staff.page.locator("[data-autosave-status]")).to_contain_text("Saved", timeout=15_000)
    staff.presses("Save and return to the list")
    staff.follows("Check and submit")
    staff.page.get_by_label("mail.txt").check()
    staff.types_date("When did they sign?", date(2021, 5, 2))
    staff.page.get_by_label("Which leader signed it?").select_option(label="H. Okoro, Chief executive (2020 – 2022)")
    staff.presses("Submit with the signed document")
    staff.sees("A colleague can review it now.")
    staff.sees("You did, so a colleague reviews it.")


def _a_colleague_reviews(reviewer: Person) -> None:
    reviewer.is_signed_in()
    for update in ProgressUpdate.objects.all():
        reviewer.opens(f"/staff/updates/{update.pk}/")
        reviewer.presses("Start the review")
        reviewer.presses("Accept")
        reviewer.sees("It waits for a publisher of the team.")


def _it_is_published(publisher: Person) -> None:
    for update in ProgressUpdate.objects.all():
        publisher.opens(f"/staff/updates/{update.pk}/")
        publisher.presses("Publish now")
        publisher.sees("Published. Everybody can read it now.")


def _the_public_reads(visitor: Person, look: Callable[[Person], None]) -> None:
    visitor.opens("/pledge-makers/northtown-mental-health-nhs-trust/")
    visitor.sees(ROUND)
    visitor.opens(f"/pledge-makers/northtown-mental-health-nhs-trust/{Round.objects.get().slug}/")
    visitor.sees("Entered by Synergi from a document. The document reached Synergi on 29 April 2021.")
    visitor.sees("First published on 25 May 2021.")
    visitor.sees("Signed in the document, on 28 April 2021.")
    visitor.sees("The forum decided where the drop-in is.")
    look(visitor)
    visitor.opens("/pledge-makers/eastmere-together/")
    visitor.sees("Received 3 days late")
    visitor.opens("/pledge-makers/greyhaven-nhs-trust/")
    # Nothing says that it had signed by then.
    visitor.sees("Joined after the round opened")
