"""Bank holidays of England, as GOV.UK lists them (https://www.gov.uk/bank-holidays, England and Wales).

2028 follows from the same rules: the Banking and Financial Dealings Act 1971, substitute days included. A year
that is not here has weekends only; a proclaimed extra day is one more line.
"""

from datetime import date

BANK_HOLIDAYS = frozenset(
    date.fromisoformat(f"{year}-{day}")
    for year, days in {
        2025: "01-01 04-18 04-21 05-05 05-26 08-25 12-25 12-26",
        2026: "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28",
        2027: "01-01 03-26 03-29 05-03 05-31 08-30 12-27 12-28",
        2028: "01-03 04-14 04-17 05-01 05-29 08-28 12-25 12-26",
    }.items()
    for day in days.split()
)
