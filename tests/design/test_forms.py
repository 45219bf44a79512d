from datetime import date

import pytest
from django import forms
from django.core.exceptions import ValidationError

from design.forms import GovDateField, LongTextField, PledgeForm


class Answer(PledgeForm):
    changed = LongTextField(label="What changed", max_words=1000)


def test_a_long_answer_is_refused_with_its_count() -> None:
    form = Answer({"changed": "word " * 1204})
    assert form.errors == {"changed": ["What changed must be 1,000 words or fewer. It has 1,204."]}


def test_a_long_answer_comes_back_whole() -> None:
    text = "word\n" * 1204
    assert text in str(Answer({"changed": text})["changed"])


def test_a_thousand_words_are_not_too_many() -> None:
    assert Answer({"changed": "word " * 1000}).is_valid()


def test_line_breaks_are_kept_as_one_character() -> None:
    form = Answer({"changed": "one\r\n\r\n- two"})
    assert form.is_valid()
    assert form.cleaned_data == {"changed": "one\n\n- two"}


def test_line_breaks_do_not_count_twice_against_a_limit_of_characters() -> None:
    assert LongTextField(max_length=5).clean("ab\r\ncd") == "ab\ncd"


def test_the_browser_is_never_told_to_cut() -> None:
    class Form(PledgeForm):
        name = forms.CharField(max_length=10, min_length=2)

    assert "length" not in str(Form()["name"])


def test_what_is_missing_is_named() -> None:
    class Form(PledgeForm):
        full_name = forms.CharField()
        why = forms.CharField(label="Why?")
        paper = forms.FileField(label="Paper")
        rating = forms.ChoiceField(label="Rating", choices=[("a", "A")])
        agree = forms.BooleanField(label="I agree")
        own = forms.CharField(error_messages={"required": "Tell us."})

    assert Form({}).errors == {
        "full_name": ["“Full name” needs an answer."],
        "why": ["“Why?” needs an answer."],
        "paper": ["Choose a file for “Paper”."],
        "rating": ["Choose an answer for “Rating”."],
        "agree": ["Tick “I agree” to go on."],
        "own": ["Tell us."],
    }


@pytest.mark.parametrize("month", ["3", "03", "March", "mar", "Mar.", " 3 "])
def test_a_month_may_be_a_number_or_a_name(month: str) -> None:
    assert GovDateField().clean(["27", month, "2027"]) == date(2027, 3, 27)


@pytest.mark.parametrize(
    ("typed", "message", "parts"),
    [
        (["27", "", "2027"], "Due date must include a month.", ["month"]),
        (["", "", "2027"], "Due date must include a day and a month.", ["day", "month"]),
        (["31", "2", "2027"], "Due date must be a real date, like 27 3 2027.", ["day", "month", "year"]),
        (["1", "Smarch", "2027"], "Due date must be a real date, like 27 3 2027.", ["day", "month", "year"]),
        (["1", "1", "27"], "The year of “Due date” must have 4 numbers.", ["year"]),
        (["x", "1", "2027"], "Due date must be a real date, like 27 3 2027.", ["day", "month", "year"]),
        (["9" * 11, "1", "2027"], "Due date must be a real date, like 27 3 2027.", ["day", "month", "year"]),
        (["1", "9" * 5000, "2027"], "Due date must be a real date, like 27 3 2027.", ["day", "month", "year"]),
    ],
)
def test_a_wrong_date_says_which_part_is_wrong(typed: list[str], message: str, parts: list[str]) -> None:
    with pytest.raises(ValidationError) as refused:
        GovDateField(label="due date").clean(typed)
    assert refused.value.messages == [message]
    assert refused.value.params == {"name": "Due date", "fields": parts} or refused.value.params["fields"] == parts


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        (["31", "2", "2027"], "“What is the last day?” must be a real date, like 27 3 2027."),
        (["27", "3", "27"], "The year of “What is the last day?” must have 4 numbers."),
        (["27", "", "2027"], "“What is the last day?” must include a month."),
    ],
)
def test_a_label_that_asks_is_quoted(typed: list[str], message: str) -> None:
    with pytest.raises(ValidationError) as refused:
        GovDateField(label="What is the last day?").clean(typed)
    assert refused.value.messages == [message]


def test_a_date_that_may_be_left_out_is_none() -> None:
    assert GovDateField(required=False).clean(["", "", ""]) is None


def test_a_date_that_is_wanted_may_not_be_left_out() -> None:
    with pytest.raises(ValidationError):
        GovDateField().clean(["", " ", ""])


def test_validators_of_a_date_see_the_date() -> None:
    def not_in_the_past(day: date) -> None:
        if day < date(2026, 1, 1):
            raise ValidationError("Too early.")

    with pytest.raises(ValidationError, match="Too early"):
        GovDateField(validators=[not_in_the_past]).clean(["1", "1", "2025"])


class DateForm(PledgeForm):
    due = GovDateField(label="Due")


def test_a_date_is_read_from_three_boxes() -> None:
    form = DateForm({"due_day": "27", "due_month": "3", "due_year": "2027"})
    assert form.is_valid()
    assert form.cleaned_data == {"due": date(2027, 3, 27)}


def test_an_unchanged_date_is_seen_as_unchanged() -> None:
    typed = {"due_day": "27", "due_month": "3", "due_year": "2027"}
    assert not DateForm(typed, initial={"due": date(2027, 3, 27)}).has_changed()
    assert DateForm(typed, initial={"due": date(2027, 3, 28)}).has_changed()
