"""How one field is drawn: everything that a template of the pack needs to know, worked out in one place."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from design.forms import GovDateWidget, LongTextField


@dataclass(frozen=True)
class Look:
    """How a field is shown. Sizes are s, m, l or xl; widths 2, 3, 4, 5, 10, 20, 30 or a govuk-! class."""

    label_size: str = ""
    label_is_heading: bool = False
    label_class: str = ""
    hide_label: bool = False
    control_class: str = ""
    group_class: str = ""
    group_attrs: Mapping[str, str] = field(default_factory=dict)
    described_by: str = ""
    width: str = ""
    prefix: str = ""
    suffix: str = ""
    inline: bool = False
    small: bool = False
    item_hints: Mapping[str, str] = field(default_factory=dict)
    dividers: Mapping[str, str] = field(default_factory=dict)
    max_words: int | None = None
    max_characters: int | None = None
    threshold: int | None = None

    @classmethod
    def of(cls, bound: BoundField, options: Mapping[str, Any] | None = None) -> "Look":
        """From the form's `looks`, then the layout's options, which win."""
        said = {**getattr(bound.form, "looks", {}).get(bound.name, {}), **(options or {})}
        known = {f.name for f in fields(cls)}
        if unknown := set(said) - known:
            raise TypeError(f"{bound.name}: no such look: {', '.join(sorted(unknown))}.")
        if isinstance(bound.field, LongTextField):
            said.setdefault("max_words", bound.field.max_words)
            said.setdefault("max_characters", bound.field.max_length)
        return cls(**said)


def kind_of(bound: BoundField) -> str:
    """Which template draws the field. CheckboxSelectMultiple is a RadioSelect, so it is asked first."""
    kinds: tuple[tuple[type[forms.Widget], str], ...] = (
        (forms.CheckboxSelectMultiple, "checkboxes"),
        (forms.RadioSelect, "radios"),
        (GovDateWidget, "date"),
        (forms.CheckboxInput, "checkbox"),
        (forms.Select, "select"),
        (forms.Textarea, "textarea"),
        (forms.FileInput, "file"),
        (forms.MultiWidget, "several"),
    )
    return next((kind for widget, kind in kinds if isinstance(bound.field.widget, widget)), "input")


CONTROL = {
    "input": "govuk-input",
    "textarea": "govuk-textarea",
    "select": "govuk-select",
    "file": "govuk-file-upload",
    "several": "govuk-input",
}


def context_of(bound: BoundField, options: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What the field templates print."""
    look, kind = Look.of(bound, options), kind_of(bound)
    legend = kind in {"checkboxes", "radios", "date", "several"}
    return {
        "field": bound,
        "look": look,
        "kind": kind,
        "template": f"pledge/fields/{kind}.html",
        "id": bound.auto_id,
        "hint": bound.help_text,
        "errors": list(bound.errors),
        "label_classes": _label_classes(look, legend=legend),
        "described_by": describedby(bound, look),
        "counted": look.max_words is not None or look.max_characters is not None,
    }


def _label_classes(look: Look, *, legend: bool) -> str:
    name = "govuk-fieldset__legend" if legend else "govuk-label"
    parts = [name, f"{name}--{look.label_size}" if look.label_size else "", look.label_class]
    return " ".join([*filter(None, parts), *(["govuk-visually-hidden"] if look.hide_label else [])])


def describedby(bound: BoundField, look: Look) -> str:
    """The ids of everything that explains the field, in reading order."""
    ids = [look.described_by]
    if bound.help_text:
        ids.append(f"{bound.auto_id}_helptext")
    if bound.errors:
        ids.append(f"{bound.auto_id}_error")
    return " ".join(filter(None, ids))


def control_attrs(bound: BoundField, look: Look, kind: str) -> dict[str, Any]:
    """Attributes of the one control, in addition to the widget's own."""
    base = CONTROL[kind]
    classes = [base, look.control_class, bound.field.widget.attrs.get("class", "")]
    if look.width:
        classes.append(look.width if look.width.startswith("govuk-") else f"{base}--width-{look.width}")
    if bound.errors:
        classes.append(f"{base}--error")
    described = describedby(bound, look)
    if kind == "textarea" and (look.max_words is not None or look.max_characters is not None):
        classes.append("govuk-js-character-count")
        described = f"{bound.auto_id}-info {described}".strip()
    attrs = {"class": " ".join(filter(None, classes))}
    return {**attrs, "aria-describedby": described} if described else attrs


def date_parts(bound: BoundField) -> list[dict[str, Any]]:
    """Day, month and year with their values, and which of them are wrong."""
    wrong = wrong_parts(bound)
    value = bound.value()
    typed = value if isinstance(value, list) else bound.field.widget.decompress(value)
    return [
        {
            "name": f"{bound.html_name}_{part}",
            "id": f"{bound.auto_id}_{part}",
            "part": part,
            "value": "" if text is None else text,
            "width": 4 if part == "year" else 2,
            "wrong": part in wrong,
        }
        for part, text in zip(GovDateWidget.PARTS, typed, strict=True)
    ]


def wrong_parts(bound: BoundField) -> list[str]:
    """The parts of a date that its errors name; all of them when an error names none."""
    named: list[str] = []
    for error in bound.form.errors.as_data().get(bound.name, []):
        named.extend((error.params or {}).get("fields", GovDateWidget.PARTS))
    return [part for part in GovDateWidget.PARTS if part in named]


def first_id(bound: BoundField) -> str:
    """Where a link of the error summary lands: on the first control that can take the focus."""
    kind = kind_of(bound)
    if kind == "date":
        return f"{bound.auto_id}_{wrong_parts(bound)[0]}"
    if kind in {"radios", "checkboxes"}:
        return f"{bound.auto_id}_0"
    return bound.id_for_label or f"{bound.auto_id}_0"
