"""Documents that trusts send: told by their bytes, hostile ones refused, never run, never unpacked."""

import io
import zipfile
from datetime import date

import pytest
from django.conf import settings

from progress_updates import documents
from progress_updates.documents import LARGEST, NotKept, recognise, safe_name, text_of
from progress_updates.models import SourceDocument
from progress_updates.on_behalf import Sent, keep_document
from tests.factories.past import RELATIONS, TYPES, WORD, make_archive, make_docx, make_entered, make_sent

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
ODT = make_archive(mimetype="application/vnd.oasis.opendocument.text", **{"content.xml": "<a/>"})
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def bomb(declared: int = 300 * 1024 * 1024) -> bytes:
    """A small Word document that unpacks to far more than a document holds."""
    out = io.BytesIO(make_docx("Hello"))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("word/media/1.bin", "w") as member:
        for _ in range(declared // (1 << 20)):
            member.write(bytes(1 << 20))
    return out.getvalue()


def endless() -> bytes:
    """A small Word document that takes the better part of a minute to read."""
    return make_archive(
        **{"[Content_Types].xml": TYPES, "_rels/.rels": RELATIONS, "word/document.xml": WORD.format("<w:p/>" * 200_000)}
    )


@pytest.mark.parametrize(
    ("name", "content", "content_type"),
    [
        ("report.pdf", b"%PDF-1.7\n%\xe2\xe3", "application/pdf"),
        ("SCAN.PNG", PNG, "image/png"),
        ("scan.jpeg", b"\xff\xd8\xff\xe0\x00\x10JFIF", "image/jpeg"),
        ("report.odt", ODT, "application/vnd.oasis.opendocument.text"),
        ("mail.txt", "Dear Synergi, 5 < 7 — “we” <b>did</b> it".encode(), "text/plain"),
        ("old.txt", "Caf\u00e9 \u2013 \u00a3".encode("cp1252"), "text/plain"),
        ("table.csv", b"a,b\n1,2\n", "text/plain"),
    ],
)
def test_what_trusts_send_is_kept(name: str, content: bytes, content_type: str) -> None:
    assert recognise(content, name).content_type == content_type


def test_a_word_document_is_kept() -> None:
    assert recognise(make_docx("Hello"), "report.docx").suffixes == (".docx",)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("page.txt", b"<!doctype html><script>alert(1)</script>"),
        ("page.txt", b"\xef\xbb\xbf  <html><body>hello"),
        ("page.pdf", b"<html><body>hello"),
        ("drawing.svg", SVG),
        ("drawing.png", SVG),
        ("drawing.txt", SVG),
        ("program.docx", b"MZ\x90\x00\x03"),
        ("program.txt", b"\x7fELF\x02\x01\x01\x00"),
        ("archive.docx", make_archive(a="b")),
        ("archive.zip", make_archive(a="b")),
        ("sheet.docx", make_archive(**{"[Content_Types].xml": "<Types/>", "xl/workbook.xml": "<a/>"})),
        ("macros.docx", make_docx("Hello", **{"word/vbaProject.bin": b"x"})),
        ("cut.docx", make_docx("Hello")[:200]),
        ("report.pdf", make_docx("Hello")),
        ("report", b"%PDF-1.7"),
        ("report.pdf.exe", b"%PDF-1.7"),
    ],
)
def test_what_is_something_else_is_refused_with_the_kinds_we_keep(name: str, content: bytes) -> None:
    with pytest.raises(NotKept) as refusal:
        recognise(content, name)
    assert str(refusal.value) == (
        "The file must be a Word document (.docx), OpenDocument (.odt), PDF, text (.txt), or a PNG or JPEG scan."
    )


def test_nothing_and_too_much_are_refused() -> None:
    with pytest.raises(NotKept, match=r"^The file is empty\. Choose another one\.$"):
        recognise(b"", "report.docx")
    with pytest.raises(NotKept, match=r"^The file must be smaller than 20\.0\sMB\.$"):
        recognise(b"%PDF-" + bytes(LARGEST), "report.pdf")


