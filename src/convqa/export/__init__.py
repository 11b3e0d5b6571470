"""Results of a run for other programs: JSON Lines, CSV, XLSX and vCon, byte for byte the same."""

from convqa.export.tables import write_csv, write_jsonl
from convqa.export.vcon import write_vcon
from convqa.export.xlsx import write_xlsx

EXPORTS = {"jsonl": write_jsonl, "csv": write_csv, "xlsx": write_xlsx, "vcon": write_vcon}

__all__ = ["EXPORTS"]
