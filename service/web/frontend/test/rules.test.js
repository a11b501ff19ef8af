// Files of rules go through the model of dmn-js: everything that stands in them is there afterwards, also what other programs wrote.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { DmnModdle } from "dmn-moddle";

const folder = fileURLToPath(new URL("../../../../workflows/", import.meta.url));
const files = readdirSync(folder).filter((name) => name.endsWith(".dmn"));
const through = async (xml) => {
  const moddle = new DmnModdle();
  const { rootElement, warnings } = await moddle.fromXML(xml, "dmn:Definitions");
  assert.deepEqual(warnings, []);
  return (await moddle.toXML(rootElement, { format: true })).xml;
};
// Values in any order of attributes, and texts: what a file says but for its layout and for what is so by itself.
const said = (xml) =>
  [...xml.matchAll(/[\w:.-]+="[^"]*"|(?<=>)[^<>\s][^<>]*(?=<)/g)]
    .map(([text]) => text.trim())
    .filter((text) => !text.startsWith("xmlns") && text !== 'hitPolicy="UNIQUE"')
    .sort();

for (const file of files)
  test(`${file} says the same after a round through the editor's model`, async () => {
    const before = readFileSync(folder + file, "utf8").replace(/<\?xml[^>]*\?>/, "");
    const after = (await through(before)).replace(/<\?xml[^>]*\?>/, "");
    assert.ok(before.includes("decisionTable"));
    const unescaped = (text) => text.replaceAll("&gt;", ">").replaceAll("&#34;", '"').replaceAll("&quot;", '"');
    assert.deepEqual(said(after).map(unescaped), said(before).map(unescaped));
  });

test("what other programs wrote stays", async () => {
  const space = 'xmlns:modeler="http://camunda.org/schema/modeler/1.0" modeler:executionPlatform="Camunda Cloud" modeler:executionPlatformVersion="8.8.0"';
  const kept = '<extensionElements><x:tag xmlns:x="urn:x" value="1"/></extensionElements>';
  const xml = readFileSync(`${folder}eligibility.dmn`, "utf8").replace("<definitions ", `<definitions ${space} `).replace('<variable id="eligibility_variable"', `${kept}$&`);
  const after = await through(xml);
  for (const part of ['modeler:executionPlatform="Camunda Cloud"', 'xmlns:x="urn:x"', '<x:tag', 'value="1"', "https://www.omg.org/spec/DMN/20191111/MODEL/"]) assert.ok(after.includes(part), part);
});
