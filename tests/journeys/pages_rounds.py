"""Pages around rounds by name: the national report, what the team does in a round, updates entered from documents."""

from datetime import timedelta

from django.db.models import Model
from django.utils import timezone

from accounts.models import User
from pledge_tracker.demo_people import COORDINATOR, LEADER, PARTNERSHIP_LEADER, PUBLISHER
from progress_updates import past_rounds
from progress_updates.models import ExtensionRequest, ProgressUpdate, Round, RoundEntry, State
from reminders import chase
from reminders.models import Chase
from reports.models import NationalReport
from signatories.models import Invitation, Leader, Membership, PledgeMaker, StatementState
from tests.journeys.named import NORTHTOWN, VISITOR, NamedPage, current_round

STONEBECK = "stonebeck-mental-health-alliance"


def pages_around_rounds() -> list[NamedPage]:
    return [*_public(), *_workspace(), *_team()]


def _public() -> list[NamedPage]:
    corrected = ProgressUpdate.objects.published().filter(version__gt=1).select_related("entry__round").get()
    slugs = f"{corrected.entry.pledge_maker.slug}/{corrected.entry.round.slug}"
    withheld = ProgressUpdate.objects.exclude(withheld_at=None).select_related("entry__round", "entry__pledge_maker")
    report = _report()
    paths = {
        "national report, one version": f"/rounds/{report.round.slug}/v1/",
        "national PDF that is being prepared": f"/rounds/{report.round.slug}.pdf",
        "update that was corrected": f"/pledge-makers/{slugs}/",
        "update before its correction": f"/pledge-makers/{slugs}/v1/",
        "account that is disabled": "/account/inactive/",
    }
    for row in withheld:
        paths["update that is withheld"] = f"/pledge-makers/{row.entry.pledge_maker.slug}/{row.entry.round.slug}/v1/"
    return [NamedPage(name, VISITOR, path) for name, path in paths.items()]


def _report() -> NationalReport:
    found = NationalReport.objects.select_related("round").order_by("-round__due_at").first()
    assert found
    return found


def _workspace() -> list[NamedPage]:
    place = f"/workspace/{NORTHTOWN}/{current_round().slug}/"
    said = RoundEntry.objects.exclude(right_of_reply="").select_related("pledge_maker", "round")[0]
    asked = RoundEntry.objects.get(round=current_round(), updates__state=State.AWAITING_SIGN_OFF)
    published = ProgressUpdate.objects.filter(entry__round=current_round(), state=State.PUBLISHED).order_by("pk")[0]
    assert published.signed_by
    assert published.signed_by.user
    signed = PledgeMaker.objects.get(statements__state=StatementState.SIGNED)
    corrected = f"/workspace/{published.entry.pledge_maker.slug}/{current_round().slug}/correct/"
    waits = f"/workspace/{asked.pledge_maker.slug}/{current_round().slug}/asked/"
    own_words = f"/workspace/{said.pledge_maker.slug}/{said.round.slug}/your-words/"
    return [
        NamedPage("more time", COORDINATOR.email, f"{place}more-time/"),
        NamedPage("own words beside a status", _writes_for(said.pledge_maker), own_words),
        NamedPage("signature was asked for", PARTNERSHIP_LEADER.email, waits),
        NamedPage("correct what was published", published.signed_by.user.email, corrected),
        NamedPage("workspace of nobody", PUBLISHER.email, "/workspace/"),
        NamedPage("sign out", LEADER.email, "/account/logout/"),
        NamedPage("Statement is signed", _leads(signed), f"/workspace/{signed.slug}/statement/signed/"),
        NamedPage("sign the Statement", LEADER.email, f"/workspace/{NORTHTOWN}/statement/sign/"),
    ]


def _writes_for(maker: PledgeMaker) -> str:
    rows = Membership.objects.filter(pledge_maker=maker, ended_at=None, role__in=("coordinator", "leader"))
    return rows.order_by("role", "pk")[0].user.email


def _leads(maker: PledgeMaker) -> str:
    user = maker.leaders.exclude(user=None)[0].user
    assert user
    return user.email


