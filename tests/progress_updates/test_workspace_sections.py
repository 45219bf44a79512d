"""Writing a section: all that is typed is kept, whatever happens."""

from datetime import date

import pytest
from django.utils import timezone

from progress_updates import drafting
from progress_updates.drafting import AnswerInput, OutcomeInput, StepInput
from progress_updates.models import Answer, AnswerVersion, NextStep, Outcome, ProgressUpdate, Rating, State
from signatories.models import Role
from tests.factories.sections import complete_answer
from tests.progress_updates.scene import Scene, as_, box, errors_of, input_value, make_scene, objective_post, words_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def last_step(scene: Scene) -> NextStep:
    return NextStep.objects.get(question__key="objective-1", update__entry__round=scene.last_round)


# --- Saving ---------------------------------------------------------------------------------------------


def test_the_first_save_starts_the_draft_and_keeps_every_part(scene: Scene) -> None:
    response = as_(scene.writer).post(scene.url("objective-1"), objective_post(scene))
    assert (response.status_code, response["Location"]) == (302, scene.url("objective-2"))
    assert scene.content("objective-1") == AnswerInput(
        rating="delivered",
        text="We opened a second clinic.",
        involved="Northtown Carers chose the place.",
        evidence="https://northtown.example/clinic",
        barriers="Rent.",
        completed=True,
        steps=(StepInput("Open on Sundays", "Director of operations", date(2027, 3, 31)),),
        outcomes=(OutcomeInput(last_step(scene).pk, Outcome.DONE),),
    )


def test_save_and_return_goes_to_the_list_and_says_what_is_saved(scene: Scene) -> None:
    typed = objective_post(scene, list="1")
    typed.pop("next")
    response = as_(scene.writer).post(scene.url("objective-1"), typed, follow=True)
    assert response.redirect_chain == [(scene.url(), 302)]
    assert "Done “Objective 1: Service change” is saved." in words_of(response)


def test_after_the_last_section_comes_the_check(scene: Scene) -> None:
    typed = {"edit": "0", "text": "The board, in May.", "completed": "yes", "next": "1"}
    assert as_(scene.writer).post(scene.url("sign-off"), typed)["Location"] == scene.url("check")


def test_an_unfinished_section_is_saved_without_complaint(scene: Scene) -> None:
    typed = {"edit": "0", "text": "Half a thought", "completed": "no", "next": "1", "steps": "1"}
    assert as_(scene.writer).post(scene.url("objective-1"), typed).status_code == 302
    assert scene.content("objective-1") == AnswerInput(text="Half a thought")


def test_last_round_stands_beside_the_box(scene: Scene) -> None:
    words = words_of(as_(scene.writer).get(scene.url("objective-1")))
    assert "Last round: Spring Rating: Prioritised What you wrote last round We met local people" in words
    assert "What your Statement of Intent says For objective 1 we will meet local people" in words
    assert "What you said you would do Publish the figures Director of nursing, by 31 March 2027" in words


def test_why_begins_with_last_rounds_words(scene: Scene) -> None:
    assert box(as_(scene.writer).get(scene.url("why")), "text") == "We met local people and changed the rota."


def test_a_line_break_is_one_character_whatever_the_browser_sends(scene: Scene) -> None:
    client = as_(scene.writer)
    typed = {"edit": "0", "text": "One\r\nTwo\r\n\r\n- three", "completed": "no", "next": "1"}
    client.post(scene.url("challenges"), typed)
    assert scene.content("challenges").text == "One\nTwo\n\n- three"
    client.post(scene.url("challenges"), typed | {"edit": "1"})
    assert scene.answer("challenges").version == 1
    assert box(client.get(scene.url("challenges")), "text") == "One\nTwo\n\n- three"


def test_a_second_press_saves_once(scene: Scene) -> None:
    client, typed = as_(scene.writer), objective_post(scene)
    for _press in range(2):
        assert client.post(scene.url("objective-1"), typed)["Location"] == scene.url("objective-2")
    assert AnswerVersion.objects.filter(answer=scene.answer("objective-1")).count() == 1


