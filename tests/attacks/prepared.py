"""What the demonstration lacks so that every form of the site stands on some page: rows, and where to look at them."""

from datetime import datetime, timedelta
from typing import Any

from allauth.usersessions.models import UserSession
from django.db.models import Model
from django.test import Client
from django.utils import timezone

from accounts.models import AddressChange, KeptRequest, User
from mail.models import ErrorClass, Message
from mail.models import State as MailState
from pledge_tracker.demo_people import (
    ADMINISTRATOR,
    CASEWORKER,
    CONTRIBUTOR,
    COORDINATOR,
    NEW_LEADER,
    PERSON_OF_TWO,
    PUBLISHER,
    DemoPerson,
)
from progress_updates import drafting, extensions, workflow
from progress_updates.drafting import AnswerInput
from progress_updates.models import ProgressUpdate, Round, RoundEntry, State
from reminders.models import Chase
from reports import build, national
from reports.models import Document
from reports.models import State as DocumentState
from signatories.models import ChangesAsked, Organisation, PledgeMaker, Role
from tests.factories.accounts import sign_in
from tests.factories.passkeys import make_passkey
from tests.factories.past import make_entered
from tests.factories.signatories import make_invitation
from tests.journeys.named import NORTHTOWN, NamedPage, current_round
from tests.journeys.pages_leaders import WEXCOMBE

LAST_ROUND = "round-2-spring-2026"


def prepared_pages() -> list[NamedPage]:
    """Makes the rows, and names the pages that show their buttons."""
    now = timezone.now()
    found = [*_of_the_account(), *_of_people(now), *_of_what_is_stuck(now), *_of_publication(now)]
    found += [*_of_entering(now), *_of_writing(now), *_of_words(now)]
    return [NamedPage(f"prepared: {path}", email, path) for email, path in found]


def _user(person: DemoPerson) -> User:
    return User.objects.get(email=person.email)


def _of_the_account() -> list[tuple[str, str]]:
    """Somebody with two passkeys, signed in elsewhere as well."""
    person = _user(CASEWORKER)
    first, _second = (make_passkey(person, name=name) for name in ("Laptop", "Phone"))
    for _browser in range(2):
        key = sign_in(Client(), person).session.session_key
        UserSession.objects.create(user=person, ip="127.0.0.1", session_key=key)
    return [(person.email, "/account/"), (person.email, f"/account/passkeys/{first.pk}/remove/")]


def _of_people(now: datetime) -> list[tuple[str, str]]:
    """Two who are invited, one who had another address, and one whose second factor may be lost."""
    northtown = PledgeMaker.objects.get(slug=NORTHTOWN)
    for role, person in ((Role.CONTRIBUTOR, COORDINATOR), (Role.COORDINATOR, PUBLISHER)):
        make_invitation(pledge_maker=northtown, role=role, by=_user(person), now=now)
    moved = _user(CONTRIBUTOR)
    emails = {"old_email": "amina.before@northtown.example", "new_email": moved.email}
    AddressChange.objects.create(user=moved, asked_at=now, confirmed_at=now, **emails)
    return [
        (COORDINATOR.email, f"/workspace/{NORTHTOWN}/people/"),
        (PUBLISHER.email, f"/staff/pledge-makers/{NORTHTOWN}/people/"),
        (ADMINISTRATOR.email, f"/staff/people/{moved.pk}/"),
        (ADMINISTRATOR.email, f"/staff/people/{_user(PUBLISHER).pk}/"),
    ]


def _of_what_is_stuck(now: datetime) -> list[tuple[str, str]]:
    """Two mails and a document that failed."""
    build.plan(now=now)
    mails = Message.objects.filter(secret=False).order_by("pk")[:2]
    Message.objects.filter(pk__in=[mail.pk for mail in mails]).update(
        state=MailState.FAILED, error_class=ErrorClass.UNREACHABLE, error="Nobody answered.", sent_at=None
    )
    document = Document.objects.order_by("pk")[0]
    Document.objects.filter(pk=document.pk).update(state=DocumentState.FAILED, error="It took too long.")
    return [(PUBLISHER.email, "/staff/stuck/")]


# --- Rounds ----------------------------------------------------------------------------------------------------


def _of_publication(now: datetime) -> list[tuple[str, str]]:
    """Updates that are planned, published just now, withheld; an entry of which nothing is asked; a preview."""
    publisher, here = _user(PUBLISHER), ProgressUpdate.objects.filter(entry__round=current_round())
    planned = here.filter(state=State.SUBMITTED).order_by("pk")[1]
    for step in (workflow.start_review, workflow.accept, workflow.publish_later):
        step(update=planned, by=publisher, now=now)
    fresh = here.filter(state=State.PUBLISHED).order_by("-pk")[0]
    ProgressUpdate.objects.filter(pk=fresh.pk).update(published_at=now)
    withheld = ProgressUpdate.objects.exclude(withheld_at=None)[0]
    excused = RoundEntry.objects.get(round=current_round(), why_not_required="joined_after_opening")
    report = national.build(round_=Round.objects.get(slug=LAST_ROUND), by=publisher, now=now)
    missing = RoundEntry.objects.get(round__slug=LAST_ROUND, updates=None)
    paths = [f"/staff/updates/{update.pk}/" for update in (planned, fresh, withheld)]
    paths.append(f"/staff/rounds/{current_round().slug}/entries/{excused.pledge_maker.slug}/")
    paths.append(f"/staff/rounds/{LAST_ROUND}/entries/{missing.pledge_maker.slug}/words/")
    paths.append(f"/staff/rounds/{LAST_ROUND}/national/v{report.version}/")
    return [(PUBLISHER.email, path) for path in paths]


