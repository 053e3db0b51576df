// Sets theme and language on <html> before the first paint: the stored choice, else what the system says.
// The board keeps both in localStorage as `theme` (light | dark | absent) and `lang` (a tag of assets/words | absent).
// `data-boot` says which page is opened, for the layout shown until the board is there.
(() => {
  const stored = (key) => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null; // storage may be blocked
    }
  };
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const paint = () => {
    root.dataset.theme = stored("theme") || (dark.matches ? "dark" : "light");
    root.style.colorScheme = root.dataset.theme;
  };
  paint();
  root.dataset.boot = { new: "form", chat: "talk" }[location.pathname.split("/")[1]] || "list";
  dark.addEventListener("change", paint);
  // those of assets/words, which the bundle writes here
  const languages = ["{{languages}}"];
  const covers = (tag) => languages.find((lang) => tag === lang || tag.startsWith(`${lang}-`));
  const sister = (tag) => languages.find((lang) => tag.split("-")[0] === lang.split("-")[0]);
  const wanted = [stored("lang"), ...navigator.languages].filter(Boolean);
  root.lang = wanted.map((tag) => covers(tag) || sister(tag)).find(Boolean) || "en";
})();