def test_characters_that_no_database_holds_are_left_out(scene: Scene) -> None:
    typed = {"edit": "0", "text": "Be\x00fore", "completed": "no", "next": "1"}
    response = as_(scene.writer).post(scene.url("challenges"), typed)
    assert response.status_code == 200
    assert scene.content("challenges").text == "Before"


# --- What is missing, too long, or no date ------------------------------------------------------------------


def test_a_section_called_complete_names_what_it_lacks_in_the_order_of_the_page(scene: Scene) -> None:
    step = last_step(scene).pk
    typed = {"edit": "0", "steps": "1", "step_1_what": "Try again", "completed": "yes", "next": "1"}
    response = as_(scene.writer).post(scene.url("objective-1"), typed)
    assert errors_of(response) == [
        (f"#id_outcome_{step}_0", "Say what became of the next step that you promised last time."),
        ("#id_rating_0", "Choose how far you are with this objective."),
        ("#id_text", "Write your answer: “What changed”."),
        ("#id_step_1_who", "Say who will do each next step, and by when."),
    ]
    assert "<title>Error: Objective 1: Service change, Autumn" in response.content.decode()
    assert box(response, "step_1_what") == "Try again"
    assert scene.content("objective-1") == AnswerInput(steps=(StepInput("Try again"),))


def test_a_step_going_on_needs_its_date_and_its_reason(scene: Scene) -> None:
    step = last_step(scene).pk
    typed = objective_post(scene, **{f"outcome_{step}": "going_on"})
    assert errors_of(as_(scene.writer).post(scene.url("objective-1"), typed)) == [
        (f"#id_outcome_{step}_date_day", "Give the new date of each step that is going on."),
        (f"#id_outcome_{step}_why", "Say why a step is going on or was dropped."),
    ]


@pytest.mark.parametrize("completed", ["yes", "no"])
def test_an_answer_over_the_limit_comes_back_whole_with_its_count_and_is_kept(scene: Scene, completed: str) -> None:
    long = "word " * 1000 + "three\r\nmore words"
    client = as_(scene.writer)
    response = client.post(scene.url("objective-1"), objective_post(scene, text=long, completed=completed))
    assert errors_of(response) == [("#id_text", "What changed must be 1,000 words or fewer. It has 1,003.")]
    assert box(response, "text") == long.replace("\r\n", "\n")
    assert input_value(response, "edit") == "1"
    kept = scene.content("objective-1")
    assert (kept.text, kept.completed) == (long.replace("\r\n", "\n"), False)


def test_exactly_the_limit_is_accepted_with_line_breaks(scene: Scene) -> None:
    typed = objective_post(scene, text="\r\n".join(["word"] * 1000))
    assert as_(scene.writer).post(scene.url("objective-1"), typed).status_code == 302


def test_a_date_that_is_none_stays_as_typed(scene: Scene) -> None:
    typed = objective_post(scene, step_1_by_day="31", step_1_by_month="Febtober")
    response = as_(scene.writer).post(scene.url("objective-1"), typed)
    assert errors_of(response)[0] == ("#id_step_1_by_day", "By when, step 1 must be a real date, like 27 3 2027.")
    parts = [input_value(response, f"step_1_by_{part}") for part in ("day", "month", "year")]
    assert parts == ["31", "Febtober", "2027"]
    assert scene.content("objective-1").steps == (StepInput("Open on Sundays", "Director of operations"),)


def test_a_name_that_is_too_long_stays_on_the_page(scene: Scene) -> None:
    who = "Director " * 30
    response = as_(scene.writer).post(scene.url("objective-1"), objective_post(scene, step_1_who=who))
    assert errors_of(response)[0] == ("#id_step_1_who", "Who will do step 1 must be 200 characters or fewer.")
    assert input_value(response, "step_1_who") == who
    assert scene.content("objective-1").text == "We opened a second clinic."


@pytest.mark.parametrize(
    "forged", [{"rating": "excellent"}, {"steps": "9999999"}, {"steps": "-1"}, {"edit": "many"}, {"completed": "maybe"}]
)
def test_forged_fields_are_refused_without_a_crash(scene: Scene, forged: dict[str, str]) -> None:
    response = as_(scene.writer).post(scene.url("objective-1"), objective_post(scene, **forged))
    assert response.status_code in (200, 302, 409)
    assert not ProgressUpdate.objects.filter(entry=scene.entry, answers__rating="excellent").exists()


