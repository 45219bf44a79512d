"""The pages on which the team enters what trusts sent: uploads, writing, signature, downloads; and who gets there."""

from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from progress_updates import documents, workflow
from progress_updates.models import ProgressUpdate, Round, SourceDocument, State
from progress_updates.snapshots import fingerprint
from signatories.models import Leader, PledgeMaker
from staff import behalf_forms
from tests.factories.accounts import make_caseworker, make_publisher, sign_in
from tests.factories.past import make_docx, make_entered, make_past_leader, make_past_round, make_sent, submit
from tests.factories.progress_updates import leader_of, make_entry, make_update, writer_of
from tests.factories.signatories import make_public_pledge_maker

pytestmark = pytest.mark.django_db
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.fixture
def caseworker() -> User:
    return make_caseworker()


@pytest.fixture
def staff(caseworker: User) -> Client:
    return sign_in(Client(), caseworker)


def day(name: str, value: date | None) -> dict[str, Any]:
    parts = (value.day, value.month, value.year) if value else ("", "", "")
    return dict(zip((f"{name}_day", f"{name}_month", f"{name}_year"), parts, strict=True))


def upload(maker: PledgeMaker | None = None, **more: Any) -> dict[str, Any]:
    content = more.pop("content", make_docx("We met local people."))
    name = more.pop("name", "report.docx")
    return {
        **({"pledge_maker": maker.pk} if maker else {}),
        "file": SimpleUploadedFile(name, content),
        **day("received_on", date(2021, 4, 29)),
        **day("signed_on", None),
        **more,
    }


def page_of(response: Any) -> str:
    return " ".join(response.content.decode().split())


class TestBegin:
    def test_the_document_is_kept_and_the_writing_begins(self, staff: Client, caseworker: User) -> None:
        maker = make_public_pledge_maker()
        round_ = make_past_round(makers=[])
        response = staff.post(reverse("staff:on_behalf", args=[round_.slug]), upload(maker))
        update = ProgressUpdate.objects.get()
        assert response["Location"] == f"/staff/updates/{update.pk}/write/"
        assert (update.entry.pledge_maker, update.entered_by, update.sources.get().name) == (
            maker,
            caseworker,
            "report.docx",
        )

    @pytest.mark.parametrize(
        ("name", "content", "words"),
        [
            ("report.docx", b"", "The file is empty. Choose another one."),
            ("report.docx", b"<html><script>alert(1)</script>", "The file must be a Word document (.docx)"),
            ("drawing.svg", b"<svg/>", "The file must be a Word document (.docx)"),
        ],
    )
    def test_a_file_we_do_not_keep_is_refused_and_what_was_typed_stays(
        self, staff: Client, name: str, content: bytes, words: str
    ) -> None:
        maker = make_public_pledge_maker()
        round_ = make_past_round(makers=[])
        data = upload(maker, name=name, content=content)
        page = page_of(staff.post(reverse("staff:on_behalf", args=[round_.slug]), data))
        assert words in page
        assert 'value="2021"' in page
        assert (ProgressUpdate.objects.count(), SourceDocument.objects.count(), round_.entries.count()) == (0, 0, 0)

    def test_who_writes_its_own_update_is_left_alone(self, staff: Client) -> None:
        update = make_update()
        data = upload(update.entry.pledge_maker)
        page = page_of(staff.post(reverse("staff:on_behalf", args=[update.entry.round.slug]), data))
        assert "This Pledge Maker has begun its own update in this round" in page
        assert not SourceDocument.objects.exists()


