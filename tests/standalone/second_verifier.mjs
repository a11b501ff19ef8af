// A second verifier of proof bundles, written from the description and not from verify.py: both must
// say the same of every bundle, good or bad. It reads one JSON object a line, {"bundle", "key", "head",
// "proof"} with paths of files, and answers each with an exit code: 0 proven, 1 not, 2 cannot be used.

import { createHash, createHmac, createPublicKey, verify as verifySignature } from "node:crypto";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

class Stop extends Error {
  constructor(code) { super(`${code}`); this.code = code; }
}
const wrong = (holds) => { if (!holds) throw new Stop(1); };
const usable = (holds) => { if (!holds) throw new Stop(2); };
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const sha = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest();
const hex = (bytes) => bytes.toString("hex");
const isHash = (text) => typeof text === "string" && /^[0-9a-f]{64}$/.test(text);
const NUMBER = "(?:0|[1-9][0-9]{0,14})";

function text(bytes) {
  try { return utf8.decode(bytes); } catch { return undefined; }
}

function base64(written) {
  const bytes = Buffer.from(written, "base64");
  return bytes.toString("base64") === written ? bytes : Buffer.alloc(0);
}

// An archive holds each file as it is, in one fixed form; anything else about it is refused.
const TABLE = Array.from({ length: 256 }, (_, n) => {
  for (let k = 0; k < 8; k += 1) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1;
  return n >>> 0;
});
const crc = (bytes) => (bytes.reduce((sum, byte) => TABLE[(sum ^ byte) & 255] ^ (sum >>> 8), 0xffffffff) ^ 0xffffffff) >>> 0;

function unzip(data) {
  const files = new Map(), centre = [];
  let at = 0;
  while (data.length > at + 30 && data.readUInt32LE(at) === 0x04034b50) {
    const size = data.readUInt32LE(at + 22), length = data.readUInt16LE(at + 26);
    const path = data.subarray(at + 30, at + 30 + length), name = text(path);
    const content = data.subarray(at + 30 + length, at + 30 + length + size);
    usable(name !== undefined && path.length === length && content.length === size && !files.has(name));
    const fixed = Buffer.alloc(26);
    fixed.writeUInt16LE(20, 0); fixed.writeUInt16LE(0x800, 2); fixed.writeUInt16LE(33, 8);
    fixed.writeUInt32LE(crc(content), 10);
    fixed.writeUInt32LE(size, 14); fixed.writeUInt32LE(size, 18); fixed.writeUInt16LE(length, 22);
    usable(fixed.equals(data.subarray(at + 4, at + 30)));
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(at, 10);
    centre.push(Buffer.from([0x50, 0x4b, 1, 2, 20, 0]), fixed, rest, path);
    files.set(name, content);
    at += 30 + length + size;
  }
  const directory = Buffer.concat(centre), end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0); end.writeUInt16LE(files.size, 8); end.writeUInt16LE(files.size, 10);
  end.writeUInt32LE(directory.length, 12); end.writeUInt32LE(at, 16);
  usable(files.size > 0 && Buffer.concat([directory, end]).equals(data.subarray(at)));
  return files;
}

// Canonical JSON: what is written again must be the same, byte by byte.
function canonical(value, depth = 0) {
  if (value === null || typeof value === "string" || typeof value === "boolean") return JSON.stringify(value);
  if (typeof value === "number") { wrong(Number.isSafeInteger(value)); return JSON.stringify(value); }
  wrong(depth < 64);
  if (Array.isArray(value)) return `[${value.map((one) => canonical(one, depth + 1)).join(",")}]`;
  const keys = Object.keys(value).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key], depth + 1)}`).join(",")}}`;
}

function rows(content, kinds) {
  if (content.length === 0) return [];
  const whole = text(content);
  wrong(whole !== undefined && whole.endsWith("\n"));
  return whole.slice(0, -1).split("\n").map((line) => {
    let row;
    try { row = JSON.parse(line); } catch { throw new Stop(1); }
    wrong(typeof row === "object" && row !== null && !Array.isArray(row) && canonical(row) === line);
    for (const [key, kind] of Object.entries(kinds)) wrong(Object.hasOwn(row, key) && isOf(row[key], kind));
    return { line, row };
  });
}

function isOf(value, kind) {
  if (kind === "list") return Array.isArray(value);
  if (kind === "object") return typeof value === "object" && value !== null && !Array.isArray(value);
  return typeof value === kind;
}

// Inclusion as RFC 9162, 2.1.3.2, says it, and consistency as 2.1.4.2 does.
function rootOf(leaf, index, size, path) {
  let fn = index, sn = size - 1, r = leaf;
  for (const p of path) {
    if (sn === 0) return undefined;
    if (fn % 2 === 1 || fn === sn) {
      r = sha("\x01", p, r);
      while (fn % 2 === 0 && fn !== 0) { fn = Math.floor(fn / 2); sn = Math.floor(sn / 2); }
    } else r = sha("\x01", r, p);
    fn = Math.floor(fn / 2); sn = Math.floor(sn / 2);
  }
  return sn === 0 ? r : undefined;
}

