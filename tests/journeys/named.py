"""What a page of the site is called in tests, and who opens it, in the demonstration's data."""

from dataclasses import dataclass

from progress_updates.models import Round

NORTHTOWN = "northtown-mental-health-nhs-trust"
VISITOR = ""


@dataclass(frozen=True)
class NamedPage:
    """`email` says who opens it; empty: somebody not signed in.

    With `submit`, `types` (label, text) are typed and that button is pressed first; `shows` is then on the page."""

    name: str
    email: str
    path: str
    submit: str = ""
    types: tuple[tuple[str, str], ...] = ()
    shows: str = ".govuk-error-summary"


def current_round() -> Round:
    """The newest round that is open."""
    found = Round.objects.opened().newest_first().first()
    assert found
    return found
