import pytest
from documents import document


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<p>a<ul><li>b<li><p>c<p>d<ul><li>e</ul></ul>", "a\n\n- b\n- c\n\n  d\n  - e"),
        ("<ol start=3><li>a<li>b</ol><ol><li>c</ol>", "3. a\n4. b\n\n1. c"),
        ("<table><tr><th>N<th>V<tr><td>a<td>1 *<tr><td><td>2<tr><td>b</table>",
         "N\tV\na\t1 *\n\t2\nb"),
        ("<blockquote>a<p>b</blockquote><pre>x\n  y</pre><h2>z</h2>", "a\n\nb\n\nx\n  y\n\nz"),
    ],
)  # fmt: skip
def test_structure_is_shown(source, expected):
    found = document(source)
    assert found.text(structure=True) == expected
    assert "\n- " not in found.text()


def test_plain_pages_have_none():
    found = document("a\n\n- b\n- c", kind="text")
    assert found.text(structure=True) == found.text()
