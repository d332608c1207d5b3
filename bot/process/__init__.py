"""Programs run within bounds: time, output, environment, and what of the machine they reach."""

from bot.process.confine import Confinement, closed_environment, confinements
from bot.process.run import Completed, clean_environment, run

__all__ = [
    "Completed",
    "Confinement",
    "clean_environment",
    "closed_environment",
    "confinements",
    "run",
]
