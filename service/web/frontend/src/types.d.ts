// Shapes that several scripts share: what the server writes into a page, and what of bpmn-js is used.
// bpmn-js publishes no types of its elements' business objects; they are open here.

/** Sentences of the reader's language, by key. */
export type Words = Record<string, string>;
/** A value and the text that people read for it. */
export type Choice = [value: string, text: string];

/** An object of moddle, as bpmn-moddle reads it from the file. */
export interface Moddle {
  $type: string;
  [name: string]: any; // attributes are those of the BPMN schema and of each extension
}

/** A shape or a connection on the canvas. */
export interface DiagramElement {
  id: string;
  type: string;
  businessObject: Moddle;
  parent?: DiagramElement;
  x: number;
  y: number;
  width: number;
  height: number;
  waypoints?: { x: number; y: number }[];
  incoming: DiagramElement[];
  outgoing: DiagramElement[];
  attachers?: DiagramElement[];
  labelTarget?: DiagramElement;
  source: DiagramElement;
  target: DiagramElement;
  di?: Moddle;
}

/** A finding of the server's linter. */
export interface Finding {
  code: string;
  severity: "E" | "W" | "I";
  text: string;
  element: string;
  file?: string;
  link?: string;
}

/** What the editor's page gives to its script. */
export interface EditorData {
  words: Words;
  /** Texts of bpmn-js: in English, and in the reader's language. */
  bpmn: [Words, Words];
  xml: string;
  save: string;
  lint: string;
  rev: number;
  file: string;
  csrf: string;
  edit: boolean;
  at: string;
  findings: Finding[];
  choices: Record<string, Choice[]>;
  icons: string;
}

/** What the panel asks about an element: a word for the label, a shape, and how the answer is read and written. */
export interface Field {
  word: string;
  shape: "text" | "long" | "feel" | "inputs" | "check" | "suggest" | "select" | "several";
  hint?: string;
  options?: Choice[];
  /** The options' texts are keys of words. */
  translated?: boolean;
  required?: boolean;
  read: () => any; // text, a truth value or pairs, as the shape says
  write: (value: any) => unknown; // as above
}

export type State = "done" | "waiting" | "active" | "overdue" | "incident";
/** What is so at one revision: open elements, and those passed, each with how often. */
export interface Moment {
  tokens: [id: string, state: State, times: number][];
  done: Iterable<[id: string, times: number]>;
}
export interface ElementState {
  state: State;
  times: number;
}

/** One entry of a case's history. */
export interface HistoryStep {
  n: number;
  rev: number;
  release: number;
  text: string;
  who: string;
  at?: string;
  by?: string;
  when?: string;
  element?: string;
  hash?: string;
  kind_name?: string;
  facts?: [label: string, text: string][];
  caused?: string[];
}

/** The drawings of one release. */
export interface Drawings {
  id: string;
  name: string;
  files: { file: string; title: string; xml: string }[];
  /** The file in which an element lies. */
  where: Record<string, number>;
  /** The file that a call leads to. */
  calls: Record<string, number>;
}

/** What a page with a diagram gives to its script. */
export interface DiagramData {
  releases: Drawings[];
  steps: HistoryStep[];
  moments: Record<string, Moment>;
  at?: number;
  hidden?: string[];
  notes: Record<string, string>;
  /** Element or way to what stands at it, and `same` or `changed`. */
  counts?: Record<string, string[]>;
  words: Words;
  icons: string;
  open: string;
  busy: string;
  /** Texts of bpmn-js: in English, and in the reader's language. */
  bpmn: [Words, Words];
}
