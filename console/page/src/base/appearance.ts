// How the page looks: light or dark, as the system has it or as somebody chose; and how large its letters are.
export type Theme = "system" | "light" | "dark";
export type Letters = "normal" | "large" | "largest";

const THEME = "armchair-theme", LETTERS = "armchair-letters"; // kept in this browser
const light = matchMedia("(prefers-color-scheme: light)");

const kept = <T extends string>(key: string, known: readonly T[]): T => known.find((each) => each === localStorage.getItem(key)) ?? known[0];

export const THEMES = ["system", "light", "dark"] as const, SIZES = ["normal", "large", "largest"] as const;

export class Appearance {
  theme: Theme = kept(THEME, THEMES);
  letters: Letters = kept(LETTERS, SIZES);

  /** From now on, whatever the system changes to. */
  begin(): void {
    light.addEventListener("change", () => this.show());
    this.show();
  }

  choose(change: { theme?: Theme; letters?: Letters }): void {
    Object.assign(this, change);
    localStorage.setItem(THEME, this.theme);
    localStorage.setItem(LETTERS, this.letters);
    this.show();
  }

  private show(): void {
    const { dataset } = document.documentElement;
    dataset.theme = this.theme === "system" ? (light.matches ? "light" : "dark") : this.theme;
    dataset.letters = this.letters;
  }
}

export const appearance = new Appearance();
