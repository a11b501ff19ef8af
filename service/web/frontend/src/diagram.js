// Pages that show a diagram: draws it, colours it, and ties it to its list of steps. The list says the same in words.
import { Picture } from "./diagram/picture.js";
import { replay } from "./diagram/replay.js";
import { tieSteps } from "./diagram/steps.js";

for (const box of document.querySelectorAll("[data-diagram]")) {
  const picture = new Picture(box, JSON.parse(document.getElementById(box.dataset.diagram).textContent));
  const drawer = box.closest("details");
  // A drawing in a closed drawer has no size; it is made when the drawer opens.
  if (drawer && !drawer.open) drawer.addEventListener("toggle", () => begin(picture), { once: true });
  else begin(picture);
}

async function begin(picture) {
  await picture.show(picture.data.at ?? picture.data.steps.length - 1);
  picture.tools(document.querySelector(`[data-zoom="${picture.box.id}"]`));
  tieSteps(picture, document.querySelectorAll("[data-steps]"));
  const desk = document.querySelector("[data-replay]");
  if (desk) replay(desk, picture);
}