def test_a_step_of_somebody_else_cannot_be_answered(scene: Scene) -> None:
    other = make_scene_of_another()
    typed = objective_post(scene, **{f"outcome_{last_step(other).pk}": "dropped"})
    as_(scene.writer).post(scene.url("objective-1"), typed)
    assert scene.content("objective-1").outcomes == (OutcomeInput(last_step(scene).pk, Outcome.DONE),)


def make_scene_of_another() -> Scene:
    from tests.factories.progress_updates import make_entry, make_round, make_update
    from tests.factories.signatories import make_public_pledge_maker

    now = timezone.now()
    maker = make_public_pledge_maker()
    round_ = make_round()
    entry = make_entry(pledge_maker=maker, round_=round_)
    make_update(entry=entry, state=State.SUBMITTED)
    return Scene(now, maker, round_, round_, entry, None, None)  # type: ignore[arg-type]


# --- Rows of steps ---------------------------------------------------------------------------------------------


def test_another_step_is_a_button_that_saves_and_draws_one_more_row(scene: Scene) -> None:
    client, typed = as_(scene.writer), objective_post(scene, step_1_by_day="99", add_step="1")
    typed.pop("next")
    response = client.post(scene.url("objective-1"), typed)
    assert response.status_code == 200
    assert (input_value(response, "steps"), input_value(response, "edit")) == ("2", "1")
    assert (box(response, "step_1_what"), box(response, "step_2_what")) == ("Open on Sundays", "")
    assert input_value(response, "step_1_by_day") == "99"
    assert scene.content("objective-1").text == "We opened a second clinic."


def test_an_emptied_row_is_a_removed_step(scene: Scene) -> None:
    client = as_(scene.writer)
    rows = {"steps": "2", "step_2_what": "Hire a nurse", "step_2_who": "HR"}
    two = {f"step_2_by_{k}": v for k, v in {"day": "1", "month": "june", "year": "2027"}.items()} | rows
    client.post(scene.url("objective-1"), objective_post(scene, **two))
    assert len(scene.content("objective-1").steps) == 2
    client.post(scene.url("objective-1"), objective_post(scene, edit=1, **two, step_1_what=""))
    assert scene.content("objective-1").steps == (StepInput("Hire a nurse", "HR", date(2027, 6, 1)),)


def test_an_empty_row_does_not_keep_a_section_from_being_complete(scene: Scene) -> None:
    empty = {f"step_1_{name}": "" for name in ("what", "who", "by_day", "by_month", "by_year")}
    assert as_(scene.writer).post(scene.url("objective-1"), objective_post(scene, **empty)).status_code == 302
    assert scene.answer("objective-1").completed


def test_thirty_rows_are_the_most(scene: Scene) -> None:
    typed = objective_post(scene, steps="30", add_step="1")
    typed.pop("next")
    response = as_(scene.writer).post(scene.url("objective-1"), typed)
    assert input_value(response, "steps") == "30"
    assert "Add another step" not in words_of(response)


# --- Saving while writing ----------------------------------------------------------------------------------------


def autosave(scene: Scene, typed: dict[str, str], user=None, key: str = "objective-1"):
    typed = {name: value for name, value in typed.items() if name != "next"}
    headers = {"X-Requested-With": "autosave", "Accept": "application/json"}
    return as_(user or scene.writer).post(scene.url(key), typed, headers=headers)


def test_autosave_keeps_what_is_there_and_answers_with_the_new_version(scene: Scene) -> None:
    response = autosave(scene, {"edit": "0", "text": "Half a", "steps": "1"})
    assert response.status_code == 200
    assert response.json().keys() == {"status", "edit", "saved_at"}
    assert (response.json()["status"], response.json()["edit"]) == ("saved", 1)
    assert scene.content("objective-1") == AnswerInput(text="Half a")


