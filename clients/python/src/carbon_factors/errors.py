"""What the client refuses, one class for each reason, each with the exit code of the command line.

Belongs here: the exceptions. Does not belong here: deciding when to raise one.

Every message is a sentence that says what was expected, what was found, where, and what to do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class CarbonFactorsError(Exception):
    """Whatever the client refuses or cannot do. `exit_code` is what the command line ends with."""

    exit_code = 1


class NotFoundError(CarbonFactorsError):
    """There is no such registry, release, table or column; the message lists what there is."""

    exit_code = 3


class QuestionError(CarbonFactorsError):
    """A question cannot be understood: an unknown region, kind, date or value of a dimension."""

    exit_code = 4


class AmbiguousQuestionError(QuestionError):
    """Several factors answer the question; `choices` holds what tells them apart.

    `choices` maps the name of each dimension that must be given to its possible values.
    """

    exit_code = 5

    def __init__(self, message: str, choices: Mapping[str, Sequence[object]]) -> None:
        """Keep the choices beside the sentence."""
        super().__init__(message)
        self.choices = {name: list(values) for name, values in choices.items()}


class NoFactorError(CarbonFactorsError):
    """The release holds no factor for the question, and nothing else was allowed to stand in."""

    exit_code = 6


class UnitError(CarbonFactorsError):
    """A unit is unknown, or two units do not convert into one another."""

    exit_code = 7


class VerificationError(CarbonFactorsError):
    """A release is not what was published. Never raised itself: see the classes below."""

    exit_code = 10


class ChangedFileError(VerificationError):
    """The bytes of a file are not those that the manifest, the registry or the lock names."""

    exit_code = 11


class MissingFileError(VerificationError):
    """A file of the release is not there."""

    exit_code = 12


class ExtraFileError(VerificationError):
    """A release holds a file that does not belong to it, a link, or something that is no file."""

    exit_code = 13


class SignatureError(VerificationError):
    """A signature is not the one that the key makes over these bytes."""

    exit_code = 14


class StrippedSignatureError(VerificationError):
    """A signature is expected and there is none."""

    exit_code = 15


class DowngradeError(VerificationError):
    """The registry, or a new pin, is older than the release that is pinned."""

    exit_code = 16


class WithdrawnError(VerificationError):
    """The release was withdrawn; the message gives the reason and the replacement."""

    exit_code = 17


class WrongRegistryError(VerificationError):
    """The lock file was written for another registry."""

    exit_code = 18


class DocumentError(VerificationError):
    """A manifest, an index, a statement or a signature is ill-formed, too large or dangerous."""

    exit_code = 19


class LockFileError(CarbonFactorsError):
    """`carbon-factors.lock` is missing, cannot be understood, or pins something else."""

    exit_code = 20


class KeyFileError(CarbonFactorsError):
    """A key cannot be read or is not a public Ed25519 key."""

    exit_code = 21


class UnreachableError(CarbonFactorsError):
    """The registry does not answer, or the client is offline and the cache lacks the file."""

    exit_code = 22


class CacheError(CarbonFactorsError):
    """The cache, or a file to be written, cannot be written."""

    exit_code = 23


class MissingExtraError(CarbonFactorsError):
    """An optional package is needed; the message says how to install it."""

    exit_code = 24