function isConsistent(first, firstRoot, second, secondRoot, given) {
  if (given.length === 0) return false;
  const path = Number.isInteger(Math.log2(first)) ? [firstRoot, ...given] : given;
  let fn = first - 1, sn = second - 1;
  while (fn % 2 === 1) { fn = Math.floor(fn / 2); sn = Math.floor(sn / 2); }
  let fr = path[0], sr = path[0];
  for (const c of path.slice(1)) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      fr = sha("\x01", c, fr); sr = sha("\x01", c, sr);
      while (fn % 2 === 0 && fn !== 0) { fn = Math.floor(fn / 2); sn = Math.floor(sn / 2); }
    } else sr = sha("\x01", sr, c);
    fn = Math.floor(fn / 2); sn = Math.floor(sn / 2);
  }
  return sn === 0 && fr.equals(firstRoot) && sr.equals(secondRoot);
}

const nodes = (path) => { wrong(path.every(isHash)); return path.map((node) => Buffer.from(node, "hex")); };

function note(content, code) {
  const whole = text(content) ?? "", at = whole.lastIndexOf("\n\n");
  const stop = (holds) => { if (!holds) throw new Stop(code); };
  stop(at >= 0 && whole.endsWith("\n") && whole.length > at + 2);
  const signatures = whole.slice(at + 2, -1).split("\n").map((line) => {
    const parts = /^\u2014 ([!-~]+) ([A-Za-z0-9+/=]+)$/.exec(line);
    stop(parts !== null);
    const signed = base64(parts[2]);
    stop(signed.length > 4);
    return { name: parts[1], id: hex(signed.subarray(0, 4)), signature: signed.subarray(4) };
  });
  return { body: whole.slice(0, at + 1), signatures };
}

function requireSigned({ body, signatures }, log, key) {
  const id = hex(sha(`${log}\n\x01`, key).subarray(0, 4));
  const own = signatures.filter((one) => one.name === log && one.id === id);
  const der = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), key]);
  const made = createPublicKey({ key: der, format: "der", type: "spki" });
  wrong(own.length > 0 && own.every((one) => one.signature.length === 64
    && verifySignature(null, Buffer.from(body), made, one.signature)));
}

function keyOf(content) {
  const parts = /^([^+]*)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)\n?$/.exec(text(content) ?? "");
  usable(parts !== null);
  const key = base64(parts[3]);
  usable(key.length === 33 && key[0] === 1 && hex(sha(`${parts[1]}\n`, key).subarray(0, 4)) === parts[2]);
  return { log: parts[1], key: key.subarray(1) };
}

function checkpoint(content, code) {
  const found = note(content, code), parts = new RegExp(`^([!-~]+)\\n(${NUMBER})\\n(\\S+)\\n$`).exec(found.body);
  if (parts === null) throw new Stop(code);
  return { ...found, log: parts[1], size: Number(parts[2]), root: base64(parts[3]) };
}

function manifest(content) {
  const first = (content?.toString("latin1") ?? "").split("\n")[0];
  usable(new RegExp(`^tresteg proof bundle ${NUMBER}$`).test(first) && first.endsWith(" 1"));
  const found = note(content, 2), lines = found.body.slice(0, -1).split("\n").slice(1);
  const [log, made, head] = lines.splice(0, 3).map((line) => line.split(" "));
  usable(log?.length === 2 && log[0] === "log" && /^[!-~]+$/.test(log[1]));
  usable(made?.length === 2 && made[0] === "made" && /^[0-9TZ:-]+$/.test(made[1]));
  usable(head?.length === 3 && head[0] === "checkpoint" && new RegExp(`^${NUMBER}$`).test(head[1]) && /^\S+$/.test(head[2]));
  const streams = new Map(), files = new Map();
  for (const line of lines) {
    const stream = new RegExp(`^stream ([!-~]+) (${NUMBER})$`).exec(line);
    const file = new RegExp(`^file (${NUMBER}) ([0-9a-f]{64}) ([^\\x00-\\x1f\\x7f\\\\]+)$`).exec(line);
    if (stream !== null && files.size === 0) {
      usable(!streams.has(stream[1]));
      streams.set(stream[1], Number(stream[2]));
    } else {
      usable(file !== null && !files.has(file[3]) && !file[3].split("/").some((step) => ["", ".", ".."].includes(step)));
      files.set(file[3], { size: Number(file[1]), digest: file[2] });
    }
  }
  return { ...found, log: log[1], size: Number(head[1]), root: base64(head[2]), streams, files };
}

