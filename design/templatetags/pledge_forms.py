"""Fields, errors and titles of forms, as GOV.UK Frontend draws them."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.forms import BaseForm
from django.forms.boundfield import BoundField
from django.forms.formsets import BaseFormSet
from django.forms.utils import flatatt
from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from design import looks

register = template.Library()


@register.simple_tag(takes_context=True)
def pledge_field(context: template.Context, field: BoundField, **options: Any) -> SafeString:
    """{% pledge_field form.why label_size="l" label_is_heading=True %}; see design.looks.Look."""
    if field.is_hidden:
        return mark_safe(field.as_widget())
    said = {**(context.get("look_options") or {}), **options}
    drawn = looks.context_of(field, said)
    return mark_safe(get_template(drawn["template"]).render(drawn))


@register.simple_tag
def control(field: BoundField, look: looks.Look, kind: str) -> SafeString:
    return field.as_widget(attrs=looks.control_attrs(field, look, kind))


@register.filter
def attributes(attrs: Mapping[str, Any]) -> SafeString:
    return flatatt({**attrs})


@register.simple_tag
def date_parts(field: BoundField) -> list[dict[str, Any]]:
    return looks.date_parts(field)


@register.simple_tag
def items(field: BoundField, look: looks.Look) -> list[dict[str, Any]]:
    """The choices of radios or checkboxes, with their hints and what stands between them."""
    drawn = []
    for choice in field.subwidgets:
        data = choice.data
        value, own = str(data["value"]), dict(data["attrs"])
        hint = look.item_hints.get(value, "")
        name = own.pop("id", "") or f"{field.auto_id}_{data['index']}"
        for spare in ("class", "required", "aria-invalid", "aria-describedby", "checked"):
            own.pop(spare, None)
        drawn.append(
            {**data, "value": value, "id": name, "hint": hint, "divider": look.dividers.get(value, ""), "own": own}
        )
    return drawn


@register.simple_tag(takes_context=True)
def error_summary(context: template.Context, form: BaseForm | BaseFormSet, *more: Any) -> SafeString:
    """Errors of one or more forms, above the heading. A form shown here is not summed up a second time."""
    shown = [each for each in (form, *more) if each]
    found = [link for each in shown for link in _links(each)]
    for each in shown:
        each.summary_shown = True
    return mark_safe(get_template("pledge/error_summary.html").render({"links": found}) if found else "")


@register.simple_tag(takes_context=True)
def error_summary_unless_shown(context: template.Context, form: BaseForm | BaseFormSet) -> SafeString:
    return mark_safe("") if getattr(form, "summary_shown", False) else error_summary(context, form)


@register.filter
def error_prefix(form: BaseForm | BaseFormSet | None) -> str:
    """ "Error: " when the form came back with errors: the first word of the page's title."""
    return gettext("Error: ") if form and form.is_bound and _has_errors(form) else ""


@register.simple_tag(name="error_prefix")
def error_prefix_tag(*forms: BaseForm | BaseFormSet | None) -> str:
    return next(filter(None, map(error_prefix, forms)), "")


def _has_errors(form: BaseForm | BaseFormSet) -> bool:
    return bool(list(_links(form)))


def _links(form: BaseForm | BaseFormSet) -> list[dict[str, str]]:
    if isinstance(form, BaseFormSet):
        whole = [{"text": str(text), "href": ""} for text in form.non_form_errors()]
        return whole + [link for each in form.forms for link in _links(each)]
    links = [{"text": str(text), "href": ""} for text in form.non_field_errors()]
    for name in form.errors:
        if name in form.fields:
            bound = form[name]
            links += [{"text": str(text), "href": _href(bound)} for text in bound.errors]
    return links


def _href(bound: BoundField) -> str:
    return "" if bound.is_hidden else f"#{looks.first_id(bound)}"


@register.simple_tag
def single_checkbox(field: BoundField, look: looks.Look) -> SafeString:
    described = looks.describedby(field, look)
    attrs: dict[str, str | bool] = {
        "class": "govuk-checkboxes__input",
        **({"aria-describedby": described} if described else {}),
    }
    return field.as_widget(attrs=attrs)


@register.filter
def own_classes(classes: str) -> str:
    """The classes that a page gave a button, without those that crispy gives it for another look."""
    return "".join(f" {name}" for name in classes.split() if name.partition("-")[0] != "btn")
