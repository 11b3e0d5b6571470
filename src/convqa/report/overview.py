"""What the overview says: counts turned into sentences, rows and charts in one language."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from convqa.report.charts import Bar, histogram, stacked
from convqa.report.figures import share
from convqa.report.groups import Breakdown, breakdowns, over_time
from convqa.report.inputs import CriterionInfo, RunSummary, text_in
from convqa.report.marks import visible
from convqa.report.tally import BIN_WIDTH, CriterionTally, Tally
from convqa.report.wording import Wording


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """A number, what it is, and what to know about it; `link` leads to the conversations."""

    value: str
    label: str
    note: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class CriterionRow:
    """How a criterion went; `rate` is the share passed in full of those passed or failed."""

    id: str
    section: str
    name: str
    ask: str
    rate: str
    interval: str
    passed: str
    partial: str
    failed: str
    na: str
    undetermined: str
    cost: str
    bar: Markup


@dataclass(frozen=True, slots=True)
class Count:
    """A code in words with how often it occurred and its share; `query` filters the list."""

    label: str
    n: str
    share: str
    width: float
    query: str = ""


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything above the conversations."""

    story: tuple[str, ...]
    figures: tuple[KeyFigure, ...]
    histogram: Markup
    ranges: tuple[Count, ...]
    bands: tuple[Count, ...]
    criteria: tuple[CriterionRow, ...]
    strongest: tuple[CriterionRow, ...]
    costliest: tuple[CriterionRow, ...]
    flags: tuple[Count, ...]
    resolutions: tuple[Count, ...]
    endings: tuple[Count, ...]
    breakdowns: tuple[Breakdown, ...]
    time: Breakdown | None
    skipped: tuple[Count, ...]
    rejected: tuple[Count, ...]


_N_EXTREMES = 3  # criteria named as strong or costly: as many as one reads at a glance


def make_overview(
    tally: Tally, summary: RunSummary, criteria: Sequence[CriterionInfo], words: Wording
) -> Overview:
    """Return the overview of a run."""
    rows = _criterion_rows(tally, criteria, words)
    lost = {id_: t.points_lost for id_, t in tally.criteria.items()}
    costliest = sorted((r for r in rows if lost[r.id] > 0), key=lambda r: -lost[r.id])
    strongest = sorted(
        (r for r in rows if r.rate and tally.criteria[r.id].max_points),
        key=lambda r: -_pass_share(tally.criteria[r.id]),
    )
    return Overview(
        story=_story(tally, costliest[:1], words),
        figures=_key_figures(tally, words),
        histogram=_histogram(tally, words),
        ranges=_ranges(tally, words),
        bands=_bands(tally, words),
        criteria=rows,
        strongest=tuple(strongest[:_N_EXTREMES]),
        costliest=tuple(costliest[:_N_EXTREMES]),
        flags=_counts(
            {words.flag(visible(f)): n for f, n in tally.flags.items()}, tally.all.n, words,
            {words.flag(visible(f)): f"flag={f}" for f in tally.flags},
        ),
        resolutions=_coded(tally.resolutions, "resolution", tally.all.n, words, query="resolution"),
        endings=_coded(tally.endings, "ending", tally.all.n, words),
        breakdowns=breakdowns(tally, words),
        time=over_time(tally, words),
        skipped=_skipped(summary, words),
        rejected=_counts(
            {visible(r): n for r, n in summary.rejected_reasons.items()}, summary.read, words
        ),
    )  # fmt: skip


def _story(tally: Tally, costliest: Sequence[CriterionRow], words: Wording) -> tuple[str, ...]:
    mean = tally.all.scores.mean()
    if mean is None:
        return (words("story_nothing"),)
    story = [words.count("story_scored", tally.all.scores.n, score=words.number(mean.value, 1))]
    if tally.all.flagged:
        story.append(words.count("story_flagged", tally.all.flagged))
    else:
        story.append(words("story_none_flagged"))
    if tally.n_critical:
        story.append(words.count("story_critical", tally.n_critical))
    story += [words("story_costly", criterion=row.name) for row in costliest]
    return tuple(story)


def _key_figures(tally: Tally, words: Wording) -> tuple[KeyFigure, ...]:
    n = tally.all.n
    figures = [KeyFigure(words.number(n), words("figure_evaluated"), "", "#list")]
    mean = tally.all.scores.mean()
    if mean is not None:
        note = ""
        if mean.low is not None and mean.high is not None:
            note = words(
                "between", low=words.number(mean.low, 1), high=words.number(mean.high, 1)
            )  # fmt: skip
        figures.append(KeyFigure(words.number(mean.value, 1), words("figure_mean"), note))
    resolved = tally.resolutions["resolved"]
    figures += [
        *_share_figure(resolved, tally.resolutions.total(), "figure_resolved", words),
        *_share_figure(n - tally.all.flagged, n, "figure_clear", words),
        KeyFigure(
            words.number(tally.all.flagged), words("figure_flagged"), words("figure_flagged_note"),
            "#list?show=flagged",
        ),
        KeyFigure(
            words.number(tally.n_critical), words("figure_critical"), words("provisional_short"),
            "#list?show=critical",
        ),
    ]  # fmt: skip
    return tuple(figures)