class TestWriting:
    def test_a_section_is_the_workspaces_own_with_the_document_beside_it(self, staff: Client) -> None:
        update = make_entered(sent=make_sent(content=make_docx("5 &lt; 7 &amp; &lt;b&gt;bold&lt;/b&gt;")))
        page = page_of(staff.get(f"/staff/updates/{update.pk}/write/objective-1/"))
        assert f'data-autosave="/staff/updates/{update.pk}/write/objective-1/"' in page
        assert "<p>5 &lt; 7 &amp; &lt;b&gt;bold&lt;/b&gt;</p>" in page
        assert f'href="/staff/updates/{update.pk}/documents/{update.sources.get().pk}/"' in page

    def test_saving_goes_on_to_the_next_section_and_needs_no_rating(self, staff: Client, caseworker: User) -> None:
        update = make_entered()
        answer = update.answers.get(question__key="objective-1")
        data = {"edit": answer.version, "text": "As they wrote it.", "completed": "yes", "steps": "1"}
        response = staff.post(f"/staff/updates/{update.pk}/write/objective-1/", data)
        answer.refresh_from_db()
        assert response["Location"] == f"/staff/updates/{update.pk}/write/objective-2/"
        assert (answer.text, answer.rating, answer.completed, answer.saved_by) == (
            "As they wrote it.",
            "",
            True,
            caseworker,
        )

    def test_a_colleagues_words_are_never_overwritten(self, staff: Client) -> None:
        update = make_entered()
        data = {"edit": 0, "text": "Mine", "completed": "no", "steps": "1"}
        response = staff.post(f"/staff/updates/{update.pk}/write/why/", data)
        assert response.status_code == 409
        page = page_of(response)
        assert "Mine" in page
        assert "as the document says." in page

    def test_autosave_answers_as_in_the_workspace(self, staff: Client) -> None:
        update = make_entered()
        version = update.answers.get(question__key="why").version
        data = {"edit": version, "text": "Typed", "completed": "no"}
        headers = {"X-Requested-With": "autosave"}
        response = staff.post(f"/staff/updates/{update.pk}/write/why/", data, headers=headers)
        assert (response.status_code, response.json()["edit"]) == (200, version + 1)

    def test_what_a_pledge_maker_writes_itself_is_not_here(self, staff: Client) -> None:
        update = make_update()
        assert staff.get(f"/staff/updates/{update.pk}/write/").status_code == 404
        assert staff.get(f"/staff/updates/{update.pk}/write/why/").status_code == 404

    def test_members_read_along_and_hear_why_they_cannot_write(self) -> None:
        update = make_entered()
        maker, round_ = update.entry.pledge_maker, update.entry.round
        client = sign_in(Client(), writer_of(maker))
        place = f"/workspace/{maker.slug}/{round_.slug}/"
        words = "The Synergi team enters your update from the document that you sent."
        assert words in page_of(client.get(place))
        assert "You can read it." in page_of(client.get(f"{place}why/"))
        answer = client.post(f"{place}why/", {"edit": 1, "text": "Mine", "completed": "no"})
        assert answer.status_code == 403
        assert "Mine" in page_of(answer)
        assert update.answers.get(question__key="why").text != "Mine"


