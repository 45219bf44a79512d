// A page and its session: who is signed in, a warning before it ends, and what other tabs hear of it.
// Without this script nothing is lost: a form that comes too late is kept by the server until the sign-in.

const CHANNEL = "pledge-tracker-session";
const WARNED_BEFORE = 5 * 60;
const ASK_AGAIN = 30;

const channel = "BroadcastChannel" in window ? new BroadcastChannel(CHANNEL) : null;
const markOn = (page) => page.querySelector("input[name=written_by]")?.value || "";

/** Whose page this is, as its forms say; empty where nobody is signed in. */
export const whoIsHere = () => markOn(document);

/** Calls back with the mark of whoever signs in, or still is, in another tab. */
export function onSignIn(callback) {
  channel?.addEventListener("message", (event) => event.data?.here && callback(event.data.here));
}

/** Every form of the page gets the token that is good now. */
export function renewTokens(token) {
  document.querySelectorAll("input[name=csrfmiddlewaretoken]").forEach((each) => (each.value = token));
}

class SessionWarning {
  constructor(dialog) {
    this.dialog = dialog;
    this.address = dialog.dataset.sessionStay;
    this.who = whoIsHere();
    this.timer = 0;
  }

  start() {
    this.expect(Number(this.dialog.dataset.sessionLeft));
    this.dialog.addEventListener("click", (event) => this.act(event.target.closest("[data-session-act]")));
    // Escape closes the dialog; somebody who presses it is there.
    this.dialog.addEventListener("cancel", () => this.state === "ending" && this.stay());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.look());
    channel?.addEventListener("message", () => this.dialog.open && this.look());
    onSignIn(() => this.state === "ended" && this.look());
  }

  act(button) {
    const does = button?.dataset.sessionAct;
    if (does === "stay") this.stay();
    if (does === "close") this.dialog.close();
  }

  expect(left) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.look(), Math.max(1, left - WARNED_BEFORE + 1) * 1000);
  }

  /** Asks the server before it says anything: another tab may have been used. */
  async look() {
    const said = await this.ask("GET");
    if (!said) return this.soon();
    if (said.status === "signed_out") return this.show("ended");
    if (said.who !== this.who) return this.show("somebody-else");
    renewTokens(said.token);
    if (said.left > WARNED_BEFORE) return this.goesOn(said.left);
    this.show(said.can_stay ? "ending" : "longest", said.left);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.look(), (said.left + 1) * 1000);
  }

  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.look(), ASK_AGAIN * 1000);
  }

  async stay() {
    const said = await this.ask("POST");
    if (!said || said.left === undefined) return this.look();
    renewTokens(said.token);
    this.goesOn(said.left);
    channel?.postMessage({ here: said.who });
  }

  goesOn(left) {
    if (this.dialog.open && this.state !== "somebody-else") this.dialog.close();
    this.state = "";
    this.expect(left);
  }

  /** What the server says; null when it cannot be reached. */
  async ask(method) {
    const token = this.dialog.querySelector("input[name=csrfmiddlewaretoken]").value;
    const headers = { Accept: "application/json", "X-CSRFToken": token };
    try {
      const answer = await fetch(this.address, { method, headers, credentials: "same-origin", redirect: "manual" });
      if (answer.ok || answer.status === 401) return await answer.json();
      return null;
    } catch {
      return null;
    }
  }

  show(state, left) {
    if (this.state === state) return;
    this.state = state;
    for (const part of this.dialog.querySelectorAll("[data-session-state]")) part.hidden = part.dataset.sessionState !== state;
    const part = this.dialog.querySelector(`[data-session-state="${state}"]`);
    this.dialog.setAttribute("aria-labelledby", part.querySelector("h2").id);
    this.dialog.setAttribute("aria-describedby", part.querySelector("p").id);
    const clock = part.querySelector("[data-session-clock]");
    const at = new Date(Date.now() + (left || 0) * 1000);
    const asOnPages = { hour: "numeric", minute: "2-digit", hour12: true };
    if (clock) clock.textContent = at.toLocaleTimeString(document.documentElement.lang, asOnPages).replace(/\s/u, "");
    // Opened anew, so that a reader hears the new words once.
    if (this.dialog.open) this.dialog.close();
    this.dialog.showModal();
  }
}

/** The sign-in in place goes on by itself when the person who wrote signed in in another tab. */
function goOnWhenSignedIn(form) {
  const writer = form.dataset.goOnAs;
  onSignIn((who) => (!writer || who === writer) && location.assign(form.dataset.goOn));
}

/** Sends again what was kept: once, so that Back leads to the page and no further. */
function pressOnce(form) {
  const key = `pledge-tracker:sent:${location.pathname}`;
  try {
    if (sessionStorage.getItem(key)) return;
    sessionStorage.setItem(key, "1");
  } catch {
    return; // The person presses.
  }
  form.requestSubmit();
}

export function startSession() {
  const dialog = document.querySelector("dialog[data-session-left]");
  if (dialog) new SessionWarning(dialog).start();
  document.querySelectorAll("form[data-go-on]").forEach(goOnWhenSignedIn);
  document.querySelectorAll("form[data-send-again=press]").forEach(pressOnce);
  if (whoIsHere()) channel?.postMessage({ here: whoIsHere() });
}