def test_autosave_keeps_words_over_the_limit(scene: Scene) -> None:
    assert autosave(scene, objective_post(scene, text="word " * 1200)).json()["status"] == "saved"
    assert scene.content("objective-1").text == "word " * 1200


IMPOSSIBLE = {"step_1_by_day": "31", "step_1_by_month": "2"}


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (IMPOSSIBLE, "By when, step 1 must be a real date, like 27 3 2027."),
        ({"step_1_who": "x" * 201}, "Who will do step 1 must be 200 characters or fewer."),
        ({"step_1_what": "Open on Mondays", **IMPOSSIBLE}, "By when, step 1 must be a real date, like 27 3 2027."),
    ],
)
def test_autosave_keeps_the_stored_name_and_date_where_the_new_one_is_none(
    scene: Scene, typed: dict[str, str], said: str
) -> None:
    autosave(scene, objective_post(scene))
    response = autosave(scene, objective_post(scene, edit=1, text="New words.", **typed))
    assert (response.status_code, response.json()) == (400, {"message": f"{said} Everything else is saved.", "edit": 2})
    content = scene.content("objective-1")
    what = typed.get("step_1_what", "Open on Sundays")
    assert content.steps == (StepInput(what, "Director of operations", date(2027, 3, 31)),)
    assert (content.text, content.completed) == ("New words.", False)


def test_autosave_keeps_the_stored_date_of_the_same_step_when_a_row_before_it_is_emptied(scene: Scene) -> None:
    second = {"step_2_what": "Second", "step_2_who": "B", "step_2_by_day": "1", "step_2_by_month": "5"}
    typed = objective_post(scene, steps="2", **second, step_2_by_year="2027")
    autosave(scene, typed)
    emptied = {"step_1_what": "", "step_1_who": "", "step_1_by_day": "", "step_1_by_month": ""}
    emptied |= {"step_1_by_year": "", "step_2_by_day": "32", "edit": "1"}
    assert autosave(scene, typed | emptied).status_code == 400
    assert scene.content("objective-1").steps == (StepInput("Second", "B", date(2027, 5, 1)),)
    assert autosave(scene, typed | emptied | {"edit": "2", "step_2_what": "Second, anew"}).json()["edit"] == 3
    assert scene.content("objective-1").steps == (StepInput("Second, anew", "B", date(2027, 5, 1)),)


def test_autosave_keeps_the_stored_new_date_of_an_earlier_step(scene: Scene) -> None:
    name = f"outcome_{last_step(scene).pk}"
    going_on = {name: "going_on", f"{name}_why": "Later.", f"{name}_date_month": "5", f"{name}_date_year": "2027"}
    autosave(scene, objective_post(scene, **going_on, **{f"{name}_date_day": "1"}))
    response = autosave(scene, objective_post(scene, edit=1, **going_on, **{f"{name}_date_day": "99"}))
    assert response.json()["message"] == "New date must be a real date, like 27 3 2027. Everything else is saved."
    assert scene.content("objective-1").outcomes[0].new_date == date(2027, 5, 1)


def test_the_button_too_keeps_the_stored_date_where_the_new_one_is_none(scene: Scene) -> None:
    client = as_(scene.writer)
    client.post(scene.url("objective-1"), objective_post(scene))
    response = client.post(scene.url("objective-1"), objective_post(scene, edit=1, **IMPOSSIBLE))
    assert "By when, step 1 must be a real date" in words_of(response)
    assert scene.content("objective-1").steps[0].by_when == date(2027, 3, 31)


def test_autosave_says_who_was_faster(scene: Scene) -> None:
    autosave(scene, {"edit": "0", "text": "Theirs", "steps": "1"}, user=scene.leader)
    response = autosave(scene, {"edit": "0", "text": "Mine", "steps": "1"})
    assert (response.status_code, response.json()["status"]) == (409, "conflict")
    assert response.json()["message"].startswith("Dr Ngozi Bello saved this section at ")
    assert scene.content("objective-1").text == "Theirs"


def test_autosave_into_an_update_that_has_left_says_so(scene: Scene) -> None:
    scene.start(State.AWAITING_SIGN_OFF)
    response = autosave(scene, {"edit": "1", "text": "Too late", "steps": "1"})
    assert response.status_code == 400
    assert response.json()["message"].startswith("This update is no longer a draft")


