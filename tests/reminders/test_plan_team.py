"""What planning tells the team: who is late, and whom nobody reaches."""

from datetime import UTC, date, datetime

import pytest
from django.db.models import F

from accounts.models import User
from mail import sending
from progress_updates.models import Round
from reminders.models import Reminder
from reminders.plan import PlanResult, plan
from signatories.models import Membership, PledgeMaker
from tests.factories.accounts import make_caseworker, make_publisher
from tests.factories.progress_updates import make_round
from tests.factories.reminders import DUE_ON, LONG_BEFORE, make_maker, make_owing
from tests.reminders.planned import DAY, HOUR, NOTHING, extend, forget_other_mail

pytestmark = pytest.mark.django_db


ESCALATION = datetime(2026, 10, 14, 8, 0, tzinfo=UTC)


def of_the_team() -> list[tuple[str, str]]:
    rows = Reminder.objects.exclude(user__synergi_role="").order_by("user__email", "entry__pledge_maker__name")
    return list(rows.values_list("user__email", "entry__pledge_maker__name"))


def test_after_fourteen_days_whoever_looks_after_them_is_told_in_one_mail(mailoutbox):
    casey, other = make_caseworker(email="casey@synergi.example"), make_publisher(email="pat@synergi.example")
    makers = [make_maker(name=name) for name in ("Ashford", "Brookvale", "Coldwater")]
    PledgeMaker.objects.filter(pk__in=[makers[0].pk, makers[1].pk]).update(caseworker=casey)
    PledgeMaker.objects.filter(pk=makers[2].pk).update(caseworker=other)
    make_round(label="Round 4", due_on=DUE_ON, now=LONG_BEFORE)
    forget_other_mail()
    assert plan(now=ESCALATION) == PlanResult(reminders=6, messages=5)
    assert of_the_team() == [(casey.email, "Ashford"), (casey.email, "Brookvale"), (other.email, "Coldwater")]
    assert sending.send_due(now=ESCALATION) == 5
    [mail] = [mail for mail in mailoutbox if casey.email in mail.to[0]]
    assert mail.subject == "Help 2 Pledge Makers to send their updates, due on 30 September"
    assert mail.body.startswith(
        "You belong to the Synergi team. It is two weeks since these 2 progress updates were due, and we have not "
        "received them.\n"
        "\n"
        "- Ashford: Round 4, due on Wednesday 30 September 2026. There is no draft yet.\n"
        "- Brookvale: Round 4, due on Wednesday 30 September 2026. There is no draft yet.\n"
        "\n"
        "Where mail reaches somebody, they are told today as well. A call often helps more than a further mail.\n"
        "\n"
        "Open the staff pages:\n"
        "http://127.0.0.1:8000/staff/rounds/round-4/\n"
        "\n"
        "You receive this message because you look after them.\n"
    )


def test_where_nobody_looks_after_a_pledge_maker_all_who_review_are_told():
    people = [make_caseworker(email="casey@synergi.example"), make_publisher(email="pat@synergi.example")]
    gone = make_caseworker(email="gone@synergi.example")
    User.objects.filter(pk=gone.pk).update(is_active=False)
    PledgeMaker.objects.filter(pk=make_maker(name="Ashford").pk).update(caseworker=gone)
    make_round(due_on=DUE_ON, now=LONG_BEFORE, by=people[0])
    plan(now=ESCALATION)
    team = {email for email, _name in of_the_team()}
    assert {"casey@synergi.example", "pat@synergi.example"} <= team
    assert gone.email not in team


def test_the_team_is_told_after_the_close_too_and_nobody_else():
    make_caseworker()
    make_owing()
    Round.objects.update(closes_at=F("due_at"))
    assert plan(now=ESCALATION).reminders > 0
    assert set(Reminder.objects.values_list("step", flat=True)) == {"14_days_after_team"}


def test_nobody_reachable_is_told_to_the_team_once_a_round(mailoutbox):
    casey = make_caseworker(email="casey@synergi.example")
    make_maker(name="Brookvale")
    maker = make_maker(name="Ashford")
    PledgeMaker.objects.update(caseworker=casey)
    make_round(label="Round 4", due_on=DUE_ON, now=LONG_BEFORE)
    plan(now=LONG_BEFORE + HOUR)
    forget_other_mail()
    sending.send_due(now=LONG_BEFORE + HOUR)
    mailoutbox.clear()
    Membership.objects.filter(pledge_maker=maker).update(ended_at=LONG_BEFORE + HOUR)
    assert plan(now=LONG_BEFORE + DAY) == PlanResult(reminders=1, messages=1)
    extend(date(2026, 10, 9), LONG_BEFORE + 2 * DAY)
    assert plan(now=LONG_BEFORE + 3 * DAY) == NOTHING
    assert sending.send_due(now=LONG_BEFORE + 3 * DAY) == 0


def test_the_alarm_says_whom_nobody_reaches(mailoutbox):
    make_caseworker(email="casey@synergi.example")
    Membership.objects.filter(pledge_maker=make_maker(name="Ashford")).update(ended_at=LONG_BEFORE)
    make_round(label="Round 4", due_on=DUE_ON, now=LONG_BEFORE, by=User.objects.get(email="casey@synergi.example"))
    forget_other_mail()
    plan(now=LONG_BEFORE + HOUR)
    sending.send_due(now=LONG_BEFORE + HOUR)
    mail = next(mail for mail in mailoutbox if "casey@synergi.example" in mail.to[0])
    assert mail.subject == "Find somebody at Ashford who can be reached: due 30 September"
    assert mail.body.startswith(
        "You belong to the Synergi team. No mail reaches anybody of this Pledge Maker, so nobody there hears of its "
        "deadline.\n"
        "\n"
        "- Ashford: Round 4, due on Wednesday 30 September 2026.\n"
        "\n"
        "Find out who is there now, and invite a leader.\n"
        "\n"
        "Open the staff pages:\n"
        "http://127.0.0.1:8000/staff/rounds/round-4/\n"
    )


def test_a_late_pledge_maker_out_of_reach_stands_once_in_the_mail(mailoutbox):
    casey = make_caseworker(email="casey@synergi.example")
    for name in ("Ashford", "Brookvale"):
        make_maker(name=name)
    PledgeMaker.objects.update(caseworker=casey)
    Membership.objects.filter(pledge_maker__name="Ashford").update(ended_at=LONG_BEFORE)
    make_round(label="Round 4", due_on=DUE_ON, now=LONG_BEFORE)
    forget_other_mail()
    assert plan(now=ESCALATION) == PlanResult(reminders=4, messages=2)
    sending.send_due(now=ESCALATION)
    [mail] = [mail for mail in mailoutbox if casey.email in mail.to[0]]
    assert "- Ashford: Round 4, due on Wednesday 30 September 2026. No mail reaches anybody there.\n" in mail.body
    assert mail.body.count("Ashford") == 1


@pytest.mark.parametrize("people", [1, 25, 250])
def test_telling_the_team_takes_no_more(people, django_assert_num_queries):
    """Leaders, writers and the team on one day; what the mail holds is in the entries already."""
    make_caseworker()
    make_owing(people=people)
    with django_assert_num_queries(3 + 5 + 4):
        plan(now=ESCALATION)
    with django_assert_num_queries(3):
        assert plan(now=ESCALATION) == NOTHING
