"""The base of every form, and the fields that Django does not have: a typed date, a long answer."""

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms
from django.core.exceptions import ValidationError
from django.utils.dates import MONTHS, MONTHS_3
from django.utils.formats import number_format
from django.utils.text import capfirst, format_lazy
from django.utils.translation import gettext_lazy as _

from design.words import count_words, with_unix_line_ends


class PledgeForm(forms.Form):
    """A form in our look.

    `looks` says how each field is shown (see design.looks.Look); `submit` is the word on the button,
    empty for none. Nothing typed is cut: the browser is not told the longest length, the server answers.
    """

    use_required_attribute = False
    looks: ClassVar[Mapping[str, Mapping[str, Any]]] = {}
    submit: Any = _("Continue")
    form_tag = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        let_everything_be_typed(self)
        name_what_is_missing(self)

    @property
    def helper(self) -> FormHelper:
        return form_helper(self, submit=self.submit, form_tag=self.form_tag)


def form_helper(
    form: forms.BaseForm, *, submit: Any = "", form_tag: bool = True, attrs: Mapping[str, str] | None = None
) -> FormHelper:
    """A crispy helper with all fields in order and one button; `attrs` go on the <form> tag."""
    helper = FormHelper(form)
    helper.form_tag = form_tag
    helper.attrs = dict(attrs or {})
    if submit:
        helper.add_input(Submit("save", submit))
    return helper


def let_everything_be_typed(form: forms.BaseForm) -> None:
    """A browser that stops at maxlength cuts what was pasted, without a word."""
    for field in form.fields.values():
        field.widget.attrs.pop("maxlength", None)
        field.widget.attrs.pop("minlength", None)


def name_what_is_missing(form: forms.BaseForm) -> None:
    """Django's "This field is required." says nothing in a summary of errors: ours names the field."""
    for name, field in form.fields.items():
        if field.error_messages.get("required") == forms.Field.default_error_messages["required"]:
            label = field.label or capfirst(name.replace("_", " "))
            field.error_messages["required"] = format_lazy(_missing(field), label=label)


def _missing(field: forms.Field) -> Any:
    if isinstance(field, forms.BooleanField):
        return _("Tick “{label}” to go on.")
    if isinstance(field, forms.FileField):
        return _("Choose a file for “{label}”.")
    if isinstance(field, (forms.ChoiceField, forms.ModelChoiceField)):
        return _("Choose an answer for “{label}”.")
    return _("“{label}” needs an answer.")


def _in_a_sentence(label: Any, otherwise: Any) -> str:
    """How a sentence about a field begins; a label that asks is quoted."""
    if str(label or "").endswith("?"):
        return _("“%(label)s”") % {"label": label}
    return capfirst(label or otherwise)


class LongTextField(forms.CharField):
    """Plain text of many words. Line breaks count once; too long comes back whole, with its count."""

    widget = forms.Textarea

    def __init__(self, *, max_words: int | None = None, rows: int = 8, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.max_words = max_words
        self.widget.attrs["rows"] = rows
        self.widget.attrs.pop("cols", None)

    def to_python(self, value: Any) -> str:
        return super().to_python(with_unix_line_ends(value) if isinstance(value, str) else value) or ""

    def bound_data(self, data: Any, initial: Any) -> Any:
        return with_unix_line_ends(data) if isinstance(data, str) else super().bound_data(data, initial)

    def validate(self, value: Any) -> None:
        super().validate(value)
        count = count_words(value)
        if self.max_words is not None and count > self.max_words:
            raise ValidationError(
                _("%(name)s must be %(limit)s words or fewer. It has %(count)s."),
                code="too_many_words",
                params={
                    "name": _in_a_sentence(self.label, _("Your answer")),
                    "limit": number_format(self.max_words, force_grouping=True),
                    "count": number_format(count, force_grouping=True),
                },
            )


class GovDateWidget(forms.MultiWidget):
    """Day, month and year as three boxes, named x_day, x_month and x_year."""

    template_name = "design/widgets/date.html"
    use_fieldset = True
    PARTS = ("day", "month", "year")

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(dict.fromkeys(self.PARTS, forms.TextInput), attrs)

    def decompress(self, value: Any) -> list[Any]:
        return [value.day, value.month, value.year] if value else [None, None, None]

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[Any]:
        return [data.get(f"{name}_{part}") for part in self.PARTS]


class GovDateField(forms.MultiValueField):
    """A date typed in three boxes; the month as a number or a name. Errors name the missing part."""

    widget = GovDateWidget

    def __init__(self, **kwargs: Any) -> None:
        parts = tuple(forms.CharField(required=False) for _part in GovDateWidget.PARTS)
        super().__init__(fields=parts, require_all_fields=False, **kwargs)

    def clean(self, value: Any) -> date | None:
        typed = [str(part or "").strip() for part in (value or [None] * 3)]
        if self.disabled and not isinstance(value, list):
            return value
        if not any(typed):
            if self.required:
                raise ValidationError(self.error_messages["required"], code="required")
            return None
        self._refuse_missing(typed)
        day = self._real_date(typed)
        self.run_validators(day)
        return day

    def compress(self, data_list: Any) -> date | None:
        return self.clean(data_list)

    def _refuse_missing(self, typed: list[str]) -> None:
        words = {"day": _("a day"), "month": _("a month"), "year": _("a year")}
        missing = [part for part, text in zip(GovDateWidget.PARTS, typed, strict=True) if not text]
        if missing:
            raise ValidationError(
                _("%(name)s must include %(parts)s."),
                code="incomplete",
                params={
                    "name": _in_a_sentence(self.label, _("The date")),
                    "parts": _(" and ").join(str(words[part]) for part in missing),
                    "fields": missing,
                },
            )

    def _real_date(self, typed: list[str]) -> date:
        day, month, year = typed
        if not (year.isascii() and year.isdigit() and len(year) == 4):
            message = _("The year of “%(name)s” must have 4 numbers.")
            raise ValidationError(
                message, code="invalid", params={"name": capfirst(self.label or _("The date")), "fields": ["year"]}
            )
        try:
            return date(int(year), _month_number(month), int(day))
        except (ValueError, OverflowError):
            message = _("%(name)s must be a real date, like 27 3 2027.")
            params = {"name": _in_a_sentence(self.label, _("The date")), "fields": list(GovDateWidget.PARTS)}
            raise ValidationError(message, code="invalid", params=params) from None


def _month_number(text: str) -> int:
    """3, 03, Mar, mar. and March are March; anything else is a ValueError."""
    if text.isascii() and text.isdigit():
        return int(text)
    wanted = text.casefold().rstrip(".")
    for names in (MONTHS, MONTHS_3):
        for number, name in names.items():
            if str(name).casefold() == wanted:
                return number
    raise ValueError(text)
