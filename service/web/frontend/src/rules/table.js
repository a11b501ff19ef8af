// @ts-check
// dmn-js with the table view alone: one decision and one table a file. FEEL only, and the hit policies that the engine runs.
import EditingManager from "dmn-js-shared/lib/base/EditingManager";
import { is } from "dmn-js-shared/lib/util/ModelUtil";
import Editor from "dmn-js-decision-table/lib/Editor";
import Viewer from "dmn-js-decision-table/lib/Viewer";
import { HIT_POLICIES } from "dmn-js-decision-table/lib/features/hit-policy/HitPolicies";

/** A rule's element in dmn-js, which carries no types of its own. @typedef {import("../types").Moddle} Moddle */
/** A service of dmn-js by its name. @typedef {(name: string) => any} Services */

const isTable = (/** @type {Moddle} */ element) => is(element, "dmn:Decision") && is(element.decisionLogic, "dmn:DecisionTable");

/** The manager of dmn-js, without its other views. */
class TableManager extends EditingManager {
  /** @param {Record<string, unknown>} options with `edit`: whether the table can be changed */
  constructor(options) {
    super(options);
  }

  _getViewProviders() {
    return [{ id: "decisionTable", constructor: this._options.edit ? Editor : Viewer, opens: isTable }];
  }
}

/**
 * What the engine runs and the table has, no other.
 * @param {string[]} offered
 * @param {string} policy the table's own
 * @param {string} aggregation
 */
function limitPolicies(offered, policy, aggregation) {
  const own = { hitPolicy: policy, aggregation: aggregation || undefined };
  const isOwn = (/** @type {{value: typeof own}} */ { value }) => value.hitPolicy === policy && value.aggregation === own.aggregation;
  const kept = HIT_POLICIES.filter((/** @type {{value: typeof own}} */ entry) => isOwn(entry) || (offered.includes(entry.value.hitPolicy) && !entry.value.aggregation));
  if (!kept.some(isOwn)) kept.push({ label: `${policy} ${aggregation}`.trim(), value: own, explanation: "" });
  HIT_POLICIES.splice(0, HIT_POLICIES.length, ...kept);
}

/**
 * Draws a file into a place; gives null where dmn-js cannot.
 * @param {HTMLElement} place
 * @param {string} xml
 * @param {import("../types").RuleData} data
 * @param {object} words a module of dmn-js that speaks the reader's language
 */
export async function drawTable(place, xml, data, words) {
  limitPolicies(data.offered, data.policy, data.aggregation);
  const variables = data.names.map((name) => ({ name }));
  // What the release declares is offered as one types; the resolver of dmn-js knows the file alone.
  const resolver = { variableResolver: ["value", { getVariables: () => variables }], dmnVariableProvider: ["value", null] };
  const manager = new TableManager({
    container: place,
    height: "auto",
    edit: data.edit,
    common: { expressionLanguages: { options: [{ value: "feel", label: "FEEL" }], defaults: { editor: "feel" } } },
    decisionTable: { additionalModules: [words, resolver] },
  });
  try {
    await manager.importXML(xml);
  } catch (fault) {
    console.error(fault);
    manager.destroy();
    return null;
  }
  return manager;
}

/**
 * The table's rows and columns by number, as the file has them now.
 * @param {Services} service
 */
export function placesOf(service) {
  /** @type {Moddle} */
  const table = service("sheet").getRoot().businessObject;
  /** @type {Moddle[]} */
  const rows = table.rule ?? [];
  /** @type {Moddle[]} */
  const columns = [...(table.input ?? []), ...(table.output ?? [])];
  return {
    rows: rows.map((row) => row.id),
    columns: columns.map((column) => column.id),
    labels: columns.map((column) => column.label || column.name || column.inputExpression?.text || ""),
    inputs: (table.input ?? []).length,
    /** @type {(row: number, column: number) => string | undefined} */
    cell: (row, column) => [...(rows[row - 1]?.inputEntry ?? []), ...(rows[row - 1]?.outputEntry ?? [])][column - 1]?.id,
  };
}
