import pytest

from convqa.ingest.html_text import html_to_text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("Hei", "Hei"),
        ("<p>Hei</p><p>på deg</p>", "Hei\npå deg"),
        ("Hei<br>på<br/>deg", "Hei\npå\ndeg"),
        ("<p>a\n  b</p>", "a b"),
        ("&lt;3 &amp; &aring;&#229;&nbsp;x", "<3 & åå x"),
        ("<ul><li>én</li><li>to</li></ul>etter", "én\nto\netter"),
        ("<b>fet</b> og <i>skrå</i>.", "fet og skrå."),
        ('<a href="https://x.example">lenke</a>', "lenke"),
        ('<img src="https://x.example/1.png" alt="bilde">', ""),
        ("<style>p {color: red}</style><script>alert(1)</script>tekst", "tekst"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a b"),
        ("5 < 6 og 7 > 6", "5 < 6 og 7 > 6"),
        ("<p>uten slutt", "uten slutt"),
        ("</p></div>løs slutt", "løs slutt"),
        ("", ""),
    ],
)
def test_visible_text_is_kept_line_by_line(html, text):
    assert html_to_text(html) == text
