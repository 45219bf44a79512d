"""The real acts behind the rows of the table: led up to, what was told until then put aside, then done."""

import re
from collections.abc import Callable
from datetime import timedelta

from django.test import Client
from django.utils import timezone

from accounts import addresses, giving_back, recovery_codes, second_factor, team
from accounts.models import AddressChange
from mail.models import Message
from progress_updates import beside, changed_dates, extensions, workflow
from progress_updates.models import RoundEntry, State
from progress_updates.snapshots import fingerprint
from signatories import (
    accepting,
    applications,
    last_days,
    memberships,
    reach_alarms,
    signing,
    statements,
    supporters,
    terms,
)
from signatories.models import Leader, Membership, PledgeMaker, Role, Statement, SupporterState
from tests.factories.accounts import make_administrator, make_user, sign_in
from tests.factories.joining import APPLICATION, SUPPORTER, make_application, make_supporter
from tests.factories.past import make_entered, make_past_leader, make_sent, submit
from tests.factories.progress_updates import make_update
from tests.factories.signatories import make_invitation, make_leader, make_member, make_organisation, make_statement
from tests.pledge_tracker.cast import Cast

Act = Callable[[Cast], None]


# --- Statement of Intent -----------------------------------------------------------------------------------


def statement_is_signed(cast: Cast) -> None:
    draft = make_statement(leader=cast.leader, why="We begin anew.")
    cast.begins()
    cast.does(cast.leader.user)
    signing.sign(
        statement=draft,
        leader=cast.leader,
        name=cast.leader.name,
        role_title="Chief executive",
        joins_network=True,
        edit=draft.edit,
        by=cast.leader.user,
        now=cast.now,
    )


def statement_is_published(cast: Cast) -> None:
    signed = make_statement(leader=cast.leader, why="We begin anew.", state="signed")
    cast.begins()
    cast.does(cast.publisher)
    signing.publish(statement=signed, by=cast.publisher, now=cast.now)


def _successor(cast: Cast) -> tuple[Leader, Statement]:
    """Somebody new who leads, and the Statement that everybody reads."""
    new = make_leader(pledge_maker=cast.maker)
    statement = statements.published(cast.maker)
    assert statement
    cast.begins()
    cast.does(new.user, PERSON=new.user.email)
    return new, statement


def leader_reaffirms(cast: Cast) -> None:
    new, statement = _successor(cast)
    about = {"name": new.name, "role_title": "Chair", "by": new.user, "now": cast.now}
    terms.reaffirm(leader=new, statement=statement, **about)


def leader_asks_for_changes(cast: Cast) -> None:
    new, statement = _successor(cast)
    terms.ask_for_changes(leader=new, statement=statement, words="Name the board.", by=new.user, now=cast.now)


# --- Progress update ---------------------------------------------------------------------------------------


def _update(cast: Cast, state: str) -> None:
    make_update(entry=cast.entry, state=state, now=cast.now)
    cast.begins()


def signature_is_asked_for(cast: Cast) -> None:
    _update(cast, State.DRAFT)
    cast.does(cast.coordinator)
    workflow.ask_for_signature(update=cast.update(), by=cast.coordinator, now=cast.now)


def leader_returns(cast: Cast) -> None:
    _update(cast, State.AWAITING_SIGN_OFF)
    cast.does(cast.leader.user)
    workflow.return_by_leader(update=cast.update(), by=cast.leader.user, now=cast.now, reason="Add the figures.")


def leader_signs(cast: Cast) -> None:
    _update(cast, State.AWAITING_SIGN_OFF)
    cast.does(cast.leader.user)
    update = cast.update()
    workflow.sign(update=update, by=cast.leader.user, now=cast.now, read=fingerprint(update))


def team_enters(cast: Cast) -> None:
    today = timezone.localdate(cast.now)
    leader = make_past_leader(cast.maker)
    type(leader).objects.filter(pk=leader.pk).update(until_on=None)
    leader.refresh_from_db()
    sent = make_sent(received_on=today, signed_on=today)
    update = make_entered(entry=cast.entry, sent=sent, by=cast.caseworker, now=cast.now)
    cast.begins()
    cast.does(cast.caseworker)
    submit(update, leader, cast.caseworker, cast.now)


