// Sentences that the server put into the page, in the reader's language.
let words;

export function say(key, facts = {}) {
  words ??= JSON.parse(document.getElementById("words").textContent);
  return (words[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => facts[name] ?? whole);
}