def test_the_pages_own_autosave_a_moment_before_is_no_conflict(scene: Scene) -> None:
    typed = objective_post(scene)
    assert autosave(scene, typed).json()["edit"] == 1
    assert as_(scene.writer).post(scene.url("objective-1"), typed)["Location"] == scene.url("objective-2")
    assert scene.answer("objective-1").version == 1


# --- Two people at once -----------------------------------------------------------------------------------------


def test_a_conflict_shows_both_texts_and_the_next_save_decides(scene: Scene) -> None:
    scene.start()
    question = scene.question("objective-1")
    theirs = complete_answer(question, "Their words\n\n- one")
    now = timezone.now()
    drafting.save_answer(update=scene.update(), question=question, content=theirs, version=0, by=scene.leader, now=now)
    client = as_(scene.writer)
    response = client.post(scene.url("objective-1"), objective_post(scene, text="My words"))
    assert response.status_code == 409
    assert box(response, "text") == "My words"
    words = words_of(response)
    assert "Dr Ngozi Bello saved this section at" in words
    assert "What changed, as Dr Ngozi Bello saved it Their words one" in words
    assert "Dr Ngozi Bello chose: Prioritised" in words
    assert "Next steps as Dr Ngozi Bello saved them Publish the figures. Director of nursing, by 31 March 2027" in words
    assert scene.content("objective-1").text == "Their words\n\n- one"
    merged = objective_post(scene, edit=int(input_value(response, "edit")), text="My words and theirs")
    assert client.post(scene.url("objective-1"), merged).status_code == 302
    assert scene.content("objective-1").text == "My words and theirs"
    assert [version.text for version in scene.answer("objective-1").versions.all()] == [
        "Their words\n\n- one",
        "My words and theirs",
    ]


def test_words_for_an_update_that_has_left_stay_on_the_page(scene: Scene) -> None:
    scene.start(State.SUBMITTED)
    response = as_(scene.writer).post(scene.url("objective-1"), objective_post(scene, edit=1, text="My last words"))
    assert response.status_code == 409
    assert box(response, "text") == "My last words"
    assert "This update is no longer a draft, so it was not changed. Your words are below." in words_of(response)
    assert "Save and continue" not in words_of(response)


def test_the_words_of_somebody_who_may_no_longer_write_stay_on_the_page(scene: Scene) -> None:
    scene.start()
    response = as_(scene.member(Role.READER)).post(scene.url("objective-1"), objective_post(scene, text="I try"))
    assert response.status_code == 403
    assert box(response, "text") == "I try"
    assert "You can read this update, but not write in it." in words_of(response)


@pytest.mark.parametrize("state", [State.AWAITING_SIGN_OFF, State.SUBMITTED, State.PUBLISHED])
def test_a_section_that_cannot_be_changed_is_shown_to_read(scene: Scene, state: str) -> None:
    scene.start(state)
    response = as_(scene.writer).get(scene.url("objective-1"))
    assert f"not change it now: the update is “{State(state).label}”." in words_of(response)
    assert "We met local people and changed the rota." in words_of(response)
    assert "<textarea" not in response.content.decode()


# --- No change since last round -----------------------------------------------------------------------------------


def test_no_change_takes_two_clicks_and_a_reason(scene: Scene) -> None:
    client = as_(scene.writer)
    assert scene.url("objective-1", "no-change") in client.get(scene.url("objective-1")).content.decode()
    page = client.get(scene.url("objective-1", "no-change"))
    typed = {"edit": input_value(page, "edit"), "reason": "It runs until March."}
    assert client.post(scene.url("objective-1", "no-change"), typed)["Location"] == scene.url("objective-2")
    step = last_step(scene)
    assert scene.content("objective-1") == AnswerInput(
        rating=Rating.PRIORITISED,
        no_change=True,
        no_change_reason="It runs until March.",
        completed=True,
        outcomes=(OutcomeInput(step.pk, Outcome.GOING_ON, step.by_when, "It runs until March."),),
    )
    assert "You answered: no change since last round" in words_of(client.get(scene.url("objective-1")))
    assert "Objective 1: Service change No change since last round Completed" in words_of(client.get(scene.url()))


