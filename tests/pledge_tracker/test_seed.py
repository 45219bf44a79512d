"""The demonstration: enough of every kind, and nothing real in it."""

import csv
import re
import time
from collections import Counter
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction

from accounts.models import AuditEvent, User
from mail.models import Message
from pledge_tracker.demo_people import DEMO_PEOPLE
from pledge_tracker.seeding import corpus, demo
from progress_updates import lateness
from progress_updates.completeness import what_is_missing
from progress_updates.models import (
    AnswerVersion,
    ExtensionRequest,
    NextStep,
    ProgressUpdate,
    Round,
    RoundEntry,
    State,
    StepOutcome,
)
from signatories.models import (
    Application,
    Invitation,
    Organisation,
    PledgeMaker,
    Region,
    Role,
    Statement,
    StatementState,
    Supporter,
)

NOW = datetime(2026, 11, 22, 11, 0, tzinfo=ZoneInfo("Europe/London"))
# Words of trusts' names that say nothing about where they are.
COMMON = {"and", "board", "care", "combined", "community", "council", "foundation", "health", "healthcare",
          "integrated", "mental", "nhs", "of", "partnership", "social", "teaching", "the", "trust", "university",
          "city", "coast", "vale"}  # fmt: skip
UNWANTED = re.compile(r"\b(BAME|BME|non-White)\b", re.IGNORECASE)


@pytest.fixture(scope="module")
def _seeded(django_db_setup, django_db_blocker):
    """The demonstration, made once for the tests below and rolled back."""
    with django_db_blocker.unblock(), transaction.atomic():
        began = time.process_time()
        demo.fill(now=NOW)
        yield time.process_time() - began
        transaction.set_rollback(True)


@pytest.fixture
def seeded(_seeded, db):
    return _seeded


