"""Who is told of what by mail: one readable table. Its rows are what the acts really queue: a test walks them all.

`manage.py who_is_told` prints it as docs/who-is-told.md. Reminders have a table of their own (reminders/ladder.py)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Who(StrEnum):
    """Who hears, in words. Whoever has left, or whose account is closed, never does."""

    MEMBERS = "everybody of the Pledge Maker, readers too"
    WRITERS = "leaders, coordinators and contributors of the Pledge Maker"
    OTHER_WRITERS = "leaders, coordinators and contributors of the Pledge Maker, but for whoever did it"
    SPEAKERS = "leaders and coordinators of the Pledge Maker"
    OTHER_SPEAKERS = "leaders and coordinators of the Pledge Maker, but for whoever did it"
    LEADERS = "leaders of the Pledge Maker"
    COORDINATORS = "coordinators of the Pledge Maker; where there is none, whoever of the Synergi team looks after it"
    INVITED = "whoever is invited"
    INVITER = "whoever sent the invitation"
    PERSON = "the person"
    IN_CHARGE_WITH = "leaders and coordinators of the Pledge Maker, but for the person"
    OLD_ADDRESS = "the old address"
    NEW_ADDRESS = "the new address"
    OWNER = "whoever has that address"
    TEAM = "everybody of the Synergi team"
    REST_OF_TEAM = "everybody of the Synergi team, but for whoever did it"
    PUBLISHERS = "publishers of the Synergi team"
    PUBLISHERS_ONCE_A_DAY = "publishers of the Synergi team, once a day"
    ADMINISTRATORS = "administrators of the Synergi team, but for the person"
    DOER = "whoever did it"
    LOOKS_AFTER = "whoever of the Synergi team looks after the Pledge Maker"
    LOOKS_AFTER_OR_TEAM = "whoever of the Synergi team looks after the Pledge Maker, else the whole team"
    CONTACT = "the contact named in the application"
    SUPPORTER = "the supporter"


@dataclass(frozen=True)
class Event:
    """Something that somebody does; `told`: who hears, and in which of templates/mail/."""

    name: str
    told: Mapping[Who, str]


@dataclass(frozen=True)
class Chapter:
    title: str
    events: tuple[Event, ...]


TABLE: tuple[Chapter, ...] = (
    Chapter(
        "Statement of Intent",
        (
            Event(
                "A leader signs it",
                {Who.OTHER_SPEAKERS: "statement_signed_colleague", Who.PUBLISHERS: "statement_signed"},
            ),
            Event("It is published", {Who.SPEAKERS: "statement_published"}),
            Event(
                "A new leader re-affirms it",
                {Who.IN_CHARGE_WITH: "pledge_reaffirmed", Who.LOOKS_AFTER_OR_TEAM: "pledge_reaffirmed"},
            ),
            Event("A new leader asks for changes", {Who.COORDINATORS: "changes_asked"}),
        ),
    ),
    Chapter(
        "Progress update",
        (
            Event("Its signature is asked for", {Who.LEADERS: "update_to_sign"}),
            Event("A leader returns it", {Who.OTHER_WRITERS: "update_returned_by_leader"}),
            Event("A leader signs it", {Who.MEMBERS: "update_submitted", Who.TEAM: "update_received"}),
            Event(
                "The team enters it from a document that carries the signature",
                {Who.MEMBERS: "update_entered", Who.REST_OF_TEAM: "update_received"},
            ),
            Event("The team sends it back", {Who.WRITERS: "update_returned_by_staff"}),
            Event("It is published", {Who.MEMBERS: "update_published"}),
        ),
    ),
    Chapter(
        "Place in a round",
        (
            Event("More time is asked for", {Who.LOOKS_AFTER: "more_time_asked"}),
            Event("More time is given", {Who.WRITERS: "more_time_given"}),
            Event("More time is refused", {Who.SPEAKERS: "more_time_refused"}),
            Event("The due day of the round moves, and the update is owed", {Who.WRITERS: "due_day_changed"}),
            Event("The team takes words beside the status away", {Who.SPEAKERS: "words_removed"}),
        ),
    ),
    Chapter(
        "Who acts for a Pledge Maker",
        (
            Event("Somebody is invited", {Who.INVITED: "invitation"}),
            Event(
                "An invitation is accepted",
                {Who.INVITER: "member_joined", Who.IN_CHARGE_WITH: "member_joined"},
            ),
            Event(
                "Somebody gets another role",
                {Who.PERSON: "role_changed", Who.IN_CHARGE_WITH: "role_changed_of_other"},
            ),
            Event(
                "A contributor is limited to some objectives, or no longer",
                {Who.PERSON: "limit_changed", Who.IN_CHARGE_WITH: "limit_changed_of_other"},
            ),
            Event("A role ends", {Who.PERSON: "role_ended", Who.IN_CHARGE_WITH: "role_ended_of_other"}),
            Event(
                "The term of a leader ends",
                {
                    Who.PERSON: "term_ended_leader",
                    Who.IN_CHARGE_WITH: "term_ended",
                    Who.LOOKS_AFTER_OR_TEAM: "term_ended_team",
                },
            ),
            Event(
                "The last day of a leader is withdrawn",
                {
                    Who.PERSON: "term_goes_on_leader",
                    Who.IN_CHARGE_WITH: "term_goes_on",
                    Who.LOOKS_AFTER_OR_TEAM: "term_goes_on_team",
                },
            ),
            Event("Fewer than two people can be reached by mail", {Who.LOOKS_AFTER_OR_TEAM: "too_few_reachable"}),
        ),
    ),
    Chapter(
        "One’s own account",
        (
            Event(
                "The address is changed",
                {Who.OLD_ADDRESS: "address_changed_old", Who.NEW_ADDRESS: "address_changed"},
            ),
            Event("Somebody asks for an address that another account has", {Who.OWNER: "address_taken"}),
            Event(
                "The team gives an account back to the address before",
                {Who.OLD_ADDRESS: "address_given_back", Who.NEW_ADDRESS: "address_taken_back"},
            ),
            Event("A passkey is added or removed, or recovery codes are made", {Who.PERSON: "second_factor"}),
            Event(
                "An administrator takes the second factor away, which ends all sessions",
                {Who.PERSON: "second_factor_reset", Who.DOER: "second_factor_reset"},
            ),
            Event(
                "A role in the Synergi team is given, changed or taken",
                {Who.PERSON: "synergi_role", Who.ADMINISTRATORS: "synergi_role_of_other"},
            ),
        ),
    ),
    Chapter(
        "Joining",
        (
            Event(
                "An organisation applies to sign the pledge",
                {Who.CONTACT: "application_received", Who.PUBLISHERS_ONCE_A_DAY: "joining_waits"},
            ),
            Event("The application is approved", {Who.CONTACT: "application_approved", Who.INVITED: "invitation"}),
            Event("The application is declined", {Who.CONTACT: "application_declined"}),
            Event(
                "Somebody supports the pledge",
                {Who.SUPPORTER: "supporter_received", Who.PUBLISHERS_ONCE_A_DAY: "joining_waits"},
            ),
            Event("A supporter writes new words", {Who.PUBLISHERS_ONCE_A_DAY: "joining_waits"}),
            Event("The support is published", {Who.SUPPORTER: "supporter_published"}),
            Event("The support is declined", {Who.SUPPORTER: "supporter_declined"}),
            Event("A supporter asks for a fresh link", {Who.SUPPORTER: "supporter_link"}),
        ),
    ),
)

# Sent to whoever asks for one; no news, and not in the table.
CODES = ("sign_in_code", "address_code")