def test_no_change_without_a_reason_is_refused(scene: Scene) -> None:
    response = as_(scene.writer).post(scene.url("objective-1", "no-change"), {"edit": "0", "reason": " "})
    assert errors_of(response) == [("#id_reason", "Say why nothing has changed since last round.")]
    assert not ProgressUpdate.objects.filter(entry=scene.entry).exists()


def test_no_change_with_nothing_in_it_is_refused(scene: Scene) -> None:
    response = as_(scene.writer).post(scene.url("objective-1", "no-change"))
    assert ("#id_reason", "Say why nothing has changed since last round.") in errors_of(response)
    assert not ProgressUpdate.objects.filter(entry=scene.entry).exists()


def test_no_change_is_not_offered_where_there_is_no_last_round() -> None:
    scene = make_scene(last=False)
    client = as_(scene.writer)
    assert "No change since last round" not in words_of(client.get(scene.url("objective-1")))
    assert client.get(scene.url("objective-1", "no-change")).status_code == 404
    assert client.post(scene.url("objective-1", "no-change"), {"edit": "0", "reason": "x"}).status_code == 404


def test_no_change_is_not_offered_where_nobody_rated_last_round(scene: Scene) -> None:
    """As after a round that came as documents, which knew no ratings."""
    Answer.objects.filter(update__entry__round=scene.last_round).update(rating="")
    client = as_(scene.writer)
    assert "No change since last round" not in words_of(client.get(scene.url("objective-1")))
    assert client.get(scene.url("objective-1", "no-change")).status_code == 404


def test_no_change_is_for_objectives_only(scene: Scene) -> None:
    assert as_(scene.writer).get(scene.url("challenges", "no-change")).status_code == 404


def test_answering_in_full_after_all_brings_back_what_was_written(scene: Scene) -> None:
    client = as_(scene.writer)
    client.post(scene.url("objective-1"), objective_post(scene))
    client.post(scene.url("objective-1", "no-change"), {"edit": "1", "reason": "Nothing."})
    assert client.post(scene.url("objective-1", "in-full"))["Location"] == scene.url("objective-1")
    kept = scene.content("objective-1")
    assert (kept.text, kept.no_change, kept.completed) == ("We opened a second clinic.", False, False)
    assert kept.steps == (StepInput("Open on Sundays", "Director of operations", date(2027, 3, 31)),)


def test_no_change_over_somebody_elses_words_is_a_conflict_that_keeps_the_reason(scene: Scene) -> None:
    client = as_(scene.writer)
    client.post(scene.url("objective-1"), objective_post(scene))
    response = client.post(scene.url("objective-1", "no-change"), {"edit": "0", "reason": "Still my reason"})
    assert response.status_code == 409
    assert (box(response, "reason"), input_value(response, "edit")) == ("Still my reason", "1")
    assert "We opened a second clinic." in words_of(response)
    assert not scene.content("objective-1").no_change


def test_no_change_in_an_update_that_has_left_keeps_the_reason(scene: Scene) -> None:
    scene.start(State.SUBMITTED)
    response = as_(scene.writer).post(scene.url("objective-1", "no-change"), {"edit": "1", "reason": "My reason"})
    assert (response.status_code, box(response, "reason")) == (409, "My reason")


def test_no_change_by_somebody_who_may_no_longer_write_keeps_the_reason(scene: Scene) -> None:
    scene.start()
    client = as_(scene.member(Role.READER))
    response = client.post(scene.url("objective-1", "no-change"), {"edit": "0", "reason": "My reason"})
    assert (response.status_code, box(response, "reason")) == (403, "My reason")
    assert "You can read this update, but not write in it." in words_of(response)
    assert not scene.content("objective-1").no_change


def test_a_section_takes_a_fixed_number_of_queries(scene: Scene, django_assert_num_queries) -> None:
    scene.start(State.RETURNED)
    client = as_(scene.writer)
    with django_assert_num_queries(16):
        assert client.get(scene.url("objective-1")).status_code == 200
