// Buttons that add or use a passkey. The ceremony itself is webauthn-json.js, which comes with django-allauth.
//
//   <form data-passkey="use|add" data-passkey-options="/address/"> … <p data-passkey-problem></p>
//
// A form that uses one is shown only where the browser can; without this script the mailed code works as always.

const NUMBERS = /^(\d+\.\d+\.\d+\.\d+|\[.*\])$/;

const can = () => Boolean(globalThis.webauthnJSON && globalThis.webauthnJSON.supported());
// A passkey belongs to a name: browsers make none for 127.0.0.1.
const byNumbers = () => NUMBERS.test(location.hostname);

function say(form, key) {
  const words = form.getAttribute(`data-passkey-${key}`) || "";
  form.querySelector("[data-passkey-problem]").textContent = words;
}

async function optionsFor(form) {
  const answer = await fetch(form.getAttribute("data-passkey-options"), {
    method: "POST",
    body: new URLSearchParams(new FormData(form)),
    headers: { Accept: "application/json" },
    credentials: "same-origin",
  });
  if (!answer.ok) throw new Error(`The site answered ${answer.status}.`);
  return answer.json();
}

function keyOf(problem) {
  if (problem.name === "NotAllowedError" || problem.name === "AbortError") return "cancelled";
  if (problem.name === "InvalidStateError") return "held";
  if (problem.name === "SecurityError") return "numbers";
  return problem instanceof TypeError ? "offline" : "failed";
}

async function ask(form) {
  const options = await optionsFor(form);
  const make = form.getAttribute("data-passkey") === "add";
  const credential = await (make ? globalThis.webauthnJSON.create(options) : globalThis.webauthnJSON.get(options));
  form.querySelector("[name=answer]").value = JSON.stringify(credential);
  HTMLFormElement.prototype.submit.call(form);
}

function start(form) {
  form.hidden = false;
  let asking = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (asking) return;
    if (byNumbers()) return say(form, "numbers");
    asking = true;
    say(form, "nothing");
    try {
      await ask(form);
    } catch (problem) {
      say(form, keyOf(problem));
    }
    asking = false;
  });
}

if (can()) document.querySelectorAll("form[data-passkey]").forEach(start);

document.querySelectorAll("[data-print]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
});
