"""`report.html`: a run to read, one self-contained file.

`write_report` reads the evaluations once, counts them (`tally`), chooses those that can be read
(`selection`), says in words and charts what was found (`overview`, `groups`, `charts`, `wording`)
and writes page, style, script and conversations into one file (`page`, `payload`). Reading run
directories and standards is left to the caller.
"""

from convqa.report.inputs import CriterionInfo, RunSummary
from convqa.report.write import write_report

__all__ = ["CriterionInfo", "RunSummary", "write_report"]
