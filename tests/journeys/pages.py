"""Every page of the journey by name: who opens it, and where it is, in the demonstration's data."""

from datetime import timedelta
from re import search

from django.utils import timezone

from accounts.models import User
from mail.models import Message
from pledge_tracker.demo_people import ADMINISTRATOR, COORDINATOR, LEADER, PARTNERSHIP_LEADER, PUBLISHER
from progress_updates import rounds
from progress_updates.models import ProgressUpdate, Round, State
from signatories import statements
from signatories.models import Application, PledgeMaker, StatementState, Supporter
from tests.factories.passkeys import make_passkey
from tests.journeys.named import NORTHTOWN, VISITOR, NamedPage, current_round
from tests.journeys.pages_details import pages_of_details
from tests.journeys.pages_leaders import pages_of_leaders
from tests.journeys.pages_people import pages_of_people
from tests.journeys.pages_rounds import pages_around_rounds


def all_pages() -> list[NamedPage]:
    in_breadth = [*_public(), *_signing_in(), *_account(), *_workspace(), *_of_states(), *_staff(), *_joining()]
    return [*in_breadth, *pages_around_rounds(), *pages_of_leaders(), *pages_of_details(), *pages_of_people()]


def _public() -> list[NamedPage]:
    published = ProgressUpdate.objects.published().filter(entry__round=current_round()).first()
    assert published
    slug = published.entry.pledge_maker.slug
    withdrawn = PledgeMaker.objects.exclude(withdrawn_on=None).get()
    paths = {
        "home": "/",
        "list": "/pledge-makers/",
        "list with every choice, something unknown": "/pledge-makers/?q=northtwon&region=atlantis&sort=status",
        "list with filters in force": "/pledge-makers/?region=north_west&kind=nhs_mental_health_trust",
        "list without a find": "/pledge-makers/?q=zzzz",
        "profile of one with a new name": "/pledge-makers/brindlewood-community-nhs-foundation-trust/",
        "profile of one that went up in another": "/pledge-makers/pellworth-health-nhs-trust/",
        "profile of its successor": "/pledge-makers/stonebeck-mental-health-alliance/",
        "profile with two Statements": "/pledge-makers/westmarsh-partnership-nhs-trust/",
        "Statement that was replaced": "/pledge-makers/westmarsh-partnership-nhs-trust/statement/v1/",
        "profile": f"/pledge-makers/{slug}/",
        "profile of a partnership": "/pledge-makers/eastmere-together/",
        "profile of one that withdrew": f"/pledge-makers/{withdrawn.slug}/",
        "profile of one that did not report": "/pledge-makers/thornwick-coast-nhs-trust/",
        "Statement": f"/pledge-makers/{slug}/statement/v1/",
        "published update": f"/pledge-makers/{slug}/{current_round().slug}/",
        "rounds": "/rounds/",
        "round that is open": f"/rounds/{current_round().slug}/",
        "national report": f"/rounds/{Round.objects.filter(national_reports__isnull=False).latest('due_at').slug}/",
        "PDF that is being prepared": f"/pledge-makers/{slug}/{current_round().slug}.pdf",
        "not found": "/pledge-makers/nobody/",
        "privacy": "/privacy/",
        "accessibility": "/accessibility/",
        "status": "/status",
    }
    return [NamedPage(name, VISITOR, path) for name, path in paths.items()]


def _signing_in() -> list[NamedPage]:
    invitation = Message.objects.filter(kind="invitation").latest("created_at")
    found = search(r"(/invitation/\S+)", invitation.text)
    assert found
    return [
        NamedPage("sign in", VISITOR, "/account/login/"),
        NamedPage("sign in, nothing typed", VISITOR, "/account/login/", submit="Send me a code"),
        NamedPage(
            "sign in, type the code",
            VISITOR,
            "/account/login/",
            submit="Send me a code",
            types=(("E-mail address", "nobody@northtown.example"),),
            shows="#id_code",
        ),
        NamedPage("invitation", VISITOR, found[1]),
        NamedPage("invitation that is unknown", VISITOR, "/invitation/nothing/"),
        NamedPage("confirm that it is you", LEADER.email, "/account/confirm/"),
        NamedPage("sign in, after the session has ended", VISITOR, "/account/login/?ended=idle"),
        NamedPage("signed in for another tab", LEADER.email, "/account/signed-in/"),
    ]


