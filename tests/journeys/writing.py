"""How people write a Statement and an update, page by page."""

from datetime import date

from playwright.sync_api import expect

from tests.journeys.people import Person

SECTIONS = (
    "Why we are a Pledge Maker",
    *(f"Objective {number}" for number in range(1, 8)),
    "Good practice to share",
    "Challenges",
    "Next steps",
    "Sign-off details",
)


def write_statement(leader: Person, why: str) -> None:
    leader.reads("Statement of Intent")
    leader.types("Why we are a Pledge Maker", why)
    for number in range(1, 8):
        leader.types(
            f"How we plan to meet objective {number}", f"For objective {number} we will meet local people each month."
        )
    leader.presses("Save and check")
    leader.reads("Check the Statement of Intent")


def write_update(writer: Person, *, text: str, by_when: date, done: bool) -> None:
    """Every section in its order, from the first page on."""
    writer.follows(SECTIONS[0])
    for title in SECTIONS:
        writer.reads(title)
        write_section(writer, title, text=text, by_when=by_when, done=done)
    writer.reads("Check your answers")


def write_section(writer: Person, title: str, *, text: str, by_when: date, done: bool) -> None:
    page = writer.page
    objective = title.startswith("Objective")
    if objective or title == "Next steps":
        if done:
            writer.chooses("Done")
        writer.types("What you will do", f"Carry on with {title.lower()}")
        writer.types("Who will do it", "Director of nursing")
        writer.types_date("By when", by_when)
    if objective:
        page.get_by_role("radio", name="Prioritised").check()
        writer.types("What changed", f"{title}: {text}")
    elif title not in ("Next steps", SECTIONS[0]):
        writer.types("Your answer", f"{title}: {text}")
    writer.chooses("Yes, I have completed it")
    expect(page.get_by_label("Yes, I have completed it")).to_be_checked()
    writer.presses("Save and continue")