def _of_entering(now: datetime) -> list[tuple[str, str]]:
    """One update entered from a document and signed; one that is being entered, after a round that was reported."""
    by = _user(CASEWORKER)
    signed = make_entered(entry=RoundEntry.objects.get(round__is_past=True, updates=None), state=State.SUBMITTED, by=by)
    written = make_entered(entry=RoundEntry.objects.get(round__slug=LAST_ROUND, updates=None), by=by)
    _answers_no_change(written, "objective-3", by, now)
    write = f"/staff/updates/{written.pk}/write/"
    paths = (f"/staff/updates/{signed.pk}/", f"{write}objective-2/no-change/", f"{write}objective-3/")
    return [(by.email, path) for path in paths]


def _of_writing(now: datetime) -> list[tuple[str, str]]:
    """Updates: with a section without a change, complete, not begun, waiting; and a Statement that may be renewed."""
    round_ = current_round()
    draft = ProgressUpdate.objects.get(entry__round=round_, entry__pledge_maker__slug=NORTHTOWN)
    returned = ProgressUpdate.objects.get(entry__round=round_, state=State.RETURNED).entry.pledge_maker
    _answers_no_change(draft, "objective-7", _user(COORDINATOR), now)
    nobody_began = RoundEntry.objects.get(round=round_, updates=None, why_not_required="").pledge_maker
    published = PledgeMaker.objects.get(slug="greyhaven-mental-health-nhs-trust")
    return [
        (COORDINATOR.email, f"/workspace/{NORTHTOWN}/{round_.slug}/objective-7/"),
        (_coordinator_of(returned), f"/workspace/{returned.slug}/{round_.slug}/check/"),
        (_coordinator_of(nobody_began), f"/workspace/{nobody_began.slug}/{round_.slug}/"),
        (PERSON_OF_TWO.email, f"/workspace/eastmere-together/{round_.slug}/"),
        (_coordinator_of(published), f"/workspace/{published.slug}/statement/check/"),
    ]


def _of_words(now: datetime) -> list[tuple[str, str]]:
    """Something in each column that holds words: more time refused, changes asked for, what was sent too late."""
    Organisation.objects.filter(pledge_makers__slug=NORTHTOWN).update(note="Its headquarters moved.")
    Chase.objects.update(sentence="We can help.")
    drafts = RoundEntry.objects.filter(round=current_round(), updates__state=State.DRAFT, extension_requests=None)
    entry = drafts.exclude(pledge_maker__slug=NORTHTOWN).order_by("pk")[0]
    coordinator = User.objects.get(email=_coordinator_of(entry.pledge_maker))
    wanted_on = timezone.localdate(entry.due_at) + timedelta(days=20)
    asked = extensions.ask(entry=entry, wanted_on=wanted_on, reason="Our lead left.", by=coordinator, now=now)
    extensions.refuse(request=asked, words="You had more time before.", by=_user(PUBLISHER), now=now)
    wexcombe = PledgeMaker.objects.get(slug=WEXCOMBE)
    about: Any = {"statement": wexcombe.statements.get(), "leader": wexcombe.leaders.get(user__email=NEW_LEADER.email)}
    ChangesAsked.objects.create(words="Please name a lead for each objective.", asked_at=now, **about)
    KeptRequest.objects.create(
        holder_hash="x" * 64, user=coordinator, path="/workspace/", body="why=Because", created_at=now
    )
    return [
        (coordinator.email, f"/workspace/{entry.pledge_maker.slug}/{entry.round.slug}/more-time/"),
        (_coordinator_of(wexcombe), f"/workspace/{WEXCOMBE}/"),
        (_coordinator_of(wexcombe), f"/workspace/{WEXCOMBE}/statement/check/"),
    ]


def _answers_no_change(update: ProgressUpdate, key: str, by: User, now: datetime) -> Model:
    answer = update.answers.select_related("question").get(question__key=key)
    content = AnswerInput(rating="prioritised", no_change=True, no_change_reason="The work goes on.", completed=True)
    about: dict[str, Any] = {"version": answer.version, "by": by, "now": now}
    return drafting.save_answer(update=update, question=answer.question, content=content, **about)


def _coordinator_of(maker: PledgeMaker) -> str:
    return maker.memberships.filter(role=Role.COORDINATOR, ended_at=None).order_by("pk")[0].user.email
