// Asks form-js what it hides: one JSON line in ({schema, data, now}), one JSON line out ({warnings, hidden}).
// Nothing is drawn; form-js's importer, paths and ConditionChecker are those that its viewer draws with.
const { createInterface } = require("node:readline");
const { createRequire } = require("node:module");

const nothing = () => ({ classList: { add() {} }, setAttribute() {}, appendChild() {}, style: {} });
Object.defineProperty(globalThis, "navigator", { value: { userAgent: "" }, configurable: true });
globalThis.window = globalThis;
globalThis.document = { createElement: nothing, addEventListener() {}, documentElement: nothing() };
for (const name of ["HTMLElement", "HTMLCollection", "NodeList", "KeyboardEvent"]) globalThis[name] = class {};
createRequire(process.argv[2])("preact").options.debounceRendering = () => {};
const { Form } = require(process.argv[2]);

async function answer({ schema, data, now }) {
  Date.now = () => now;
  const form = new Form({});
  const { warnings } = await form.importSchema(schema, data);
  const { initialData } = form._getState();
  const checker = form.get("conditionChecker");
  const hidden = [];
  // what is hidden is taken out of the answers: each question with its path, and a list as a whole
  checker._cleanlyClearDataAtPath = (path) => hidden.push(path.join("."));
  checker.applyConditions(initialData, initialData);
  return { warnings: warnings.map(String), hidden };
}

(async () => {
  for await (const line of createInterface({ input: process.stdin })) console.log(JSON.stringify(await answer(JSON.parse(line))));
})();