def test_a_bomb_is_refused_without_being_unpacked() -> None:
    content = bomb()
    assert len(content) < 1_000_000
    with pytest.raises(NotKept, match=r"^The file unpacks to far more than a document holds"):
        recognise(content, "report.docx")


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\Ama\\report.docx", "report.docx"),
        ("/absolute/report.pdf", "report.pdf"),
        ("report\r\nX-Header: 1.pdf", "reportX-Header: 1.pdf"),
        ("re\u202efdp.exe.pdf", "refdp.exe.pdf"),
        ("...", "document"),
        ("", "document"),
        ("a" * 500 + ".docx", "a" * 195 + ".docx"),
        ("Größe – Bericht.pdf", "Größe – Bericht.pdf"),
    ],
)
def test_the_name_keeps_no_path_no_controls_and_no_length(name: str, kept: str) -> None:
    assert safe_name(name) == kept


@pytest.mark.django_db
class TestKept:
    def test_it_lies_below_media_root_under_its_hash_whatever_its_name(self, media) -> None:
        content = make_docx("Hello")
        update = make_entered(sent=make_sent(name="../../evil.docx", content=content))
        document = update.sources.get()
        assert document.name == "evil.docx"
        assert document.file == f"sources/{document.sha256[:2]}/{document.sha256}.docx"
        assert (media / document.file).read_bytes() == content
        assert list(media.parent.rglob("evil*")) == []

    def test_the_words_of_word_and_text_can_be_read_and_of_nothing_else(self, media) -> None:
        update = make_entered()
        assert text_of(update.sources.get()) == "We met local people.\n\nAnd changed the rota."
        for name, content, words in (
            ("a.txt", b"Line 1\r\nLine 2", "Line 1\r\nLine 2"),
            ("a.pdf", b"%PDF-1.7 words", ""),
        ):
            sent = Sent(name, content, date(2021, 4, 29))
            kept = keep_document(update=update, sent=sent, by=update.entered_by, now=update.created_at)
            assert text_of(kept) == words

    def test_a_broken_word_document_or_a_lost_file_has_no_words(self, media) -> None:
        broken = make_archive(**{"[Content_Types].xml": "<", "word/document.xml": "<w:document"})
        document = make_entered(sent=make_sent(content=broken)).sources.get()
        assert text_of(document) == ""
        documents.path_of(document).unlink()
        assert text_of(document) == ""

    def test_a_word_document_with_entities_that_explode_has_no_words(self, media) -> None:
        lol = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
        xml = f'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY l0 "lol">{lol}]><d>&l9;</d>'
        content = make_archive(**{"[Content_Types].xml": "<Types/>", "word/document.xml": xml})
        assert text_of(make_entered(sent=make_sent(content=content)).sources.get()) == ""

    def test_an_endless_document_is_given_up_and_not_read_again(self, media, monkeypatch) -> None:
        monkeypatch.setattr(documents, "READING_TIME", 1.0)
        document = make_entered(sent=make_sent(content=endless())).sources.get()
        assert len(endless()) < 4_000
        assert (text_of(document), text_of(document)) == ("", "")
        assert [path.read_bytes() for path in media.rglob("*.words")] == [b""]
        monkeypatch.setattr(documents, "READING_TIME", 0.0)
        assert text_of(document) == ""

    def test_words_are_read_once(self, media, monkeypatch) -> None:
        document = make_entered().sources.get()
        words = text_of(document)
        monkeypatch.setattr(documents, "READING_TIME", 0.0)
        assert text_of(document) == words == "We met local people.\n\nAnd changed the rota."

    def test_a_large_part_has_no_words_whatever_its_name(self, media) -> None:
        content = make_docx("Hello", **{"word/part.dat": bytes(documents.LARGEST_TEXT + 1)})
        assert text_of(make_entered(sent=make_sent(content=content)).sources.get()) == ""

    def test_the_same_file_twice_is_kept_once(self, media) -> None:
        update = make_entered()
        same = make_sent(content=documents.path_of(update.sources.get()).read_bytes())
        keep_document(update=update, sent=same, by=update.entered_by, now=update.created_at)
        assert SourceDocument.objects.count() == 1

    def test_the_folder_is_none_that_the_site_serves(self) -> None:
        assert not str(settings.MEDIA_ROOT).startswith(str(settings.STATIC_ROOT))
