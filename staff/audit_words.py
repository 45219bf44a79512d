"""The audit trail in words: every act that is recorded anywhere, in groups.

A test reads the code and fails for an act that is not here."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from progress_updates.workflow import STEPS

Words = str | Promise
PUBLICATION_STEPS = ("publish", "undo_publication")


@dataclass(frozen=True)
class Group:
    """Acts of one kind, as the page offers them. The words of an act read on from the name of whoever did it."""

    key: str
    label: Words
    acts: Mapping[str, Words]


SIGNING_IN: dict[str, Words] = {
    "sign_in.succeeded": _("signed in"),
    "sign_in.failed": _("was not let in: the code was wrong or spent"),
    "second_factor.given": _("gave a second factor"),
    "second_factor.failed": _("was not let in: the second factor was wrong or spent"),
    "session.ended": _("was signed out"),
    "proof.given": _("proved afresh who they are"),
    "proof.failed": _("did not prove afresh who they are: the code was wrong or spent"),
}
REFUSALS: dict[str, Words] = {
    "access.refused": _("was refused a page"),
    "limit.reached": _("was stopped after trying too often"),
    "proof.refused": _("was refused: the account has no way to prove afresh who they are"),
}
PEOPLE: dict[str, Words] = {
    "synergi_role.given": _("changed a role in the Synergi team"),
    "invitation.sent": _("sent an invitation"),
    "invitation.withdrawn": _("withdrew an invitation"),
    "invitation.accepted": _("accepted an invitation"),
    "membership.role_changed": _("changed somebody’s role"),
    "membership.limited": _("changed what a contributor writes about"),
    "membership.ended": _("ended somebody’s role, or left"),
    "membership.term_over": _("ended a role, because the term as leader was over"),
    "leader.term_ended": _("entered the last day of a leader"),
    "leader.stays": _("withdrew the last day of a leader"),
    "leader.added_from_history": _("added a leader from history"),
    "passkey.added": _("added a passkey to their account"),
    "passkey.renamed": _("renamed a passkey of their account"),
    "passkey.removed": _("removed a passkey from their account"),
    "recovery_codes.made": _("made new recovery codes"),
    "second_factor.reset": _("reset the second factor of an account"),
    "address.asked": _("asked to use another e-mail address"),
    "address.code_failed": _("did not change their e-mail address: the code was wrong or spent"),
    "address.changed": _("changed their e-mail address"),
    "address.given_back": _("gave an account back to its earlier address"),
    "name.corrected": _("corrected their name"),
    "account.erased": _("erased an account"),
}
EXPORTS: dict[str, Words] = {"staff.exported": _("took a file")}
PUBLICATION: dict[str, Words] = {
    **{f"update.{name}": STEPS[name].past for name in PUBLICATION_STEPS},
    "update.publication_planned": _("planned the publication of the update with the round"),
    "update.publication_cancelled": _("cancelled the planned publication of the update"),
    "update.withheld": _("withheld the published update"),
    "update.withholding_ended": _("gave the withheld update back to the public"),
    "statement.published": _("published the Statement of Intent"),
    "statement.superseded": _("replaced the Statement of Intent by a newer version"),
    "national_report.built": _("built the national report"),
    "national_report.published": _("published the national report"),
    "supporter.published": _("put the supporter on the public list"),
    "supporter.change_accepted": _("accepted the supporter’s new words"),
}
MAIL: dict[str, Words] = {
    "reminders.chase_started": _("sent reminders in bulk"),
    "reminders.chase_cancelled": _("cancelled reminders in bulk"),
    "mail.retried": _("had a failed message tried again"),
    "mail.all_retried": _("had all failed messages of one kind tried again"),
    "document.retried": _("had a failed PDF made again"),
}
UPDATES: dict[str, Words] = {
    **{f"update.{name}": step.past for name, step in STEPS.items() if name not in PUBLICATION_STEPS},
    "update.started": _("started the draft"),
    "update.started_on_behalf": _("began to enter the update from a document"),
    "update.document_kept": _("kept the document in which the update came"),
    "update.document_signed": _("entered who had signed the document"),
    "update.correction_started": _("started a correction"),
    "update.correction_note_changed": _("changed the note of a correction"),
    "entry.more_time_asked": _("asked for more time"),
    "entry.more_time_refused": _("gave no more time"),
    "entry.extended": _("gave more time"),
    "entry.extension_passed": _("moved the round past its own due day"),
    "entry.extension_restored": _("gave its own due day back"),
    "entry.covered": _("said that it is reported with another"),
    "entry.covers": _("said that it reports for another too"),
    "entry.not_required": _("said that no update is asked"),
    "entry.required_again": _("asked for the update again"),
    "entry.withdrawn": _("no longer asked for the update, because of a withdrawal"),
    "entry.words_said": _("changed the words beside the status"),
    "entry.words_removed": _("took words beside the status away"),
}
STATEMENTS: dict[str, Words] = {
    "statement.started": _("started a Statement of Intent"),
    "statement.saved": _("saved the Statement of Intent"),
    "statement.signed": _("signed the Statement of Intent"),
    "statement.reaffirmed": _("re-affirmed the Statement of Intent"),
    "statement.changes_asked": _("asked for changes before re-affirming"),
}
ROUNDS: dict[str, Words] = {
    "round.created": _("planned the round"),
    "round.opened": _("opened the round"),
    "round.question_changed": _("changed a question of the round"),
    "round.dates_changed": _("changed the dates of the round"),
    "round.entry_added": _("added a Pledge Maker to the round"),
    "round.imported": _("imported the past round from a file"),
}
MAKERS: dict[str, Words] = {
    "pledge_maker.created": _("added the Pledge Maker"),
    "pledge_maker.given": _("changed who looks after the Pledge Maker"),
    "pledge_maker.renamed": _("renamed the Pledge Maker"),
    "pledge_maker.withdrawn": _("recorded the withdrawal from the pledge"),
    "pledge_maker.withdrawal_undone": _("took the withdrawal from the pledge back"),
    "pledge_maker.merged": _("merged the Pledge Maker into others"),
    "pledge_maker.organisation_joined": _("added an organisation"),
    "pledge_maker.organisation_left": _("let an organisation leave"),
    "organisations.imported": _("imported organisations"),
}
JOINING: dict[str, Words] = {
    "application.received": _("applied to sign the pledge"),
    "application.approved": _("approved the application"),
    "application.declined": _("declined the application"),
    "supporter.joined": _("asked to become a supporter"),
    "supporter.link_asked": _("asked for a new link for supporters"),
    "supporter.change_proposed": _("proposed new words as a supporter"),
    "supporter.change_taken_back": _("took proposed words back"),
    "supporter.change_refused": _("refused the supporter’s new words"),
    "supporter.declined": _("declined the supporter"),
    "supporter.left": _("left the list of supporters"),
}
GROUPS = (
    Group("signing-in", _("Signing in"), SIGNING_IN),
    Group("refusals", _("Refusals"), REFUSALS),
    Group("people", _("Accounts and roles"), PEOPLE),
    Group("exports", _("Exports"), EXPORTS),
    Group("publication", _("Publication"), PUBLICATION),
    Group("mail", _("Mail"), MAIL),
    Group("updates", _("Progress updates"), UPDATES),
    Group("statements", _("Statements of Intent"), STATEMENTS),
    Group("rounds", _("Rounds"), ROUNDS),
    Group("makers", _("Pledge Makers"), MAKERS),
    Group("joining", _("Joining"), JOINING),
)
ACTS: dict[str, Words] = {act: words for group in GROUPS for act, words in group.acts.items()}
BY_KEY = {group.key: group for group in GROUPS}
# Acts that nobody signed in did by hand, and those of a command; whatever else nobody did, the clock did.
OF_VISITORS = {"sign_in.failed", "limit.reached", *JOINING}
BY_COMMAND = {"synergi_role.given", "organisations.imported"}
KINDS_OF_PEOPLE: dict[str, Words] = {
    "team": _("Anybody of the Synergi team"),
    "members": _("Anybody else with an account"),
    "nobody": _("A visitor, a command or the clock"),
}


def words_of(action: str) -> str:
    """The act in words. One that was recorded by an older version, and is no longer known, reads as its code."""
    return str(ACTS.get(action, action))


def acts_of(chosen: str) -> list[str]:
    """The codes that a choice on the page stands for: a whole group, or one act."""
    return list(BY_KEY[chosen].acts) if chosen in BY_KEY else [chosen]
