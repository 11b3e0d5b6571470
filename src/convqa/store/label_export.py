"""What the audit log keeps of labels that were taken away: they hold texts."""

from convqa.store.audit import Detail, record
from convqa.store.database import Database
from convqa.store.viewers import Viewer


def record_export(database: Database, viewer: Viewer, sheet: str, n_rows: int) -> None:
    """Note who took which labels."""
    told: Detail = {"n_rows": n_rows}
    with database.writing() as connection:
        record(connection, viewer.username, "labels.export", sheet, told)