def _share_figure(hits: int, n: int, label: str, words: Wording) -> list[KeyFigure]:
    interval = share(hits, n)
    if interval is None:
        return []
    note = words(
        "between", low=words.percent(interval.low), high=words.percent(interval.high)
    )  # fmt: skip
    return [KeyFigure(words.percent(interval.share), words(label), note)]


def _histogram(tally: Tally, words: Wording) -> Markup:
    edges = [(i * BIN_WIDTH, (i + 1) * BIN_WIDTH) for i in range(len(tally.histogram))]
    titles = [
        words.count("histogram_bar", n, low=str(low), high=str(high))
        for n, (low, high) in zip(tally.histogram, edges, strict=True)
    ]
    return histogram(tally.histogram, titles, words("histogram_name"))


def _ranges(tally: Tally, words: Wording) -> tuple[Count, ...]:
    n = tally.all.scores.n
    return tuple(
        Count(f"{i * BIN_WIDTH}–{(i + 1) * BIN_WIDTH}", words.number(k), words.percent(k / n), 0.0)
        for i, k in enumerate(tally.histogram)
        if k
    )


def _bands(tally: Tally, words: Wording) -> tuple[Count, ...]:
    n = tally.all.scores.n
    counts = [(name, tally.bands[name].n) for name in tally.bands_best_first()]
    return tuple(
        Count(
            words.label("band", visible(name)), words.number(k), words.percent(k / n),
            100 * k / n, f"band={name}",
        )
        for name, k in counts
    )  # fmt: skip


def _criterion_rows(
    tally: Tally, criteria: Sequence[CriterionInfo], words: Wording
) -> tuple[CriterionRow, ...]:
    known = {c.id: c for c in criteria}
    ids = [c.id for c in criteria if c.id in tally.criteria]
    ids += sorted(tally.criteria.keys() - known.keys())
    unnamed = CriterionInfo("", {})
    return tuple(
        _criterion_row(id_, known.get(id_, unnamed), tally, words) for id_ in ids
    )  # fmt: skip


def _pass_share(tally: CriterionTally) -> float:
    determined = tally.outcomes["pass"] + tally.outcomes["partial"] + tally.outcomes["fail"]
    return tally.outcomes["pass"] / determined if determined else 0.0


def _criterion_row(
    id_: str, criterion: CriterionInfo, tally: Tally, words: Wording
) -> CriterionRow:
    counts = tally.criteria[id_].outcomes
    determined = {name: counts[name] for name in ("pass", "partial", "fail")}
    n = sum(determined.values())
    rate = share(counts["pass"], n)
    name = text_in(criterion.name, words.language, visible(id_))
    cost = tally.criteria[id_].points_lost / tally.all.n if tally.all.n else 0.0
    bars = [
        Bar(hits / n, f"fill-{kind}", f"{words.label('outcome', kind)}: {words.number(hits)}")
        for kind, hits in determined.items()
        if n
    ]
    return CriterionRow(
        id=id_,
        section=text_in(criterion.section, words.language),
        name=name,
        ask=text_in(criterion.ask, words.language),
        rate=words.percent(rate.share) if rate else "",
        interval=f"{words.percent(rate.low)} – {words.percent(rate.high)}" if rate else "",
        passed=words.number(counts["pass"]),
        partial=words.number(counts["partial"]),
        failed=words.number(counts["fail"]),
        na=words.number(counts["na"]),
        undetermined=words.number(counts["undetermined"]),
        cost=words.number(cost, 1),
        bar=stacked(bars, ", ".join(bar.title for bar in bars) or words("nothing_determined")),
    )


def _skipped(summary: RunSummary, words: Wording) -> tuple[Count, ...]:
    counts: Counter[str] = Counter()
    for reason, n in summary.skip_reasons.items():
        counts[words.skip_reason(visible(reason))] += n
    return _counts(counts, summary.read, words)


def _coded(
    counts: Mapping[str, int], group: str, n: int, words: Wording, *, query: str = ""
) -> tuple[Count, ...]:
    """Return counts of codes; `query` is the filter that takes such a code."""
    labels = {code: words.label(group, visible(code)) for code in counts}
    queries = {labels[code]: f"{query}={visible(code)}" for code in counts} if query else None
    return _counts({labels[code]: k for code, k in counts.items()}, n, words, queries)


def _counts(
    counts: Mapping[str, int], n: int, words: Wording, queries: Mapping[str, str] | None = None
) -> tuple[Count, ...]:
    """Return counts, the most frequent first."""
    return tuple(
        Count(
            label, words.number(k), words.percent(k / n) if n else "", 100 * k / n if n else 0.0,
            (queries or {}).get(label, ""),
        )
        for label, k in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    )  # fmt: skip
