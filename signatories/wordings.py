"""The pledge in its two dated wordings, word for word. What is dated is never edited: a new wording is a new row."""

from datetime import date
from typing import Any

OBJECTIVES: tuple[tuple[int, str, str], ...] = (
    (
        1,
        "Initiate fundamental service level changes to reduce ethnic inequalities in access, experience and outcomes.",
        "Service change",
    ),
    (
        2,
        "Measure, monitor and report the nature and extent of ethnic inequalities and progress made.",
        "Measuring and reporting",
    ),
    (
        3,
        "Work in partnership with local {communities} communities, service users and relevant community agencies.",
        "Partnership with communities",
    ),
    (4, "Provide national leadership on this critical issue.", "National leadership"),
    (
        5,
        "Ensure inclusive and sustainable change in our localities and communities.",
        "Inclusive and sustainable change",
    ),
    (6, "Support timely and progressive research and policy development.", "Research and policy"),
    (
        7,
        "Contribute to a biannual progress update as part of this Statement of Intent.",
        "Progress updates",
    ),
)
WORDINGS = (
    (date(2020, 8, 5), "Wording of 5 August 2020", "BAME"),
    (date(2021, 5, 25), "Wording from May 2021", "ethnic minority"),
)


def write(*, wordings: Any, objectives: Any) -> None:
    """Adds what is not there yet. `wordings` and `objectives` are the managers of the two models."""
    for effective_on, label, communities in WORDINGS:
        wording, _created = wordings.get_or_create(effective_on=effective_on, defaults={"label": label})
        for number, text, short in OBJECTIVES:
            worded = {"text": text.format(communities=communities), "short": short}
            objectives.get_or_create(wording=wording, number=number, defaults=worded)


def write_after_migrate(**kwargs: Any) -> None:
    """A database that was emptied (`manage.py flush`) has the pledge again."""
    from signatories.models import Objective, PledgeWording

    using = kwargs["using"]
    if PledgeWording.objects.using(using).count() < len(WORDINGS):
        write(wordings=PledgeWording.objects.using(using), objectives=Objective.objects.using(using))
