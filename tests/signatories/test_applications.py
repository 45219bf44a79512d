"""Asking to sign the pledge: what is kept, who hears, and what the team decides."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client

from accounts.models import AuditEvent, User
from mail.models import Message
from signatories import applications, joining
from signatories.models import Application, ApplicationState, Invitation, Organisation, PledgeMaker
from tests.factories.accounts import make_caseworker, make_publisher, make_user
from tests.factories.joining import APPLICATION, WHY, make_application
from tests.factories.signatories import make_leader, make_organisation, make_pledge_maker

NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
PAGE = "/sign-the-pledge/"
CONTACT = APPLICATION["contact_email"]
pytestmark = pytest.mark.django_db


def approve(application: Application, *, by: User | None = None, organisations: Any = None, **more: Any) -> Invitation:
    told = {
        "pledge_maker_name": "",
        "name": application.leader_name,
        "email": application.leader_email,
        "role_title": application.leader_role_title,
        "now": NOW,
    }
    organisations = organisations or [make_organisation()]
    by = by or make_caseworker()
    return applications.approve(application=application, organisations=organisations, by=by, **{**told, **more})


def mails(kind: str) -> list[Message]:
    return list(Message.objects.filter(kind=kind).order_by("pk"))


# --- Applying --------------------------------------------------------------------------------------------


def test_what_was_typed_is_kept_and_the_contact_hears_of_it() -> None:
    application = applications.apply(**APPLICATION, looks_automatic=False, now=NOW)
    assert {key: getattr(application, key) for key in APPLICATION} == APPLICATION
    assert (application.state, application.created_at, application.looks_automatic) == ("waiting", NOW, False)
    [message] = mails("application_received")
    assert message.to == CONTACT
    assert message.subject == "We answer your application to sign the pledge by 15 March 2027"
    assert AuditEvent.objects.get(action="application.received").about_id == application.pk


def test_the_acknowledgement_repeats_nothing_that_was_typed() -> None:
    spam = {key: f"Spam {key}" for key in ("organisation_name", "leader_name", "leader_role_title", "contact_name")}
    applications.apply(**{**APPLICATION, **spam, "why": "Spam why"}, looks_automatic=False, now=NOW)
    [message] = mails("application_received")
    assert "Spam" not in f"{message.subject} {message.text} {message.html} {message.to_name}"


def test_the_leader_hears_nothing_before_the_invitation() -> None:
    application = make_application(now=NOW)
    assert Message.objects.filter(to=application.leader_email).count() == 0
    approve(application)
    assert [message.kind for message in Message.objects.filter(to=application.leader_email)] == ["invitation"]


def test_publishers_hear_once_a_day_that_something_waits() -> None:
    publisher, _caseworker = make_publisher(), make_caseworker()
    for hours in (0, 3, 5):
        make_application(now=NOW + timedelta(hours=hours))
    assert [(message.to, message.kind) for message in mails("joining_waits")] == [(publisher.email, "joining_waits")]
    make_application(now=NOW + timedelta(days=1))
    assert len(mails("joining_waits")) == 2


def test_what_looks_automatic_wakes_nobody_and_is_kept() -> None:
    make_publisher()
    application = make_application(looks_automatic=True, now=NOW)
    assert mails("joining_waits") == []
    assert Application.objects.get() == application
    assert len(mails("application_received")) == 1


def test_the_same_application_again_is_the_one_that_waits() -> None:
    first = applications.apply(**APPLICATION, looks_automatic=False, now=NOW)
    again = applications.apply(**APPLICATION, looks_automatic=False, now=NOW + timedelta(minutes=1))
    assert (again, Application.objects.count(), len(mails("application_received"))) == (first, 1, 1)


def apply_number(number: int, **more: Any) -> Application:
    told = {**APPLICATION, "organisation_name": f"Trust {number}", **more}
    return applications.apply(**{"looks_automatic": False, "now": NOW, **told})


def test_ten_a_day_from_one_contact_are_taken_and_no_more() -> None:
    for number in range(10):
        apply_number(number)
    with pytest.raises(joining.TooMany, match="10 from this address within a day") as refusal:
        apply_number(10)
    assert "pledge-team@synergi.example" in str(refusal.value)
    assert apply_number(11, contact_email="other@northtown.example").pk
    assert apply_number(12, now=NOW + timedelta(days=1)).pk


def test_everybody_together_is_limited_within_the_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joining, "AN_HOUR_FROM_EVERYBODY", 3)
    for _number in range(3):
        make_application(now=NOW)
    with pytest.raises(joining.TooMany, match="Try again in an hour"):
        make_application(now=NOW)
    assert make_application(now=NOW + timedelta(hours=1)).pk


def test_a_robot_shuts_nobody_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joining, "AN_HOUR_FROM_EVERYBODY", 3)
    for _number in range(3):
        make_application(looks_automatic=True, now=NOW)
    assert make_application(now=NOW).state == ApplicationState.WAITING


@pytest.mark.django_db(transaction=True)
def test_of_thirty_at_once_from_one_contact_ten_are_taken() -> None:
    def press(number: int) -> str:
        try:
            apply_number(number)
        except joining.TooMany:
            return "refused"
        finally:
            connection.close()
        return "taken"

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(press, range(30)))
    assert (outcomes.count("taken"), outcomes.count("refused"), Application.objects.count()) == (10, 20, 10)


@pytest.mark.django_db(transaction=True)
def test_a_double_press_makes_one_application() -> None:
    def press(_number: int) -> int:
        try:
            return applications.apply(**APPLICATION, looks_automatic=False, now=NOW).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(press, range(20)))
    assert (len(keys), Application.objects.count(), len(mails("application_received"))) == (1, 1, 1)


# --- Approving -------------------------------------------------------------------------------------------


def test_approving_invites_the_leader_and_tells_the_contact() -> None:
    application, trust, by = make_application(now=NOW), make_organisation(name="Northtown Trust"), make_caseworker()
    invitation = approve(application, organisations=[trust], by=by)
    application.refresh_from_db()
    assert (application.state, application.decided_at, application.decided_by) == ("approved", NOW, by)
    assert (application.invitation, application.organisation) == (invitation, trust)
    assert (invitation.email, invitation.name) == (application.leader_email, application.leader_name)
    assert invitation.pledge_maker.name == "Northtown Trust"
    [message] = mails("application_approved")
    assert message.to == application.contact_email
    assert message.subject == "Your application is approved: Northtown Mental Health NHS Trust"
    assert "We have mailed an invitation to Dr Ngozi Bello." in message.text
    assert "It is good until 15 March 2027." in message.text
    event = AuditEvent.objects.get(action="application.approved")
    assert (event.by, event.about_id, event.detail) == (by, application.pk, {"invitation": invitation.pk})


def test_a_leader_who_applied_for_themselves_gets_the_invitation_only() -> None:
    application = make_application(contact_email=APPLICATION["leader_email"], now=NOW)
    approve(application)
    assert mails("application_approved") == []


def test_a_partnership_is_approved_with_its_name() -> None:
    trust, council = make_organisation(name="Northtown Trust"), make_organisation(name="Northtown Council")
    more = {"organisations": [trust, council], "pledge_maker_name": "Northtown Together"}
    invitation = approve(make_application(now=NOW), **more)
    assert invitation.pledge_maker.name == "Northtown Together"
    assert set(invitation.pledge_maker.organisations.all()) == {trust, council}


def test_a_slip_in_the_leaders_address_can_be_put_right() -> None:
    application = make_application(leader_email="ngozi.belo@northtown.example", now=NOW)
    invitation = approve(application, email="ngozi.bello@northtown.example")
    assert invitation.email == "ngozi.bello@northtown.example"


def test_the_pledge_maker_that_is_there_gets_a_further_leader() -> None:
    maker = make_pledge_maker(now=NOW)
    assert approve(make_application(now=NOW), organisations=list(maker.organisations.all())).pledge_maker == maker
    assert PledgeMaker.objects.count() == 1


def test_who_leads_it_already_is_not_invited_again_and_the_application_waits_on() -> None:
    leader = make_leader(email="ngozi.bello@northtown.example", now=NOW)
    application = make_application(now=NOW)
    with pytest.raises(ValidationError, match="already a leader"):
        approve(application, organisations=list(leader.pledge_maker.organisations.all()))
    application.refresh_from_db()
    assert application.state == ApplicationState.WAITING


@pytest.mark.parametrize("decided", ["approved", "declined"])
def test_what_is_decided_is_not_decided_again(decided: str) -> None:
    application = make_application(now=NOW)
    if decided == "approved":
        approve(application)
    else:
        applications.decline(application=application, reason="No leader.", by=make_caseworker(), now=NOW)
    before = (Invitation.objects.count(), Message.objects.count(), PledgeMaker.objects.count())
    with pytest.raises(applications.Decided):
        approve(application)
    with pytest.raises(applications.Decided):
        applications.decline(application=application, reason="Too late.", by=make_caseworker(), now=NOW)
    assert (Invitation.objects.count(), Message.objects.count(), PledgeMaker.objects.count()) == before


@pytest.mark.django_db(transaction=True)
def test_twenty_approvals_at_once_make_one_invitation() -> None:
    application, trust, by = make_application(now=NOW), make_organisation(), make_caseworker()

    def press(_number: int) -> str:
        try:
            approve(application, organisations=[trust], by=by)
        except applications.Decided:
            return "too late"
        finally:
            connection.close()
        return "approved"

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(press, range(20)))
    assert sorted(outcomes) == ["approved"] + ["too late"] * 19
    assert (Invitation.objects.count(), PledgeMaker.objects.count(), len(mails("invitation"))) == (1, 1, 1)


@pytest.mark.django_db(transaction=True)
def test_two_applications_of_one_organisation_approved_at_once_make_one_pledge_maker() -> None:
    trust, by = make_organisation(), make_caseworker()
    rows = [make_application(leader_email=f"leader{n}@northtown.example", now=NOW) for n in range(6)]

    def press(application: Application) -> int:
        try:
            return approve(application, organisations=[trust], by=by).pledge_maker_id
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        makers = set(pool.map(press, rows))
    assert (len(makers), PledgeMaker.objects.count(), Invitation.objects.count()) == (1, 1, 6)


# --- Declining -------------------------------------------------------------------------------------------


def test_declining_mails_the_reason_to_the_contact() -> None:
    application, by = make_application(now=NOW), make_caseworker()
    applications.decline(application=application, reason=" Only a leader\ncan sign. ", by=by, now=NOW)
    application.refresh_from_db()
    assert (application.state, application.decided_by) == (ApplicationState.DECLINED, by)
    assert application.decline_reason == "Only a leader\ncan sign."
    [message] = mails("application_declined")
    assert message.to == application.contact_email
    assert "Dear Tom Ashworth," in message.text
    assert "\nOnly a leader\ncan sign.\n" in message.text
    assert AuditEvent.objects.get(action="application.declined").by == by
    assert Message.objects.filter(to=application.leader_email).count() == 0


def test_no_is_never_said_without_a_reason() -> None:
    with pytest.raises(ValidationError, match="Give a reason"):
        applications.decline(application=make_application(now=NOW), reason="  ", by=make_caseworker(), now=NOW)
    assert mails("application_declined") == []


def test_only_the_team_decides() -> None:
    application, stranger = make_application(now=NOW), make_user()
    with pytest.raises(PermissionDenied):
        approve(application, by=stranger, organisations=[make_organisation()])
    with pytest.raises(PermissionDenied):
        applications.decline(application=application, reason="No.", by=stranger, now=NOW)
    application.refresh_from_db()
    assert application.state == ApplicationState.WAITING


# --- The page --------------------------------------------------------------------------------------------


def test_the_page_says_what_signing_means_in_the_wording_of_today(client: Client) -> None:
    page = client.get(PAGE).content.decode()
    assert page.count('class="objective-wording"') == 7
    assert "Work in partnership with local ethnic minority communities" in page
    assert "BAME" not in page
    assert "answers within 14 days" in page
    assert "An update every six months" in page


def test_the_form_leads_to_a_page_that_says_what_happens_next(client: Client) -> None:
    answer = client.post(PAGE, {**APPLICATION, "contact_email": " Tom.Ashworth@Northtown.example "})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/sign-the-pledge/received/")
    application = Application.objects.get()
    assert (application.contact_email, application.looks_automatic) == (CONTACT, False)
    page = client.get("/sign-the-pledge/received/").content.decode()
    assert "We have your application" in page
    assert "Within 14 days" in page


def test_line_breaks_are_counted_and_kept_once(client: Client) -> None:
    client.post(PAGE, {**APPLICATION, "why": WHY.replace("\n", "\r\n")})
    assert Application.objects.get().why == WHY


def test_the_box_that_people_do_not_see_marks_and_drops_nothing(client: Client) -> None:
    answer = client.post(PAGE, {**APPLICATION, "homepage": "https://spam.example"})
    assert answer.headers["Location"] == "/sign-the-pledge/received/"
    assert Application.objects.get().looks_automatic is True


@pytest.mark.parametrize("missing", sorted(APPLICATION))
def test_what_is_missing_is_named_and_nothing_typed_is_cleared(client: Client, missing: str) -> None:
    answer = client.post(PAGE, {**APPLICATION, missing: " "})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "<title>Error: Sign the pledge" in page
    assert f'href="#id_{missing}"' in page
    for name, value in APPLICATION.items():
        assert name == missing or value.replace("\n\n", "\n\n") in page
    assert Application.objects.count() == 0


def test_too_many_words_come_back_whole(client: Client) -> None:
    page = client.post(PAGE, {**APPLICATION, "why": "word " * 501}).content.decode()
    assert "must be 500 words or fewer. It has 501." in page
    assert "word " * 500 in page


def test_too_many_applications_are_refused_with_everything_typed_still_there(client: Client) -> None:
    for number in range(10):
        client.post(PAGE, {**APPLICATION, "organisation_name": f"Trust {number}"})
    answer = client.post(PAGE, {**APPLICATION, "why": "The eleventh."})
    page = answer.content.decode()
    assert answer.status_code == 429
    assert "We have had 10 from this address within a day." in page
    assert "The eleventh." in page
    assert Application.objects.count() == 10


def test_nothing_private_stands_in_an_address_and_no_page_is_stored(client: Client) -> None:
    form, sent = client.get(PAGE), client.post(PAGE, APPLICATION)
    assert form.headers["Cache-Control"] == sent.headers["Cache-Control"] == "no-store, private"
    assert sent.headers["Location"] == "/sign-the-pledge/received/"


def test_the_page_of_thanks_sets_no_cookie(client: Client) -> None:
    answer = client.get("/sign-the-pledge/received/")
    assert (answer.cookies.keys(), "Vary" in answer.headers and "Cookie" in answer.headers["Vary"]) == (
        {}.keys(),
        False,
    )


def test_what_looks_like_markup_is_text(client: Client) -> None:
    evil = {key: f'"><script>alert("{key}")</script>' for key in APPLICATION if "email" not in key}
    page = client.post(PAGE, {**APPLICATION, **evil, "contact_email": "no address"}).content.decode()
    assert "<script>alert(" not in page
    assert page.count("&lt;script&gt;alert(") == len(evil)


def test_a_nul_in_a_name_is_refused_and_not_a_fault(client: Client) -> None:
    assert client.post(PAGE, {**APPLICATION, "leader_name": "Ngozi\0Bello"}).status_code == 200
    assert Application.objects.count() == 0


def test_organisations_of_the_register_are_not_told_to_the_public(client: Client) -> None:
    name = make_organisation(name="Secretly Unverified Trust", confirmed=False).name
    assert Organisation.objects.count() == 1
    assert name not in client.get(PAGE).content.decode()
