// The theme is kept in a cookie that only theme.js reads; the server never looks at it.

const YEAR = 365 * 24 * 60 * 60;

function remember(choice) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  const life = choice === "system" ? 0 : YEAR;
  document.cookie = `theme=${choice}; Path=/; Max-Age=${life}; SameSite=Lax${secure}`;
}

function show(choice, buttons) {
  const root = document.documentElement;
  if (choice === "system") root.removeAttribute("data-theme");
  else root.setAttribute("data-theme", choice);
  buttons.forEach((button) => button.setAttribute("aria-pressed", String(button.value === choice)));
}

export function startThemeSwitch(page) {
  const box = page.querySelector("[data-theme-switch]");
  if (!box) return;
  const buttons = box.querySelectorAll("button[value]");
  show(page.documentElement.getAttribute("data-theme") || "system", buttons);
  buttons.forEach((button) =>
    button.addEventListener("click", () => {
      remember(button.value);
      show(button.value, buttons);
    }),
  );
  box.hidden = false;
}
