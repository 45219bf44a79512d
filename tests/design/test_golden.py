"""The pack draws what GOV.UK Frontend draws, for every fixture that uses only what the pack supports."""

from typing import Any

import pytest
from crispy_forms.layout import Button, Fieldset, Layout, Submit
from django import forms
from django.template import Context, Template
from django.template.loader import render_to_string

from design.forms import GovDateField, LongTextField, PledgeForm
from tests.design.golden import option_names, supported, tree

LABEL = {"label.text", "label.classes", "label.isPageHeading"}
LEGEND = {"fieldset.legend.text", "fieldset.legend.classes", "fieldset.legend.isPageHeading", "fieldset.describedBy"}
FIELD = {"id", "name", "hint.text", "errorMessage.text", "formGroup.classes", "classes", "describedBy"}
ATTRIBUTES = {"autocomplete", "pattern", "inputmode", "spellcheck", "autocapitalize"}
CHOICES = {"items[].value", "items[].text", "items[].hint.text", "items[].checked", "items[].divider", "idPrefix"}

INPUT = (
    FIELD
    | LABEL
    | ATTRIBUTES
    | {"value", "type", "disabled", "prefix.text", "suffix.text", "attributes.data-attribute"}
)
TEXTAREA = FIELD | LABEL | ATTRIBUTES | {"value", "rows", "attributes.data-attribute"}
COUNT = TEXTAREA | {"maxlength", "maxwords", "threshold"} - {"attributes.data-attribute"}
SELECT = FIELD | LABEL | {"items[].value", "items[].text", "items[].selected", "value", "attributes.data-attribute"}
RADIOS = (FIELD | LEGEND | CHOICES | {"value"}) - {"describedBy"}
CHECKBOXES = (FIELD | LEGEND | CHOICES | {"values[]"}) - {"describedBy"}
DATE = (FIELD | LEGEND | {f"values.{part}" for part in ("day", "month", "year")}) - {"describedBy"}
DATE |= {f"{part}.error" for part in ("day", "month", "year")}
BUTTON = {"text", "classes", "type", "id", "name", "value", "preventDoubleClick"}


class FixedId:
    """An auto_id that gives the one id of a fixture to the one field of its form."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __str__(self) -> str:
        return "%s"

    def __mod__(self, _field: str) -> str:
        return self.name


def field_id(options: dict[str, Any]) -> str:
    return options.get("id") or options.get("idPrefix") or options["name"]


def look_of(options: dict[str, Any]) -> dict[str, Any]:
    label = options.get("label") or options.get("fieldset", {}).get("legend", {})
    return {
        "label_class": label.get("classes", ""),
        "label_is_heading": label.get("isPageHeading", False),
        "control_class": options.get("classes", ""),
        "group_class": options.get("formGroup", {}).get("classes", ""),
        "described_by": options.get("describedBy") or options.get("fieldset", {}).get("describedBy") or "",
    }


def words_of(options: dict[str, Any]) -> dict[str, Any]:
    label = options.get("label") or options.get("fieldset", {}).get("legend", {})
    return {
        "label": label.get("text", ""),
        "help_text": options.get("hint", {}).get("text", ""),
        "required": False,
    }


def drawn(field: forms.Field, options: dict[str, Any], *, initial: Any = None, **look: Any) -> str:
    """What the pack makes of one field; an error is put on it as a view would."""
    name = options.get("name") or options["id"]

    class Form(PledgeForm):
        looks = {name: {**look_of(options), **look}}

    error = options.get("errorMessage", {}).get("text")
    form = Form({} if error else None, initial={name: initial}, auto_id=FixedId(field_id(options)))
    form.fields[name] = field
    if error:
        form.full_clean()
        parts = wrong_parts(options)
        form.add_error(name, forms.ValidationError(error, params={"fields": parts} if parts else None))
        form.data = {name: initial} if initial is not None else {}
    page = Template("{% load crispy_forms_tags %}{{ form|crispy }}")
    return page.render(Context({"form": form}))


def wrong_parts(options: dict[str, Any]) -> list[str]:
    """The parts of a date said to be wrong; where only right ones are named, the others are wrong."""
    said = {part: options[part]["error"] for part in ("day", "month", "year") if part in options}
    if said and not any(said.values()):
        return [part for part in ("day", "month", "year") if part not in said]
    return [part for part, wrong in said.items() if wrong]


def same(html: str, fixture: dict[str, Any], ids: dict[str, str], drop: tuple[str, ...] = ("aria-invalid",)) -> None:
    assert tree(html, ids=ids, drop=drop) == tree(fixture["html"])


def usual_ids(options: dict[str, Any]) -> dict[str, str]:
    name = field_id(options)
    return {f"{name}_helptext": f"{name}-hint", f"{name}_error": f"{name}-error"}


def choice_ids(options: dict[str, Any]) -> dict[str, str]:
    """Ours count from 0; GOV.UK's first has no number, the second is -2. A divider takes a number there."""
    name, ids, place = field_id(options), usual_ids(options), 0
    for number, item in enumerate(options["items"]):
        if "divider" in item:
            continue
        theirs = name if number == 0 else f"{name}-{number + 1}"
        ids |= {f"{name}_{place}": theirs, f"{name}_{place}-item-hint": f"{theirs}-item-hint"}
        place += 1
    return ids


