"""What the pack does beyond drawing fields: summaries, titles, layouts, sets of forms."""

from typing import Any

import pytest
from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Column, Div, Field, Hidden, Layout, MultiField, Row, Submit
from django import forms
from django.forms import formset_factory
from django.template import Context, Template
from django.test import RequestFactory

from design.forms import GovDateField, PledgeForm
from design.layout import Buttons, Question, QuietSubmit, WarningSubmit
from tests.design.golden import tree
from tests.design.sample import SampleForm


def page(text: str, **context: Any) -> str:
    loaded = "{% load crispy_forms_tags crispy_forms_filters pledge_forms %}"
    return Template(loaded + text).render(Context({"csrf_token": "token", **context}))


def links(html: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []

    def walk(node: Any) -> None:
        if isinstance(node, list):
            if node[0] == "a":
                found.append((node[1]["href"], node[2]))
            for child in node[2:]:
                walk(child)

    for each in tree(html):
        walk(each)
    return found


def test_every_link_of_the_summary_lands_on_a_control() -> None:
    form = SampleForm({"due_day": "1", "due_month": "", "due_year": "2027"}, {})
    html = page("{% crispy form %}", form=form)
    assert [href for href, _text in links(html)] == [
        "#id_name", "#id_changed", "#id_rating_0", "#id_agree_scale_0",
        "#id_groups_0", "#id_region", "#id_due_month", "#id_network",
    ]  # fmt: skip
    for href, _text in links(html):
        assert f'id="{href[1:]}"' in html


def test_the_summary_says_the_same_words_as_the_fields() -> None:
    form = SampleForm({}, {})
    html = page("{% crispy form %}", form=form)
    for _href, text in links(html):
        assert html.count(f"</span> {text}</p>") == 1


def test_the_summary_is_shown_once_where_the_page_wants_it() -> None:
    html = page("{% error_summary form %}<h1>Heading</h1>{% crispy form %}", form=SampleForm({}, {}))
    assert html.count("There is a problem") == 1
    assert html.index("There is a problem") < html.index("<h1>")


def test_a_good_form_has_no_summary() -> None:
    assert "There is a problem" not in page("{% error_summary form %}{% crispy form %}", form=SampleForm())


def test_errors_of_the_whole_form_are_told_without_a_link() -> None:
    form = DueForm({"due_day": "1", "due_month": "1", "due_year": "2027"})
    form.add_error(None, "Somebody was faster.")
    html = page("{% crispy form %}", form=form)
    assert "<li>Somebody was faster.</li>" in html


class DueForm(PledgeForm):
    due = GovDateField(label="Due")


def test_the_title_begins_with_error_only_after_an_error() -> None:
    title = "{{ form|error_prefix }}{% error_prefix form %}Sign"
    assert page(title, form=DueForm()) == "Sign"
    assert page(title, form=DueForm({})) == "Error: Error: Sign"
    assert page(title) == "Sign"


def test_hints_and_errors_are_tied_to_the_control() -> None:
    class Form(PledgeForm):
        name = forms.CharField(help_text="As in your contract")

    html = page("{% crispy form %}", form=Form({}))
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'id="id_name_helptext"' in html
    assert 'id="id_name_error"' in html


def test_no_form_lets_the_browser_show_its_own_bubbles() -> None:
    html = page("{% crispy form %}", form=SampleForm())
    assert " novalidate>" in html
    assert "required" not in html


def test_a_form_with_a_file_is_sent_in_parts() -> None:
    assert 'enctype="multipart/form-data"' in page("{% crispy form %}", form=SampleForm())
    assert "enctype" not in page("{% crispy form %}", form=DueForm())


def test_a_form_by_post_carries_the_token_and_one_by_get_does_not() -> None:
    assert page("{% crispy form %}", form=DueForm()).count("csrfmiddlewaretoken") == 1
    helper = FormHelper(DueForm())
    helper.form_method = "get"
    assert "csrfmiddlewaretoken" not in page("{% crispy form helper %}", form=DueForm(), helper=helper)


def test_a_form_without_its_tag_leaves_it_to_the_page() -> None:
    class Bare(DueForm):
        form_tag = False

    assert "<form" not in page("{% crispy form %}", form=Bare())


def test_attributes_go_on_the_form_tag() -> None:
    form = DueForm()
    helper = form.helper
    helper.attrs = {"data-autosave": "/save/"}
    assert '<form data-autosave="/save/" method="post"' in page("{% crispy form helper %}", form=form, helper=helper)


def test_what_is_typed_is_never_markup() -> None:
    class Form(PledgeForm):
        name = forms.CharField(label="<b>Name</b>")

    html = page("{% crispy form %}", form=Form({"name": '"><script>'}))
    assert "<script>" not in html
    assert "<b>" not in html


def test_a_page_heading_can_be_the_label_or_the_legend() -> None:
    class Form(PledgeForm):
        looks = {each: {"label_is_heading": True, "label_size": "l"} for each in ("why", "rating")}
        why = forms.CharField(label="Why")
        rating = forms.ChoiceField(choices=[("a", "A")], widget=forms.RadioSelect, label="How far")

    html = page("{% crispy form %}", form=Form())
    assert (
        '<h1 class="govuk-label-wrapper"><label class="govuk-label govuk-label--l" for="id_why">Why</label></h1>'
        in html
    )
    assert (
        '<legend class="govuk-fieldset__legend govuk-fieldset__legend--l">'
        '<h1 class="govuk-fieldset__heading">How far</h1></legend>'
    ) in html


def test_a_look_that_does_not_exist_is_a_mistake() -> None:
    class Form(PledgeForm):
        looks = {"due": {"colour": "red"}}
        due = GovDateField()

    with pytest.raises(TypeError, match="no such look: colour"):
        page("{% crispy form %}", form=Form())


class Two(PledgeForm):
    one = forms.CharField()
    two = forms.CharField(required=False)


def laid_out(*objects: Any, form: forms.Form | None = None) -> str:
    form = form or Two()
    helper = FormHelper(form)
    helper.layout = Layout(*objects)
    return page("{% crispy form helper %}", form=form, helper=helper)


def test_crispys_own_layout_objects_are_drawn() -> None:
    html = laid_out(
        Div(Field("one"), css_class="beside", css_id="box"),
        Row(Column("two")),
        HTML("<p>{{ csrf_token }}</p>"),
        Hidden("step", "2"),
    )
    assert '<div id="box" class="beside">' in html
    assert 'id="id_one"' in html
    assert 'id="id_two"' in html
    assert "<p>token</p>" in html
    assert '<input type="hidden" name="step" value="2">' in html


def test_a_group_of_fields_has_a_legend() -> None:
    html = laid_out(MultiField("Both", "one", "two"))
    assert '<legend class="govuk-fieldset__legend">Both</legend>' in html
    assert 'id="id_two"' in html


def test_a_question_carries_its_look() -> None:
    assert 'class="govuk-label govuk-label--l"' in laid_out(Question("one", label_size="l"))


def test_the_look_of_one_question_is_not_that_of_the_next() -> None:
    assert laid_out(Question("one", label_size="l"), Question("two"), "two").count("govuk-label--l") == 1


def test_buttons_stand_in_a_row() -> None:
    html = laid_out(Buttons(Submit("save", "Save"), QuietSubmit("later", "Later"), WarningSubmit("drop", "Withdraw")))
    assert html.count('<div class="govuk-button-group">') == 1
    assert 'class="govuk-button govuk-button--secondary"' in html
    assert 'class="govuk-button govuk-button--warning"' in html


def test_a_set_of_forms_is_drawn_with_its_management() -> None:
    Set = formset_factory(Two, extra=2)
    html = page("{% crispy forms %}", forms=Set())
    assert 'name="form-TOTAL_FORMS"' in html
    assert 'id="id_form-1-one"' in html


def test_errors_of_a_set_of_forms_link_into_it() -> None:
    Set = formset_factory(Two, extra=1)
    data = {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "0", "form-0-two": "x"}
    html = page("{% error_summary forms %}{% crispy forms %}", forms=Set(data))
    assert links(html) == [("#id_form-0-one", "“One” needs an answer.")]
    assert html.count("There is a problem") == 1


def test_a_hidden_field_has_no_label() -> None:
    class Form(PledgeForm):
        edit = forms.IntegerField(widget=forms.HiddenInput, initial=3)

    html = page("{% crispy form %}", form=Form())
    assert '<input type="hidden" name="edit" value="3" id="id_edit">' in html
    assert "<label" not in html


def test_a_form_of_django_itself_is_drawn_too(rf: RequestFactory) -> None:
    class Plain(forms.Form):
        when = forms.SplitDateTimeField(label="When", widget=forms.SplitDateTimeWidget)

    html = page("{{ form|crispy }}", form=Plain())
    assert '<legend class="govuk-fieldset__legend">When</legend>' in html
    assert 'name="when_1"' in html