class TestSignature:
    def form(self, update: ProgressUpdate, leader: Leader, staff: Client, **more: Any) -> dict[str, Any]:
        document = update.sources.get()
        days = day("signed_on", date(2021, 4, 28))
        return {"read": fingerprint(update), "document": document.pk, "leader": leader.pk, **days, **more}

    def test_it_is_submitted_with_the_signed_document(self, staff: Client, caseworker: User) -> None:
        update = make_entered(by=caseworker, sent=make_sent(signed_on=None))
        leader = make_past_leader(update.entry.pledge_maker)
        response = staff.post(f"/staff/updates/{update.pk}/write/sign/", self.form(update, leader, staff))
        update.refresh_from_db()
        assert response["Location"] == f"/staff/updates/{update.pk}/"
        assert (update.state, update.signed_by, update.sources.get().signed_on) == (
            State.SUBMITTED,
            leader,
            date(2021, 4, 28),
        )
        page = page_of(staff.get(f"/staff/updates/{update.pk}/"))
        assert "Casey Worker entered it." in page
        assert "<strong>Entered by Synergi from a document.</strong>" in page

    def test_a_fresh_proof_is_asked_for(self, caseworker: User) -> None:
        update = make_entered(by=caseworker)
        leader = make_past_leader(update.entry.pledge_maker)
        stale = sign_in(Client(), caseworker, fresh=False)
        response = stale.post(f"/staff/updates/{update.pk}/write/sign/", self.form(update, leader, stale))
        assert response["Location"].startswith("/account/confirm/")
        update.refresh_from_db()
        assert update.state == State.DRAFT

    def test_a_refusal_stands_at_the_field_and_changes_nothing(self, staff: Client, caseworker: User) -> None:
        update = make_entered(by=caseworker, sent=make_sent(signed_on=None))
        today = Leader.objects.get(pledge_maker=update.entry.pledge_maker)
        response = staff.post(f"/staff/updates/{update.pk}/write/sign/", self.form(update, today, staff))
        assert response.status_code == 409
        assert "Dr Ngozi Bello was not a leader on the day of the signature." in page_of(response)
        update.refresh_from_db()
        assert (update.state, update.sources.get().signed_on) == (State.DRAFT, None)

    def test_the_leader_can_be_asked_and_the_request_taken_back(self, staff: Client, caseworker: User) -> None:
        update = make_entered(entry=make_entry(), by=caseworker, sent=make_sent(received_on=timezone.localdate()))
        staff.post(f"/staff/updates/{update.pk}/write/ask/")
        update.refresh_from_db()
        assert update.state == State.AWAITING_SIGN_OFF
        staff.post(f"/staff/updates/{update.pk}/write/take-back/")
        update.refresh_from_db()
        assert update.state == State.DRAFT

    def test_who_entered_it_is_told_that_a_colleague_reviews(self, staff: Client, caseworker: User) -> None:
        update = make_entered(by=caseworker)
        submit(update, make_past_leader(update.entry.pledge_maker), caseworker, timezone.now())
        mine = page_of(staff.get(f"/staff/updates/{update.pk}/"))
        assert "You did, so a colleague reviews it." in mine
        assert "Start the review" not in mine
        theirs = page_of(sign_in(Client(), make_publisher()).get(f"/staff/updates/{update.pk}/"))
        assert "Start the review" in theirs
        workflow.start_review(update=update, by=make_publisher(), now=timezone.now())
        assert staff.get(f"/staff/updates/{update.pk}/write/check/")["Location"] == f"/staff/updates/{update.pk}/"


class TestDownload:
    def test_it_is_always_a_download_in_a_sandbox(self, staff: Client) -> None:
        update = make_entered(sent=make_sent(name='re"port\r\n.docx'))
        response = staff.get(f"/staff/updates/{update.pk}/documents/{update.sources.get().pk}/")
        assert response["Content-Type"] == WORD
        assert response["Content-Disposition"] == 'attachment; filename="re\\"port.docx"'
        assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert "no-store" in response["Cache-Control"]
        assert b"".join(response.streaming_content).startswith(b"PK")

    def test_a_document_of_another_update_is_not_found_here(self, staff: Client) -> None:
        update = make_entered()
        second = make_past_round(label="Round 2", makers=[make_public_pledge_maker()])
        other = make_entered(entry=second.entries.get())
        assert staff.get(f"/staff/updates/{update.pk}/documents/{other.sources.get().pk}/").status_code == 404

    def test_nobody_else_gets_it_published_or_not(self) -> None:
        update = make_entered(state=State.PUBLISHED)
        address = f"/staff/updates/{update.pk}/documents/{update.sources.get().pk}/"
        maker = update.entry.pledge_maker
        for user in (leader_of(maker), writer_of(maker)):
            assert sign_in(Client(), user).get(address).status_code == 404
        assert Client().get(address)["Location"].startswith("/account/login/")


