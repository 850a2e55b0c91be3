"""What needs somebody now, in one system: numbers with their age, their weight, and the way to what is behind them."""

from db.overview.meter import Meter
from db.overview.number import Number, unreachable
from db.overview.questions import Question, questions

__all__ = ["Meter", "Number", "Question", "questions", "unreachable"]