def _account() -> list[NamedPage]:
    passkey = make_passkey(User.objects.get(email=PUBLISHER.email))
    paths = {
        "account": "/account/",
        "add a passkey": "/account/passkeys/add/",
        "rename a passkey": f"/account/passkeys/{passkey.pk}/rename/",
        "the only passkey, not to be removed": f"/account/passkeys/{passkey.pk}/remove/",
        "recovery codes": "/account/recovery-codes/",
    }
    return [NamedPage(name, PUBLISHER.email, path) for name, path in paths.items()]


def _workspace() -> list[NamedPage]:
    _begins_a_new_statement()
    home = f"/workspace/{NORTHTOWN}/"
    place = f"{home}{current_round().slug}/"
    paths = {
        "workspace": home,
        "people": f"{home}people/",
        "invite": f"{home}people/invite/",
        "Statement, to check": f"{home}statement/check/",
        "task list": place,
        "section why": f"{place}why/",
        "section of an objective": f"{place}objective-5/",
        "section with last round’s steps answered": f"{place}objective-2/",
        "no change since last round": f"{place}objective-6/no-change/",
        "section next steps": f"{place}next-steps/",
        "Statement, to read": f"{place}statement-of-intent/",
        "update as it stands": f"{place}read/",
        "check your answers": f"{place}check/",
    }
    pages = [NamedPage(name, COORDINATOR.email, path) for name, path in paths.items()]
    return [
        *pages,
        NamedPage("invite, nothing typed", LEADER.email, f"{home}people/invite/", submit="Send the invitation"),
        NamedPage("check, not complete", COORDINATOR.email, f"{place}check/", submit="Ask for the signature"),
        NamedPage("workspace of a leader", LEADER.email, home),
        NamedPage("Statement, to write", LEADER.email, f"{home}statement/"),
        NamedPage("somebody else’s workspace", COORDINATOR.email, "/workspace/eastmere-together/"),
    ]


def _begins_a_new_statement() -> None:
    """So that there is one to write and to sign."""
    leader, maker = User.objects.get(email=LEADER.email), PledgeMaker.objects.get(slug=NORTHTOWN)
    statements.start(pledge_maker=maker, by=leader, now=timezone.now())


def _of_states() -> list[NamedPage]:
    round_ = current_round()
    partnership = f"/workspace/eastmere-together/{round_.slug}/"
    sign = f"{partnership}sign/"
    pages = [
        NamedPage("task list that waits for the signature", PARTNERSHIP_LEADER.email, partnership),
        NamedPage("read and sign", PARTNERSHIP_LEADER.email, sign),
        NamedPage("read and sign, not declared", PARTNERSHIP_LEADER.email, sign, submit="Sign and submit"),
        NamedPage("return it with a reason", PARTNERSHIP_LEADER.email, f"{partnership}return/"),
    ]
    for state in (State.SUBMITTED, State.IN_REVIEW, State.RETURNED, State.ACCEPTED, State.PUBLISHED):
        update = ProgressUpdate.objects.filter(entry__round=round_, state=state).order_by("pk")[0]
        assert update.signed_by
        assert update.signed_by.user
        place = f"/workspace/{update.entry.pledge_maker.slug}/{round_.slug}/"
        pages.append(NamedPage(f"task list, {state}", update.signed_by.user.email, place))
        if state == State.SUBMITTED:
            pages.append(NamedPage("recall", update.signed_by.user.email, f"{place}recall/"))
            pages.append(NamedPage("signed and sent", update.signed_by.user.email, f"{place}signed/"))
    return pages


def _planned_round() -> Round:
    today = timezone.localdate()
    return rounds.create_round(
        label="Round 4, planned",
        period_from=today,
        period_to=today + timedelta(days=180),
        opens_on=today + timedelta(days=150),
        due_on=today + timedelta(days=200),
        closes_on=today + timedelta(days=230),
        publishes_on=today + timedelta(days=240),
        by=User.objects.get(email=PUBLISHER.email),
        now=timezone.now(),
    )