class TestPastRoundPages:
    def test_a_past_round_is_made_and_opened_with_those_who_are_ticked(self, staff: Client) -> None:
        maker, _other = make_public_pledge_maker(), make_public_pledge_maker()
        days = {
            "period_from": date(2020, 8, 5), "period_to": date(2021, 3, 31), "asked_on": date(2021, 3, 1),
            "due_on": date(2021, 4, 30), "published_on": date(2021, 5, 25),
        }  # fmt: skip
        data = {"label": "Round 1, spring 2021", "asked": ["why", "objective-1"]}
        for name, value in days.items():
            data |= day(name, value)
        response = staff.post("/staff/rounds/new/past/", data)
        assert response["Location"] == "/staff/rounds/round-1-spring-2021/open-past/"
        assert staff.get("/staff/rounds/round-1-spring-2021/")["Location"] == response["Location"]
        staff.post(response["Location"], {"makers": [maker.pk]})
        round_ = Round.objects.get()
        assert [entry.pledge_maker for entry in round_.entries.all()] == [maker]
        assert staff.get(f"/staff/rounds/{round_.slug}/").status_code == 200

    def test_days_out_of_order_are_named(self, staff: Client) -> None:
        data = {**day("asked_on", date(2021, 5, 1)), **day("due_on", date(2021, 4, 30))}
        page = page_of(staff.post("/staff/rounds/new/past/", data))
        assert "The due day must not be before the day on which updates were asked for." in page

    def test_a_table_and_its_documents_are_imported(self, staff: Client) -> None:
        maker = make_public_pledge_maker(name="Northtown")
        make_past_leader(maker)
        round_ = make_past_round(makers=[])
        rows = "pledge_maker,question,text,received_on,document,leader,signed_on\n"
        rows += "Northtown,why,We care.,2021-04-29,report.docx,Dr Ifeoma Asante,2021-04-28\n"
        address = f"/staff/rounds/{round_.slug}/import/"
        table = SimpleUploadedFile("table.csv", rows.encode())
        page = page_of(staff.post(address, {"table": table}))
        assert "line 2, column document: the file “report.docx” is not there." in page
        files = [SimpleUploadedFile("report.docx", make_docx("We care."))]
        table = SimpleUploadedFile("table.csv", rows.encode())
        response = staff.post(address, {"table": table, "documents": files})
        assert response["Location"] == f"/staff/rounds/{round_.slug}/on-behalf/"
        assert ProgressUpdate.objects.get().state == State.SUBMITTED

    @pytest.mark.parametrize(
        ("one", "together", "problem"),
        [
            (2, 100, "report.docx must be smaller than 2"),
            (1_000_000, 5, "All documents together must be smaller than 5"),
        ],
    )
    def test_too_much_is_refused_before_it_is_read(
        self, staff: Client, monkeypatch: pytest.MonkeyPatch, one: int, together: int, problem: str
    ) -> None:
        monkeypatch.setattr(documents, "LARGEST", one)
        monkeypatch.setattr(behalf_forms, "LARGEST_IMPORT", together)
        address = f"/staff/rounds/{make_past_round(makers=[]).slug}/import/"
        files = [SimpleUploadedFile("report.docx", b"123"), SimpleUploadedFile("other.docx", b"123")]
        page = page_of(staff.post(address, {"table": SimpleUploadedFile("table.csv", b"a"), "documents": files}))
        assert problem in page
        assert "is missing" not in page

    def test_a_leader_of_then_is_added(self, staff: Client) -> None:
        maker = make_public_pledge_maker()
        data = {
            "name": "Dr Ifeoma Asante", "role_title": "Chief executive",
            "organisation": maker.organisations.get().pk,
            **day("from_on", date(2020, 8, 5)), **day("until_on", date(2022, 6, 30)),
        }  # fmt: skip
        address = f"/staff/pledge-makers/{maker.slug}/leaders/new/"
        assert staff.post(address, data)["Location"] == f"/staff/pledge-makers/{maker.slug}/"
        leader = Leader.objects.get(user=None)
        assert (leader.name, leader.until_on) == ("Dr Ifeoma Asante", date(2022, 6, 30))
        assert "leader of this name in that time already." in page_of(staff.post(address, data))


def test_the_list_of_what_is_entered_asks_as_often_however_long(staff: Client, django_assert_num_queries: Any) -> None:
    makers = [make_public_pledge_maker() for _ in range(4)]
    round_ = make_past_round(makers=makers)
    for maker in makers:
        make_entered(entry=round_.entries.get(pledge_maker=maker))
        with django_assert_num_queries(6):
            staff.get(f"/staff/rounds/{round_.slug}/on-behalf/")
