"""Mailed codes: once, ten minutes, five tries, one browser."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from accounts import codes
from accounts.codes import Answer
from accounts.models import CodePurpose, MailedCode
from tests.factories.accounts import make_user

NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
SIGN_IN = CodePurpose.SIGN_IN
pytestmark = pytest.mark.django_db


def issue(*, holder: str = "browser", purpose: CodePurpose = SIGN_IN, user=None, now: datetime = NOW):
    return codes.issue(purpose=purpose, user=user or make_user(), holder=holder, now=now)


def check(row: MailedCode, typed: str, *, holder: str = "browser", now: datetime = NOW) -> Answer:
    return codes.check(pk=row.pk, purpose=CodePurpose(row.purpose), holder=holder, typed=typed, now=now)


def test_the_code_is_right_once() -> None:
    row, code = issue()
    assert [check(row, code), check(row, code)] == [Answer.RIGHT, Answer.SPENT]


def test_small_letters_and_spaces_do_not_matter() -> None:
    row, code = issue()
    assert check(row, f" {code.lower().replace('-', ' ')} ") == Answer.RIGHT


@pytest.mark.parametrize(("seconds", "answer"), [(599, Answer.RIGHT), (600, Answer.RIGHT), (601, Answer.SPENT)])
def test_the_code_is_good_for_ten_minutes(seconds: int, answer: Answer) -> None:
    row, code = issue()
    assert check(row, code, now=NOW + timedelta(seconds=seconds)) == answer


def test_the_code_does_not_work_in_another_browser() -> None:
    row, code = issue()
    assert check(row, code, holder="another") == Answer.SPENT


def test_five_wrong_tries_spend_the_code() -> None:
    row, code = issue()
    answers = [check(row, "WRNG-WRNG") for _ in range(5)]
    assert answers == [Answer.WRONG] * 4 + [Answer.SPENT]
    assert check(row, code) == Answer.SPENT


def test_the_fifth_try_may_be_right() -> None:
    row, code = issue()
    answers = [check(row, "WRNG-WRNG") for _ in range(4)]
    assert [*answers, check(row, code)] == [Answer.WRONG] * 4 + [Answer.RIGHT]


def test_a_new_code_voids_the_old_one_of_the_browser() -> None:
    user = make_user()
    old, old_code = issue(user=user)
    new, new_code = issue(user=user)
    assert [check(old, old_code), check(new, new_code)] == [Answer.SPENT, Answer.RIGHT]


def test_a_new_proof_voids_the_proofs_of_the_person_in_every_browser() -> None:
    user = make_user()
    old, code = issue(user=user, purpose=CodePurpose.PROOF, holder="one")
    issue(user=user, purpose=CodePurpose.PROOF, holder="two")
    assert check(old, code, holder="one") == Answer.SPENT


def test_somebody_elses_request_for_a_sign_in_code_leaves_mine_alone() -> None:
    user = make_user()
    mine, code = issue(user=user, holder="mine")
    issue(user=user, holder="theirs")
    assert check(mine, code, holder="mine") == Answer.RIGHT


def test_a_sign_in_code_is_no_proof() -> None:
    row, code = issue()
    answer = codes.check(pk=row.pk, purpose=CodePurpose.PROOF, holder="browser", typed=code, now=NOW)
    assert answer == Answer.SPENT


def test_the_code_of_a_closed_account_is_spent() -> None:
    user = make_user()
    row, code = issue(user=user)
    user.is_active = False
    user.save()
    assert check(row, code) == Answer.SPENT


def test_no_code_fits_an_address_that_nobody_has() -> None:
    row, code = codes.issue(purpose=SIGN_IN, user=None, holder="browser", now=NOW)
    assert check(row, code) == Answer.SPENT


def test_the_code_is_not_kept_in_clear() -> None:
    row, code = issue()
    stored = MailedCode.objects.filter(pk=row.pk).values().get()
    assert not any(code in str(value) or code.replace("-", "").lower() in str(value) for value in stored.values())


def test_codes_of_the_day_before_are_forgotten() -> None:
    old, _code = issue()
    issue(now=NOW + timedelta(days=1, seconds=1))
    assert not MailedCode.objects.filter(pk=old.pk).exists()


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"purpose": "door"}, "code_purpose_known"),
        ({"used_at": NOW, "voided_at": NOW}, "code_used_or_voided"),
        ({}, "one_open_code_for_a_browser"),
    ],
)
def test_the_database_refuses_impossible_codes(changes: dict[str, object], constraint: str) -> None:
    row, _code = issue()
    same = {"purpose": row.purpose, "user": row.user, "holder_hash": row.holder_hash, "created_at": NOW}
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        MailedCode.objects.create(**same | changes)
    assert constraint in str(refusal.value) or connection.vendor == "sqlite"


@pytest.mark.django_db(transaction=True)
def test_forty_parallel_wrong_codes_are_five_tries() -> None:
    row, code = issue()

    def guess(_number: int) -> Answer:
        try:
            return check(row, "WRNG-WRNG")
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(guess, range(40)))
    row.refresh_from_db()
    assert row.attempts == 5
    assert answers.count(Answer.SPENT) >= 36
    assert check(row, code) == Answer.SPENT


@pytest.mark.django_db(transaction=True)
def test_the_right_code_pressed_twenty_times_at_once_counts_once() -> None:
    row, code = issue()

    def press(_number: int) -> Answer:
        try:
            return check(row, code)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(press, range(20))).count(Answer.RIGHT) == 1
