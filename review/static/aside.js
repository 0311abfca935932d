// The page of what was set aside: a refused pair may be allowed again.

import { $, _, say, send } from "./base.js";

for (const button of document.querySelectorAll("button.allow")) {
  button.addEventListener("click", async () => {
    const { document: number, number: aside } = button.dataset;
    const answer = await send("/operations", { kind: "allow", document: +number, number: +aside, version: 0 });
    if (!answer) return;
    const gone = button.closest(".row");
    const neighbour = gone.nextElementSibling?.querySelector("button") ?? $("nav a");
    gone.remove();
    neighbour.focus();
    say(_("Done. Undo on the page of pairs takes it back."));
  });
}
