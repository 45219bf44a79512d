"""Those who want to join, in the demonstration: supporters in every state and three applications. All invented."""

from datetime import datetime, timedelta

from accounts.models import User
from signatories import applications, supporters
from signatories.models import Supporter, SupporterKind

PERSON, ORGANISATION = SupporterKind.PERSON, SupporterKind.ORGANISATION

# (kind, name, statement), all on the public list.
PUBLISHED: tuple[tuple[SupporterKind, str, str], ...] = (
    (
        ORGANISATION,
        "Northtown Caribbean Elders’ Circle",
        "We have sat in the waiting rooms and we have buried friends too early. We back this pledge because it is made "
        "in public, and because we mean to read every update.",
    ),
    (
        ORGANISATION,
        "Open Table Dunmarch",
        "People come to our kitchen before they go to a ward. We support:\n\n- services that ask early\n- interpreters "
        "who are booked, not hoped for\n- figures that are shown as they are",
    ),
    (ORGANISATION, "Eastmere Faith Leaders’ Forum", "Care that respects who a person is begins with listening."),
    (
        ORGANISATION,
        "Wexcombe Students’ Union",
        "Our members wait longest for talking therapies. We want to see that change, in numbers.",
    ),
    (ORGANISATION, "Two Rivers Advocacy", ""),
    (
        PERSON,
        "Grace Addo",
        "I was detained three times before anybody asked what would help. I want the next person to be asked first.",
    ),
    (PERSON, "Imran Qureshi", "My brother’s carer, and a governor of a school."),
    (PERSON, "Dr Hannah Okafor", "As a GP I see who is referred late. A promise in public helps me to ask why."),
    (PERSON, "Mei-Ling Chong", ""),
    (PERSON, "Samuel Brathwaite", "I was a nurse for thirty-one years. I am still counting on it."),
)
WAITING = (
    PERSON,
    "Yasmin El-Amin",
    "I came here as an interpreter and stayed as a volunteer. Nobody should have to translate for their own mother.",
)
SPAM = "Cheap watches!!! Best price. Visit our shop today."
WHY = (
    "Our board has talked about unequal care for years. In June it decided to be held to something that others can "
    "read.\n\nWe have begun: our figures on detention by ethnic group are in the board papers since July. We want to "
    "learn how others work with local communities."
)


def fill(*, caseworker: User, publisher: User, now: datetime) -> None:
    """Adds them to the demonstration, with moments of the past months."""
    first = now - timedelta(days=200)
    rows = [_publish(words, first + timedelta(days=17 * n), publisher) for n, words in enumerate(PUBLISHED)]
    _has_new_words(rows[0], now - timedelta(days=3))
    _is_declined(caseworker, now - timedelta(days=40))
    supporters.leave(
        supporter=_join((PERSON, "Peter Lang", ""), now - timedelta(days=90)), now=now - timedelta(days=20)
    )
    _join((PERSON, "Watch Shop", SPAM), now - timedelta(days=2), looks_automatic=True)
    _apply_three(caseworker, now)
    _join(WAITING, now - timedelta(minutes=4))


def _join(words: tuple[SupporterKind, str, str], when: datetime, looks_automatic: bool = False) -> Supporter:
    kind, name, statement = words
    address = f"{'.'.join(name.lower().replace('’', '').split())}@supporters.example"
    return supporters.join(
        kind=kind,
        name=name,
        statement=statement,
        email=address,
        consents=True,
        looks_automatic=looks_automatic,
        now=when,
    )


def _publish(words: tuple[SupporterKind, str, str], when: datetime, publisher: User) -> Supporter:
    row = _join(words, when)
    supporters.publish(supporter=row, by=publisher, now=when + timedelta(days=2))
    return row


def _has_new_words(row: Supporter, when: datetime) -> None:
    statement = f"{row.statement} This autumn two of us joined the trust’s patient council, and we read every update."
    supporters.propose_change(supporter=row, name=row.name, statement=statement, now=when)


def _is_declined(caseworker: User, when: datetime) -> None:
    row = _join((PERSON, "A friend", "Vote for my candidate."), when)
    reason = "The list is not for elections. You are welcome to support the pledge in your own name."
    supporters.decline(supporter=row, reason=reason, by=caseworker, now=when + timedelta(days=1))


def _apply_three(caseworker: User, now: datetime) -> None:
    declined = applications.apply(
        organisation_name="Inkerfield Wellness Apps",
        leader_name="Dominic Sands",
        leader_role_title="Founder",
        leader_email="dominic@inkerfield-wellness.example",
        contact_name="Dominic Sands",
        contact_email="dominic@inkerfield-wellness.example",
        why="We sell a mood diary and would like to show the pledge on our site.",
        looks_automatic=False,
        now=now - timedelta(days=33),
    )
    reason = (
        "The pledge is for bodies that provide, commission or oversee mental health care. You can back it as a "
        "supporter instead; the form is on the page of supporters."
    )
    applications.decline(application=declined, reason=reason, by=caseworker, now=now - timedelta(days=30))
    applications.apply(
        organisation_name="Best Watches Online",
        leader_name="Watch Shop",
        leader_role_title="Sales",
        leader_email="sales@watch-shop.example",
        contact_name="Watch Shop",
        contact_email="sales@watch-shop.example",
        why=SPAM,
        looks_automatic=True,
        now=now - timedelta(days=2),
    )
    applications.apply(
        organisation_name="Gullhaven Harbour NHS Trust",
        leader_name="Dr Comfort Asare",
        leader_role_title="Chief executive",
        leader_email="comfort.asare@gullhaven.example",
        contact_name="Lewis Tregear",
        contact_email="lewis.tregear@gullhaven.example",
        why=WHY,
        looks_automatic=False,
        now=now - timedelta(days=6),
    )
