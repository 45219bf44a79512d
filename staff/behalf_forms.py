"""The forms of what came as documents: a past round, a document, its signature, a leader of then, a whole file."""

from datetime import date
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from design.forms import GovDateField, PledgeForm
from progress_updates import documents
from progress_updates.models import ProgressUpdate, Round, SourceDocument
from progress_updates.on_behalf import Sent
from progress_updates.past_rounds import ASKED_THEN
from progress_updates.questions import default_questions
from signatories.models import Leader, Organisation, PledgeMaker, PledgeWording

SENTENCE_OF_KINDS = gettext_lazy("Word (.docx), OpenDocument (.odt), PDF, text, or a PNG or JPEG scan; up to 20 MB.")


class PastRoundForm(PledgeForm):
    """A round that was before Pledge Tracker. Nothing is suggested: the days are what they were."""

    form_tag = False
    submit = ""
    label = forms.CharField(
        label=gettext_lazy("Name of the round"),
        help_text=gettext_lazy("For example: Round 1, spring 2021. It is part of the public address."),
        max_length=100,
        error_messages={"required": gettext_lazy("Enter a name for the round.")},
    )
    period_from = GovDateField(label=gettext_lazy("First day of the period"))
    period_to = GovDateField(label=gettext_lazy("Last day of the period"))
    asked_on = GovDateField(label=gettext_lazy("Asked for on"))
    due_on = GovDateField(
        label=gettext_lazy("Due"), help_text=gettext_lazy("What reached you on this day was on time.")
    )
    published_on = GovDateField(
        label=gettext_lazy("First published"),
        help_text=gettext_lazy("Pages show this day beside the day on which you entered them here."),
    )
    wording = forms.ModelChoiceField(
        label=gettext_lazy("Wording of the seven objectives"),
        queryset=PledgeWording.objects.order_by("effective_on"),
        empty_label=gettext_lazy("The one in force on the due day"),
        required=False,
    )
    asked = forms.MultipleChoiceField(
        label=gettext_lazy("What the form used then asked"),
        help_text=gettext_lazy("Updates may leave any of it empty. Ratings are never required."),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one section.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        questions = default_questions(Round(word_limit=1), PledgeWording.objects.latest())
        field = self.fields["asked"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(question.key, question.title) for question in questions]
        field.initial = list(ASKED_THEN)

    # (earlier, later, the sentence beside the later)
    ORDER = (
        ("period_from", "period_to", gettext_lazy("The last day of the period must not be before its first day.")),
        ("asked_on", "due_on", gettext_lazy("The due day must not be before the day on which updates were asked for.")),
        ("asked_on", "published_on", gettext_lazy("Publication must not be before updates were asked for.")),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for earlier, later, sentence in self.ORDER:
            first, second = cleaned.get(earlier), cleaned.get(later)
            if first and second and second < first:
                self.add_error(later, sentence)
        return cleaned


class MakersOfThenForm(PledgeForm):
    """Who had signed the pledge when a past round asked for updates."""

    form_tag = False
    submit = ""
    looks = {"makers": {"small": True, "label_size": "m"}}
    makers = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Pledge Makers at that time"),
        help_text=gettext_lazy("Those without an update are shown as not received. You can add more later."),
        queryset=PledgeMaker.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one Pledge Maker.")},
    )

    def __init__(self, *args: Any, makers: list[PledgeMaker], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["makers"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        field.queryset = PledgeMaker.objects.filter(pk__in=[maker.pk for maker in makers]).order_by("name", "pk")


def _small_enough(file: UploadedFile) -> UploadedFile:
    if (file.size or 0) > documents.LARGEST:
        words = _("%(name)s must be smaller than %(size)s.")
        raise forms.ValidationError(words % {"name": file.name, "size": filesizeformat(documents.LARGEST)})
    return file


class DocumentForm(PledgeForm):
    """A document as a trust sent it."""

    form_tag = False
    submit = ""
    file = forms.FileField(
        label=gettext_lazy("The document"),
        help_text=SENTENCE_OF_KINDS,
        allow_empty_file=True,
        error_messages={"required": gettext_lazy("Choose the document that they sent.")},
    )
    received_on = GovDateField(
        label=gettext_lazy("When did it reach the Synergi team?"),
        help_text=gettext_lazy("This day decides whether the update was on time, not the day on which you enter it."),
        error_messages={"required": gettext_lazy("Enter the day on which it reached the Synergi team.")},
    )
    signed_on = GovDateField(
        label=gettext_lazy("If it carries the leader’s signature: when did they sign?"),
        help_text=gettext_lazy("Leave it empty if the document is not signed. Their leader can sign here then."),
        required=False,
    )

    def clean_file(self) -> UploadedFile:
        return _small_enough(self.cleaned_data["file"])

    def sent(self) -> Sent:
        """What was typed and chosen; the form is valid."""
        file = self.cleaned_data["file"]
        file.seek(0)
        days = {name: self.cleaned_data[name] for name in ("received_on", "signed_on")}
        return Sent(name=file.name or "", content=file.read(), **days)


class BeginForm(DocumentForm):
    """Whose update it is, and the document."""

    pledge_maker = forms.ModelChoiceField(
        label=gettext_lazy("Which Pledge Maker sent it?"),
        queryset=PledgeMaker.objects.none(),
        empty_label=gettext_lazy("Choose one"),
        error_messages={"required": gettext_lazy("Choose the Pledge Maker.")},
    )
    field_order = ("pledge_maker", "file", "received_on", "signed_on")

    def __init__(self, *args: Any, makers: list[PledgeMaker], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["pledge_maker"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = PledgeMaker.objects.filter(pk__in=[maker.pk for maker in makers]).order_by("name", "pk")


class _DocumentChoice(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return obj.name


class _LeaderChoice(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        until = f"{obj.until_on:%Y}" if obj.until_on else _("now")
        return f"{obj} ({obj.from_on:%Y} – {until})"


class SignatureForm(PledgeForm):
    """The signature that stands in a document. `read` is the fingerprint of what the page showed."""

    form_tag = False
    submit = ""
    read = forms.CharField(widget=forms.HiddenInput)
    document = _DocumentChoice(
        label=gettext_lazy("Which document carries the signature?"),
        queryset=SourceDocument.objects.none(),
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={"required": gettext_lazy("Choose the document that carries the signature.")},
    )
    leader = _LeaderChoice(
        label=gettext_lazy("Which leader signed it?"),
        queryset=Leader.objects.none(),
        empty_label=gettext_lazy("Choose the leader"),
        error_messages={"required": gettext_lazy("Choose the leader who signed.")},
    )
    signed_on = GovDateField(
        label=gettext_lazy("When did they sign?"),
        help_text=gettext_lazy("If the document gives no day, the day on which it reached you."),
        error_messages={"required": gettext_lazy("Enter the day of the signature.")},
    )

    def __init__(self, *args: Any, update: ProgressUpdate, read: str, **kwargs: Any) -> None:
        found = list(update.sources.order_by("received_on", "pk"))
        first: Any = next((each for each in found if each.signed_on), found[0] if len(found) == 1 else None)
        signed_on: date | None = first.signed_on if first else None
        super().__init__(*args, initial={"document": first, "signed_on": signed_on, "read": read}, **kwargs)
        self.fields["document"].queryset = update.sources.order_by("received_on", "pk")  # type: ignore[attr-defined]
        leaders = update.entry.pledge_maker.leaders.order_by("-from_on", "pk")
        self.fields["leader"].queryset = leaders  # type: ignore[attr-defined]


class PastLeaderForm(PledgeForm):
    """A leader known from history, who has no account here."""

    submit = gettext_lazy("Add the leader")
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=200,
        error_messages={"required": gettext_lazy("Enter their name.")},
    )
    role_title = forms.CharField(
        label=gettext_lazy("Their role then"),
        help_text=gettext_lazy("For example: chief executive, medical director."),
        max_length=200,
        error_messages={"required": gettext_lazy("Enter their role.")},
    )
    organisation = forms.ModelChoiceField(
        label=gettext_lazy("Their organisation"),
        queryset=Organisation.objects.none(),
        empty_label=None,
        error_messages={"required": gettext_lazy("Choose their organisation.")},
    )
    from_on = GovDateField(
        label=gettext_lazy("Leader from"),
        help_text=gettext_lazy("For example the day on which they signed the pledge."),
    )
    until_on = GovDateField(
        label=gettext_lazy("Leader until"),
        help_text=gettext_lazy("Their last day. Leave it empty only if they lead today."),
        required=False,
    )

    def __init__(self, *args: Any, pledge_maker: PledgeMaker, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["organisation"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Organisation.objects.filter(parts__pledge_maker=pledge_maker).distinct()


class _SeveralFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class _FilesField(forms.FileField):
    """Any number of files at once."""

    widget = _SeveralFiles

    def clean(self, data: Any, initial: Any = None) -> Any:
        files = data if isinstance(data, list | tuple) else [data] if data else []
        return [super(_FilesField, self).clean(each, initial) for each in files]


# Bytes of all documents of one import: they are read into memory together.
LARGEST_IMPORT = 200 * 1024 * 1024


class ImportForm(PledgeForm):
    """A whole past round: the table, and the documents that it names."""

    form_tag = False
    submit = ""
    table = forms.FileField(
        label=gettext_lazy("The table"),
        help_text=gettext_lazy("A CSV file in UTF-8, one line for each Pledge Maker and section."),
        allow_empty_file=True,
        error_messages={"required": gettext_lazy("Choose the CSV file.")},
    )
    documents = _FilesField(
        label=gettext_lazy("The documents that it names"),
        help_text=gettext_lazy("Choose all of them at once, at most 100. You can leave this empty."),
        required=False,
        allow_empty_file=True,
    )

    def clean_table(self) -> UploadedFile:
        return _small_enough(self.cleaned_data["table"])

    def clean_documents(self) -> list[UploadedFile]:
        """Their sizes are known before any of them is read."""
        files = [_small_enough(file) for file in self.cleaned_data["documents"]]
        if sum(file.size or 0 for file in files) > LARGEST_IMPORT:
            words = _("All documents together must be smaller than %(size)s.")
            raise forms.ValidationError(words % {"size": filesizeformat(LARGEST_IMPORT)})
        return files
