"""What can go wrong with a file as a whole, each with a code and a sentence in both languages."""

from typing import ClassVar

from ingest.messages import place, sentence


class IngestError(Exception):
    """A file that cannot be read (further).

    Parameters
    ----------
    code : str
        One of ``ingest.messages.SENTENCES``.
    line : int, optional
        Physical line (row of a sheet) where it went wrong.
    column : str, optional
        The column concerned, as the file names it.
    **details : object
        Values for the sentence's placeholders.
    """

    default: ClassVar[str] = "corrupt"

    def __init__(
        self,
        code: str | None = None,
        *,
        line: int | None = None,
        column: str | None = None,
        **details: object,
    ) -> None:
        self.code = code or self.default
        self.line = line
        self.column = column
        self.details = details
        super().__init__(self.reason("en"))

    def reason(self, language: str = "zh") -> str:
        """Return the sentence for people, with line and column where they are known."""
        return place(self.line, self.column, language) + sentence(self.code, language, **self.details)


class EmptyFileError(IngestError):
    """No byte, or no row below the header."""

    default = "empty_file"


class CorruptFileError(IngestError):
    """Truncated or broken: the rest cannot be trusted."""

    default = "corrupt"


class TooLargeError(IngestError):
    """Would unpack to more than is allowed."""

    default = "too_large"


class UnsupportedFileError(IngestError):
    """A format or an encoding that is not read here."""

    default = "unsupported"


class WrongColumnsError(IngestError):
    """The header and the fields of the kind do not fit."""

    default = "missing_columns"
