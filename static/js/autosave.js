// Saves a form while its owner types. The page works without it: its own button saves the same form.
//
//   <form method="post" data-autosave="/address/"> … <p data-autosave-status role="status"></p>
//
// The answer is JSON: 200 {status: "saved", edit, saved_at}, 409 {status: "conflict", message, url},
// 400 {message, edit}: not all of it could be stored; `edit` is there when the rest was; 401: nobody is signed in;
// 403: the token is old, or somebody else is signed in.
// Whatever else comes back (a redirect, no network), the words stay in this browser.

import { onSignIn, renewTokens, whoIsHere } from "./session.js";

const WAIT_AFTER_TYPING = 3000;
const FIRST_RETRY = 5000;
const LONGEST_RETRY = 60000;
const LONGEST_WAIT = 4000;
const NOT_TYPED = new Set(["csrfmiddlewaretoken", "written_by", "edit"]);

const said = (form, key, otherwise) => form.getAttribute(`data-autosave-${key}`) || otherwise;

/** What was typed, as a list of names and words; files and secrets are not kept. */
function typedIn(form) {
  return [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !NOT_TYPED.has(name));
}

const plain = ([name, words]) => `${name}\n${words.replace(/\s+/g, " ").trim()}`;

/** Whether all that was kept stands on the page. The page may say more: a choice that nobody had made yet. */
function stands(kept, typed) {
  const there = new Set(typed.map(plain));
  return kept.every((each) => there.has(plain(each)));
}

/** What could not be saved stays here, for the person who typed it: the key says who. */
class Copy {
  constructor(address) {
    this.key = `pledge-tracker:${address}:${whoIsHere()}`;
  }

  keep(typed) {
    try {
      localStorage.setItem(this.key, JSON.stringify({ typed, at: Date.now() }));
    } catch {
      /* A full or forbidden store: the words are still on the page. */
    }
  }

  forget() {
    try {
      localStorage.removeItem(this.key);
    } catch {
      /* Nothing was kept. */
    }
  }

  read() {
    try {
      return JSON.parse(localStorage.getItem(this.key));
    } catch {
      return null;
    }
  }
}

const SAME = "same";
const SOMEBODY_ELSE = "somebody else";

/** After signing in elsewhere the page's token is old; the token cookie cannot be read, the page can. */
async function freshToken(form) {
  const answer = await fetch(location.href, { credentials: "same-origin", redirect: "manual" });
  if (!answer.ok) return "";
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const token = page.querySelector("input[name=csrfmiddlewaretoken]");
  if (!token || !form.querySelector("input[name=csrfmiddlewaretoken]")) return "";
  if ((page.querySelector("input[name=written_by]")?.value || "") !== whoIsHere()) return SOMEBODY_ELSE;
  renewTokens(token.value);
  return SAME;
}

class Autosave {
  constructor(form) {
    this.form = form;
    this.address = form.getAttribute("data-autosave");
    this.copy = new Copy(this.address);
    // A page that came back with errors holds words that the server has not kept.
    this.saved = form.querySelector(".govuk-form-group--error") ? "" : this.typed();
    this.retryIn = FIRST_RETRY;
    this.timer = 0;
    this.sending = null;
    this.stopped = false;
    this.status = document.querySelector("[data-autosave-status]");
    if (this.status) this.status.setAttribute("aria-live", "polite");
  }

