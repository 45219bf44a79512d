// Everything here makes a page nicer; every page works without it.

import {
  Button,
  CharacterCount,
  Checkboxes,
  ErrorSummary,
  NotificationBanner,
  PasswordInput,
  Radios,
  SkipLink,
  createAll,
} from "govuk-frontend";

import { startAutosave } from "./autosave.js";
import { startSession } from "./session.js";
import { startThemeSwitch } from "./theme-switch.js";

document.body.classList.add("js-enabled");
if ("noModule" in HTMLScriptElement.prototype) document.body.classList.add("govuk-frontend-supported");

for (const component of [
  Button,
  CharacterCount,
  Checkboxes,
  ErrorSummary,
  NotificationBanner,
  PasswordInput,
  Radios,
  SkipLink,
]) {
  createAll(component);
}

startThemeSwitch(document);
document.querySelectorAll("form[data-autosave]").forEach((form) => startAutosave(form));
startSession();