def named(component: str, options: set[str], at_least: int, unless: Any = None) -> Any:
    """Parametrises a test with all supported fixtures; too few of them is a mistake in the sets above."""
    found = [each for each in supported(component, options) if not (unless and unless(each["options"]))]
    assert len(found) >= at_least, f"{component}: only {len(found)} fixtures are used"
    return pytest.mark.parametrize("fixture", found, ids=[each["name"] for each in found])


def widget_attrs(options: dict[str, Any]) -> dict[str, Any]:
    attrs = {name: options[name] for name in ATTRIBUTES if name in options}
    if "spellcheck" in attrs:
        attrs["spellcheck"] = str(attrs["spellcheck"]).lower()
    return {**attrs, **options.get("attributes", {})}


@named("input", INPUT, 33)
def test_a_text_input_is_drawn_as_govuk_draws_it(fixture: dict[str, Any]) -> None:
    options = fixture["options"]
    widget = forms.TextInput(attrs=widget_attrs(options))
    widget.input_type = options.get("type", "text")
    field = forms.CharField(widget=widget, disabled=options.get("disabled", False), **words_of(options))
    affixes = {each: options[each]["text"] for each in ("prefix", "suffix") if each in options}
    same(drawn(field, options, initial=options.get("value"), **affixes), fixture, usual_ids(options))


@named("textarea", TEXTAREA, 17)
def test_a_textarea_is_drawn_as_govuk_draws_it(fixture: dict[str, Any]) -> None:
    options = fixture["options"]
    field = LongTextField(rows=options.get("rows", 5), **words_of(options))
    field.widget.attrs.update(widget_attrs(options))
    same(drawn(field, options, initial=options.get("value")), fixture, usual_ids(options))


def _without_a_limit(options: dict[str, Any]) -> bool:
    return not {"maxlength", "maxwords"} & set(options)


@named("character-count", COUNT, 14, unless=_without_a_limit)
def test_a_count_is_drawn_as_govuk_draws_it(fixture: dict[str, Any]) -> None:
    options = fixture["options"]
    field = LongTextField(rows=options.get("rows", 5), **words_of(options))
    field.widget.attrs.update(widget_attrs(options))
    limits = {"max_words": options.get("maxwords"), "max_characters": options.get("maxlength")}
    html = drawn(field, options, initial=options.get("value"), threshold=options.get("threshold"), **limits)
    same(html, fixture, usual_ids(options))


def _has_choices_that_django_cannot_have(options: dict[str, Any]) -> bool:
    """A choice without a value, or with the value false, which Django would write as False."""
    values = [(item or {}).get("value") for item in options.get("items", [])]
    return None in values or any(value is False for value in values)


@named("select", SELECT, 9, unless=_has_choices_that_django_cannot_have)
def test_a_select_is_drawn_as_govuk_draws_it(fixture: dict[str, Any]) -> None:
    options = fixture["options"]
    choices = [(item["value"], item["text"]) for item in options.get("items", [])]
    refused = [item["value"] for item in options.get("items", []) if item.get("selected") is False]
    chosen = next((item["value"] for item in options.get("items", []) if item.get("selected")), options.get("value"))
    chosen = None if chosen in refused else chosen
    field = forms.ChoiceField(choices=choices, widget=forms.Select(attrs=widget_attrs(options)), **words_of(options))
    same(drawn(field, options, initial=chosen), fixture, usual_ids(options))


def choices_and_look(options: dict[str, Any]) -> tuple[list[tuple[Any, str]], dict[str, Any]]:
    choices, dividers, divider = [], {}, ""
    for item in options["items"]:
        if "divider" in item:
            divider = item["divider"]
            continue
        choices.append((item["value"], item["text"]))
        if divider:
            dividers[str(item["value"])], divider = divider, ""
    hints = {str(item["value"]): item["hint"]["text"] for item in options["items"] if "hint" in item}
    return choices, {"item_hints": hints, "dividers": dividers}


def _has_no_legend(options: dict[str, Any]) -> bool:
    return "fieldset.legend.text" not in option_names(options)


@named("radios", RADIOS, 15, unless=_has_no_legend)
def test_radios_are_drawn_as_govuk_draws_them(fixture: dict[str, Any]) -> None:
    options = fixture["options"]
    choices, look = choices_and_look(options)
    checked = next((item["value"] for item in options["items"] if item.get("checked")), options.get("value"))
    field = forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **words_of(options))
    same(drawn(field, options, initial=checked, **look), fixture, choice_ids(options))


