"""Equations as docstrings write them, in plain characters, as LaTeX.

Docstrings are read in an editor, where `lambda_ji = (e / 16 pi^2 M^2) sum_l g_il m_l f_lj^*` is clearer than markup.
On a page it is typeset: names of Greek letters become these, what follows `_` and `^` becomes index and power, words
are set upright. Fractions keep their slash and brackets their size: nothing moves that a reader of both could miss.
"""

import re

_GREEK = (
    "alpha", "beta", "gamma", "delta", "epsilon", "eps", "zeta", "eta", "theta", "kappa", "lambda", "mu", "nu", "xi",
    "pi", "rho", "sigma", "tau", "phi", "chi", "psi", "omega", "Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi",
    "Sigma", "Phi", "Psi", "Omega",
)  # fmt: skip
_FUNCTIONS = ("sin", "cos", "tan", "cot", "sinh", "cosh", "tanh", "exp", "ln", "log", "max", "min", "det", "arg")
_NAMED = ("tr", "Tr", "Re", "Im", "diag", "arctan", "arcsin", "sign", "erf", "clip")
_SYMBOLS = {
    "int": r"\int ", "sum": r"\sum ", "prod": r"\prod ", "dagger": r"\dagger ", "infinity": r"\infty ",
    "inf": r"\infty ", "hbar": r"\hbar ", "nubar": r"\bar{\nu}", "antinu": r"\bar{\nu}",
    "fbar": r"\bar{f}", "eps": r"\epsilon ",
}  # fmt: skip
_OPERATORS = {
    "->": r"\to ", "<=": r"\le ", ">=": r"\ge ", "!=": r"\ne ", "+-": r"\pm ", "<<": r"\ll ", ">>": r"\gg ",
    "~": r"\sim ", "\\": r"\setminus ", "*": r"\cdot ", "%": r"\%", "&": r"\&", "#": r"\#", "{": r"\{",
    "}": r"\}", "$": r"\$",
}  # fmt: skip
_TOKEN = re.compile(
    r"(?P<power>\d+(?:\.\d+)?e[+-]?\d+)|(?P<number>\d+(?:\.\d+)?)|(?P<root>sqrt(?=\())|(?P<word>h\.c\.|[A-Za-z]+)(?P<digits>\d*)"
    r"|(?P<space>\s+)|(?P<script>[_^])|(?P<operator>->|<=|>=|!=|\+-|<<|>>|.)"
)
_SCRIPT = re.compile(r"-?[A-Za-z0-9]+'*|\*+|'+|\+|-")
_ATOM = re.compile("|".join([*sorted(_GREEK, key=len, reverse=True), r"\d+", "."]))
_CLOSING = {"{": "}", "(": ")"}
_SPACES = 2
"""Spaces from which on two equations stand on one line."""
_LETTERS = 2
"""Letters of an index that are symbols each; more are a word."""


def latex(line: str) -> str:
    """One equation, or several on one line, as LaTeX.

    **Raises:** `ValueError` for brackets that are not closed.
    """
    line = re.sub(r"\s+(?==)", " ", line)  # equations above each other are aligned
    pieces, place, means = [], 0, _are_means(line)
    while place < len(line):
        found = _TOKEN.match(line, place)
        assert found is not None
        place = found.end()
        if found["root"]:
            inside, place = _bracketed(line, place)
            pieces.append(rf"\sqrt{{{latex(inside)}}}")
        elif found["script"]:
            scripts, place = _scripts(line, found.start())
            pieces.append(scripts)
        else:
            pieces.append(_token(found, line, means))
    return "".join(pieces).strip()


def displayed(block: list[str]) -> list[str]:
    """The lines of a block as LaTeX of one display each; what begins with an operator goes on with the line before."""
    joined: list[str] = []
    for line in block:
        if joined and line.startswith(("+", "-", "=", "*", "/")):
            joined[-1] += " " + line
        else:
            joined.append(line)
    return [latex(line) for line in joined]