function check({ bundle, key: known, head, proof }) {
  const files = unzip(readFileSync(bundle)), made = manifest(files.get("bundle.txt"));
  const { log, key } = keyOf(files.get("keys.txt") ?? Buffer.alloc(0));
  if (known) wrong(keyOf(readFileSync(known)).key.equals(key));
  requireSigned(made, made.log, key);
  for (const name of ["checkpoint.txt", "keys.txt", "lines.jsonl", "proofs.jsonl", "facts.jsonl", "heads.jsonl"]) wrong(made.files.has(name));
  for (const [name, { size, digest }] of made.files) {
    const content = files.get(name);
    wrong(content !== undefined && content.length === size && hex(sha(content)) === digest);
  }
  wrong([...files.keys()].every((name) => name === "bundle.txt" || made.files.has(name)));
  const signed = checkpoint(files.get("checkpoint.txt"), 1);
  wrong(signed.log === made.log && signed.size === made.size && signed.root.equals(made.root));
  requireSigned(signed, made.log, key);
  const lines = checkLines(files, made);
  checkFacts(files, made, lines);
  if (made.files.has("boxes.jsonl")) checkBoxes(files.get("boxes.jsonl"), lines);
  const proofs = new Map();
  for (const { row } of rows(files.get("heads.jsonl"), { size: "number", path: "list" })) proofs.set(`${row.size} ${made.size}`, row.path);
  for (const { row } of proof ? rows(readFileSync(proof), { from: "number", to: "number", path: "list" }) : []) proofs.set(`${row.from} ${row.to}`, row.path);
  if (head) checkHead(checkpoint(readFileSync(head), 2), made, key, proofs);
  void log;
}

function checkHead(head, made, key, proofs) {
  usable(head.log === made.log);
  requireSigned(head, made.log, key);
  if (head.size === made.size) return wrong(head.root.equals(made.root));
  const [older, newer] = head.size < made.size ? [head, made] : [made, head];
  if (older.size === 0) return wrong(older.root.equals(sha()));
  const path = proofs.get(`${older.size} ${newer.size}`);
  usable(path !== undefined);
  return wrong(isConsistent(older.size, older.root, newer.size, newer.root, nodes(path)));
}

function checkLines(files, made) {
  const lines = rows(files.get("lines.jsonl"), { stream: "string", seq: "number", prev: "string", at: "string" });
  const proofs = rows(files.get("proofs.jsonl"), { index: "number", path: "list" });
  wrong(lines.length === proofs.length);
  const ends = new Map(), places = new Set(), found = new Map();
  lines.forEach(({ line, row }, nth) => {
    const { index, path } = proofs[nth].row, leaf = sha("\x00", line);
    wrong(made.streams.has(row.stream));
    const before = ends.get(row.stream) ?? { seq: 0, hash: "", index: -1 };
    const gap = row.kind === "restore_gap" && row.seq > before.seq + 1
      && JSON.stringify(row.missing) === JSON.stringify([before.seq + 1, row.seq - 1]);
    wrong((row.seq === before.seq + 1 || gap) && row.prev === before.hash);
    wrong(index >= 0 && index < made.size && index > before.index && !places.has(index));
    wrong(rootOf(leaf, index, made.size, nodes(path))?.equals(made.root) === true);
    places.add(index);
    ends.set(row.stream, { seq: row.seq, hash: hex(leaf), index });
    found.set(`${row.stream} ${row.seq}`, row);
  });
  for (const [stream, last] of made.streams) wrong((ends.get(stream)?.seq ?? 0) === last);
  return found;
}

function checkFacts(files, made, lines) {
  const bound = new Map([...lines].filter(([, line]) => Object.hasOwn(line, "open")).map(([at, line]) => [at, line.open]));
  const releases = new Set();
  for (const { row } of rows(files.get("facts.jsonl"), { stream: "string", seq: "number", fact: "object" })) {
    const at = `${row.stream} ${row.seq}`;
    wrong(bound.get(at) === hex(sha(canonical(row.fact))));
    bound.delete(at);
    releases.add(String(row.fact.release_id));
  }
  wrong(bound.size === 0);
  for (const id of releases) {
    const folder = `releases/${id}/`, whole = createHash("sha256");
    const names = [...made.files.keys()].filter((name) => name.startsWith(folder));
    for (const name of names.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))) {
      whole.update(`${name.slice(folder.length)}\0${files.get(name).length}\0`).update(files.get(name));
    }
    wrong(whole.digest("hex") === id);
  }
}

function checkBoxes(content, lines) {
  for (const { row } of rows(content, { stream: "string", seq: "number", commitments: "object", open: "object" })) {
    wrong(Object.keys(row.open).length > 0);
    wrong(lines.get(`${row.stream} ${row.seq}`)?.seal === hex(sha(canonical(row.commitments))));
    for (const [column, box] of Object.entries(row.open)) {
      wrong(typeof box?.key === "string" && /^(?:[0-9a-f]{2})*$/.test(box.key) && typeof box.content === "string");
      wrong(row.commitments[column] === createHmac("sha256", Buffer.from(box.key, "hex")).update(box.content).digest("hex"));
    }
  }
}

for await (const asked of createInterface({ input: process.stdin })) {
  let code = 0;
  try { check(JSON.parse(asked)); } catch (e) {
    if (!(e instanceof Stop) && !(e instanceof RangeError)) throw e;
    code = e.code ?? 1;
  }
  process.stdout.write(`${code}\n`);
}
