"""The command line: what may be asked, and how an error ends.

Belongs here: arguments, help and exit codes. Does not belong here: doing the work (`commands`),
which is imported only once the arguments are understood.
"""

from __future__ import annotations

import argparse
import os
import sys
import warnings
from collections.abc import Sequence
from typing import Any

from carbon_factors import __version__
from carbon_factors.errors import AmbiguousQuestionError, CarbonFactorsError

_EXIT_CODES = """\
exit codes:
   0  done; `verify`: the release is what was published
   1  something unforeseen        2  the command was not understood
   3  no such registry, release, table or column
   4  the question cannot be understood (unknown region, kind, date, value)
   5  the question is ambiguous: the message lists what must be given
   6  the release holds no such factor, and nothing else was allowed to stand in
   7  units that do not convert
  11  a file was changed         12  a file is missing       13  a file is too many, or a link
  14  a wrong signature          15  a signature is missing  16  a downgrade
  17  a withdrawn release        18  another registry        19  an ill-formed document
  20  the lock file              21  a key file              22  unreachable, or not in the cache
  23  the cache or a file cannot be written                  24  an optional package is missing
 130  interrupted

environment:
  CARBON_FACTORS_REGISTRY    the registry, where neither an argument nor a lock file names one
  CARBON_FACTORS_PUBLIC_KEY  the publisher's public key (PEM file)
  CARBON_FACTORS_CACHE       the folder of downloads
  CARBON_FACTORS_OFFLINE     1: never ask the network
"""

_EXAMPLES = """\
examples:
  carbon-factors list https://factors.example/releases
  carbon-factors pin https://factors.example/releases --public-key publisher.pem
  carbon-factors verify
  carbon-factors get 山东 supply_average 2023-05 --gas-scope CO2 --import-factor-basis network
  carbon-factors load region --to region.csv

"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    arguments = _parser().parse_args(argv)
    warnings.showwarning = _note
    try:
        from carbon_factors import commands

        code: int = getattr(commands, f"run_{arguments.command}")(arguments)
        sys.stdout.flush()
        return code
    except CarbonFactorsError as problem:
        _report(problem, arguments)
        return problem.exit_code
    except BrokenPipeError:
        # Whoever read the output has had enough of it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
    except Exception as problem:  # no traceback reaches a user
        if os.environ.get("CARBON_FACTORS_TRACEBACK"):
            raise
        sys.stderr.write(
            f"carbon-factors: something unforeseen: {type(problem).__name__}: {problem}. Set "
            "CARBON_FACTORS_TRACEBACK=1 and report what it prints.\n"
        )
        return 1


def _report(problem: CarbonFactorsError, arguments: argparse.Namespace) -> None:
    if not arguments.json:
        for sentence in (str(problem), *getattr(problem, "__notes__", ())):
            sys.stderr.write(f"carbon-factors: {sentence}\n")
        return
    record: dict[str, Any] = {
        "error": type(problem).__name__,
        "exit_code": problem.exit_code,
        "sentence": str(problem),
    }
    if isinstance(problem, AmbiguousQuestionError):
        record["choices"] = problem.choices
    from carbon_factors.strict_json import dumps

    sys.stdout.write(dumps(record).decode())


def _note(message: Warning | str, *_: Any, **__: Any) -> None:
    sys.stderr.write(f"note: {message}\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="carbon-factors",
        description="List, pin, verify and load releases of provincial carbon factors.",
        epilog=_EXAMPLES + _EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"carbon-factors {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    command = _add(commands, "list", "List the releases of a registry.", _location=True)
    command.add_argument("--channel", choices=["stable", "demo"], help="of one channel only")

    command = _add(commands, "show", "Show a release and its tables.", _location=True)
    _add_release(command)
    command.add_argument("--table", help="show the columns of this table")

    command = _add(
        commands,
        "get",
        "Look up one factor. Nothing stands in for it unless --fallback allows it.",
        example="carbon-factors get 370000 supply_average 2023-05 --gas-scope CO2 "
        "--import-factor-basis network --as-of 2023-08-15",
    )
    _add_release(command)
    command.add_argument("region", help="code (370000, GRID_EAST, CN) or name (山东, Shandong)")
    command.add_argument("kind", help="factor_kind, as supply_average")
    command.add_argument("date", help="a year (2023), a month (2023-05) or a day (2023-05-17)")
    for name in ("technology", "gas-scope", "gwp-set", "system-boundary", "import-factor-basis"):
        command.add_argument(f"--{name}", help="must be given if the factors of the kind differ")
    command.add_argument("--includes-td-losses", choices=["true", "false"])
    command.add_argument("--resolution", help="year or month; needed for a day only")
    command.add_argument(
        "--fallback",
        default="",
        help="what may stand in, in this order: other_period, parent_region (comma between)",
    )
    command.add_argument("--as-of", metavar="DAY", help="the value as it was known on this day")
    command.add_argument("--unit", help="convert to this unit, as gCO2/kWh")

    command = _add(
        commands,
        "pin",
        "Verify a release and write carbon-factors.lock.",
        _location=True,
        example="carbon-factors pin https://factors.example/releases --release 2023.12.0 "
        "--public-key publisher.pem",
    )
    _add_release(command)
    command.add_argument("--without-key", action="store_true", help="pin by hashes alone")
    command.add_argument("--allow-downgrade", action="store_true", help="pin an older release")
    command.add_argument(
        "--replace", action="store_true", help="forget the lock that is there: registry and key"
    )

    command = _add(
        commands,
        "verify",
        "Compare every file of the pinned (or named) release with what was published.",
        _location=True,
    )
    _add_release(command)

    command = _add(
        commands,
        "load",
        "Write a checked table to a file.",
        aliases=["export"],
        example="carbon-factors load electricity_factor --columns factor_id,value,unit --to f.csv",
    )
    _add_release(command)
    command.add_argument("table")
    command.add_argument(
        "--to", required=True, metavar="FILE", help=".parquet, .csv or .arrow; - is CSV to stdout"
    )
    command.add_argument("--columns", help="these columns only (comma between)")
    return parser


def _add(
    commands: Any,
    name: str,
    description: str,
    *,
    _location: bool = False,
    example: str | None = None,
    aliases: Sequence[str] = (),
) -> argparse.ArgumentParser:
    epilog = f"example:\n  {example}\n\n" if example else ""
    command: argparse.ArgumentParser = commands.add_parser(
        name,
        help=description,
        description=description,
        epilog=epilog + _EXIT_CODES,
        aliases=aliases,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.set_defaults(command=name, location=None)
    if _location:
        command.add_argument(
            "location",
            nargs="?",
            metavar="REGISTRY",
            help="a folder, an HTTP(S) URL or any URL that fsspec knows (s3://...)",
        )
    command.add_argument("--registry", help="the registry, where it is not named otherwise")
    command.add_argument("--public-key", metavar="FILE", help="the publisher's key (PEM)")
    command.add_argument("--cache", metavar="FOLDER", help="the folder of downloads")
    command.add_argument("--offline", action="store_true", help="never ask the network")
    command.add_argument("--json", action="store_true", help="print JSON, errors too")
    return command


def _add_release(command: argparse.ArgumentParser) -> None:
    command.add_argument("--release", metavar="ID", help="as 2023.12.0 (default: pinned, latest)")
    command.add_argument("--channel", choices=["stable", "demo"], help="latest of this channel")
    command.add_argument("--lock", metavar="FILE", help="default: carbon-factors.lock if there")
    command.add_argument("--no-lock", action="store_true", help="pay no heed to a lock file")
    command.add_argument("--allow-withdrawn", action="store_true", help="read one nevertheless")
