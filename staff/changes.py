"""Each change of a Pledge Maker as the team sees it: its words, its form, what it will do, and doing it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from design.templatetags.furniture import long_date
from progress_updates import after_changes, after_terms
from progress_updates.models import RoundEntry
from signatories import changes
from signatories.models import Leader, PledgeMaker, PledgeMakerOrganisation
from staff.change_forms import (
    ChangeForm,
    LeaveForm,
    MergeForm,
    OrganisationForm,
    RenameForm,
    TermForm,
    UndoForm,
    WithdrawForm,
)

Subject = PledgeMaker | PledgeMakerOrganisation | Leader


@dataclass(frozen=True)
class Change:
    """`foresee` says in sentences what confirming will do; `carry_out` does it and says what was done."""

    title: str | Promise
    button: str | Promise
    form: type[ChangeForm]
    foresee: Callable[[Any, Any, datetime], list[str]]
    carry_out: Callable[[Any, Any, User, datetime], str]


def _rename_foreseen(maker: PledgeMaker, form: RenameForm, now: datetime) -> list[str]:
    return [
        _("“%(before)s” becomes “%(after)s” on every page that is not signed.")
        % {"before": maker.name, "after": form.cleaned_data["name"]},
        _("Its page says “Formerly %(before)s”, and its old address leads to the new one for good.")
        % {"before": maker.name},
        _("Updates and Statements that are signed keep the name that they were signed under."),
    ]


def _rename(maker: PledgeMaker, form: RenameForm, by: User, now: datetime) -> str:
    changes.rename(pledge_maker=maker, name=form.cleaned_data["name"], by=by, now=now)
    return _("It is now called %(name)s.") % {"name": maker.name}


def _withdraw_foreseen(maker: PledgeMaker, form: WithdrawForm, now: datetime) -> list[str]:
    said = [
        _("Everybody reads: “Withdrew from the pledge on %(day)s. %(note)s”")
        % {"day": long_date(form.cleaned_data["on"]), "note": form.cleaned_data["note"]}
    ]
    for entry in after_changes.still_owed(maker, now):
        said.append(_("%(round)s no longer asks for its update.") % {"round": entry.round.label})
    return [*said, _("Its page, its Statement and its published updates stay. No reminder goes to it any more.")]


def _withdraw(maker: PledgeMaker, form: WithdrawForm, by: User, now: datetime) -> str:
    after_changes.withdraw(pledge_maker=maker, by=by, now=now, **form.cleaned_data)
    return _("%(name)s has withdrawn from the pledge.") % {"name": maker.name}


def _undo_foreseen(maker: PledgeMaker, form: UndoForm, now: datetime) -> list[str]:
    return [
        _("The public no longer reads that it withdrew; the record of the team keeps it."),
        _("Rounds that are open ask for its update again."),
    ]


def _undo(maker: PledgeMaker, form: UndoForm, by: User, now: datetime) -> str:
    after_changes.undo_withdrawal(pledge_maker=maker, by=by, now=now)
    return _("%(name)s stands behind the pledge again.") % {"name": maker.name}


def _merge_foreseen(maker: PledgeMaker, form: MergeForm, now: datetime) -> list[str]:
    names = _(" and ").join(successor.name for successor in form.successors)
    said = [
        _("Everybody reads that it stood on its own until %(day)s and that its pledge goes on in %(names)s.")
        % {"day": long_date(form.cleaned_data["on"]), "names": names}
    ]
    said += [_merged_entry(entry, form.successors) for entry in after_changes.still_owed(maker, now)]
    return [
        *said,
        _("Its page and everything published stay. No further round asks for its update."),
        _("Its organisations do not move by themselves: add them to the successor if they take part there."),
    ]


def _merged_entry(entry: RoundEntry, successors: list[PledgeMaker]) -> str:
    covering = after_changes.covering_entry(entry, [successor.pk for successor in successors])
    if covering:
        return _("In %(round)s it is reported with %(name)s.") % {
            "round": entry.round.label,
            "name": covering.pledge_maker.name,
        }
    return _(
        "In %(round)s its update is still asked for: no successor can still report for it. Decide about it afterwards."
    ) % {"round": entry.round.label}


def _merge(maker: PledgeMaker, form: MergeForm, by: User, now: datetime) -> str:
    after_changes.merge(pledge_maker=maker, successors=form.successors, on=form.cleaned_data["on"], by=by, now=now)
    names = _(" and ").join(successor.name for successor in form.successors)
    return _("%(name)s has merged into %(names)s.") % {"name": maker.name, "names": names}


def _joining_foreseen(maker: PledgeMaker, form: OrganisationForm, now: datetime) -> list[str]:
    return [
        _("%(organisation)s is part of %(name)s from %(day)s on; everybody sees it.")
        % {
            "organisation": form.cleaned_data["organisation"].name,
            "name": maker.name,
            "day": long_date(form.cleaned_data["on"]),
        },
        _("The next update that is signed speaks for it too."),
    ]


def _join(maker: PledgeMaker, form: OrganisationForm, by: User, now: datetime) -> str:
    changes.add_organisation(pledge_maker=maker, by=by, now=now, **form.cleaned_data)
    return _("%(organisation)s is part of it.") % {"organisation": form.cleaned_data["organisation"].name}


def _leaving_foreseen(part: PledgeMakerOrganisation, form: LeaveForm, now: datetime) -> list[str]:
    return [
        _("%(organisation)s was part of it until %(day)s. The page says so, and keeps it among those before.")
        % {"organisation": part.organisation.name, "day": long_date(form.cleaned_data["on"])}
    ]


def _leave(part: PledgeMakerOrganisation, form: LeaveForm, by: User, now: datetime) -> str:
    changes.remove_organisation(part=part, on=form.cleaned_data["on"], by=by, now=now)
    return _("%(organisation)s has left.") % {"organisation": part.organisation.name}


def _leader_foreseen(leader: Leader, form: TermForm, now: datetime) -> list[str]:
    last_day = form.cleaned_data["on"]
    facts = {"leader": leader.name, "day": long_date(last_day)}
    told = _("The leader, the coordinators and whoever looks after it are told by e-mail.")
    if last_day > timezone.localdate(now):
        return [_("%(leader)s leads until the end of %(day)s, and can no longer sign after that.") % facts, told]
    said = [_("%(leader)s was a leader until %(day)s. The signature stays under the name.") % facts]
    return [*said, _("They can no longer sign in for it."), told] if leader.user_id else [*said, told]


def _end_term(leader: Leader, form: TermForm, by: User, now: datetime) -> str:
    after_terms.end_term(leader=leader, until_on=form.cleaned_data["on"], by=by, now=now)
    facts = {"leader": leader.name, "day": long_date(form.cleaned_data["on"])}
    if form.cleaned_data["on"] > timezone.localdate(now):
        return _("%(leader)s leads until %(day)s. Invite the successor when you know who it is.") % facts
    return _("%(leader)s is no longer a leader. Invite the successor when you know who it is.") % facts


RENAME = Change(gettext_lazy("Change its name"), gettext_lazy("Rename it"), RenameForm, _rename_foreseen, _rename)
WITHDRAW = Change(
    gettext_lazy("Withdraw it from the pledge"),
    gettext_lazy("Withdraw it"),
    WithdrawForm,
    _withdraw_foreseen,
    _withdraw,
)
UNDO = Change(gettext_lazy("Undo its withdrawal"), gettext_lazy("Undo the withdrawal"), UndoForm, _undo_foreseen, _undo)
MERGE = Change(
    gettext_lazy("Merge it into another Pledge Maker"), gettext_lazy("Merge it"), MergeForm, _merge_foreseen, _merge
)
JOIN = Change(gettext_lazy("An organisation joins"), gettext_lazy("Add it"), OrganisationForm, _joining_foreseen, _join)
LEAVE = Change(
    gettext_lazy("An organisation leaves"), gettext_lazy("Let it leave"), LeaveForm, _leaving_foreseen, _leave
)
END = Change(gettext_lazy("A leader leaves"), gettext_lazy("End the leadership"), TermForm, _leader_foreseen, _end_term)
