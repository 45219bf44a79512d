"""`manage.py verify_snapshots`: what was signed is still what was signed."""

import pytest
from django.core.management import CommandError, call_command

from progress_updates.models import Snapshot, State
from tests.factories.progress_updates import make_update

pytestmark = pytest.mark.django_db


def test_records_that_are_whole_are_counted(capsys):
    make_update(state=State.SUBMITTED)
    make_update(state=State.PUBLISHED)
    call_command("verify_snapshots")
    assert capsys.readouterr().out == "Checked: 2. Intact: 2. Broken: 0.\n"


def test_a_changed_record_is_named_and_the_command_fails(capsys):
    update = make_update(state=State.SUBMITTED)
    snapshot = update.snapshots.get()
    Snapshot.objects.filter(pk=snapshot.pk).update(body=bytes(snapshot.body).replace(b"rota", b"dose"))
    with pytest.raises(CommandError, match="not what was signed"):
        call_command("verify_snapshots")
    said = capsys.readouterr()
    assert said.out == "Checked: 1. Intact: 0. Broken: 1.\n"
    assert said.err == f"Broken: snapshot {snapshot.pk} of update {update.pk}.\n"


def test_without_any_record_there_is_nothing_broken(capsys):
    call_command("verify_snapshots")
    assert capsys.readouterr().out == "Checked: 0. Intact: 0. Broken: 0.\n"
