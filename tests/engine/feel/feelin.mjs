// Asks another implementation of FEEL: the values of names as the first JSON line, then a text as a JSON line in, one JSON line out ({value} or {refused}).
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const feel = await import(pathToFileURL(process.argv[2]).href);
const given = (value) => (value && value.feel ? feel.evaluate(value.feel, {}).value : Array.isArray(value) ? value.map(given) : value);

function told(value) {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) return value.map(told);
  if (typeof value === "number") return { number: Number.isFinite(value) ? String(value) : null };
  if (typeof value === "object" && value.constructor === Object) return { parts: Object.fromEntries(Object.entries(value).map(([key, part]) => [key, told(part)])) };
  if (typeof value === "object") return { kind: value.constructor.name, text: String(value.iso ?? value) };
  return value;
}

let values;
for await (const line of createInterface({ input: process.stdin })) {
  const text = JSON.parse(line);
  if (values === undefined) {
    values = Object.fromEntries(Object.entries(text).map(([name, value]) => [name, given(value)]));
    continue;
  }
  let answer;
  try {
    answer = { value: told(feel.evaluate(text, { ...values }).value) };
  } catch (error) {
    answer = { refused: error.constructor.name };
  }
  console.log(JSON.stringify(answer));
}
