// Packages without types of their own.
declare module "diagram-js-minimap";