def _staff() -> list[NamedPage]:
    round_, planned = current_round(), _planned_round()
    signed = PledgeMaker.objects.get(statements__state=StatementState.SIGNED)
    paths = {
        "overview": "/staff/",
        "queue": "/staff/queue/",
        "queue of the late": "/staff/queue/?what=late",
        "what is stuck": "/staff/stuck/",
        "who looks after whom": f"/staff/rounds/{round_.slug}/owners/",
        "who looks after it": f"/staff/pledge-makers/{NORTHTOWN}/owner/",
        "invite a leader": "/staff/invite/",
        "Pledge Makers": "/staff/pledge-makers/",
        "Pledge Maker": f"/staff/pledge-makers/{NORTHTOWN}/",
        "changes of a Pledge Maker": "/staff/pledge-makers/stonebeck-mental-health-alliance/change/",
        "change of a name": f"/staff/pledge-makers/{NORTHTOWN}/change/name/",
        "withdrawal": f"/staff/pledge-makers/{NORTHTOWN}/change/withdraw/",
        "merger": f"/staff/pledge-makers/{NORTHTOWN}/change/merge/",
        "an organisation joins": f"/staff/pledge-makers/{NORTHTOWN}/change/organisation/",
        "invite a further leader": f"/staff/pledge-makers/{NORTHTOWN}/invite/",
        "Statement that is signed": f"/staff/pledge-makers/{signed.slug}/statement/1/",
        "rounds": "/staff/rounds/",
        "new round": "/staff/rounds/new/",
        "open round": f"/staff/rounds/{round_.slug}/",
        "planned round": f"/staff/rounds/{planned.slug}/",
        "question": f"/staff/rounds/{planned.slug}/questions/objective-1/",
    }
    for state in State:
        update = ProgressUpdate.objects.filter(entry__round=round_, state=state).order_by("pk")[0]
        paths[f"update, {state}"] = f"/staff/updates/{update.pk}/"
    pages = [NamedPage(f"staff: {name}", PUBLISHER.email, path) for name, path in paths.items()]
    coordinator = User.objects.get(email=COORDINATOR.email)
    return [
        *pages,
        NamedPage("staff: invite, nothing typed", PUBLISHER.email, "/staff/invite/", submit="Send the invitation"),
        NamedPage("staff: people", ADMINISTRATOR.email, "/staff/people/"),
        NamedPage("staff: audit trail", ADMINISTRATOR.email, "/staff/audit/"),
        NamedPage("staff: audit trail, narrowed", ADMINISTRATOR.email, "/staff/audit/?act=publication&from=2026-02-30"),
        NamedPage("staff: a person, to erase", ADMINISTRATOR.email, f"/staff/people/{coordinator.pk}/"),
    ]


def _joining() -> list[NamedPage]:
    letter = Message.objects.filter(kind="supporter_received").latest("created_at")
    found = search(r"(/supporters/manage/\S+)", letter.text)
    assert found
    public = {
        "sign the pledge": "/sign-the-pledge/",
        "application received": "/sign-the-pledge/received/",
        "supporters": "/supporters/",
        "supporters, nobody found": "/supporters/?q=nobody",
        "become a supporter": "/supporters/join/",
        "supporter received": "/supporters/join/received/",
        "fresh link": "/supporters/link/",
        "fresh link sent": "/supporters/link/sent/",
        "words of a supporter": found[1],
        "link that is unknown": "/supporters/manage/nothing/",
    }
    nothing_typed = {
        "/sign-the-pledge/": "Send the application",
        "/supporters/join/": "Send",
        "/supporters/link/": "Mail me a fresh link",
    }
    staff = {"applications": "/staff/applications/", "supporters": "/staff/supporters/"}
    for application in Application.objects.all():
        staff[f"application, {application}"] = f"/staff/applications/{application.pk}/"
    for row in Supporter.objects.to_decide() | Supporter.objects.filter(state__in=["declined", "left"]):
        staff[f"supporter {row.pk}, {row.state}"] = f"/staff/supporters/{row.pk}/"
    return [
        *(NamedPage(name, VISITOR, path) for name, path in public.items()),
        *(NamedPage(f"{path}, nothing typed", VISITOR, path, submit=word) for path, word in nothing_typed.items()),
        *(NamedPage(f"staff: {name}", PUBLISHER.email, path) for name, path in staff.items()),
    ]
