"""The team answers those who want to join: applications to sign, and supporters new or changed."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from mail.models import Message
from signatories import applications, supporters
from signatories.models import Application, ApplicationState, Invitation, PledgeMaker, Supporter, SupporterState
from staff.views.supporters import seen_of
from tests.factories.accounts import make_caseworker, make_publisher, sign_in
from tests.factories.joining import make_application, make_changed_supporter, make_supporter
from tests.factories.signatories import make_leader, make_organisation

pytestmark = pytest.mark.django_db
LEADER = {"name": "Dr Ngozi Bello", "role_title": "Chief executive", "email": "ngozi.bello@northtown.example"}


@pytest.fixture(autouse=True)
def publisher(client: Client) -> User:
    user = make_publisher()
    sign_in(client, user)
    return user


def html_of(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def names_in(html: str, heading: str) -> list[str]:
    """The names of one table, in its order."""
    part = html.split(f'aria-labelledby="{heading}-heading"')[1].split("</section>")[0]
    return re.findall(r'scope="row"><a [^>]*>([^<]*)<', part)


# --- Applications ------------------------------------------------------------------------------------------


def test_the_oldest_waits_first_and_what_looks_automatic_last() -> None:
    client, now = sign_in(Client(), make_caseworker()), timezone.now()
    for name, days, automatic in (("New", 1, False), ("Robot", 9, True), ("Old", 5, False)):
        make_application(organisation_name=name, looks_automatic=automatic, now=now - timedelta(days=days))
    html = html_of(client, "/staff/applications/")
    assert names_in(html, "waiting") == ["Old", "New", "Robot"]
    assert html.count("May have come from a robot") == 1


def test_a_promise_that_has_passed_says_so(client: Client) -> None:
    make_application(now=timezone.now() - timedelta(days=13))
    assert "(has passed)" not in html_of(client, "/staff/applications/")
    make_application(now=timezone.now() - timedelta(days=15))
    assert html_of(client, "/staff/applications/").count("(has passed)") == 1


def test_the_organisation_of_the_register_stands_in_the_box(client: Client) -> None:
    make_organisation(name="Northtown Mental Health NHS Trust", ods_code="X9A")
    application = make_application(organisation_name="northtown mental health nhs trust")
    html = html_of(client, f"/staff/applications/{application.pk}/")
    assert 'value="Northtown Mental Health NHS Trust (X9A)"' in html
    assert application.leader_email in html
    assert application.contact_email in html


def test_approving_invites_the_leader(client: Client, publisher: User) -> None:
    make_organisation(name="Northtown Trust", ods_code="X9A")
    application = make_application()
    answer = client.post(f"/staff/applications/{application.pk}/approve/", {**LEADER, "organisation_1": "X9A"})
    invitation = Invitation.objects.get()
    assert answer.headers["Location"] == f"/staff/invite/{invitation.pk}/sent/"
    application.refresh_from_db()
    assert (application.state, application.decided_by) == (ApplicationState.APPROVED, publisher)
    html = html_of(client, f"/staff/applications/{application.pk}/")
    assert "Approved: the leader is invited" in html
    assert 'href="/staff/pledge-makers/northtown-trust/"' in html
    assert "Approve and send" not in html
    assert names_in(html_of(client, "/staff/applications/"), "decided") == [application.organisation_name]


def test_approving_as_a_partnership(client: Client) -> None:
    for name in ("Northtown Trust", "Northtown Council"):
        make_organisation(name=name)
    typed = {**LEADER, "organisation_1": "Northtown Trust", "organisation_2": "Northtown Council"}
    path = f"/staff/applications/{make_application().pk}/approve/"
    refused = client.post(path, typed).content.decode()
    assert "Enter a name for this partnership." in refused
    assert '<details class="govuk-details" open>' in refused
    client.post(path, {**typed, "pledge_maker_name": "Northtown Together"})
    assert PledgeMaker.objects.get().name == "Northtown Together"


def test_an_organisation_that_is_unknown_is_refused_with_everything_typed_still_there(client: Client) -> None:
    application = make_application()
    path = f"/staff/applications/{application.pk}/approve/"
    html = client.post(path, {**LEADER, "organisation_1": "Nowhere Trust"}).content.decode()
    assert "We know no open organisation called “Nowhere Trust”." in html
    assert 'value="Nowhere Trust"' in html
    assert Application.objects.get().state == ApplicationState.WAITING


def test_who_leads_it_already_is_named(client: Client) -> None:
    leader = make_leader(email=LEADER["email"])
    typed = {**LEADER, "organisation_1": leader.pledge_maker.organisations.get().name}
    html = client.post(f"/staff/applications/{make_application().pk}/approve/", typed).content.decode()
    assert "This person is already a leader" in html
    assert Application.objects.get().state == ApplicationState.WAITING


def test_declining_with_a_reason(client: Client) -> None:
    application = make_application()
    path = f"/staff/applications/{application.pk}/decline/"
    assert "Give a reason." in client.post(path, {"reason": " "}).content.decode()
    said = client.post(path, {"reason": "Only a leader can sign."}, follow=True).content.decode()
    assert "Declined. Your reason goes to the contact by e-mail." in said
    assert "Only a leader can sign." in Message.objects.get(kind="application_declined").text
    assert "Only a leader can sign." in html_of(client, f"/staff/applications/{application.pk}/")


def test_who_comes_second_is_told_and_keeps_what_was_typed(client: Client) -> None:
    make_organisation(name="Northtown Trust")
    application = make_application()
    applications.decline(application=application, reason="First.", by=make_caseworker(), now=timezone.now())
    answer = client.post(f"/staff/applications/{application.pk}/decline/", {"reason": "My long reason."})
    assert answer.status_code == 409
    assert "Somebody was faster" in answer.content.decode()
    assert "My long reason." in answer.content.decode()
    typed = {**LEADER, "organisation_1": "Northtown Trust"}
    assert client.post(f"/staff/applications/{application.pk}/approve/", typed).status_code == 409
    assert Invitation.objects.count() == 0


def test_others_of_the_same_organisation_are_named(client: Client) -> None:
    first, second = make_application(), make_application(organisation_name="NORTHTOWN Mental Health NHS Trust")
    make_application(organisation_name="Southmoor Trust")
    html = html_of(client, f"/staff/applications/{first.pk}/")
    assert f'href="/staff/applications/{second.pk}/"' in html
    assert html.count("an application of") == 1


def test_what_looks_like_markup_is_text(client: Client) -> None:
    evil = "<script>alert(1)</script>"
    application = make_application(organisation_name=evil, leader_name=evil, why=evil)
    supporter = make_supporter(name=evil, statement=evil)
    for address in ("applications/", f"applications/{application.pk}/", "supporters/", f"supporters/{supporter.pk}/"):
        html = html_of(client, f"/staff/{address}")
        assert "<script>alert" not in html
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


def copies(row: Any, count: int, **more: str) -> None:
    values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    hashed = {"token_hash"} & set(values)
    type(row).objects.bulk_create(
        type(row)(**{**values, **more, "id": None, **{key: f"{values[key][:50]}{n}" for key in hashed}})
        for n in range(1, count)
    )


@pytest.mark.parametrize("count", [1, 3, 100])
def test_the_list_of_applications_takes_the_same_queries(
    client: Client, django_assert_num_queries: Any, count: int
) -> None:
    declined = make_application()
    applications.decline(application=declined, reason="No.", by=make_caseworker(), now=timezone.now())
    copies(Application.objects.get(), count)
    copies(make_application(), count)
    with django_assert_num_queries(4):
        html = html_of(client, "/staff/applications/")
    assert (len(names_in(html, "waiting")), len(names_in(html, "decided"))) == (count, min(count, 50))


# --- Supporters --------------------------------------------------------------------------------------------


def test_what_waits_stands_first_and_the_list_after_it(client: Client) -> None:
    for state in SupporterState:
        make_supporter(name=f"Supporter {state.value}", state=state)
    make_changed_supporter()
    html = html_of(client, "/staff/supporters/")
    assert names_in(html, "waiting") == ["Supporter waiting", "Grace Addo"]
    assert names_in(html, "known") == ["Grace Addo", "Supporter published", "Supporter declined"]


def seen(client: Client, row: Supporter) -> dict[str, str]:
    found = re.search(r'name="seen" value="(\w+)"', html_of(client, f"/staff/supporters/{row.pk}/"))
    assert found
    return {"seen": found[1]}


def test_publishing_after_a_fresh_proof(client: Client, publisher: User) -> None:
    row = make_supporter()
    typed = seen(client, row)
    stale = sign_in(Client(), publisher, fresh=False)
    assert stale.post(f"/staff/supporters/{row.pk}/publish/", typed).headers["Location"].startswith("/account/confirm/")
    said = client.post(f"/staff/supporters/{row.pk}/publish/", typed, follow=True).content.decode()
    assert "Published. The name stands on the public list." in said
    assert "Grace Addo" in Client().get("/supporters/").content.decode()


def test_a_caseworker_reads_and_declines_but_does_not_publish() -> None:
    client, row = sign_in(Client(), make_caseworker()), make_supporter()
    html = html_of(client, f"/staff/supporters/{row.pk}/")
    assert "It waits for a publisher of the team." in html
    assert "Publish on the list" not in html
    said = client.post(f"/staff/supporters/{row.pk}/publish/", seen(client, row), follow=True).content.decode()
    assert "Only a publisher can publish." in said
    client.post(f"/staff/supporters/{row.pk}/decline/", {**seen(client, row), "reason": "Who are you?"})
    row.refresh_from_db()
    assert (row.state, row.decline_reason) == (SupporterState.DECLINED, "Who are you?")


def test_a_caseworker_takes_nobody_off_the_public_list() -> None:
    client, row = sign_in(Client(), make_caseworker()), make_supporter(state=SupporterState.PUBLISHED)
    path, typed = f"/staff/supporters/{row.pk}/", {"seen": seen_of(row), "reason": "They closed."}
    assert "A publisher of the team can take it off the list." in html_of(client, path)
    answer = client.post(f"{path}decline/", typed)
    row.refresh_from_db()
    assert (answer.status_code, row.state) == (403, SupporterState.PUBLISHED)


def test_a_publisher_takes_off_the_list_after_a_fresh_proof_with_the_reason_still_there(publisher: User) -> None:
    stale, row = sign_in(Client(), publisher, fresh=False), make_supporter(state=SupporterState.PUBLISHED)
    path, typed = f"/staff/supporters/{row.pk}/", {**seen(stale, row), "reason": "They closed."}
    assert stale.post(f"{path}decline/", typed).headers["Location"].startswith("/account/confirm/")
    assert "They closed.</textarea>" in html_of(stale, path)
    row.refresh_from_db()
    assert row.state == SupporterState.PUBLISHED
    sign_in(stale, publisher).post(f"{path}decline/", typed)
    row.refresh_from_db()
    assert row.state == SupporterState.DECLINED


def test_approving_asks_for_a_fresh_proof_and_keeps_what_was_typed(publisher: User) -> None:
    make_organisation(name="Northtown Trust", ods_code="X9A")
    stale, path = sign_in(Client(), publisher, fresh=False), f"/staff/applications/{make_application().pk}/"
    answer = stale.post(f"{path}approve/", {**LEADER, "name": "Dr Typed Name", "organisation_1": "X9A"})
    assert answer.headers["Location"].startswith("/account/confirm/")
    assert 'value="Dr Typed Name"' in html_of(stale, path)
    assert Invitation.objects.count() == 0


def test_new_words_stand_beside_the_old_and_take_their_place(client: Client) -> None:
    row = make_changed_supporter()
    html = html_of(client, f"/staff/supporters/{row.pk}/")
    assert html.index("The new words") < html.index("Grace Addo-Mills") < html.index("On the list now")
    assert html.index("It has begun to change.") < html.index("I was a patient here.")
    client.post(f"/staff/supporters/{row.pk}/accept-change/", seen(client, row))
    row.refresh_from_db()
    assert (row.name, row.changed_at) == ("Grace Addo-Mills", None)


def test_new_words_are_refused_with_a_reason(client: Client) -> None:
    row = make_changed_supporter()
    path = f"/staff/supporters/{row.pk}/refuse-change/"
    assert "Give a reason." in client.post(path, {**seen(client, row), "reason": ""}).content.decode()
    client.post(path, {**seen(client, row), "reason": "Name nobody else."})
    row.refresh_from_db()
    assert (row.name, row.changed_at, row.decline_reason) == ("Grace Addo", None, "Name nobody else.")


def test_words_that_changed_since_the_page_was_opened_are_not_published(client: Client) -> None:
    row = make_supporter()
    typed = seen(client, row)
    supporters.propose_change(supporter=row, name="Grace", statement="Unread.", now=timezone.now())
    answer = client.post(f"/staff/supporters/{row.pk}/publish/", typed)
    assert answer.status_code == 409
    assert "this has changed since you opened it" in answer.content.decode()
    assert Supporter.objects.published().count() == 0


def test_who_left_meanwhile_is_not_declined_and_the_reason_stays_on_the_page(client: Client) -> None:
    row = make_supporter()
    typed = {**seen(client, row), "reason": "My long reason."}
    supporters.leave(supporter=row, now=timezone.now())
    answer = client.post(f"/staff/supporters/{row.pk}/decline/", typed)
    assert answer.status_code == 409
    assert "My long reason." in answer.content.decode()
    assert "A supporter who has left" in answer.content.decode()


@pytest.mark.parametrize("count", [1, 3, 100])
def test_the_list_of_supporters_takes_the_same_queries(
    client: Client, django_assert_num_queries: Any, count: int
) -> None:
    copies(make_supporter(state=SupporterState.PUBLISHED), count)
    copies(make_supporter(), count)
    with django_assert_num_queries(5):
        html = html_of(client, "/staff/supporters/")
    assert (len(names_in(html, "waiting")), len(names_in(html, "known"))) == (count, min(count, 50))


# --- The start page ----------------------------------------------------------------------------------------


def test_the_start_page_counts_what_waits_and_leads_to_it(client: Client) -> None:
    assert "They wait for our answer" not in html_of(client, "/staff/")
    make_application()
    make_supporter()
    make_changed_supporter()
    make_supporter(looks_automatic=True)
    make_supporter(state=SupporterState.PUBLISHED)
    html = " ".join(html_of(client, "/staff/").split())
    assert '<a class="govuk-link" href="/staff/applications/">1 application to sign the pledge</a>' in html
    assert '<a class="govuk-link" href="/staff/supporters/">3 supporters, new or with new words</a>' in html
    assert "1 of them looks like a robot’s." in html
