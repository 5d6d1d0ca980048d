// Names of datasets, policies and reports: folders beside the console, or one in such a folder.

/** What a field for a name takes, as console/armchair/web/access/project_folder.py has it. */
export const NAME = String.raw`[^\s.\/\\~\-][^\/\\]{0,63}(\/[^\s.\/\\~\-][^\/\\]{0,63})?`;
export const NAME_WORDS = "A folder's name, or two with a slash between them: begin each with a letter or a digit.";

/** `wanted`, or the nearest name that is not taken. */
export function free(wanted: string, names: string[]): string {
  for (let number = 1; ; number++) {
    const name = number === 1 ? wanted : `${wanted}-${number}`;
    if (!names.includes(name)) return name;
  }
}

/** What stands behind the view in the address, as in `#data/NAME`; "" if it is broken. */
export function named(): string {
  try {
    return decodeURIComponent(location.hash.slice(1).split("/").slice(1).join("/"));
  } catch {
    return "";
  }
}

/** The address of a dataset. */
export const toData = (name: string) => `#data/${name.split("/").map(encodeURIComponent).join("/")}`;
