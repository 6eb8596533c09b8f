"""The report as its readers have it: a file in a browser without a network, with JavaScript and without."""

import io
import json
import wave
from dataclasses import replace

import pytest
from balanced_pages import assert_balanced
from browser import chromium, opened

from soundproof.analysis.pages.environment import DASH
from soundproof.analysis.pages.study import write_report
from soundproof.analysis.records.trials import Results, TrialRecord
from soundproof.analysis.summaries.study import summarise
from soundproof.common import record
from soundproof.search_spaces import find_study
from soundproof.search_spaces.claims import Better
from soundproof.search_spaces.studies import Level

SCRIPT = '<script>document.title = "broken"</script>'
RIGHT_TO_LEFT = "שלום עולם"
QUOTES = "said \"no\" & 'left'</table>"
EMOJI = "🎉 party"
LABELS = {"a": SCRIPT, "b": QUOTES, "c": RIGHT_TO_LEFT, "d": EMOJI}
SECONDS = {"a": 9.0, "b": 10.5, "c": 100.0, "d": 2.25}
RUN = "0123"
FIGURES = ("claim-1", "differences", "ranks", "cost", "seeds", "curves")


def _clip():
    """Half a second of silence."""
    file = io.BytesIO()
    with wave.open(file, "wb") as audio:
        audio.setnchannels(1)
        audio.setsampwidth(2)
        audio.setframerate(8000)
        audio.writeframes(bytes(8000))
    return file.getvalue()


@pytest.fixture(scope="module")
def study():
    """Four variants with the names that users give, and a claim of which the text is a script."""
    documented = find_study("asr-dilation")
    variants = tuple(
        replace(documented.variants[0], id=variant, levels=(Level(factor="factor", value=label),))
        for variant, label in LABELS.items()
    )
    claims = (Better(text=SCRIPT, source=QUOTES, pairs=(("a", "b"), ("c", "d"))),)
    return replace(documented, id="made", question=f"Which? {SCRIPT}", variants=variants, baseline="a", claims=claims)


@pytest.fixture(scope="module")
def artifacts(tmp_path_factory):
    """The files that a trial left: predictions of texts of all sorts, and the audio of one of them."""
    folder = tmp_path_factory.mktemp("artifacts")
    rows = [
        {"key": f"u{number}", "speaker": "s", "reference": text, "hypothesis": text[1:] + " more", "cer": 0.1}
        for number, text in enumerate(LABELS.values())
    ]
    (folder / record.PREDICTIONS_ARTIFACT).write_text(json.dumps({"validation": rows, "test": []}), encoding="utf-8")
    (folder / "audio").mkdir()
    (folder / "audio" / "u2.wav").write_bytes(_clip())
    return folder


@pytest.fixture(scope="module")
def report(study, artifacts, tmp_path_factory):
    """The page of three seeds, one of which failed; no store is read for it."""
    trials = tuple(
        TrialRecord(
            run_id=RUN,
            trial_id=f"{variant}{seed}",
            variant=variant,
            seed=seed,
            status="failed" if (variant, seed) == ("b", 2) else "completed",
            reason=SCRIPT if (variant, seed) == ("b", 2) else None,
            metrics={record.best(record.VALIDATION_LOSS): 40.0 + 7 * place + seed, record.PARAMETERS: 1000.0 + place}
            | ({} if (variant, seed) == ("b", 2) else {record.TRAIN_SECONDS: SECONDS[variant] + seed}),
            history={record.VALIDATION_LOSS: ((1, 90.0), (2, 60.0 + seed), (3, 40.0 + 7 * place + seed))},
            levels={},
            reused_from=None,
            device="cpu",
            artifact_uri=str(artifacts),
        )
        for place, variant in enumerate(LABELS)
        for seed in range(3)
    )
    records = Results(
        tracking_uri="https://user:secret@tracking.example/team",
        study="made",
        preset="quick",
        corpus=f"manifest-{RIGHT_TO_LEFT}",
        margin=2.0,
        trials=trials,
        planned_seeds=3,
    )
    return write_report(summarise(study, records), records, tmp_path_factory.mktemp("report"))


@pytest.fixture(scope="module")
def browser():
    """One for all tests: starting it takes longer than what is done with it."""
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def reader(browser, report):
    """The page, when all figures that show at once have been drawn."""
    with opened(browser, report, viewport={"width": 1100, "height": 900}) as found:
        found.page.wait_for_selector("#figure-curves .main-svg")
        yield found


@pytest.fixture
def page(reader, report):
    """The same page; whatever a test does with it, nothing complains, and nothing but the file was asked for."""
    yield reader.page
    assert reader.complaints == []
    assert reader.requests == [report.resolve().as_uri()]


def _column(page, column):
    """The texts of a column of the trials, the first being 1, in the rows that are shown."""
    return page.locator(f"#all-trials tbody tr:visible > :nth-child({column})").all_inner_texts()


def test_every_figure_is_drawn(page):
    """Each figure has Plotly's drawing, with its points, in the place of the still picture."""
    assert page.locator("figure:visible").count() == len(FIGURES)
    for figure in FIGURES:
        assert page.locator(f"#figure-{figure} .main-svg .trace").count() > 0
    assert page.locator(".still:visible").count() == 0


def test_trials_are_sorted_by_a_column(page):
    """By value and not by letters, in both directions, from the keyboard; what has no value stays last."""
    heading = page.locator("#all-trials th", has=page.get_by_role("button", name="Training"))
    heading.get_by_role("button").focus()
    page.keyboard.press("Enter")
    assert heading.get_attribute("aria-sort") == "ascending"
    ascending = _column(page, 6)
    assert [float(value) for value in ascending[:-1]] == sorted(float(value) for value in ascending[:-1])
    assert ascending[-1] == DASH
    page.keyboard.press("Enter")
    assert heading.get_attribute("aria-sort") == "descending"
    assert _column(page, 6) == [*reversed(ascending[:-1]), DASH]
    page.locator("#all-trials").get_by_role("button", name="Seed").click()
    assert heading.get_attribute("aria-sort") is None
    assert _column(page, 2) == sorted(_column(page, 2))


