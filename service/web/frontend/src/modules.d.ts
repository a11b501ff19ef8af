// Packages without types of their own.
declare module "diagram-js-minimap";
declare module "dmn-js-shared/lib/base/EditingManager";
declare module "dmn-js-shared/lib/util/ModelUtil";
declare module "dmn-js-decision-table/lib/Editor";
declare module "dmn-js-decision-table/lib/Viewer";
declare module "dmn-js-decision-table/lib/features/hit-policy/HitPolicies";
