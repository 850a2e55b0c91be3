"""Rules of the house that no linter knows: read from the source, each finding named by file and line."""

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("console", "screens", "db", "migrations", "tests")

FORBIDDEN = {
    "db": {"textual", "textual_plotext", "rich", "click", "screens", "console"},
    "screens": {"sqlalchemy", "psycopg", "pymysql", "alembic", "click", "console", "migrations"},
    "migrations": {"textual", "textual_plotext", "rich", "click", "screens", "console"},
}
"""What a package never imports: dependencies run one way, console → screens → db."""

REGISTRY = re.compile(
    r"\bpyp[i]\b|pythonh[o]sted|npmj[s]|https?://[^ /]*(debi[a]n|ubunt[u])\.", re.IGNORECASE
)
MACHINE = re.compile(r"(^|[^A-Za-z.])/(wor[k]|far[m]|roo[t])/|/op[t]/wheels|/hom[e]/\w+/")
IGNORED = re.compile(r"#\s*(noqa|type:\s*ignore)(: [A-Z0-9, ]+|\[[\w, -]+\])?(?P<reason>.*)")

FunctionDef = (ast.FunctionDef, ast.AsyncFunctionDef)


@cache
def tracked() -> tuple[Path, ...]:
    """Every file that git knows and that is still there."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return tuple(path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file())


@cache
def sources(*packages: str) -> tuple[tuple[Path, ast.Module], ...]:
    """The parsed modules of these packages, of all without any."""
    folders = tuple(f"{ROOT / package}/" for package in packages or PACKAGES)
    return tuple(
        (path, ast.parse(path.read_text(encoding="utf-8")))
        for path in tracked()
        if path.suffix == ".py" and str(path).startswith(folders)
    )


def place(path: Path, line: int) -> str:
    return f"{path.relative_to(ROOT)}:{line}"


def imported(node: ast.AST) -> list[str]:
    """The modules that a statement imports."""
    match node:
        case ast.Import(names=names):
            return [name.name for name in names]
        case ast.ImportFrom(module=str(module)):
            return [module]
    return []


@pytest.mark.parametrize("package", FORBIDDEN)
def test_imports_run_one_way(package: str) -> None:
    assert [
        f"{place(path, node.lineno)} {module}"
        for path, tree in sources(package)
        for node in ast.walk(tree)
        for module in imported(node)
        if isinstance(node, ast.stmt) and module.split(".")[0] in FORBIDDEN[package]
    ] == []


def test_an_import_inside_a_function_names_the_milliseconds_that_it_saves() -> None:
    assert [
        place(path, node.lineno)
        for path, tree in sources("console", "screens", "db", "migrations")
        for function in ast.walk(tree)
        if isinstance(function, FunctionDef)
        for node in ast.walk(function)
        if imported(node) and isinstance(node, ast.stmt) and not saves_time(path, node.lineno)
    ] == []


def saves_time(path: Path, line: int) -> bool:
    """Whether a comment within three lines above says how many milliseconds."""
    above = path.read_text(encoding="utf-8").splitlines()[max(0, line - 4) : line]
    return any("#" in text and re.search(r"\d+ ms\b", text.partition("#")[2]) for text in above)


def test_no_broad_except() -> None:
    """Clean up and raise again, or hand over to another thread: nothing else catches everything."""
    assert [
        place(path, node.lineno)
        for path, tree in sources()
        for node in ast.walk(tree)
        if (isinstance(node, ast.ExceptHandler) and swallows(path, node))
        or (isinstance(node, ast.Call) and suppresses_all(node))
    ] == []


def swallows(path: Path, handler: ast.ExceptHandler) -> bool:
    caught = named(handler.type)
    if handler.type is None or "Exception" in caught:
        return True
    line = path.read_text(encoding="utf-8").splitlines()[handler.lineno - 1]
    return "BaseException" in caught and not raises_again(handler) and "- handed over" not in line


def named(caught: ast.expr | None) -> set[str]:
    return {node.id for node in ast.walk(caught) if isinstance(node, ast.Name)} if caught else set()


def raises_again(handler: ast.ExceptHandler) -> bool:
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def suppresses_all(call: ast.Call) -> bool:
    return ast.unparse(call.func).endswith("suppress") and any(
        named(given) & {"Exception", "BaseException"} for given in call.args
    )


def test_what_a_checker_is_told_to_ignore_has_its_reason() -> None:
    """On the same line after the code, or as a comment right above."""
    assert list(ignored_without_reason()) == []


def ignored_without_reason() -> Iterator[str]:
    for path, _ in sources():
        lines = path.read_text(encoding="utf-8").splitlines()
        for number, line in enumerate(lines, start=1):
            above = lines[number - 2].strip() if number > 1 else ""
            for found in IGNORED.finditer(line):
                if not re.search(r"\w{2,} \w+|\w{6,}", found["reason"]) and not above.startswith("# "):
                    yield f"{place(path, number)} {found[0].strip()}"


@pytest.mark.parametrize("pattern", [REGISTRY, MACHINE], ids=["registry", "machine"])
def test_no_file_names_a_registry_or_a_path_of_this_machine(pattern: re.Pattern[str]) -> None:
    assert [
        f"{place(path, number)} {line.strip()[:80]}"
        for path in tracked()
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="ignore").splitlines(), start=1)
        if pattern.search(line)
    ] == []


def test_no_test_sleeps() -> None:
    """Wait for an event with a deadline; ``sleep(0)`` only lets others run."""
    assert [
        place(path, node.lineno)
        for path, tree in sources("tests")
        if "benchmarks" not in path.parts
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and sleeps(node)
    ] == []


def sleeps(call: ast.Call) -> bool:
    name = ast.unparse(call.func).rpartition(".")[2]
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    waits = given and not (isinstance(given[0], ast.Constant) and given[0].value in (0, None))
    return name in ("sleep", "pause") and bool(waits)


def test_everything_public_says_what_it_is() -> None:
    assert [
        f"{place(path, line)} {name}"
        for path, tree in sources("console", "screens", "db", "migrations")
        if "versions" not in path.parts
        for line, name in undocumented(tree)
    ] == []


def undocumented(parent: ast.Module | ast.ClassDef) -> Iterator[tuple[int, str]]:
    """What in this module or class is public and has no docstring."""
    if not ast.get_docstring(parent):
        yield getattr(parent, "lineno", 1), getattr(parent, "name", "the module")
    for node in parent.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from undocumented(node)
        elif isinstance(node, FunctionDef) and not (node.name.startswith("_") or ast.get_docstring(node)):
            yield node.lineno, node.name


def test_the_lock_names_nothing_but_packages_and_hashes() -> None:
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    known = re.compile(r"[a-z0-9][\w.-]*==\S+( ; .+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?|    #( .+)?")
    assert [line for line in lines if not known.fullmatch(line)] == []
