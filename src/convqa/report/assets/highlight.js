// The words searched for stand out in the transcript, without a change to its elements.

/** Ranges of a text node where a term occurs, compared without case and accents. */
function rangesOf(node, terms) {
  let plain = "";
  const origins = [];
  for (let place = 0; place < node.data.length; place += 1) {
    const letters = folded(node.data[place]);
    plain += letters;
    for (let i = 0; i < letters.length; i += 1) origins.push(place);
  }
  const ranges = [];
  for (const term of terms) {
    for (let at = plain.indexOf(term); at >= 0; at = plain.indexOf(term, at + term.length)) {
      const range = new Range();
      range.setStart(node, origins[at]);
      range.setEnd(node, origins[at + term.length - 1] + 1);
      ranges.push(range);
    }
  }
  return ranges;
}

function highlight() {
  if (!CSS.highlights) return;
  CSS.highlights.delete("search");
  const terms = searchTerms();
  if (terms.length === 0) return;
  const ranges = [];
  for (const said of document.querySelectorAll("#conversation .said")) {
    const nodes = document.createTreeWalker(said, NodeFilter.SHOW_TEXT);
    while (nodes.nextNode()) ranges.push(...rangesOf(nodes.currentNode, terms));
  }
  CSS.highlights.set("search", new Highlight(...ranges));
}