def _are_means(line: str) -> bool:
    """Whether < and > are the brackets of a mean, and not relations."""
    bare, depth = re.sub(r"->|<=|>=|<<|>>", "", line), 0
    for character in bare:
        depth += {"<": 1, ">": -1}.get(character, 0)
        if depth < 0:
            return False
    return depth == 0 and "<" in bare


def _bracketed(line: str, place: int) -> tuple[str, int]:
    """What stands in the brackets that open at a place, and where they end."""
    opening, depth = line[place], 0
    for end in range(place, len(line)):
        depth += {opening: 1, _CLOSING[opening]: -1}.get(line[end], 0)
        if depth == 0:
            return line[place + 1 : end], end + 1
    raise ValueError(f"brackets of {line!r} are not closed")


def _scripts(line: str, place: int) -> tuple[str, int]:
    """Index or power that begins at a place; indices of indices, as in m_beta_beta, stand side by side."""
    kind, inside = line[place], ""
    while place < len(line) and line[place] == kind:
        if line[place + 1 : place + 2] in _CLOSING:
            piece, place = _bracketed(line, place + 1)
            inside += latex(piece)
        else:
            found = _SCRIPT.match(line, place + 1)
            if found is None:
                return rf"\{kind}", place + 1
            inside, place = inside + _index(found[0]), found.end()
    return f"{kind}{{{inside}}}", place


def _index(text: str) -> str:
    """An index or a power of letters and digits: symbols, or one word."""
    if text in _SYMBOLS:
        return _SYMBOLS[text]
    if len(re.sub("|".join(sorted(_GREEK, key=len, reverse=True)), "", text).strip("0123456789'-*")) > _LETTERS:
        return rf"\mathrm{{{text}}}"
    return "".join(_symbol(atom) for atom in _ATOM.findall(text))


def _symbol(atom: str) -> str:
    if atom in _SYMBOLS:
        return _SYMBOLS[atom]
    return f"\\{atom} " if atom in _GREEK else atom


def _token(found: re.Match[str], line: str, means: bool) -> str:
    """A number, a word, a space or an operator."""
    if found["power"]:
        mantissa, exponent = found["power"].split("e")
        factor = "" if mantissa == "1" else rf"{mantissa} \times "
        return rf"{factor}10^{{{int(exponent)}}}"
    if found["word"]:
        return _word(found["word"], found["digits"])
    if found["space"]:
        if len(found[0]) > _SPACES:
            return r"\qquad "
        return r"\ " if _is_word(line[: found.start()]) or _is_word(line[found.end() :], after=True) else " "
    operator = found["operator"] or found[0]
    if means and operator in "<>":
        return {"<": r"\langle ", ">": r"\rangle "}[operator]
    return _OPERATORS.get(operator, operator)


def _is_word(part: str, *, after: bool = False) -> bool:
    """Whether a word of text, which is no symbol, touches a space from one side."""
    found = re.match(r"(?!sqrt)[A-Za-z]+", part) if after else re.search(r"(?<![_^A-Za-z])[A-Za-z]+$", part)
    return found is not None and _word(found[0], "").startswith(r"\text")


def _word(word: str, digits: str) -> str:
    """A name with the digits that follow it: symbol with an index, function, or text."""
    if word == "dm" and digits:
        return rf"\Delta m^2_{{{digits}}}"
    if (word, digits) == ("Dm", "2"):
        return r"\Delta m^{2}"
    if word == "sqrt" and digits:
        return rf"\sqrt{{{digits}}}"
    index = f"_{{{digits}}}" if digits else ""
    if word in _SYMBOLS or word in _GREEK or len(word) == 1:
        return _symbol(word) + index
    if word in _FUNCTIONS:
        return f"\\{word} {digits}"
    if word in _NAMED:
        return rf"\operatorname{{{word}}} {digits}"
    if len(word) == 2 and word[0] == "d":
        return rf"\mathrm{{d}}{word[1]}{index}"
    if word[0] in "dF" and word[1:] in _GREEK:
        return rf"\mathrm{{{word[0]}}}\{word[1:]} {index}"
    return rf"\text{{{word}}}{index}"
