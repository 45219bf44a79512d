"""Finding an organisation by what somebody typed."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _

from signatories.models import Organisation


def picked_as(organisation: Organisation) -> str:
    """How a list of choices names it: "Northtown Mental Health NHS Trust (RXX)"."""
    code = organisation.ods_code
    return f"{organisation.name} ({code})" if code else organisation.name


def find(typed: str, *, day: date) -> Organisation:
    """The one organisation offered on that day with this name, ODS code, or name and code in brackets.

    Raises ValidationError when there is none, or several of the same name."""
    typed = " ".join(typed.split())
    name, _bracket, code = typed.removesuffix(")").rpartition(" (")
    matches = Q(name__iexact=typed) | Q(ods_code__iexact=typed) | Q(name__iexact=name, ods_code__iexact=code)
    found = list(Organisation.objects.offered(day).filter(matches)[:2])
    if not found:
        raise ValidationError(_("We know no open organisation called “%(typed)s”."), params={"typed": typed})
    if len(found) > 1:
        sentence = _("Several organisations are called “%(typed)s”. Enter the ODS code.")
        raise ValidationError(sentence, params={"typed": typed})
    return found[0]
