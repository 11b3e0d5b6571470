"""The command line: the only place that prints and exits.

Exit codes: 0 done; 1 a check ran and found faults; 2 a usage, configuration or model error, in one
line; 3 done, but more was rejected than allowed; 130 stopped by hand; 141 nobody reads what it
prints. Anything else is a bug and shows its traceback.
"""

import logging
import sys
from typing import NoReturn

from typer import Abort
from typer.exceptions import TyperException

from convqa.cli.app import app
from convqa.cli.pipe import until_reader_leaves
from convqa.errors import ConvqaError

INTERRUPTED = 130
READER_LEFT = 141  # 128 and the number of SIGPIPE, as of other programs

# What the parser of options says, and what helps more.
_PLAINER = {
    "Value error, ": "",
    "Input should be a valid number, unable to parse string as a number": (
        "write a number such as 0.05, with a full stop"
    ),
    "Input should be a valid integer, unable to parse string as an integer": (
        "write a whole number such as 2"
    ),
}


def main() -> NoReturn:
    """Run the command line and end the process with the exit code of the contract."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        code = _run()
    except ConvqaError as error:
        _say(str(error))
        sys.exit(2)
    except TyperException as error:
        message = error.format_message()
        for said, plainer in _PLAINER.items():
            message = message.replace(said, plainer)
        _say(f"{message.rstrip('.')}. See `{_command()} --help`.")
        sys.exit(2)
    except Abort:
        code = INTERRUPTED
    if code == INTERRUPTED:
        goes_on = sys.argv[1:2] == ["score"]
        _say("stopped" + ("; run the same command again to go on" if goes_on else ""))
    sys.exit(code or 0)


def _run() -> int | None:
    """Return the exit code of the command; `READER_LEFT` where nobody reads what it prints."""
    code: int | None = READER_LEFT
    with until_reader_leaves():
        try:
            code = app(standalone_mode=False)
        except SystemExit as end:
            # The parser ends the process on every broken pipe, with the code of a check's fault.
            if isinstance(end.__context__, BrokenPipeError):
                raise end.__context__ from None
            raise
    return code


def _say(message: str) -> None:
    print(f"convqa: {' '.join(message.split())}", file=sys.stderr)


def _command() -> str:
    """Return the command as far as its words are known: its help tells of its own arguments."""
    groups = {g.name: g.typer_instance for g in app.registered_groups}
    words, level = ["convqa"], app
    for word in sys.argv[1:3]:
        if level is app and word in groups:
            level = groups[word] or app
        elif word not in {c.name for c in level.registered_commands}:
            break
        words.append(word)
        if word not in groups:
            break
    return " ".join(words)