def team_sends_back(cast: Cast) -> None:
    _update(cast, State.IN_REVIEW)
    cast.does(cast.caseworker)
    workflow.return_by_staff(update=cast.update(), by=cast.caseworker, now=cast.now, reason="Name the partner.")


def update_is_published(cast: Cast) -> None:
    _update(cast, State.ACCEPTED)
    cast.does(cast.publisher)
    workflow.publish(update=cast.update(), by=cast.publisher, now=cast.now)


# --- Place in a round --------------------------------------------------------------------------------------


def _day(cast: Cast, days: int):  # type: ignore[no-untyped-def]
    return timezone.localdate(cast.entry.round.due_at) + timedelta(days=days)


def _asks_for_time(cast: Cast):  # type: ignore[no-untyped-def]
    about = {"wanted_on": _day(cast, 5), "reason": "A flood.", "by": cast.coordinator, "now": cast.now}
    return extensions.ask(entry=cast.entry, **about)


def time_is_asked_for(cast: Cast) -> None:
    cast.begins()
    cast.does(cast.coordinator)
    _asks_for_time(cast)


def time_is_given(cast: Cast) -> None:
    cast.begins()
    cast.does(cast.caseworker)
    about = {"due_on": _day(cast, 5), "reason": "A flood.", "by": cast.caseworker, "now": cast.now}
    extensions.grant(round_=cast.entry.round, entries=[cast.entry], **about)


def time_is_refused(cast: Cast) -> None:
    request = _asks_for_time(cast)
    cast.begins()
    cast.does(cast.caseworker)
    extensions.refuse(request=request, words="The board needs it.", by=cast.caseworker, now=cast.now)


def due_day_moves(cast: Cast) -> None:
    round_ = cast.entry.round
    round_.entries.exclude(pk=cast.entry.pk).delete()
    cast.begins()
    cast.does(cast.caseworker)
    changed_dates.change_dates(
        round_=round_,
        opens_on=timezone.localdate(round_.opens_at),
        due_on=_day(cast, 5),
        closes_on=timezone.localdate(round_.closes_at),
        publishes_on=timezone.localdate(round_.publishes_at),
        by=cast.caseworker,
        now=cast.now,
    )


def words_are_taken_away(cast: Cast) -> None:
    RoundEntry.objects.filter(pk=cast.entry.pk).update(late_reason="Mrs Bello was ill.")
    cast.begins()
    cast.does(cast.caseworker)
    about = {"part": "late_reason", "reason": "It names a patient.", "by": cast.caseworker, "now": cast.now}
    beside.take_away(entry=cast.entry, **about)


# --- Who acts for a Pledge Maker ---------------------------------------------------------------------------


def somebody_is_invited(cast: Cast) -> None:
    cast.begins()
    cast.does(cast.coordinator, INVITED="new@northtown.example")
    make_invitation(pledge_maker=cast.maker, role=Role.CONTRIBUTOR, by=cast.coordinator, email="new@northtown.example")


def invitation_is_accepted(cast: Cast) -> None:
    invitation = make_invitation(pledge_maker=cast.maker, role=Role.CONTRIBUTOR, by=cast.coordinator)
    found = re.search(r"/invitation/([\w-]+)/", Message.objects.get(to=invitation.email).text)
    assert found
    cast.begins()
    cast.does(None, INVITER=cast.coordinator.email, PERSON=invitation.email)
    accepting.accept(token=found[1], now=cast.now)


def _contributor(cast: Cast) -> Membership:
    return make_member(pledge_maker=cast.maker, role=Role.CONTRIBUTOR)


def role_is_changed(cast: Cast) -> None:
    member = _contributor(cast)
    cast.begins()
    cast.does(cast.coordinator, PERSON=member.user.email)
    memberships.change_role(membership=member, role=Role.READER, by=cast.coordinator, now=cast.now)


def contributor_is_limited(cast: Cast) -> None:
    member = _contributor(cast)
    cast.begins()
    cast.does(cast.coordinator, PERSON=member.user.email)
    memberships.limit(membership=member, objectives=[1, 2], by=cast.coordinator, now=cast.now)


