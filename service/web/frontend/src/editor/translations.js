// bpmn-js speaks English. What is met in our palette and menus is said in the reader's language; the rest stays as it is.
export function translations([english, own]) {
  const known = new Map(Object.entries(english).map(([key, text]) => [text, own[key]]));
  const translate = (text, facts = {}) => (known.get(text) ?? text).replace(/\{(\w+)\}/g, (whole, name) => facts[name] ?? whole);
  return { translate: ["value", translate] };
}
