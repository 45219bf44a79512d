"""What the national report says in words: findings made from its figures, each true without the chart below it."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from design.templatetags.furniture import number
from progress_updates.national import Change, Changes, Counted, StepsKept


def of_signatories(signed: Counted) -> str:
    """Three counts that are never added up."""
    leaders = ngettext("%(count)s leader stands", "%(count)s leaders stand", signed.leaders)
    makers = ngettext("%(count)s Pledge Maker", "%(count)s Pledge Makers", signed.pledge_makers)
    organisations = ngettext("%(count)s organisation", "%(count)s organisations", signed.organisations)
    return _("%(leaders)s behind the pledge, for %(makers)s made of %(organisations)s.") % {
        "leaders": leaders % {"count": number(signed.leaders)},
        "makers": makers % {"count": number(signed.pledge_makers)},
        "organisations": organisations % {"count": number(signed.organisations)},
    }


def of_reporters(reported: Counted) -> str:
    if not reported.pledge_makers:
        return _("No update has been received in this round.")
    words = ngettext(
        "The updates received speak for %(count)s Pledge Maker.",
        "The updates received speak for %(count)s Pledge Makers.",
        reported.pledge_makers,
    )
    return words % {"count": number(reported.pledge_makers)}


def of_ratings(published: int) -> str:
    """How many published updates the ratings come from: always said before any share of them."""
    if not published:
        return _("No update has been published yet, so there are no ratings.")
    words = ngettext(
        "%(count)s Pledge Maker has published its ratings.",
        "%(count)s Pledge Makers have published their ratings.",
        published,
    )
    return words % {"count": number(published)}


def of_changes(changes: Changes | None) -> str:
    """How many are compared, and which objective moved most. Silent on ties."""
    if changes is None:
        return _("There is no earlier round to compare with.")
    if not changes.pledge_makers:
        return _("No Pledge Maker has published ratings both now and in %(round)s.") % {"round": changes.before.label}
    compared = ngettext(
        "%(count)s Pledge Maker has published ratings in both rounds.",
        "%(count)s Pledge Makers have published ratings in both rounds.",
        changes.pledge_makers,
    )
    said = [compared % {"count": number(changes.pledge_makers)}, _moved(changes.objectives)]
    return " ".join(filter(None, said))


def _moved(objectives: Sequence[Change]) -> str:
    further, back = sum(each.further for each in objectives), sum(each.back for each in objectives)
    if not further and not back:
        return _("No rating has moved.")
    ratings = _("Of %(all)s ratings, %(further)s moved further on and %(back)s moved back.") % {
        "all": number(sum(each.compared for each in objectives)),
        "further": number(further) if further else _("none"),
        "back": number(back) if back else _("none"),
    }
    if (most := _clear_most(objectives)) is None:
        return ratings
    moved = _("Objective %(number)s moved most: %(count)s of %(compared)s rate it further on.")
    return f"{ratings} {moved % {'number': most.number, 'count': most.further, 'compared': most.compared}}"


def _clear_most(objectives: Sequence[Change]) -> Change | None:
    by_share = sorted(
        (each for each in objectives if each.further), key=lambda each: each.further / each.compared, reverse=True
    )
    if not by_share:
        return None
    shares = [each.further / each.compared for each in by_share[:2]]
    return by_share[0] if len(shares) == 1 or shares[0] > shares[1] else None


def of_steps(kept: StepsKept) -> str:
    """What became of the promises that were open when the round began."""
    if not kept.total:
        return _("No Pledge Maker had promised a next step before this round.")
    words = ngettext(
        "%(count)s next step was open when the round began.",
        "%(count)s next steps were open when the round began.",
        kept.total,
    )
    said = [
        words % {"count": number(kept.total)},
        _if_any(ngettext("%(n)s is done.", "%(n)s are done.", kept.done), kept.done),
        _if_any(ngettext("%(n)s goes on.", "%(n)s go on.", kept.going_on), kept.going_on),
        _if_any(ngettext("%(n)s was dropped.", "%(n)s were dropped.", kept.dropped), kept.dropped),
        _if_any(_("The answer about %(n)s is not published."), kept.not_published),
        _if_any(_("Nothing was said of %(n)s."), kept.nothing_said),
    ]
    return " ".join(filter(None, said))


def _if_any(words: str, count: int) -> str:
    return words % {"n": number(count)} if count else ""