def role_ends(cast: Cast) -> None:
    member = _contributor(cast)
    cast.begins()
    cast.does(cast.coordinator, PERSON=member.user.email)
    memberships.end(membership=member, by=cast.coordinator, now=cast.now)


def term_ends(cast: Cast) -> None:
    cast.begins()
    cast.does(cast.coordinator, PERSON=cast.leader.user.email)
    terms.end_term(leader=cast.leader, until_on=timezone.localdate(cast.now), by=cast.caseworker, now=cast.now)


def last_day_is_withdrawn(cast: Cast) -> None:
    ahead = timezone.localdate(cast.now) + timedelta(days=30)
    terms.end_term(leader=cast.leader, until_on=ahead, by=cast.coordinator, now=cast.now)
    cast.begins()
    cast.does(cast.coordinator, PERSON=cast.leader.user.email)
    last_days.withdraw(leader=cast.leader, by=cast.caseworker, now=cast.now)


def too_few_are_reachable(cast: Cast) -> None:
    """Of this Pledge Maker; the others are left alone."""
    PledgeMaker.objects.exclude(pk=cast.maker.pk).update(withdrawn_on=timezone.localdate(cast.now))
    Membership.objects.filter(pledge_maker=cast.maker).update(ended_at=cast.now)
    cast.begins()
    cast.does(None)
    reach_alarms.watch(now=cast.now)


# --- One's own account -------------------------------------------------------------------------------------


def address_is_changed(cast: Cast) -> None:
    old, new = cast.coordinator.email, "new.address@northtown.example"
    cast.begins()
    cast.does(cast.coordinator, OLD_ADDRESS=old, NEW_ADDRESS=new)
    asked = AddressChange.objects.create(user=cast.coordinator, old_email=old, new_email=new, asked_at=cast.now)
    addresses.change(asked=asked, by=cast.coordinator, now=cast.now)


def address_of_another_is_asked_for(cast: Cast) -> None:
    owner = make_user()
    browser = sign_in(Client(), cast.coordinator)
    cast.begins()
    cast.does(cast.coordinator, OWNER=owner.email)
    browser.post("/account/address/", {"email": owner.email})


def account_is_given_back(cast: Cast) -> None:
    administrator, old, new = make_administrator(), cast.coordinator.email, "thief@northtown.example"
    asked = AddressChange.objects.create(user=cast.coordinator, old_email=old, new_email=new, asked_at=cast.now)
    addresses.change(asked=asked, by=cast.coordinator, now=cast.now)
    cast.begins()
    cast.does(administrator, OLD_ADDRESS=old, NEW_ADDRESS=new)
    giving_back.give_back(change=asked, by=administrator, now=cast.now)


def recovery_codes_are_made(cast: Cast) -> None:
    cast.begins()
    cast.does(cast.coordinator, PERSON=cast.coordinator.email)
    recovery_codes.make(user=cast.coordinator, now=cast.now)


def second_factor_is_reset(cast: Cast) -> None:
    administrator = make_administrator()
    recovery_codes.make(user=cast.caseworker, now=cast.now)
    cast.begins()
    cast.does(administrator, PERSON=cast.caseworker.email)
    second_factor.reset(user=cast.caseworker, by=administrator, now=cast.now)


def synergi_role_is_given(cast: Cast) -> None:
    administrator = make_administrator()
    cast.begins()
    cast.does(administrator, PERSON=cast.caseworker.email)
    team.give_role(user=cast.caseworker, role="publisher", by=administrator, now=cast.now)


# --- Joining -----------------------------------------------------------------------------------------------


def organisation_applies(cast: Cast) -> None:
    cast.begins()
    cast.does(None, CONTACT=APPLICATION["contact_email"])
    applications.apply(**APPLICATION, looks_automatic=False, now=cast.now)


def application_is_approved(cast: Cast) -> None:
    application = make_application()
    cast.begins()
    cast.does(cast.caseworker, CONTACT=application.contact_email, INVITED=application.leader_email)
    applications.approve(
        application=application,
        organisations=[make_organisation()],
        pledge_maker_name="",
        name=application.leader_name,
        email=application.leader_email,
        role_title=application.leader_role_title,
        by=cast.caseworker,
        now=cast.now,
    )


