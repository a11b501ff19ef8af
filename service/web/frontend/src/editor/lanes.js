// @ts-check
// Lanes inside a sub-process: bpmn-js keeps the steps of a pool's lanes, and leaves those of a sub-process as they were read.
export const lanes = {};
