"""GOV.UK Frontend's own fixtures (options → HTML) beside what our pack draws from the same options.

Both are compared as trees. What may differ, and nothing else:
- ids: Django names a hint id_x_helptext, an error id_x_error, the choices id_x_0, id_x_1 ...;
- the parts of a date are named x_day, x_month, x_year;
- aria-invalid, which Django adds to a wrong field, and order of classes and attributes.
"""

import json
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

COMPONENTS = Path("node_modules/govuk-frontend/dist/govuk/components")
VOID = {"input", "br", "img", "hr", "meta", "link"}


def fixtures(component: str) -> list[dict[str, Any]]:
    """A missing file fails: run scripts/build-assets."""
    path = Path(__file__).parents[2] / COMPONENTS / component / "fixtures.json"
    return json.loads(path.read_text())["fixtures"]


def option_names(options: Any, prefix: str = "") -> set[str]:
    """Dotted names of all options given: {"label": {"text": ...}} has label.text, lists have items[]."""
    if isinstance(options, dict):
        return {
            name for key, value in options.items() for name in option_names(value, f"{prefix}.{key}" if prefix else key)
        }
    if isinstance(options, list):
        return {name for value in options for name in option_names(value, f"{prefix}[]")}
    return {prefix}


def supported(component: str, options: set[str]) -> list[dict[str, Any]]:
    return [each for each in fixtures(component) if option_names(each["options"]) <= options]


@dataclass
class Element:
    tag: str
    attrs: dict[str, Any] = field(default_factory=dict)
    children: list[Any] = field(default_factory=list)

    def plain(self) -> Any:
        """Lists and strings, easy to compare and to read in a failure."""
        children = [child.plain() if isinstance(child, Element) else child for child in self.children]
        return [self.tag, dict(sorted(self.attrs.items())), *children]


class Tree(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.stack = [Element("root")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        if "class" in element.attrs:
            element.attrs["class"] = " ".join(sorted(element.attrs["class"].split()))
        self.stack[-1].children.append(element)
        if tag not in VOID:
            self.stack.append(element)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.stack.pop().tag == tag, f"</{tag}> closes something else"

    def handle_data(self, data: str) -> None:
        if text := " ".join(data.split()):
            self.stack[-1].children.append(text)


def tree(html: str, *, ids: dict[str, str] | None = None, drop: tuple[str, ...] = ()) -> Any:
    """The comparable form. `ids` renames ids wherever they stand; `drop` leaves attributes out."""
    parser = Tree()
    parser.feed(html)
    assert len(parser.stack) == 1, "an element is not closed"
    _tidy(parser.stack[0], ids or {}, drop)
    return parser.stack[0].plain()[2:]


def _tidy(element: Element, ids: dict[str, str], drop: tuple[str, ...]) -> None:
    for name in drop:
        element.attrs.pop(name, None)
    for name in ("id", "for", "aria-describedby", "name"):
        if name in element.attrs:
            element.attrs[name] = " ".join(ids.get(each, each) for each in element.attrs[name].split(" "))
    for child in element.children:
        if isinstance(child, Element):
            _tidy(child, ids, drop)
