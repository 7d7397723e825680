"""References as papers print them, read into what BibTeX wants: one entry for each paper, the same paper once.

Models, experiments and tables of data name their papers in one line, "A. One and B. Two, Phys. Rev. D 1, 2 (2000),
hep-ph/0001234; ...". What stands there is read, and nothing is added: no title where none is known.
"""

import dataclasses
import re
import unicodedata
from collections.abc import Iterable, Iterator

_ABBREVIATIONS = {
    "PRL": "Phys. Rev. Lett.",
    "PLB": "Phys. Lett. B",
    "ApJ": "Astrophys. J.",
    "Phys. Rept.": "Phys. Rep.",
}
_ABBREVIATIONS |= {f"PR{letter}": f"Phys. Rev. {letter}" for letter in "CD"} | {"Chin. Phys. C": "Chinese Phys. C"}
_LOCATION = re.compile(
    r"(?P<monthly>JHEP|JCAP) (?P<month>\d\d) \((?P<in_year>\d{4})\) (?P<first>\d+)"
    r"|(?:(?<=, )|(?<= and )|(?<=: )|^)(?P<journal>[A-Z][^,;:()\d]*?) (?P<volume>\d+), (?P<page>[A-Z]?\d+)\b"
    r"(?: \((?P<year>\d{4})\))?"
    r"|(?:arXiv:)?(?P<eprint>(?:hep-(?:ph|ex|th)|astro-ph|nucl-(?:ex|th))/\d{7}|(?<![\d./])\d{4}\.\d{4,5}(?!\d))"
    r"(?: \((?P<posted>\d{4})\))?"
    r"|doi[: ]\s*(?P<doi>10\.\d{4,}/[^\s,;]+)"
)
_INITIALS = r"(?:[A-Z][a-z]?\.[ -]?)+"
_NAME = re.compile(
    rf"(?:^|(?<= )){_INITIALS}(?:(?:de|da|van|von) )*[^\W\d_][\w'’-]+(?: [^\W\d_][\w'’-]+)?$|[A-Z]\w+ {_INITIALS}$"
)
_SPECIAL = {letter: f"\\{letter}" for letter in "&%$#_{}"}
_SPECIAL |= {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
_VERBATIM = ("eprint", "doi", "url")
"""Fields that BibTeX styles take as they are."""


@dataclasses.dataclass(frozen=True)
class Paper:
    """What is known of one paper; empty where it is not."""

    authors: tuple[str, ...] = ()
    others: bool = False
    """Whether the list of authors goes on."""
    collaboration: str = ""
    title: str = ""
    journal: str = ""
    volume: str = ""
    pages: str = ""
    year: str = ""
    eprint: str = ""
    doi: str = ""
    url: str = ""
    note: str = ""

    @property
    def published(self) -> bool:
        """Whether it can be found: by journal, eprint or doi."""
        return bool(self.journal or self.eprint or self.doi)

    @property
    def names(self) -> frozenset[tuple[str, ...]]:
        """What two records of the same paper share."""
        place = (self.journal, self.volume, self.pages)
        found = {("eprint", self.eprint), ("doi", self.doi.lower()), place if self.volume else ("journal", "")}
        kept = {name for name in found if name[-1]}
        return frozenset(kept or {("note", self.title, self.note)})

    def joined(self, other: "Paper") -> "Paper":
        """With what another record of the same paper knows besides, and with the longer list of authors."""
        own, more = dataclasses.asdict(self), dataclasses.asdict(other)
        found = {name: own[name] or more[name] for name in own}
        if (len(other.authors), not other.others) > (len(self.authors), not self.others):
            found |= {"authors": other.authors, "others": other.others}
        else:
            found |= {"others": self.others if self.authors else other.others}
        return Paper(**found)


def read(reference: str) -> tuple[Paper, ...]:
    """The papers of a reference in the order in which they stand, with semicolons between them.

    A part without journal, eprint or doi is kept as a note where it names something: a year, or a proper name.
    """
    return merged(paper for part in reference.split(";") for paper in _of_part(part.strip()))


def merged(papers: Iterable[Paper]) -> tuple[Paper, ...]:
    """Each paper once: records with the same eprint, doi, or journal, volume and page are joined."""
    found: list[Paper] = []
    for paper in papers:
        same = [one for one in found if one.names & paper.names]
        for one in same[1:]:
            found.remove(one)
            paper = paper.joined(one)
        if same:
            found[found.index(same[0])] = same[0].joined(paper)
        else:
            found.append(paper)
    return tuple(found)


def bibtex(papers: Iterable[Paper]) -> str:
    """Entries of BibTeX, by their keys: surname, year, and where it was published."""
    by_key: dict[str, Paper] = {}
    for paper in merged(papers):
        key, suffixes = _key(paper), iter("abcdefghijklmnopqrstuvwxyz")
        while key in by_key:
            key = _key(paper) + next(suffixes)
        by_key[key] = paper
    return "\n".join(_entry(key, by_key[key]) for key in sorted(by_key))


def escaped(text: str) -> str:
    """Text with the characters that LaTeX takes for its own made harmless."""
    return "".join(_SPECIAL.get(letter, letter) for letter in text)


def _of_part(part: str) -> Iterator[Paper]:
    paper, end = None, 0
    for match in _LOCATION.finditer(part):
        new, gap = _located(match), part[end : match.start()]
        if paper is not None and gap.strip() == "," and not (new.journal or paper.eprint or paper.doi):
            paper = paper.joined(new)
        else:
            if paper is not None:
                yield paper
            paper = _written(new, gap, paper)
        end = match.end()
    if paper is not None:
        yield paper
    elif part[:1].isupper() or re.search(r"\(\d{4}\)", part):
        found = re.search(r"\((\d{4})\)", part)
        names = [word.partition(" (")[0] for word in re.split(r" et al\.|, | and ", part)[:1]]
        yield Paper(authors=tuple(n for n in names if _NAME.fullmatch(n)), year=found[1] if found else "", note=part)


def _located(match: re.Match[str]) -> Paper:
    """Without authors."""
    if match["monthly"]:
        return Paper(journal=match["monthly"], volume=match["month"], pages=match["first"], year=match["in_year"])
    if match["journal"]:
        journal = _ABBREVIATIONS.get(match["journal"], match["journal"])
        return Paper(journal=journal, volume=match["volume"], pages=match["page"], year=match["year"] or "")
    if match["eprint"]:
        return Paper(eprint=match["eprint"], year=match["posted"] or _posted(match["eprint"]))
    return Paper(doi=match["doi"])


def _posted(eprint: str) -> str:
    """The year that the number of an eprint tells."""
    digits = eprint.rpartition("/")[2][:2]
    return f"{'19' if '/' in eprint and digits > '90' else '20'}{digits}"


def _written(paper: Paper, gap: str, before: Paper | None) -> Paper:
    """With the authors, the collaboration and the title that stand before it; "and" goes on with the authors before."""
    group = re.search(r"\(([^()]*[A-Z][^()]*)\),?\s*$", gap)
    year = re.search(r"\((\d{4})\)", gap)
    text = re.sub(r"\([^()]*\)", "", gap)
    tokens = [t.strip() for t in re.split(r",| and |(?<=\.) (?=et al\.)|(?<=\w) (?=et al\.)|: ", text) if t.strip(" ,")]
    others, names, title = "et al." in tokens, [], ""
    tokens = [token for token in tokens if token not in ("et al.", "and", "data release")]
    if not paper.journal and tokens and re.match(r"(Phys|Nucl)\. ", tokens[-1]):
        paper = dataclasses.replace(paper, journal=tokens.pop())
    if tokens and not _NAME.search(tokens[-1]) and len(tokens) > 1 and not paper.journal:
        title = tokens.pop()
    for token in reversed(tokens):
        found = _NAME.search(token)
        name = found[0] if found else token if token.endswith("Collaboration") else ""
        if name:
            names.insert(0, name)
        if name != token:
            break
    if not names and before is not None and re.search(r"\band\s*$", gap):
        return dataclasses.replace(
            paper, authors=before.authors, others=before.others, collaboration=before.collaboration
        )
    return dataclasses.replace(
        paper,
        authors=tuple(names),
        others=others and bool(names),
        collaboration=group[1] if group and names and not paper.title else "",
        title=title,
        year=paper.year or (year[1] if year and title else ""),
    )


def _key(paper: Paper) -> str:
    """Of ASCII letters, digits and underscores, the same wherever the paper is cited from with the same words."""
    words = re.findall(r"\w+", paper.title or paper.note)
    first = paper.authors[0].split()[-1] if paper.authors else paper.collaboration or "".join(words[:3])
    where = f"{paper.volume}_{paper.pages}" if paper.volume else paper.eprint or paper.doi.rpartition("/")[2]
    parts = (_ascii(part) for part in (first or "eprint", paper.year, where.replace(".", "_")))
    return "_".join(part for part in parts if part)


def _ascii(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9_]", "", plain)


def _entry(key: str, paper: Paper) -> str:
    names = [escaped(name) if _is_person(name) else "{" + escaped(name) + "}" for name in paper.authors]
    fields = {
        "author": " and ".join([*names, *(["others"] if paper.others else [])]),
        "title": f"{{{escaped(paper.title)}}}" if paper.title else "",
        "archiveprefix": "arXiv" if paper.eprint else "",
    }
    for name in ("collaboration", "journal", "volume", "pages", "year", "eprint", "doi", "url", "note"):
        value = getattr(paper, name)
        fields[name] = value if name in _VERBATIM else escaped(value)
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
    return f"@{'article' if paper.journal else 'misc'}{{{key},\n{lines}}}\n"


def _is_person(name: str) -> bool:
    """Whether BibTeX may take it apart into given names and surname."""
    return " " in name and not re.search(r"Collaboration|developers$", name)
