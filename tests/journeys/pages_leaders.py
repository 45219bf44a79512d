"""Pages by name on which leaders change."""

from datetime import timedelta

from django.utils import timezone

from pledge_tracker.demo_people import COORDINATOR, LEADER, NEW_LEADER, PARTNERSHIP_LEADER, PUBLISHER
from signatories import terms
from signatories.models import Leader, PledgeMaker, Role
from tests.journeys.named import NORTHTOWN, VISITOR, NamedPage

WEXCOMBE = "wexcombe-healthcare-nhs-foundation-trust"
THORNWICK = "thornwick-coast-nhs-trust"


def pages_of_leaders() -> list[NamedPage]:
    wexcombe, northtown = (PledgeMaker.objects.get(slug=slug) for slug in (WEXCOMBE, NORTHTOWN))
    place, home = f"/workspace/{WEXCOMBE}/leaders/", f"/workspace/{NORTHTOWN}/leaders/"
    last_day = f"{home}{northtown.leaders.get(until_on=None).pk}/last-day/"
    coordinator = wexcombe.memberships.get(role=Role.COORDINATOR, ended_at=None).user
    return [
        NamedPage("profile of one with a new leader", VISITOR, f"/pledge-makers/{WEXCOMBE}/"),
        NamedPage("workspace of a new leader", NEW_LEADER.email, f"/workspace/{WEXCOMBE}/"),
        NamedPage("what a new leader reads", NEW_LEADER.email, f"{place}read/"),
        NamedPage("what a leader has signed", PARTNERSHIP_LEADER.email, "/workspace/eastmere-together/leaders/read/"),
        NamedPage("re-affirm the pledge", NEW_LEADER.email, f"{place}re-affirm/"),
        NamedPage(
            "re-affirm the pledge, without a name",
            NEW_LEADER.email,
            f"{place}re-affirm/",
            submit="Re-affirm the pledge",
            types=(("Your full name", ""),),
        ),
        NamedPage("ask for changes", NEW_LEADER.email, f"{place}ask-for-changes/"),
        NamedPage(
            "ask for changes, nothing typed",
            NEW_LEADER.email,
            f"{place}ask-for-changes/",
            submit="Send it to the coordinators",
        ),
        NamedPage("leaders", coordinator.email, place),
        NamedPage("last day of a leader", COORDINATOR.email, last_day),
        NamedPage("last day of a leader, nothing typed", COORDINATOR.email, last_day, submit="Enter the last day"),
        NamedPage("last day of oneself", LEADER.email, last_day),
        NamedPage("staff: one with a new leader", PUBLISHER.email, f"/staff/pledge-makers/{WEXCOMBE}/"),
        NamedPage("staff: queue of leaders", PUBLISHER.email, "/staff/queue/?what=leader"),
        *_of_who_is_about_to_leave(),
    ]


def _of_who_is_about_to_leave() -> list[NamedPage]:
    """A last day that lies ahead: it can be changed and withdrawn."""
    now = timezone.now()
    leader = Leader.objects.get(pledge_maker__slug=THORNWICK, until_on=None)
    assert leader.user
    terms.end_term(leader=leader, until_on=timezone.localdate(now) + timedelta(days=30), by=leader.user, now=now)
    place, team = f"/workspace/{THORNWICK}/leaders/", f"/staff/pledge-makers/{THORNWICK}/"
    return [
        NamedPage("leaders, one is about to leave", leader.user.email, place),
        NamedPage("last day that was entered", leader.user.email, f"{place}{leader.pk}/last-day/"),
        NamedPage("staff: one with a leader who is about to leave", PUBLISHER.email, team),
        NamedPage("staff: changes of one with a leader who is about to leave", PUBLISHER.email, f"{team}change/"),
    ]
