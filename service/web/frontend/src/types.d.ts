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
  /** The step on whose border an event lies. */
  host?: DiagramElement;
  /** A sub-process whose inside is drawn on a plane of its own. */
  collapsed?: boolean;
  label?: DiagramElement;
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
  property?: string;
  fix?: string;
  /** An unknown name that it is about, and the known one that is most like it. */
  name?: string;
  near?: string;
  file?: string;
  link?: string;
}

/** What the page of a form's layout gives to its script. */
export interface LayoutData {
  schema: any; // form-js's own
  save: string;
  rev: number;
  csrf: string;
  edit: boolean;
  nonce: string;
  words: Words;
}

/** A name that expressions may read: its type, and its values where they are listed. */
export interface Variable {
  name: string;
  kind: string;
  values: string[];
}

/** The contract of a handler with the diagram. */
export interface Handler {
  summary: string;
  reads: string[];
  answers: string[];
  errors: string[];
  letters: string[];
}

/** A finding as the rule editor shows it: rows and columns of the table from 1, where it is about this table. */
export interface RuleFinding extends Finding {
  rows: number[];
  columns: number[];
  here: boolean;
}

/** What the page of every editor gives to its script: the file of a draft, and where it is checked and kept. */
export interface DraftData {
  words: Words;
  xml: string;
  save: string;
  lint: string;
  rev: number;
  file: string;
  csrf: string;
  edit: boolean;
  icons: string;
}

/** What the page of a rule gives to its script. */
export interface RuleData extends DraftData {
  findings: RuleFinding[];
  /** Texts of dmn-js: in English, and in the reader's language. */
  dmn: [Words, Words];
  /** Words of dmn-js to plain ones. */
  terms: Words;
  /** The word for a row. */
  row: string;
  nonce: string;
  /** Hit policies that are offered besides the table's own. */
  offered: string[];
  policy: string;
  aggregation: string;
  /** Names that a cell can read. */
  names: string[];
}

/** What the editor's page gives to its script. */
export interface EditorData extends DraftData {
  /** Where the promises and scenarios of the draft are asked for. */
  checks: string;
  /** Texts of bpmn-js: in English, and in the reader's language. */
  bpmn: [Words, Words];
  at: string;
  findings: Finding[];
  choices: Record<string, Choice[]>;
  /** Names that expressions may read. */
  variables: Variable[];
  /** Lengths of time that rules give, by the name that expressions read. */
  lengths: Record<string, RuleLengths>;
  /** What each handler reads, writes and reports, by topic. */
  handlers: Record<string, Handler>;
  /** Address of the Help page on FEEL. */
  help: string;
}

/** Lengths of time that a rule gives: the step that asks it, and when which is given, as ISO 8601. */
export interface RuleLengths {
  step: string;
  rows: [when: string, length: string][];
}

/** What the panel asks about an element: a word for the label, a shape, and how the answer is read and written. */
export interface Field {
  word: string;
  shape: "text" | "long" | "feel" | "time" | "pairs" | "check" | "suggest" | "select" | "several";
  hint?: string;
  options?: Choice[];
  /** The options' texts are keys of words. */
  translated?: boolean;
  required?: boolean;
  /** The word for no choice; a dash where there is none. */
  empty?: string;
  /** Names by which the linter speaks of this field. */
  props?: string[];
  /** The expression must be yes or no; it can be built from plain conditions. */
  condition?: boolean;
  /** Pairs of name and plain text, not FEEL. */
  plain?: boolean;
  /** What is told below the field about the chosen value. */
  about?: "handler";
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
  kind?: string;
  kind_name?: string;
  facts?: [label: string, before: string, after: string][];
  /** Indexes of what is hidden, in the data of the page. */
  sealed?: number[];
  /** Why no value is shown. */
  gone?: string;
  rules?: FiredRule[];
  caused?: string[];
  letters?: [kind: string, text: string][];
  /** How often somebody looked at the case between this line and the next. */
  reads?: number;
  purpose?: string;
  reason?: string;
  /** That the case goes on with another release from here. */
  moved?: string;
  /** Whether it was sent with a form. */
  form?: boolean;
  /** Whether it moved the case. */
  fact?: boolean;
}

/** A rule that answered. */
export interface FiredRule {
  /** Index of its table. */
  table: number;
  step: string;
  rows: number[];
  inputs: [label: string, text: string][];
  result: [label: string, text: string][];
  /** Names of what it read that are hidden, and with them the rows. */
  hidden: string;
}

/** A decision table as a release has it. */
export interface RuleTable {
  name: string;
  release: string;
  columns: string[];
  /** How many of the columns are what it asks. */
  asks: number;
  rows: string[][];
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
  /** Element or way to `unvisited` or `broken`, and the text that stands at it. */
  marks?: Record<string, [kind: string, text: string]>;
  words: Words;
  icons: string;
  open: string;
  busy: string;
  /** Texts of bpmn-js: in English, and in the reader's language. */
  bpmn: [Words, Words];
}

/** What the page of a replay gives to its script besides. */
export interface ReplayData extends DiagramData {
  /** Index of the first of the lines among all of the case. */
  first: number;
  of: number;
  /** Number of the line at which the chain is broken. */
  broken: number | null;
  sealed: [name: string, labels: string][];
  /** Steps that were done several times in the whole history, as kind/element, to the numbers of their lines. */
  rounds: Record<string, number[]>;
  tables: RuleTable[];
}