def _real():
    with open("signatories/data/organisations.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _places(name):
    return set(re.findall(r"[a-z]+", name.lower())) - COMMON


def _states(round_):
    return {entry.pledge_maker.name: [update.state for update in entry.updates.all()] for entry in round_.entries.all()}


def test_the_demonstration_is_made_in_seconds(seeded):
    """Seconds of this process, however busy the machine."""
    assert seeded < 20


def test_no_invented_organisation_looks_like_a_real_one(seeded):
    real = set().union(*(_places(row["name"]) for row in _real()))
    for organisation in Organisation.objects.all():
        assert _places(organisation.name) & real == set(), organisation.name


def test_no_invented_ods_code_is_in_use(seeded):
    invented = set(Organisation.objects.exclude(ods_code=None).values_list("ods_code", flat=True))
    assert len(invented) > 20
    assert invented & {row["ods_code"] for row in _real()} == set()


def test_pledge_makers_of_all_regions_are_on_the_public_list(seeded):
    public = PledgeMaker.objects.published()
    assert public.count() >= 14
    assert set(public.values_list("organisations__region", flat=True)) == set(Region.values)


def test_one_pledge_maker_is_a_partnership_of_trust_council_and_voluntary_sector(seeded):
    partnership = PledgeMaker.objects.get(name="Eastmere Together")
    assert set(partnership.organisations.values_list("kind", flat=True)) == {
        "nhs_mental_health_trust",
        "local_authority",
        "voluntary_sector",
    }


def test_the_open_round_has_an_update_in_every_state_and_some_not_begun(seeded):
    current = Round.objects.newest_first().first()
    states = Counter(states[0] if states else "" for states in _states(current).values())
    assert set(states) == {*State.values, ""}
    assert 14 <= (current.due_at.date() - NOW.date()).days <= 21
    assert current.is_open(NOW)


def test_past_rounds_show_on_time_late_extended_and_not_received(seeded):
    past = Round.objects.filter(is_past=False).newest_first()[1:]
    kinds = [Counter(lateness.lateness(entry, NOW) for entry in round_.entries.all()) for round_ in past]
    assert len(kinds) == 2
    assert (kinds[0]["late"], kinds[0]["not_received"]) == (2, 1)
    assert (kinds[1]["late"], kinds[1]["not_received"]) == (2, 0)
    extended = RoundEntry.objects.exclude(extended_to=None).order_by("round__due_at")
    assert [entry.extension.public_words for entry in extended] == [
        "A flood closed its offices for two weeks.",
        "It has a new lead for this work.",
    ]
    assert set(ProgressUpdate.objects.filter(entry__round__in=list(past)).values_list("state", flat=True)) == {
        "published"
    }


def test_what_happens_around_an_entry_is_shown_once(seeded):
    given, waiting = ExtensionRequest.objects.order_by("asked_at")
    assert (given.granted is not None, waiting.answered_at) == (True, None)
    covered = RoundEntry.objects.exclude(covered_by=None).get()
    assert lateness.public_status(covered, NOW).words == "To be reported with Stonebeck Mental Health Alliance"
    corrected = ProgressUpdate.objects.get(version=2)
    assert (corrected.state, corrected.correction_note != "") == ("published", True)
    withheld = ProgressUpdate.objects.exclude(withheld_at=None).get()
    assert (withheld.entry_id, withheld.version) == (corrected.entry_id, 1)
    assert RoundEntry.objects.exclude(late_reason="").count() == 2
    assert RoundEntry.objects.exclude(right_of_reply="").count() == 1
    assert AuditEvent.objects.filter(action="round.dates_changed").count() == 3


def test_next_steps_are_followed_across_rounds(seeded):
    assert set(StepOutcome.objects.values_list("outcome", flat=True)) == {"done", "going_on", "dropped"}


def test_nobody_promises_the_same_step_twice(seeded):
    promised = NextStep.objects.filter(update__version=1).values_list("update__entry__pledge_maker", "what")
    assert len(promised) == len(set(promised))


def test_some_signed_unpublished_some_invited_some_withdrawn(seeded):
    assert Statement.objects.filter(state=StatementState.SIGNED).count() == 1
    waiting = Invitation.objects.get(accepted_at=None)
    assert (waiting.role, waiting.expires_at > NOW) == (Role.LEADER, True)
    assert PledgeMaker.objects.exclude(withdrawn_on=None).count() == 1


def test_only_what_came_within_the_hour_is_in_the_outbox(seeded):
    kinds = sorted(message.kind for message in Message.objects.all())
    assert kinds == ["invitation", "joining_waits", "supporter_received"]


def test_applications_and_supporters_are_there_in_every_state(seeded):
    assert Counter(Application.objects.values_list("state", "looks_automatic")) == {
        ("waiting", False): 1,
        ("waiting", True): 1,
        ("declined", False): 1,
    }
    assert set(Supporter.objects.values_list("state", flat=True)) == {"waiting", "published", "declined", "left"}
    assert Supporter.objects.to_decide().count() == 3
    assert Supporter.objects.exclude(email="").exclude(email__endswith=".example").count() == 0


def test_every_person_of_the_demonstration_can_sign_in(seeded):
    for person in DEMO_PEOPLE:
        user = User.objects.get(email=person.email)
        assert (user.name, user.is_active) == (person.name, True)
        assert user.is_synergi or user.memberships.filter(ended_at=None).exists()


def test_the_words_are_those_that_the_scheme_uses(seeded):
    for version in AnswerVersion.objects.all():
        assert not UNWANTED.search(version.text + version.involved + version.barriers)
        assert "{" not in version.text + version.involved
    for name in ("why", "involved", "barriers", "good-practice", "challenges", "sign-off", "no-change"):
        assert len(corpus.variants(name)) >= 4


def test_answers_do_not_look_copied(seeded):
    current = Round.objects.newest_first()[1]
    texts = AnswerVersion.objects.filter(answer__update__entry__round=current, answer__question__kind="objective")
    # A correction begins with the very words that were published.
    texts = list(texts.filter(answer__update__version=1).exclude(text="").values_list("text", flat=True))
    assert len(texts) > 80
    assert len(texts) == len(set(texts))


def test_every_signed_update_is_complete_and_its_snapshot_intact(seeded):
    for update in ProgressUpdate.objects.sent():
        assert what_is_missing(update) == []
        assert update.snapshots.latest().is_intact()