def application_is_declined(cast: Cast) -> None:
    application = make_application()
    cast.begins()
    cast.does(cast.caseworker, CONTACT=application.contact_email)
    applications.decline(application=application, reason="Not a body.", by=cast.caseworker, now=cast.now)


def somebody_supports(cast: Cast) -> None:
    cast.begins()
    cast.does(None, SUPPORTER=str(SUPPORTER["email"]))
    supporters.join(**SUPPORTER, consents=True, looks_automatic=False, now=cast.now)


def supporter_writes_new_words(cast: Cast) -> None:
    row = make_supporter(state=SupporterState.PUBLISHED)
    cast.begins()
    cast.does(None)
    supporters.propose_change(supporter=row, name="Grace Addo", statement="It has begun.", now=cast.now)


def support_is_published(cast: Cast) -> None:
    row = make_supporter()
    cast.begins()
    cast.does(cast.publisher, SUPPORTER=row.email)
    supporters.publish(supporter=row, by=cast.publisher, now=cast.now)


def support_is_declined(cast: Cast) -> None:
    row = make_supporter()
    cast.begins()
    cast.does(cast.caseworker, SUPPORTER=row.email)
    supporters.decline(supporter=row, reason="Who are you?", by=cast.caseworker, now=cast.now)


def supporter_asks_for_a_link(cast: Cast) -> None:
    row = make_supporter(state=SupporterState.PUBLISHED)
    cast.begins()
    cast.does(None, SUPPORTER=row.email)
    supporters.send_link(email=row.email, now=cast.now)


ACTS: dict[str, Act] = {
    "Statement of Intent: A leader signs it": statement_is_signed,
    "Statement of Intent: It is published": statement_is_published,
    "Statement of Intent: A new leader re-affirms it": leader_reaffirms,
    "Statement of Intent: A new leader asks for changes": leader_asks_for_changes,
    "Progress update: Its signature is asked for": signature_is_asked_for,
    "Progress update: A leader returns it": leader_returns,
    "Progress update: A leader signs it": leader_signs,
    "Progress update: The team enters it from a document that carries the signature": team_enters,
    "Progress update: The team sends it back": team_sends_back,
    "Progress update: It is published": update_is_published,
    "Place in a round: More time is asked for": time_is_asked_for,
    "Place in a round: More time is given": time_is_given,
    "Place in a round: More time is refused": time_is_refused,
    "Place in a round: The due day of the round moves, and the update is owed": due_day_moves,
    "Place in a round: The team takes words beside the status away": words_are_taken_away,
    "Who acts for a Pledge Maker: Somebody is invited": somebody_is_invited,
    "Who acts for a Pledge Maker: An invitation is accepted": invitation_is_accepted,
    "Who acts for a Pledge Maker: Somebody gets another role": role_is_changed,
    "Who acts for a Pledge Maker: A contributor is limited to some objectives, or no longer": contributor_is_limited,
    "Who acts for a Pledge Maker: A role ends": role_ends,
    "Who acts for a Pledge Maker: The term of a leader ends": term_ends,
    "Who acts for a Pledge Maker: The last day of a leader is withdrawn": last_day_is_withdrawn,
    "Who acts for a Pledge Maker: Fewer than two people can be reached by mail": too_few_are_reachable,
    "One’s own account: The address is changed": address_is_changed,
    "One’s own account: Somebody asks for an address that another account has": address_of_another_is_asked_for,
    "One’s own account: The team gives an account back to the address before": account_is_given_back,
    "One’s own account: A passkey is added or removed, or recovery codes are made": recovery_codes_are_made,
    "One’s own account: An administrator takes the second factor away, which ends all sessions": second_factor_is_reset,
    "One’s own account: A role in the Synergi team is given, changed or taken": synergi_role_is_given,
    "Joining: An organisation applies to sign the pledge": organisation_applies,
    "Joining: The application is approved": application_is_approved,
    "Joining: The application is declined": application_is_declined,
    "Joining: Somebody supports the pledge": somebody_supports,
    "Joining: A supporter writes new words": supporter_writes_new_words,
    "Joining: The support is published": support_is_published,
    "Joining: The support is declined": support_is_declined,
    "Joining: A supporter asks for a fresh link": supporter_asks_for_a_link,
}
