"""The table, for the terminal and for docs/performance.md."""

from typing import Any

GROWTH_ALLOWED = 1.5
GROWTH_FROM = 100


def table(result: dict[str, Any]) -> str:
    """Everything measured, as Markdown tables that read well in a terminal too."""
    parts = [_head(result)]
    parts += [_pages(size) for size in result["sizes"]]
    if len(result["sizes"]) > 1:
        parts.append(_growth(result["sizes"]))
    parts.append(_reminders(result["sizes"]))
    parts.append(_documents(result["documents"]))
    parts.append(_sign_in(result["sign_in"]))
    return "\n\n".join(parts) + "\n"


def _head(result: dict[str, Any]) -> str:
    about = result["machine"]
    return (
        f"Measured on {result['date']}: {about['cores']} cores ({about['processor']}), {about['memory']}, "
        f"Python {about['python']}, Django {about['django']}, PostgreSQL {about['postgresql']}; "
        f"{result['rounds']} rounds, commit {result['commit']}."
    )


def rows(header: list[str], lines: list[list[str]]) -> str:
    """A Markdown table; all columns but the first stand right."""
    widths = [max(len(line[column]) for line in [header, *lines]) for column in range(len(header))]

    def row(cells: list[str]) -> str:
        padded = [
            cell.ljust(width) if not n else cell.rjust(width)
            for n, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        return f"| {' | '.join(padded)} |"

    rule = f"|{'|'.join('-' * (width + 2) if not n else '-' * (width + 1) + ':' for n, width in enumerate(widths))}|"
    return "\n".join([row(header), rule, *(row(line) for line in lines)])


def _pages(size: dict[str, Any]) -> str:
    trivial = size["pages"][0]["p50"]
    lines = [
        [page["name"] if page["status"] == 200 else f"{page['name']} ({page['status']})", str(page["queries"]),
         f"{page['bytes'] / 1000:.0f}", f"{page['p50']:.1f}", f"{page['p95']:.1f}", f"{page['per_second']:.0f}",
         f"{page['p50'] / trivial:.0f} ×"]
        for page in size["pages"]
    ]  # fmt: skip
    header = [f"{size['makers']:,} Pledge Makers", "queries", "KB", "p50 ms", "p95 ms", "a second", "of nothing"]
    seeded = f"Invented in {size['seed_seconds']:.0f} s: {size['updates']:,} updates."
    return f"{rows(header, lines)}\n\n{seeded}"


def growth(sizes: list[dict[str, Any]]) -> tuple[int, int, list[tuple[str, float, float]]]:
    """From which size to which, and each page's p50 in both."""
    first = next((size for size in sizes if size["makers"] >= GROWTH_FROM), sizes[0])
    last = sizes[-1]
    pairs = zip(first["pages"], last["pages"], strict=True)
    return first["makers"], last["makers"], [(one["name"], one["p50"], two["p50"]) for one, two in pairs]


def _growth(sizes: list[dict[str, Any]]) -> str:
    first, last, pages = growth(sizes)
    lines = [
        [name, f"{before:.1f}", f"{after:.1f}", f"{after / before:.2f} ×",
         "yes" if after / before <= GROWTH_ALLOWED else "no"]
        for name, before, after in pages
    ]  # fmt: skip
    return rows(["Growth, p50 ms", f"{first:,}", f"{last:,}", "ratio", f"at most {GROWTH_ALLOWED} ×"], lines)


def _reminders(sizes: list[dict[str, Any]]) -> str:
    lines = [
        [f"{one['name']}, {size['makers']:,}", str(one["mails"]), str(one["queries"]), f"{one['seconds'] * 1000:.0f}"]
        for size in sizes
        for one in size["reminders"]
    ]
    return rows(["Reminders, Pledge Makers", "mails", "queries", "ms"], lines)


def _documents(documents: list[dict[str, Any]]) -> str:
    lines = [
        [one["name"], str(one["pages"]), f"{one['seconds']:.2f}", f"{one['bare_seconds']:.2f}",
         f"{one['seconds'] / one['bare_seconds']:.2f} ×", f"{one['memory']:.0f}", f"{one['bare_memory']:.0f}"]
        for one in documents
    ]  # fmt: skip
    return rows(["Documents", "pages", "s", "bare s", "ratio", "MB", "bare MB"], lines)


def _sign_in(asked: list[dict[str, Any]]) -> str:
    """Known and unknown addresses, and how far they are apart: nobody should be able to tell."""
    lines = [[one["name"], str(one["asked"]), f"{one['p50']:.2f}", f"{one['p95']:.2f}"] for one in asked]
    if len(asked) == 2:
        apart = [f"{asked[1][key] - asked[0][key]:+.2f}" for key in ("p50", "p95")]
        lines.append(["The second less the first", "", *apart])
    return rows(["Asking for a sign-in code, in turns", "asked", "p50 ms", "p95 ms"], lines)