def test_trials_are_searched(page):
    """All words have to be found, whatever their case; the number of rows shown is said aloud."""
    field, count = page.get_by_label("Search the trials"), page.locator(".tools [role=status]")
    field.fill("PARTY completed")
    assert (count.inner_text(), set(_column(page, 1))) == ("3 of 12 shown", {EMOJI})
    field.fill("b failed")
    assert count.inner_text() == "1 of 12 shown"
    field.fill("no such trial")
    assert (count.inner_text(), _column(page, 1)) == ("0 of 12 shown", [])
    field.fill("")
    assert count.inner_text() == "12 of 12 shown"


def test_what_users_wrote_is_text(page):
    """Scripts, quotes, right-to-left and emoji arrive letter by letter, and nothing of them is run."""
    assert page.title() == f"made: Which? {SCRIPT}"
    assert page.locator("h1").inner_text() == f"Which? {SCRIPT}"
    assert set(_column(page, 1)) == set(LABELS.values())
    assert page.locator(".transcripts tbody th bdi").all_inner_texts() == list(LABELS.values())
    assert SCRIPT in page.locator("#all-trials td:last-child").all_inner_texts()
    assert {RIGHT_TO_LEFT, QUOTES, EMOJI} <= set(page.locator("#figure-seeds .ytick text").all_text_contents())
    direction = "(cell) => getComputedStyle(cell).direction"
    said = page.locator(".transcripts tbody th bdi")
    assert [said.nth(row).evaluate(direction) for row in range(4)] == ["ltr", "ltr", "rtl", "ltr"]


def test_trials_lead_to_their_runs(page):
    """On the tracking server, without what is secret in its address."""
    link = page.locator("#all-trials a").first
    assert link.get_attribute("href") == f"https://tracking.example/team/#/runs/{RUN}"
    assert "secret" not in page.content()


def test_what_was_said_can_be_heard(page):
    """The one clip that was kept is beside its transcript, and its half second is there to be played."""
    assert page.locator("audio").count() == 1
    seconds = "(clip) => new Promise((done) => { clip.onloadedmetadata = () => done(clip.duration); clip.load(); })"
    page.locator("audio").evaluate("(clip) => { clip.preload = 'metadata'; }")
    assert page.locator("tr", has_text=RIGHT_TO_LEFT).locator("audio").evaluate(seconds) == pytest.approx(0.5)


def test_dark_and_light_and_paper(page):
    """Ink and paper change places in the dark, in figures too; on paper the still pictures stand, in full width."""
    ink = "(text) => getComputedStyle(text).fill"
    label = page.locator("#figure-seeds .xtick text").first
    paper = "getComputedStyle(document.body).backgroundColor"
    light = label.evaluate(ink), page.evaluate(paper)
    page.emulate_media(color_scheme="dark")
    assert (label.evaluate(ink), page.evaluate(paper)) == ("rgb(228, 230, 234)", "rgb(20, 23, 27)") != light
    page.emulate_media(media="print")
    assert page.evaluate(paper) == "rgb(255, 255, 255)"
    assert page.locator(".live:visible").count() == 0
    assert page.locator(".still:visible").count() == page.locator("figure:visible").count()
    page.emulate_media(media="screen", color_scheme="light")


def test_a_reader_of_the_screen_finds_the_way(page):
    """A link skips to the content; headings descend step by step; tables and figures have names."""
    page.evaluate("document.activeElement.blur()")
    page.locator(".skip").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    levels = [
        int(name[1]) for name in page.locator("h1, h2, h3, h4").evaluate_all("(all) => all.map((one) => one.tagName)")
    ]
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in zip([0, *levels], levels, strict=False))
    assert page.locator("table:not(:has(caption))").count() == 0
    assert page.locator("[role=img]:not([aria-label]), img:not([alt])").count() == 0
    assert page.locator("nav, main").count() == 2
    for address in page.locator("nav a").evaluate_all("(links) => links.map((link) => link.hash)"):
        assert page.locator(address).count() == 1


def test_a_narrow_screen_needs_no_sideways_scrolling(browser, report):
    """At 400 pixels no part of the page reaches beyond the screen; what is wide scrolls in its own frame."""
    with opened(browser, report, viewport={"width": 400, "height": 800}) as found:
        found.page.wait_for_selector("#figure-curves .main-svg")
        assert found.page.evaluate("document.documentElement.scrollWidth") <= 400
        assert found.complaints == []


def test_without_javascript_everything_can_be_read(browser, report):
    """Still pictures, all trials, and no button or field that would do nothing."""
    assert_balanced(report.read_text(encoding="utf-8"))
    with opened(browser, report, java_script_enabled=False) as found:
        page = found.page
        pictures = page.locator("figure:visible .still > svg")
        assert pictures.count() == len(FIGURES)
        assert all(pictures.nth(index).bounding_box()["height"] > 100 for index in range(pictures.count()))
        assert page.locator("#all-trials tbody tr:visible").count() == 12
        assert page.locator("button, input:visible, .live:visible").count() == 0
        assert "Without JavaScript" in page.locator("header").inner_text()
        words = " ".join(page.locator("figure .still text").all_text_contents())
        assert all(label in words for label in LABELS.values())
        assert found.requests == [report.resolve().as_uri()]