def _team() -> list[NamedPage]:
    paths = {**_of_the_round(), **_of_pledge_makers(), **_of_documents()}
    pages = [NamedPage(f"staff: {name}", PUBLISHER.email, path) for name, path in paths.items()]
    remind, extend = (f"/staff/rounds/{current_round().slug}/{word}/" for word in ("remind", "extend"))
    return [
        *pages,
        NamedPage("staff: remind, the mail", PUBLISHER.email, remind, submit="Look at the mail", shows="main form"),
        NamedPage("staff: more time, nothing typed", PUBLISHER.email, extend, submit="See whom it touches"),
    ]


def _of_the_round() -> dict[str, str]:
    round_ = f"/staff/rounds/{current_round().slug}/"
    said = RoundEntry.objects.exclude(right_of_reply="").select_related("pledge_maker", "round")[0]
    words = f"/staff/rounds/{said.round.slug}/entries/{said.pledge_maker.slug}/words/"
    report = f"/staff/rounds/{_report().round.slug}/national/"
    published = ProgressUpdate.objects.published().filter(entry__round=current_round()).order_by("pk")[0]
    return {
        "dates of a round": f"{round_}dates/",
        "more time for many": f"{round_}extend/",
        "request for more time": f"/staff/more-time/{_pk(ExtensionRequest.objects.filter(answered_at=None)[0])}/",
        "entry of a Pledge Maker": f"{round_}entries/{NORTHTOWN}/",
        "words beside a status": f"{round_}entries/{NORTHTOWN}/words/",
        "words to take away": f"{words}right_of_reply/remove/",
        "reminders of a round": f"{round_}reminders/",
        "remind, whom": f"{round_}remind/",
        "mails that can be cancelled": f"{round_}remind/{_chase().pk}/",
        "versions of the national report": report,
        "one version of the national report": f"{report}v1/",
        "withhold": f"/staff/updates/{published.pk}/withhold/",
    }


def _chase() -> Chase:
    """Bulk mail that the publisher has just started."""
    now, by = timezone.now(), User.objects.get(email=PUBLISHER.email)
    entries = chase.candidates(current_round(), now).values_list("pk", flat=True)[:1]
    seen = chase.preview(round_=current_round(), entries=entries, now=now).fingerprint
    return chase.start(round_=current_round(), entries=entries, sentence="", seen=seen, by=by, now=now)


def _of_pledge_makers() -> dict[str, str]:
    stonebeck = PledgeMaker.objects.get(slug=STONEBECK)
    leader = Leader.objects.filter(pledge_maker=stonebeck, until_on=None)[0]
    part = stonebeck.parts.filter(left_on=None)[0]
    change = f"/staff/pledge-makers/{STONEBECK}/change/"
    return {
        "a leader leaves": f"{change}leader/{leader.pk}/leaves/",
        "an organisation leaves": f"{change}organisation/{part.pk}/leaves/",
        "withdrawal undone": "/staff/pledge-makers/hartsmead-mental-health-nhs-trust/change/undo-withdrawal/",
        "leader known from history": f"/staff/pledge-makers/{NORTHTOWN}/leaders/new/",
        "invitation is sent": f"/staff/invite/{_pk(Invitation.objects.latest('created_at'))}/sent/",
    }


def _of_documents() -> dict[str, str]:
    past = Round.objects.get(is_past=True, opened_at__isnull=False)
    entered = ProgressUpdate.objects.exclude(entered_by=None).get(state=State.DRAFT)
    write = f"/staff/updates/{entered.pk}/write/"
    return {
        "new past round": "/staff/rounds/new/past/",
        "past round": f"/staff/rounds/{past.slug}/",
        "past round, who was there": f"/staff/rounds/{_unopened().slug}/open-past/",
        "import into a past round": f"/staff/rounds/{past.slug}/import/",
        "enter from a document": f"/staff/rounds/{past.slug}/on-behalf/",
        "what is being entered": write,
        "a section, entered": f"{write}objective-2/",
        "check what was entered": f"{write}check/",
        "add a document": f"/staff/updates/{entered.pk}/documents/add/",
    }


def _unopened() -> Round:
    day = timezone.localdate() - timedelta(days=900)
    return past_rounds.create_past_round(
        label="Reports of long ago",
        period_from=day - timedelta(days=200),
        period_to=day - timedelta(days=30),
        asked_on=day - timedelta(days=45),
        due_on=day,
        published_on=day + timedelta(days=20),
        by=User.objects.get(email=PUBLISHER.email),
        now=timezone.now(),
    )


def _pk(row: Model | None) -> int:
    assert row
    return int(row.pk)
