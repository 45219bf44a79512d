"""Hands on the keyboard: Tab, Enter, Space, arrows and typing; never the mouse, never a script's focus."""

from datetime import date

from playwright.sync_api import Locator, Page, expect

# Further than any page is long: then something cannot be reached.
MOST_STOPS = 120
IS_FOCUSED = "element => element === document.activeElement"


class Keyboard:
    def __init__(self, page: Page) -> None:
        self.page = page

    def reaches(self, target: Locator) -> None:
        """Presses Tab until the element has the focus, which it must show."""
        element = target.first.element_handle()
        for _ in range(MOST_STOPS):
            if element.evaluate(IS_FOCUSED):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab never reaches {target} on {self.page.url}")

    def follows(self, link: str) -> None:
        self.reaches(self.page.get_by_role("link", name=link))
        self.page.keyboard.press("Enter")

    def presses(self, button: str) -> None:
        self.reaches(self.page.get_by_role("button", name=button, exact=True))
        self.page.keyboard.press("Enter")

    def types(self, label: str, text: str) -> None:
        self.reaches(self.page.get_by_label(label, exact=True))
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def types_date(self, legend: str, day: date) -> None:
        group = self.page.get_by_role("group", name=legend)
        for part in ("day", "month", "year"):
            self.reaches(group.get_by_label(part.capitalize(), exact=True))
            self.page.keyboard.type(str(getattr(day, part)))

    def chooses(self, option: str) -> None:
        """Tab leads into a group of radio buttons, arrows to the one."""
        wanted = self.page.get_by_role("radio", name=option).first
        name = wanted.get_attribute("name")
        self._reaches_group(name or "")
        self.page.keyboard.press("Space")
        element = wanted.element_handle()
        for _ in range(10):
            if element.evaluate(IS_FOCUSED):
                break
            self.page.keyboard.press("ArrowDown")
        expect(wanted).to_be_checked()

    def _reaches_group(self, name: str) -> None:
        for _ in range(MOST_STOPS):
            if self.page.evaluate("document.activeElement && document.activeElement.name") == name:
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab never reaches the choices {name} on {self.page.url}")

    def ticks(self) -> None:
        self.reaches(self.page.get_by_role("checkbox"))
        self.page.keyboard.press("Space")
