r"""Formulas in TeX as Rd: `\eqn` and `\deqn` of what is known to be mathematics.

LaTeX runs what Rd hands to it when a manual is made: `\input` reads files, `\openout`
writes them. A formula with any command but these is shown as code instead.
"""

from __future__ import annotations

import re

__all__ = ["formula"]

_COMMANDS = frozenset(
    """
    alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda
    mu nu xi pi varpi rho varrho sigma varsigma tau upsilon phi varphi chi psi omega
    Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega
    hat widehat tilde widetilde bar overline underline vec dot ddot check breve acute
    grave mathbf mathrm mathit mathcal mathbb mathfrak mathsf mathtt boldsymbol text
    textrm textbf textit textsf texttt operatorname
    frac dfrac tfrac sqrt binom sum prod int iint oint limits nolimits lim limsup liminf
    max min sup inf arg det dim exp log ln lg sin cos tan cot sec csc sinh cosh tanh
    coth arcsin arccos arctan gcd ker Pr bmod mod pmod deg hom
    le leq ge geq ne neq equiv approx sim simeq cong propto ll gg prec succ in notin ni
    subset supset subseteq supseteq cup cap bigcup bigcap setminus emptyset varnothing
    forall exists neg lnot land lor wedge vee mid nmid parallel perp top bot
    cdot cdots ldots dots vdots ddots times div pm mp ast star circ bullet oplus ominus
    otimes oslash odot bigoplus bigotimes bigodot
    to gets leftarrow rightarrow leftrightarrow Leftarrow Rightarrow Leftrightarrow
    longrightarrow longleftarrow mapsto uparrow downarrow iff implies
    left right big Big bigg Bigg bigl bigr Bigl Bigr langle rangle lfloor rfloor lceil
    rceil lvert rvert lVert rVert vert Vert lbrace rbrace
    infty partial nabla ell hbar Re Im aleph prime square triangle angle
    quad qquad underbrace overbrace stackrel overset underset substack displaystyle
    begin end
    """.split()  # noqa: SIM905 - a word list is read as lines
)
_ENVIRONMENTS = {"aligned", "bmatrix", "cases", "gathered", "matrix", "pmatrix"}
_COMMAND = re.compile(r"\\([A-Za-z]+)")
_ENVIRONMENT = re.compile(r"\\(?:begin|end)\{([a-z]+)\}")
_LETTER = re.compile(r"\\([A-Za-z])(?![A-Za-z])")
_ESCAPED = re.compile(r"\\[\\{}]")
_PLAIN = re.compile(r"[\w\s\\{}()\[\]<>+*/|!?.,:;='\"&~^_-]*", re.ASCII)


def formula(tex: str, macro: str) -> str | None:
    r"""Return `tex` in an Rd macro, or `None` where it is not known to be safe.

    A command of one letter is by custom the bold letter of whoever defined it: `\X`.
    """
    tex = _LETTER.sub(r"{\\mathbf{\1}}", " ".join(tex.split()))
    if not _is_safe(tex):
        return None
    if "\\\\" in tex and not _ENVIRONMENT.search(tex):
        tex = f"\\begin{{gathered}} {tex} \\end{{gathered}}"
    return f"\\{macro}{{{tex}}}"


def _is_safe(tex: str) -> bool:
    """Tell whether TeX would set the text as a formula, and do nothing else."""
    used = set(_COMMAND.findall(_ESCAPED.sub(" ", tex)))
    opened = _ENVIRONMENT.findall(tex)
    return (
        bool(tex)
        and bool(_PLAIN.fullmatch(tex))
        and "^^" not in tex
        and used <= _COMMANDS
        and {*opened} <= _ENVIRONMENTS
        and tex.count("\\begin") == tex.count("\\end")
        and len(opened) == tex.count("\\begin") + tex.count("\\end")
        and len(re.findall(r"\\left(?![a-z])", tex))
        == len(re.findall(r"\\right(?![a-z])", tex))
        and ("&" not in tex or bool(opened))
        and _is_balanced(_ESCAPED.sub("", tex))
    )


def _is_balanced(tex: str) -> bool:
    depth = 0
    for char in tex:
        depth += {"{": 1, "}": -1}.get(char, 0)
        if depth < 0:
            return False
    return depth == 0 and not tex.endswith("\\")