  start() {
    this.offerCopy();
    this.form.addEventListener("input", () => this.soon(WAIT_AFTER_TYPING));
    this.form.addEventListener("change", () => this.soon(WAIT_AFTER_TYPING));
    this.form.addEventListener("focusout", () => this.now());
    document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && this.now());
    window.addEventListener("online", () => this.now());
    onSignIn((who) => who === whoIsHere() && this.now());
    this.form.addEventListener("submit", (event) => this.leave(event));
    window.addEventListener("beforeunload", (event) => this.unsaved() && !this.leaving && event.preventDefault());
  }

  typed() {
    return JSON.stringify(typedIn(this.form));
  }

  unsaved() {
    return this.typed() !== this.saved;
  }

  leave(event) {
    clearTimeout(this.timer);
    // A save that is under way raises the edit number: the form waits for it, or it would conflict with itself.
    const waiting = this.sending && !this.leaving;
    this.leaving = true;
    if (waiting) return this.submitAfterSaving(event);
    // Should the page's own save fail, the words are here; the next page that loads well offers them.
    if (this.unsaved()) this.copy.keep(typedIn(this.form));
  }

  submitAfterSaving(event) {
    const button = event.submitter;
    event.preventDefault();
    const longEnough = new Promise((done) => setTimeout(done, LONGEST_WAIT));
    Promise.race([this.sending, longEnough]).then(() => this.form.requestSubmit(button));
  }

  soon(delay) {
    if (this.stopped) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.now(), delay);
  }

  async now() {
    clearTimeout(this.timer);
    if (this.stopped || this.leaving || this.sending || !this.unsaved()) return;
    this.sending = this.send(true);
    await this.sending;
    this.sending = null;
    if (this.unsaved() && !this.failed) this.soon(WAIT_AFTER_TYPING);
  }

  async send(mayRefresh) {
    const typed = this.typed();
    try {
      const answer = await fetch(this.address, {
        method: "POST",
        body: new FormData(this.form),
        headers: { "X-Requested-With": "autosave", Accept: "application/json" },
        credentials: "same-origin",
        redirect: "manual",
      });
      const renewed = answer.status === 403 && mayRefresh ? await freshToken(this.form) : "";
      if (renewed === SAME) return await this.send(false);
      if (renewed === SOMEBODY_ELSE) return this.notTheirs();
      await this.understand(answer, typed);
    } catch {
      this.notSaved();
    }
  }

  async understand(answer, typed) {
    const isJson = (answer.headers.get("Content-Type") || "").includes("application/json");
    const words = isJson ? await answer.json() : {};
    if (answer.status === 200 && words.status === "saved") this.wasSaved(words, typed);
    else if (answer.status === 409 && words.status === "conflict") this.conflict(words);
    else if (answer.status === 400 && words.message) this.refused(words);
    else if (answer.status === 401) this.signedOut();
    else this.notSaved();
  }

  wasSaved(words, typed) {
    this.takeEdit(words);
    this.saved = typed;
    this.failed = false;
    this.retryIn = FIRST_RETRY;
    this.copy.forget();
    this.say(`${said(this.form, "saved", "Saved")} ${words.saved_at || ""}`.trim(), "saved");
  }

  takeEdit(words) {
    const edit = this.form.querySelector("input[name=edit]");
    if (edit && words.edit !== undefined) edit.value = words.edit;
  }

  conflict(words) {
    this.stopped = true;
    this.copy.keep(typedIn(this.form));
    const message = words.message || said(this.form, "conflict", "Somebody else saved this while you were writing. Your words are kept on this page.");
    const both = words.url && { url: words.url, text: said(this.form, "compare", "See both versions") };
    this.say(message, "problem", both);
  }

  refused(words) {
    this.takeEdit(words);
    this.failed = true;
    this.copy.keep(typedIn(this.form));
    this.say(words.message, "problem");
  }

  /** Words of one person are never saved as another's. */
  notTheirs() {
    this.stopped = true;
    this.copy.keep(typedIn(this.form));
    this.say(said(this.form, "somebody-else", "Not saved: somebody else is signed in now. Your words are kept on this page."), "problem");
  }

  signedOut() {
    const words = said(this.form, "signed-out", "Not saved: you are signed out. Your words are kept in this browser. They are saved by themselves once you are signed in.");
    this.notSaved(words, { url: "/account/login/?next=/account/signed-in/", text: said(this.form, "sign-in", "Sign in in a new tab"), newTab: true });
  }

  notSaved(words, link) {
    this.failed = true;
    this.copy.keep(typedIn(this.form));
    this.say(
      words || said(this.form, "failed", "Not saved. Your words are kept in this browser and will be saved when you are connected or signed in again."),
      "problem",
      link,
    );
    this.soon(this.retryIn);
    this.retryIn = Math.min(this.retryIn * 2, LONGEST_RETRY);
  }

  say(text, state, link) {
    if (!this.status) return;
    this.status.setAttribute("data-state", state);
    // Said once: a status that is written again would be read out again.
    if (this.told === text) return;
    this.told = text;
    this.status.textContent = text;
    if (link) this.status.append(" ", this.link(link));
  }

  link({ url, text, newTab }) {
    const link = document.createElement("a");
    link.className = "govuk-link";
    link.href = url;
    link.textContent = text;
    if (newTab) link.target = "_blank";
    return link;
  }

  /** A copy of words that never arrived: shown with a choice, never put in by itself. */
  offerCopy() {
    const kept = this.copy.read();
    if (!kept || !Array.isArray(kept.typed)) return;
    if (stands(kept.typed, typedIn(this.form))) return this.saved && this.copy.forget();
    const box = document.createElement("div");
    box.className = "govuk-inset-text";
    box.setAttribute("role", "region");
    box.setAttribute("aria-label", said(this.form, "kept-label", "Words kept in this browser"));
    const words = document.createElement("p");
    words.className = "govuk-body";
    words.textContent = said(this.form, "kept", "This browser holds words that you typed here and that were not saved.");
    const use = this.button(said(this.form, "restore", "Put them back"), () => this.restore(kept.typed, box));
    const drop = this.button(said(this.form, "discard", "Throw them away"), () => {
      this.copy.forget();
      box.remove();
    });
    const row = document.createElement("div");
    row.className = "govuk-button-group";
    row.append(use, drop);
    box.append(words, row);
    this.form.before(box);
  }

  button(text, act) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "govuk-button govuk-button--secondary";
    button.textContent = text;
    button.addEventListener("click", act);
    return button;
  }

  restore(typed, box) {
    const chosen = new Set(typed.map(([name, value]) => `${name}\n${value}`));
    const words = new Map(typed);
    for (const field of this.form.elements) {
      if (!field.name || NOT_TYPED.has(field.name) || field.type === "file") continue;
      if (field.type === "radio" || field.type === "checkbox") field.checked = chosen.has(`${field.name}\n${field.value}`);
      else if (field.tagName !== "BUTTON" && words.has(field.name)) field.value = words.get(field.name);
      if (field.tagName === "TEXTAREA") field.dispatchEvent(new Event("keyup"));
    }
    box.remove();
    this.now();
  }
}

export function startAutosave(form) {
  new Autosave(form).start();
}
