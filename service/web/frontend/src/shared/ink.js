// @ts-check
// What a drawing without colours of its own is drawn with: the ink and paper of the page's theme.
export const INK = { defaultFillColor: "var(--t-canvas)", defaultStrokeColor: "var(--t-ink)", defaultLabelColor: "var(--t-ink)" };
