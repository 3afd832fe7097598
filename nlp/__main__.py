"""Command line: `python -m nlp analyze`, `sentiment-eval` and `aspects-eval`. No database, no broker."""

import argparse
import json
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from itertools import islice, repeat
from pathlib import Path
from typing import IO, Any

from nlp.dictionary import BadWords, Dictionary
from nlp.engines import UnknownEngine
from nlp.pipeline import PARTS, Analyzer
from nlp.reading import ReadError, texts

_BATCH_TEXTS = 2048
_BATCH_CHARACTERS = 2_000_000


def main(arguments: list[str] | None = None) -> int:
    """Run a command; return 0, or 2 after an error in what was asked or given, told on standard error."""
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except (ReadError, UnknownEngine, BadWords) as error:
        print(f"nlp: {error}", file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m nlp", description="Read review texts.")
    commands = parser.add_subparsers(required=True, metavar="command")
    analyze = commands.add_parser("analyze", help="write one JSON object a text, in order")
    analyze.add_argument(
        "file", help="CSV, JSON lines or a text a line, also .gz; - is standard input, a text a line"
    )
    analyze.add_argument(
        "--text-column", default="text", metavar="NAME", help="column with the texts (%(default)s)"
    )
    analyze.add_argument("-o", "--output", default="-", metavar="OUT.jsonl", help="default: standard output")
    analyze.add_argument("--engine", default="accurate", help="sentiment model (%(default)s)")
    analyze.add_argument("--only", type=_parts, metavar="PART,…", help=f"some of {', '.join(PARTS)}")
    analyze.add_argument(
        "--threads", type=int, default=usable_cores(), help="default: the usable cores, %(default)s"
    )
    analyze.set_defaults(run=_analyze)
    evaluate = commands.add_parser(
        "sentiment-eval", help="score the sentiment model on labelled texts, as JSON"
    )
    evaluate.add_argument("file", type=Path)
    evaluate.add_argument("--text-column", default="text", metavar="NAME")
    evaluate.add_argument("--label-column", default="label", metavar="NAME")
    evaluate.add_argument("--engine", default="accurate", help="sentiment model (%(default)s)")
    evaluate.add_argument("--threads", type=int, default=usable_cores())
    evaluate.set_defaults(run=_sentiment_eval)
    aspects = commands.add_parser("aspects-eval", help="score the aspects on labelled texts, as JSON")
    aspects.add_argument("file", type=Path, help="CSV: text, aspect, polarity; also opinion and category")
    aspects.add_argument("--rules", action="store_true", help="measure the rules alone")
    aspects.add_argument(
        "--test-split", action="store_true", help="only the texts that no training here has seen"
    )
    aspects.add_argument("--threads", type=int, default=usable_cores())
    aspects.set_defaults(run=_aspects_eval)
    describe = commands.add_parser(
        "describe", help="category, attributes, selling points and embedding of products, JSON lines"
    )
    describe.add_argument("file", help="CSV or JSON lines, also .gz")
    describe.add_argument("--title-column", default="title", metavar="NAME", help="(%(default)s)")
    describe.add_argument("--description-column", metavar="NAME", help="default: titles alone")
    describe.add_argument("-o", "--output", default="-", metavar="OUT.jsonl", help="default: standard output")
    describe.add_argument("--engine", default="accurate", help="sentiment model (%(default)s)")
    describe.add_argument("--threads", type=int, default=usable_cores())
    describe.set_defaults(run=_describe)
    digest = commands.add_parser("digest", help="keywords, topics, pros and cons of one product, as JSON")
    digest.add_argument("file", help="CSV or JSON lines, also .gz")
    digest.add_argument("--text-column", default="text", metavar="NAME", help="(%(default)s)")
    digest.add_argument("--date-column", default="", metavar="NAME", help="for emerging words")
    digest.add_argument(
        "--names", default="", metavar="NAME,…", help="brand, category: no topics of their own"
    )
    digest.add_argument("-o", "--output", default="-", metavar="OUT.json", help="default: standard output")
    digest.add_argument("--engine", default="accurate", help="sentiment model (%(default)s)")
    digest.add_argument("--threads", type=int, default=usable_cores())
    digest.set_defaults(run=_digest)
    _add_words_commands(commands)
    return parser


def _add_words_commands(commands: Any) -> None:
    words = commands.add_parser("words", help="suggest words that the dictionary lacks, as JSON lines")
    preview = commands.add_parser("words-preview", help="say what other words would change, as JSON")
    for command in (words, preview):
        command.add_argument("file", help="CSV, JSON lines or a text a line, also .gz")
        command.add_argument("--text-column", default="text", metavar="NAME", help="(%(default)s)")
    words.add_argument("--top", type=int, default=50, help="how many at most (%(default)s)")
    words.add_argument("--least", type=int, default=5, help="texts that must hold a word (%(default)s)")
    words.set_defaults(run=_words)
    preview.add_argument("--add", nargs="+", default=[], metavar="WORD", help="words to keep whole")
    preview.add_argument("--split", nargs="+", default=[], metavar="WORD", help="words to take apart")
    preview.set_defaults(run=_words_preview)


def _parts(value: str) -> list[str]:
    parts = [part.strip() for part in value.split(",") if part.strip()]
    unknown = [part for part in parts if part not in PARTS]
    if unknown or not parts:
        raise argparse.ArgumentTypeError(
            f"unknown part {', '.join(unknown) or value!r}; choose of {', '.join(PARTS)}"
        )
    return parts


def usable_cores() -> int:
    """Return how many processor cores this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def batches(stream: Iterator[str]) -> Iterator[list[str]]:
    """Group texts so that a batch stays small in memory, whatever their lengths."""
    batch: list[str] = []
    characters = 0
    for text in stream:
        batch.append(text)
        characters += len(text)
        if len(batch) == _BATCH_TEXTS or characters >= _BATCH_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


@contextmanager
def _written(path: str) -> Iterator[IO[str]]:
    """Open a file that appears under its name only when it is complete; "-" is standard output.

    A lone surrogate is written as its escape, which is the same in JSON.
    """
    if path == "-":
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
        yield sys.stdout
        return
    whole = Path(path).is_file() or not Path(path).exists()  # a device or pipe is written to as it is
    part = Path(f"{path}.part") if whole else Path(path)
    try:
        with part.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as stream:
            yield stream
        if whole:
            part.replace(path)
    except OSError as error:
        raise ReadError(f"{path}: cannot be written: {error.strerror}") from error
    finally:
        if whole:
            part.unlink(missing_ok=True)


def _analyze(options: argparse.Namespace) -> None:
    analyzer = Analyzer.load(options.engine, threads=options.threads)
    with _written(options.output) as output:
        for batch in batches(texts(options.file, options.text_column)):
            for result in analyzer(batch, only=options.only):
                output.write(json.dumps(result, ensure_ascii=False) + "\n")


def _sentiment_eval(options: argparse.Namespace) -> None:
    from nlp.evaluate import sentiment_report

    report = sentiment_report(
        options.file,
        text_column=options.text_column,
        label_column=options.label_column,
        engine=options.engine,
        threads=options.threads,
    )
    print(json.dumps(report, ensure_ascii=False, indent=2))


def _aspects_eval(options: argparse.Namespace) -> None:
    from nlp.aspect_evaluate import aspects_report
    from nlp.aspects import AspectFinder

    finder = AspectFinder() if options.rules else AspectFinder.load(threads=options.threads)
    report = aspects_report(options.file, finder, options.test_split)
    print(json.dumps(report, ensure_ascii=False, indent=2))


def _digest(options: argparse.Namespace) -> None:
    from nlp.digest_file import digest_file

    analyzer = Analyzer.load(options.engine, threads=options.threads)
    names = [name for name in options.names.split(",") if name]
    found = digest_file(options.file, analyzer, options.text_column, options.date_column, names)
    with _written(options.output) as output:
        json.dump(found, output, ensure_ascii=False, indent=2)
        output.write("\n")


def _words(options: argparse.Namespace) -> None:
    from nlp.new_words import new_words
    from nlp.segment import Segmenter

    once = list(texts(options.file, "")) if options.file == "-" else None

    def read() -> Iterable[str]:
        return texts(options.file, options.text_column) if once is None else once

    with _written("-") as output:
        for word in new_words(read, Segmenter(), top=options.top, least=options.least):
            output.write(json.dumps({**asdict(word), "score": word.score}, ensure_ascii=False) + "\n")


def _words_preview(options: argparse.Namespace) -> None:
    from nlp.impact import impact
    from nlp.segment import Segmenter

    changed = Dictionary(dict.fromkeys(options.add), frozenset(options.split))
    found = impact(texts(options.file, options.text_column), Segmenter(), Segmenter(dictionary=changed))
    with _written("-") as output:
        json.dump(asdict(found), output, ensure_ascii=False, indent=2)
        output.write("\n")


def _describe(options: argparse.Namespace) -> None:
    if options.file == "-":
        raise ReadError("-: products have columns, so they are read from a file")
    analyzer = Analyzer.load(options.engine, threads=options.threads)
    titles = batches(texts(options.file, options.title_column))
    read = texts(options.file, options.description_column) if options.description_column else repeat("")
    with _written(options.output) as output:
        for batch in titles:
            for result in analyzer.describe(batch, list(islice(read, len(batch)))):
                output.write(json.dumps(result, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    sys.exit(main())
