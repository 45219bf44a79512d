"""Many rows at once, for counting queries: copies of what the real workflow made."""

from pledge_tracker.seeding.counting import count_rows
from progress_updates.models import ProgressUpdate, RoundEntry, State, StatusChange
from signatories.models import Leader, PledgeMaker, Statement
from tests.factories.accounts import make_caseworker
from tests.factories.progress_updates import make_update


def make_many_updates(count: int) -> ProgressUpdate:
    """`count` Pledge Makers with a published Statement and an update in review state by turns, in one round."""
    update = make_update(state=State.SUBMITTED)
    entry, leader = update.entry, update.signed_by
    statement = Statement.objects.get(pledge_maker=entry.pledge_maker)
    makers = PledgeMaker.objects.bulk_create(
        PledgeMaker(name=f"Copy {n:03}", slug=f"copy-{n:03}", created_at=entry.pledge_maker.created_at)
        for n in range(1, count)
    )
    Leader.objects.bulk_create(_copy(leader, pledge_maker=maker, user=None) for maker in makers)
    Statement.objects.bulk_create(_copy(statement, pledge_maker=maker) for maker in makers)
    entries = RoundEntry.objects.bulk_create(_copy(entry, pledge_maker=maker) for maker in makers)
    states = (State.SUBMITTED, State.IN_REVIEW, State.RETURNED, State.ACCEPTED)
    updates = ProgressUpdate.objects.bulk_create(
        _copy(update, entry=each, state=states[n % 4]) for n, each in enumerate(entries, start=1)
    )
    change, by = update.changes.latest("pk"), make_caseworker()
    StatusChange.objects.bulk_create(_copy(change, update=each, by=by) for each in updates)
    count_rows()
    return update


def _copy(row, **changes):
    values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    return type(row)(**({**values, "id": None} | {_attname(row, k): getattr(v, "pk", v) for k, v in changes.items()}))


def _attname(row, name: str) -> str:
    return row._meta.get_field(name).attname
