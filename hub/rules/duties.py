"""What does a member owe, and has it given it? Stretches by the calendar, counted in whole ones.

A duty is owed in each stretch (week, month, quarter, half-year, year) during all of which the duty and the member are
in force. A part of one is owed by nobody: a commune that begins on the 25th owes nothing for that month.
"""

from enum import StrEnum


class Every(StrEnum):
    """The stretches in which something has to come."""

    WEEK = "week"  #: Monday to Sunday
    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half-year"
    YEAR = "year"
