"""Layout objects for crispy forms in our look, beside crispy's own (Layout, Fieldset, HTML, Div, Submit)."""

from typing import Any

from crispy_forms.layout import ButtonHolder, Field, Submit


class Question(Field):
    """One field with its look: Question("why", label_size="l", label_is_heading=True)."""

    def __init__(self, name: str, **look: Any) -> None:
        super().__init__(name)
        self.look = look

    def render(
        self, form: Any, context: Any, template_pack: Any = "pledge", extra_context: Any = None, **kwargs: Any
    ) -> Any:
        more = {**(extra_context or {}), "look_options": self.look}
        return super().render(form, context, template_pack=template_pack, extra_context=more, **kwargs)


class Buttons(ButtonHolder):
    """A row of buttons: Buttons(Submit("save", _("Save")), QuietSubmit("later", _("Save and come back later")))."""


class QuietSubmit(Submit):
    """A second choice beside the main button."""

    def __init__(self, name: str, value: Any, **kwargs: Any) -> None:
        super().__init__(name, value, css_class="govuk-button--secondary", **kwargs)


class WarningSubmit(Submit):
    """A button for what cannot be undone."""

    def __init__(self, name: str, value: Any, **kwargs: Any) -> None:
        super().__init__(name, value, css_class="govuk-button--warning", **kwargs)