@named("checkboxes", CHECKBOXES, 11, unless=_has_no_legend)
def test_checkboxes_are_drawn_as_govuk_draws_them(fixture: dict[str, Any]) -> None:
    options = fixture["options"]
    choices, look = choices_and_look(options)
    checked = [item["value"] for item in options["items"] if item.get("checked")] or options.get("values")
    field = forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple, **words_of(options))
    same(drawn(field, options, initial=checked, **look), fixture, choice_ids(options))


def _has_part_errors_alone(options: dict[str, Any]) -> bool:
    return _has_no_legend(options) or ("errorMessage" not in options and "day.error" in option_names(options))


@named("date-input", DATE, 9, unless=_has_part_errors_alone)
def test_a_date_is_drawn_as_govuk_draws_it(fixture: dict[str, Any]) -> None:
    options = fixture["options"]
    name, ids = options["id"], usual_ids(options)
    for part in ("day", "month", "year"):
        ids |= {f"{name}_{part}": f"{name}-{part}"}
    given = options.get("values", {})
    values = [given.get(part, "") for part in ("day", "month", "year")]
    html = drawn(GovDateField(**words_of(options)), options, initial=values if given else None)
    theirs = {f"{name}-{part}": f"{name}-{part}" for part in ("day", "month", "year")}
    ours = tree(html, ids=ids, drop=("aria-invalid", "name"))
    assert ours == tree(fixture["html"], ids=theirs, drop=("name",))
    assert [f'name="{name}_{part}"' in html for part in ("day", "month", "year")] == [True] * 3


@named("error-message", {"text"}, 1)
def test_an_error_is_drawn_as_govuk_draws_it(fixture: dict[str, Any]) -> None:
    html = render_to_string("pledge/fields/_hint_and_errors.html", {"errors": [fixture["options"]["text"]], "id": "x"})
    assert tree(html, drop=("id",)) == tree(fixture["html"])


@named("hint", {"text", "id"}, 2)
def test_a_hint_is_drawn_as_govuk_draws_it(fixture: dict[str, Any]) -> None:
    html = render_to_string("pledge/fields/_hint_and_errors.html", {"hint": fixture["options"]["text"], "id": "x"})
    expected = fixture["options"].get("id", "x_helptext")
    assert tree(html, ids={"x_helptext": expected}, drop=() if "id" in fixture["options"] else ("id",)) == tree(
        fixture["html"]
    )


def _has_another_title(options: dict[str, Any]) -> bool:
    return options.get("titleText") != "There is a problem" or not options.get("errorList")


@named("error-summary", {"titleText", "errorList[].text", "errorList[].href"}, 3, unless=_has_another_title)
def test_an_error_summary_is_drawn_as_govuk_draws_it(fixture: dict[str, Any]) -> None:
    links = fixture["options"]["errorList"]
    assert tree(render_to_string("pledge/error_summary.html", {"links": links})) == tree(fixture["html"])


@named("fieldset", {"legend.text", "legend.classes", "legend.isPageHeading"}, 9)
def test_a_legend_is_drawn_as_govuk_draws_it(fixture: dict[str, Any]) -> None:
    legend = fixture["options"]["legend"]
    classes = f"govuk-fieldset__legend {legend.get('classes', '')}".strip()
    context = {
        "label_classes": classes,
        "look": {"label_is_heading": legend.get("isPageHeading")},
        "field": {"label": legend["text"]},
    }
    html = render_to_string("pledge/fields/_legend.html", context)
    assert tree(f'<fieldset class="govuk-fieldset">{html}</fieldset>') == tree(fixture["html"])


def test_a_fieldset_of_a_layout_is_govuks_fieldset_with_a_medium_legend() -> None:
    fixture = next(
        each for each in supported("fieldset", {"legend.text", "legend.classes"}) if "medium" in each["name"]
    )
    html = laid_out(Fieldset(fixture["options"]["legend"]["text"]))
    assert tree(html) == tree(fixture["html"])


def laid_out(*objects: Any) -> str:
    form = PledgeForm()
    return Layout(*objects).render(form, Context({}), template_pack="pledge")


@named("button", BUTTON, 12)
def test_a_button_is_drawn_as_govuk_draws_it(fixture: dict[str, Any]) -> None:
    options = fixture["options"]
    kind = Button if options.get("type") == "button" else Submit
    html = laid_out(kind(options.get("name", "x"), options["text"], css_class=options.get("classes")))
    # Ours always has a name, a value and an id, and always guards against a second press.
    drop = ("name", "value", "id", "data-prevent-double-click", "type")
    assert tree(html, drop=drop) == tree(fixture["html"], drop=drop)
    assert f'type="{options.get("type", "submit")}"' in html
    assert ('data-prevent-double-click="true"' in html) is (kind is Submit)
